"""Names and addresses that mean nothing in public: no CA may put them into a certificate that browsers are to trust.

CA/Browser Forum Baseline Requirements 1.6.1 ("Internal Name", "Reserved IP Address"), 4.2.2 and 7.1.2.7.12; the top-level
names are those of RFC 6761, RFC 6762 (local), RFC 8375 (home.arpa), ICANN's `internal`, and SAC 062's collisions.
"""

from __future__ import annotations

from functools import lru_cache

TYPE_CHECKING = False
if TYPE_CHECKING:
    from certtui.model.policy_names import Name

_RESERVED = frozenset(
    {
        "corp", "example", "home", "internal", "intranet", "invalid", "lan", "local", "localdomain", "localhost", "mail",
        "private", "test",
    }
)  # fmt: skip


def meaningless(name: Name) -> bool:
    """Whether a name or an address means nothing in public."""
    match name.kind:
        case "dns":
            return _internal_host(name.text)
        case "ip":
            return _reserved_address(name.text)
        case "email":
            return _internal_host(name.text.rpartition("@")[2])
    return False


def _internal_host(host: str) -> bool:
    labels = host.split(".")
    return len(labels) < 2 or labels[-1] in _RESERVED or host == "home.arpa" or host.endswith(".home.arpa")


@lru_cache(1024)
def _reserved_address(text: str) -> bool:
    from ipaddress import ip_address

    try:
        address = ip_address(text)
    except ValueError:
        return True
    return not address.is_global or address.is_multicast
