"""What a CA's certificate limits it to, one sentence each."""

from __future__ import annotations

import ipaddress

from certtui.model.template import EXTENDED_USAGES
from certtui.model.x509 import X509Facts

_NAMES = {oid: name for name, oid in EXTENDED_USAGES.items()}


def limits_in_words(certificate: X509Facts) -> tuple[str, ...]:
    """Path length, name constraints, extended key usages."""
    from certtui.pki.extensions import limits

    found = limits(certificate.der)
    sentences = []
    match found.path_length:
        case None:
            pass
        case 0:
            sentences.append("It issues no CAs, only leaves (path length 0).")
        case length:
            sentences.append(f"At most {length} CA{'s' if length > 1 else ''} may stand below it (path length).")
    if found.permitted:
        sentences.append(
            f"It may issue for these names only: {', '.join(map(constraint_as_written, found.permitted))}."
        )
    if found.excluded:
        sentences.append(f"It may not issue for these names: {', '.join(map(constraint_as_written, found.excluded))}.")
    if found.usages is not None:
        usages = ", ".join(_NAMES.get(oid, oid) for oid in found.usages)
        sentences.append(f"It is limited to these extended key usages: {usages}.")
    sentences += [f"It {problem}." for problem in found.problems]
    return tuple(sentences)


def constraint_as_written(constraint: str) -> str:
    """A name constraint as it was written: of addresses the limits have address and mask in hex."""
    kind, _, value = constraint.partition(":")
    if kind != "IP":
        return constraint
    try:
        octets = bytes.fromhex(value)
        half = len(octets) // 2
        address, mask = ipaddress.ip_address(octets[:half]), ipaddress.ip_address(octets[half:])
        return f"IP:{ipaddress.ip_network(f'{address}/{int(mask).bit_count()}', strict=False)}"
    except ValueError:
        return constraint
