"""From the setting `proof` of a profile to the way that its names are proved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.authorities.acme.profile import DELEGATED
from certtui.authorities.acme.proof import Proof

if TYPE_CHECKING:
    from certtui.authorities.acme.authority import AcmeCa


def proof_of(ca: AcmeCa) -> Proof:
    """The way of this profile."""
    match ca.settings.get("proof") or DELEGATED:
        case "dns":
            from certtui.authorities.acme.proof_dns import OwnZone

            return OwnZone(ca)
        case "http":
            from certtui.authorities.acme.proof_http import ByHttp

            return ByHttp(ca)
        case "tls-alpn":
            from certtui.authorities.acme.proof_tls_alpn import ByTls

            return ByTls(ca)
        case "manual":
            from certtui.authorities.acme.proof_manual import ByHand

            return ByHand(ca)
        case _ if ca.by_acme_dns:
            from certtui.authorities.acme.proof_acme_dns import ByAcmeDns

            return ByAcmeDns(ca)
        case _:
            from certtui.authorities.acme.proof_delegated import Delegated

            return Delegated(ca)
