"""The seam, continued: the accounts that authorities have at their CAs."""

from __future__ import annotations

from collections.abc import Sequence

from certtui.typed import Protocol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from certtui.model.account import Account


class Accounts(Protocol):
    """The account of an authority of the type `acme`, by the authority's id and version; others raise `NotFound`.

    All but `get` ask the CA, and raise `Unreachable`, `Locked`, and `Invalid` with its words where it refuses.
    """

    def get(self, authority_id: int) -> Account:
        """As the CA last said; nobody is asked. Raises `NotFound`."""

    def look(self, authority_id: int) -> Account:
        """Ask the CA how it is. Raises `Conflict` while there is none."""

    def roll_over(self, authority_id: int, version: int, key_type: str = "") -> Account:
        """Give it another key, of this kind or of the profile's. One that was begun and not confirmed is gone on with.

        Raises `Conflict` (none, closed, changed meanwhile), `Unsupported` for a CA that can't.
        """

    def set_contact(self, authority_id: int, version: int, email: Sequence[str]) -> Account:
        """Tell the CA whom to write to, then change the profile. Raises `Conflict`, `Invalid` (field `email`)."""

    def agree(self, authority_id: int, version: int, terms: str) -> Account:
        """Agree to the terms at this address. Raises `Conflict` where the CA names others by now."""

    def deactivate(self, authority_id: int, version: int, *, open_orders: int) -> Account:
        """Close it for ever. Raises `Conflict` unless as many orders are open as the person saw; one that was begun is gone on with."""

    def open_new(self, authority_id: int, version: int) -> Account:
        """Another account with another key, in place of one that is closed. Raises `Conflict` where it is not."""
