"""What a password would cost before it is tried: iteration counts are read from the ASN.1, bombs are refused."""

from __future__ import annotations

from certtui.errors import Invalid
from certtui.pki import der

MAX_ITERATIONS = 5_000_000
MAX_SCRYPT_MEMORY = 512 * 1024 * 1024
_PBES2 = "1.2.840.113549.1.5.13"
_PBKDF2 = "1.2.840.113549.1.5.12"
_PBMAC1 = "1.2.840.113549.1.5.14"
_SCRYPT = "1.3.6.1.4.1.11591.4.11"
_PBE_PREFIXES = ("1.2.840.113549.1.12.1.", "1.2.840.113549.1.5.")


def check_algorithm(algorithm: bytes) -> None:
    """Refuse an AlgorithmIdentifier of a password scheme that would run for too long. Raises `Invalid`, `Malformed`."""
    elements = der.parts(algorithm)
    if len(elements) < 2 or elements[0][0] != der.OID:
        return
    oid = der.dotted(algorithm[elements[0][2] : elements[0][3]])
    parameters = algorithm[elements[1][1] : elements[1][3]]
    match oid:
        case _ if oid in (_PBES2, _PBMAC1):
            function = der.parts(parameters)[0]
            check_algorithm(parameters[function[1] : function[3]])
        case _ if oid == _PBKDF2:
            check_iterations(_integers(parameters)[0])
        case _ if oid == _SCRYPT:
            n, r, p = _integers(parameters)[:3]
            if n * r * 128 > MAX_SCRYPT_MEMORY or n * r * p > MAX_SCRYPT_MEMORY // 16:
                raise Invalid(
                    f"The password scheme asks for scrypt with N={n}, r={r}, p={p}, which takes too much memory or time.",
                    _HINT,
                )
        case _ if oid.startswith(_PBE_PREFIXES):
            check_iterations(_integers(parameters)[0])


def check_iterations(count: int) -> None:
    """Raises `Invalid` for more rounds than an honest file has."""
    if count > MAX_ITERATIONS:
        raise Invalid(
            f"The file asks for {count:,} rounds of password hashing; more than {MAX_ITERATIONS:,} are not accepted.",
            _HINT,
        )
    if count < 1:
        raise Invalid("The file asks for no round of password hashing at all, which nothing sane writes.", _HINT)


_HINT = "Write the file again with the usual settings of openssl, and try that one."


def _integers(parameters: bytes) -> list[int]:
    found = [der.integer(parameters[start:stop]) for tag, _, start, stop in der.parts(parameters) if tag == der.INTEGER]
    if not found:
        raise der.Malformed("a password scheme without an iteration count")
    return [*found, 1, 1] if len(found) < 3 else found
