"""The words for what was found and for what would happen."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from certtui.backend.inspect import Pairing
from certtui.errors import CerttuiError
from certtui.model.certificate import KnownCertificate
from certtui.model.status import Status
from certtui.model.x509 import CsrFacts, Material, X509Facts

if TYPE_CHECKING:
    from certtui.model.csr import SavedCsr
    from certtui.screens.add.verdict import World

_DEEPEST = 8
"""Issuers that are looked up one after the other; a chain that is longer than this is no chain."""


def title_of(item: X509Facts | CsrFacts) -> str:
    """How a sentence calls a certificate or request: common name, else the first name, else its subject."""
    first = item.sans[0].partition(":")[2] if item.sans else ""
    return item.common_name or first or item.subject or "a certificate without a name"


def short_name(rfc4514: str) -> str:
    """The common name in an RFC 4514 name that holds nothing escaped, else the whole name."""
    if "\\" in rfc4514:
        return rfc4514
    return next((part[3:] for part in rfc4514.split(",") if part.startswith("CN=")), rfc4514)


def identity(item: X509Facts) -> str:
    """A certificate's key as messages name it."""
    return f"sha256:{item.spki_sha256[:8]}… ({item.key_algorithm})"


def found_in(material: Material) -> str:
    """What one file holds, in one breath."""
    said: list[str] = []
    match material.certificates:
        case ():
            pass
        case (one,):
            said.append(f"a certificate, {title_of(one)} ({one.key_algorithm})")
        case (first, *rest):
            ends = [each for each in material.certificates if not each.is_ca] or [first]
            said.append(f"{len(rest) + 1} certificates, {title_of(ends[0])} ({ends[0].key_algorithm}) among them")
    match len(material.keys):
        case 0:
            pass
        case 1:
            said.append(f"a private key ({material.keys[0].key_algorithm})")
        case several:
            said.append(f"{several} private keys")
    match len(material.requests):
        case 0:
            pass
        case 1:
            said.append(f"a certificate request, {title_of(material.requests[0])}")
        case several:
            said.append(f"{several} certificate requests")
    return " and ".join(said) or "nothing that is known here"


def entry_in(pairing: Pairing) -> str:
    """What was sorted out for one entry: certificate, key and chain."""
    key = f"private key ({pairing.key.key_algorithm})" if pairing.key else "no private key"
    chain = ", ".join(each.common_name or each.subject for each in pairing.chain[:4])
    more = " …" if len(pairing.chain) > 4 else ""
    return f"Certificate {title_of(pairing.leaf)}, {key}, {f'chain: {chain}{more}' if chain else 'no chain'}."


def validity(leaf: X509Facts, now: datetime) -> str:
    """Until when a certificate is valid, or why it is not."""
    if leaf.not_after < now:
        return f"expired {leaf.not_after:%Y-%m-%d}"
    if leaf.not_before > now:
        return f"valid only from {leaf.not_before:%Y-%m-%d}"
    return f"until {leaf.not_after:%Y-%m-%d}"


def outlook(pairing: Pairing, world: World, csr: SavedCsr | None) -> tuple[str, str]:
    """What saving would do, and the question to ask first ("" for none)."""
    leaf = pairing.leaf
    about = f"{title_of(leaf)} ({leaf.key_algorithm}, {validity(leaf, world.now)})"
    try:
        known = world.certificates.lookup(fingerprints=[leaf.fingerprint_sha256], spkis=[leaf.spki_sha256])
    except CerttuiError as error:
        return f"Will add {about}. The inventory did not answer: {error.message}", ""
    there = next((each for each in known if each.fingerprint_sha256 == leaf.fingerprint_sha256), None)
    if there is not None:
        return _already_there(about, there, pairing), ""
    chain = chain_words(pairing, world)
    waiting = [each for each in known if each.status is Status.PENDING and not each.fingerprint_sha256]
    if csr is not None:
        return f"Will complete the saved CSR “{csr.name}” with {about}; its key is here; {chain}.", ""
    if waiting:
        return f"Will complete the saved CSR “{waiting[0].name}” with {about}; its key is here; {chain}.", ""
    if pairing.key is not None:
        return f"Will add {about} with its key; {chain}.", ""
    return (
        f"Will add {about} without its private key; {chain}.",
        f"No private key came with {title_of(leaf)}. It can be attached later, by adding the pair.",
    )


def already_there(leaf: X509Facts, world: World) -> KnownCertificate | None:
    """The entry that has this very certificate."""
    known = world.certificates.lookup(fingerprints=[leaf.fingerprint_sha256])
    return next((each for each in known if each.fingerprint_sha256 == leaf.fingerprint_sha256), None)


def chain_words(pairing: Pairing, world: World) -> str:
    """Whether the chain is whole, and what will stand in for what it lacks."""
    if pairing.leaf.self_issued:
        return "it is signed by itself"
    if not pairing.missing_issuer:
        return "the chain is complete"
    last = next(
        (each for each in (*pairing.chain[::-1], pairing.leaf) if each.issuer == pairing.missing_issuer), pairing.leaf
    )
    lacks = f"the chain lacks “{last.issuer_name}”"
    found = 0
    for _ in range(_DEEPEST):
        issuer = _in_inventory(last, world)
        if issuer is None:
            break
        found += 1
        last = issuer
        if issuer.self_issued or not world.inspect.pair([Material("", "", (issuer,))]).missing_issuer:
            return f"{lacks}, found in this inventory: it will be used"
    if found:
        return f"{lacks}, found in this inventory, but not “{last.issuer_name}”, which issued that one"
    return f"{lacks}: give it under Chain, or add it later"


def _in_inventory(of: X509Facts, world: World) -> X509Facts | None:
    try:
        for known in world.certificates.lookup(subject_ids=[of.issuer_id]):
            x509 = world.certificates.get(known.id).x509
            if x509 is not None and x509.fingerprint_sha256 != of.fingerprint_sha256:
                return x509
    except CerttuiError:
        return None
    return None


def _already_there(about: str, there: KnownCertificate, pairing: Pairing) -> str:
    if pairing.key is None:
        return f"Nothing to add: {about} is in the inventory already, as “{there.name}”."
    if there.has_private_key:
        return f"Nothing to add: {about} is in the inventory already, as “{there.name}”, with its key."
    return (
        f"{about} is in the inventory already, as “{there.name}”, without its key: "
        "the key will be attached; name and group stay as they are."
    )
