"""Which challenges of a CA are to be answered, by the way that a profile proves names."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from certtui.authorities.acme.orders import identifiers
from certtui.authorities.acme.proof import Asked
from certtui.authorities.base import Refused

if TYPE_CHECKING:
    from certtui.authorities.acme.jose import AccountKey
    from certtui.authorities.acme.objects import Authorization, Challenge
    from certtui.authorities.acme.proof import Proof


def asked_of(
    ca: str,
    found: Sequence[Authorization],
    sans: Sequence[str],
    proof: Proof,
    key: AccountKey,
    told: Collection[str],
) -> list[Asked] | Refused:
    """Those that are open; `told` are the addresses of those that this call has told the CA of."""
    ordered = {each.value.removeprefix("*.") for each in identifiers(sans)}
    asked = []
    for each in found:
        name = each.identifier.value
        if each.status == "valid":
            continue
        if name.removeprefix("*.") not in ordered:
            # Whoever keeps its records here keeps those of other names too.
            return Refused(f"{ca} wants {name} to be proved, which was not ordered.")
        challenge = each.challenge(proof.challenge)
        if challenge is None:
            offered = ", ".join(sorted({one.type for one in each.challenges})) or "nothing"
            return Refused(f"{ca} does not let {name} be proved by {proof.by}.", f"It offers {offered}.")
        asked.append(
            Asked(
                each.identifier,
                challenge,
                key.key_authorization(challenge.token),
                key.dns_value(challenge.token),
                each.expires,
                told=_is_told(challenge) or challenge.url in told,
            )
        )
    return asked


def _is_told(challenge: Challenge) -> bool:
    return challenge.status not in ("pending", "")
