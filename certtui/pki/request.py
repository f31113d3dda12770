"""What a CSR from outside brings to an order: its key, if it proves to have it, and the names it asks for."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from certtui.errors import Invalid
from certtui.model.csr import SubjectFields
from certtui.pki import der
from certtui.pki.extensions import basic_constraints
from certtui.pki.facts import alt_names, csr_facts, csr_parts, extension_requests
from certtui.pki.names import rdns
from certtui.pki.sans import normalise
from certtui.pki.signatures import takes_too_long

_FIELDS = {
    "CN": "common_name",
    "O": "organization",
    "OU": "organizational_unit",
    "C": "country",
    "ST": "state",
    "L": "locality",
    "emailAddress": "email",
}
_BASIC_CONSTRAINTS = der.undotted("2.5.29.19")
# What a template decides anyway, or what the order takes over: no news.
_EXPECTED = frozenset(der.undotted(f"2.5.29.{arc}") for arc in (14, 15, 17, 19, 37))
_MIN_EXPONENT = 65537


class RequestedNames(NamedTuple):
    """Subject and SANs that can be ordered, and a sentence for each thing that was left out."""

    subject: SubjectFields
    sans: tuple[str, ...]
    notes: tuple[str, ...]


@lru_cache(maxsize=16)  # an order asks several times in a row, and each time a signature would be checked
def requested_key(csr: bytes) -> tuple[bytes, tuple[int, int] | None]:
    """SubjectPublicKeyInfo of a DER CSR whose signature proves its key, and where its attributes stand. Raises `Invalid`."""
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

    try:
        request = x509.load_der_x509_csr(csr)
        key = request.public_key()
        if takes_too_long(key):
            raise Invalid("The public exponent of the CSR's key is too large.", "Make another key.", field="csr")
        valid = request.is_signature_valid
    except Invalid:
        raise
    except Exception:
        # Not a CSR, a key that can't be loaded, an unknown algorithm: the first has a better sentence of its own.
        csr_facts(csr)
        raise Invalid(
            "The CSR's signature can't be checked: its key or algorithm is not known here.",
            "Make the CSR anew with a common kind of key.",
            field="csr",
        ) from None
    if not valid:
        raise Invalid("The signature of the CSR does not verify with its own key.", "Make the CSR anew.", field="csr")
    if isinstance(key, RSAPublicKey) and key.public_numbers().e < _MIN_EXPONENT:
        raise Invalid("The public exponent of the CSR's key is too small.", "Make another key.", field="csr")
    _, spki, bounds = csr_parts(csr)
    return spki, bounds if bounds[0] < bounds[1] else None


def wishes(csr: bytes, attributes: tuple[int, int]) -> tuple[str, ...]:
    """What the CSR asks for and does not get, one sentence each."""
    found: list[str] = []
    for kind, start, stop in extension_requests(csr, *attributes):
        try:
            if kind == _BASIC_CONSTRAINTS and basic_constraints(csr[start:stop])[0]:
                found.append("The CSR asks to be a CA; that was left out.")
            if kind not in _EXPECTED:
                found.append(f"The CSR asks for the extension {der.dotted(kind)}; that was left out.")
        except der.Malformed:
            found.append("The CSR asks for an extension that can't be read; that was left out.")
    return tuple(dict.fromkeys(found))


def names_of_csr(csr: bytes) -> RequestedNames:
    """Subject and SANs that a DER CSR asks for and that can be ordered; the rest is left out and noted. Raises `Invalid`."""
    facts = csr_facts(csr)
    subject, _, bounds = csr_parts(csr)
    fields: dict[str, str] = {}
    notes: list[str] = []
    try:
        pairs = [pair for rdn in rdns(subject) for pair in rdn]
    except der.Malformed:
        raise Invalid("The subject of the CSR can't be read.", "Make the CSR anew.", field="csr") from None
    for kind, value in pairs:
        field = _FIELDS.get(kind)
        if field is None or field in fields:
            notes.append(f"{kind}={value} in the subject of the CSR was left out.")
        else:
            fields[field] = value
    sans: dict[str, None] = {}
    for kind_, start, stop in extension_requests(csr, *bounds):
        if kind_ == der.undotted("2.5.29.17"):
            for san in alt_names(csr, start, stop):
                try:
                    sans[normalise(san) if not san.startswith("OTHER:") else ""] = None
                except Invalid as problem:
                    notes.append(f"A SAN of the CSR was left out. {problem.message}")
    if "" in sans:
        del sans[""]
        notes.append("A SAN of the CSR of a kind that is not issued here was left out.")
    if not facts.signature_valid:
        notes.append("The signature of the CSR does not verify with its own key.")
    return RequestedNames(SubjectFields(**fields), tuple(sans), tuple(notes))
