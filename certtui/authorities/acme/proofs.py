"""From the setting `proof` of a profile to the way that its names are proved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.authorities.acme.proof import Proof

if TYPE_CHECKING:
    from certtui.authorities.acme.authority import AcmeCa


def proof_of(ca: AcmeCa) -> Proof:
    """The way of this profile."""
    from certtui.authorities.acme.proof_acme_dns import ByAcmeDns
    from certtui.authorities.acme.proof_delegated import Delegated

    if ca.by_acme_dns:
        return ByAcmeDns(ca)
    return Delegated(ca)
