"""The account that an authority of the type `acme` has at its CA."""

from __future__ import annotations

from datetime import datetime

from certtui.record import dataclass

KEY_TYPES = ("ec-256", "ec-384", "rsa-2048", "rsa-3072", "rsa-4096")
"""What its key can be; `ec-256` is taken by every CA."""


@dataclass(frozen=True, slots=True)
class Account:
    """One account as the CA last said, at `seen_at` (None: never asked); `version` is the authority's."""

    authority_id: int
    version: int
    authority: str
    directory: str
    url: str
    """"" while there is none."""
    status: str
    """`valid`, `deactivated`, `revoked`; `closing` while the CA has not heard yet; "" while nothing is known."""
    contact: tuple[str, ...]
    """Whom the CA has to write to, as URLs; some CAs keep none."""
    email: tuple[str, ...]
    """Whom the profile names."""
    key_type: str
    key_waits: bool
    """A new key is kept, and the CA has not confirmed it yet."""
    terms: str
    """The address of the terms that were agreed to."""
    registered_at: datetime | None
    seen_at: datetime | None
    open_orders: tuple[str, ...] = ()
    """Names of orders that can't be finished once it is closed."""
    terms_now: str = ""
    """The address of those that the CA names now; "" unless it was just asked."""

    @property
    def closed(self) -> bool:
        """Nothing can be ordered by it, ever."""
        return self.status in ("closing", "deactivated", "revoked")

    @property
    def sentence(self) -> str:
        """How it stands, in a sentence."""
        if not self.url:
            return f"{self.authority} has no account yet: its test, or the first order, makes one."
        match self.status:
            case "closing":
                return "It is being closed: the CA has not heard of it yet, and nothing can be ordered any more."
            case "deactivated" | "revoked":
                return f"It is closed ({self.status}): nothing can be ordered until another one is made on purpose."
        if self.key_waits:
            return "It is being given a new key, which the CA has not confirmed: change the key once more to go on."
        return "It is open: orders are made by it."
