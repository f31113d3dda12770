"""Where to listen, as a profile says it; light, for checking a form."""

from __future__ import annotations

from certtui.errors import Invalid
from certtui.record import dataclass


@dataclass(frozen=True, slots=True)
class Address:
    """Where to listen; an empty `host` is every address of this machine."""

    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


def address_of(typed: str, field: str) -> Address:
    """`:80`, `127.0.0.1:5002`, `[::1]:5002`. Raises `Invalid` naming the setting."""
    import ipaddress

    host, colon, port = typed.strip().rpartition(":")
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    try:
        if bare:
            ipaddress.ip_address(bare)
        number = int(port) if colon and port.isascii() and port.isdigit() and len(port) < 6 else 0
    except ValueError:
        number = 0
    if not 0 < number < 65536 or (":" in bare and bare == host):
        raise Invalid(
            f"“{typed}” is no address to listen on.",
            "Write :80, or an address of this machine with a port.",
            field=field,
        )
    return Address(bare, number)
