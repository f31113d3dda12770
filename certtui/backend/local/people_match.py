"""Names in client certificates as people write them, and as a certificate has them: one spelling for both."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from certtui.errors import Invalid
from certtui.model.search_text import a_labels, fold

if TYPE_CHECKING:
    from certtui.model.x509 import X509Facts

_KINDS = ("DNS", "EMAIL", "URI")
_LONGEST = 2_000
_BLANKS_BETWEEN = re.compile(r"(?<!\\),[ \t]+")


def match_key(match: str) -> str:
    """The one spelling of `DNS:…`, `EMAIL:…`, `URI:…` or an RFC 4514 subject. Raises `Invalid`."""
    typed = match.strip()
    kind, colon, value = typed.partition(":")
    if colon and kind.upper() in _KINDS and value.strip():
        return _san_key(f"{kind.upper()}:{value.strip()}")
    if (
        not typed
        or len(typed) > _LONGEST
        or "\n" in typed
        or "=" not in typed.partition(",")[0]
        or kind.upper() in _KINDS
    ):
        raise Invalid(
            f"{typed or 'Nothing'} is no name of a client certificate.",
            "Write DNS:name, EMAIL:address, URI:address, or the whole subject as CN=ada,O=Example.",
            field="match",
        )
    return "SUBJECT:" + _BLANKS_BETWEEN.sub(",", typed)


def keys_of(facts: X509Facts) -> list[str]:
    """Every key that a certificate has, its subject first."""
    sans = [_san_key(san) for san in facts.sans if san.partition(":")[0] in _KINDS]
    return ([f"SUBJECT:{facts.subject}"] if facts.subject else []) + list(dict.fromkeys(sans))


def _san_key(san: str) -> str:
    kind, _, value = san.partition(":")
    match kind:
        case "DNS":
            return f"DNS:{a_labels(fold(value)).removesuffix('.')}"
        case "EMAIL":
            # The part before the @ is the host's own business (RFC 5321, 2.4).
            local, _, domain = value.rpartition("@")
            return f"EMAIL:{local}@{a_labels(fold(domain))}"
    return san
