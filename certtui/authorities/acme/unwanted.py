"""What a CA sent against what was ordered: it goes where the one before was, so it has to be what was asked for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from ipaddress import ip_address

from certtui.model.x509 import X509Facts

_NAMED_AT_MOST = 5


def unwanted(leaf: X509Facts, sans: Sequence[str], now: datetime) -> str:
    """Why it can't be used, as the rest of a sentence; "" where it can."""
    if lacking := _without(sans, leaf.sans):
        return f"without {_few(lacking)}, which was ordered"
    if leaf.is_ca:
        return "of a CA"
    return "that has expired already" if leaf.not_after <= now else ""


def unasked(leaf: X509Facts, sans: Sequence[str]) -> str:
    """Names that nobody ordered, in a sentence; "" for none."""
    more = _without(leaf.sans, sans)
    return f"It has {_few(more)}, which was not ordered." if more else ""


def _without(sans: Iterable[str], others: Iterable[str]) -> list[str]:
    there = {_alike(each) for each in others}
    return [each for each in sans if _alike(each) not in there]


def _alike(san: str) -> str:
    """Names without case, addresses in one writing."""
    kind, _, value = san.partition(":")
    if kind == "IP":
        try:
            return f"IP:{ip_address(value)}"
        except ValueError:
            pass
    return f"{kind}:{value.rstrip('.').lower()}"


def _few(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED_AT_MOST} more" if len(names) > _NAMED_AT_MOST else ""
    return ", ".join(each.partition(":")[2] for each in names[:_NAMED_AT_MOST]) + more
