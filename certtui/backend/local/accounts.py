"""The accounts of authorities at their CAs. `backend.base_accounts.Accounts` on the local store."""

from __future__ import annotations

from dataclasses import replace

from certtui.backend.local.open_store import OpenStore

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from certtui.model.account import Account


class LocalAccounts:
    """The acts are in `accounts_change`."""

    def __init__(self, store: OpenStore) -> None:
        self._store = store

    def get(self, authority_id: int) -> Account:
        from certtui.backend.local.read.accounts import account

        return account(self._store, authority_id)

    def look(self, authority_id: int) -> Account:
        from certtui.backend.local.accounts_change import look

        terms = look(self._store, authority_id)
        return replace(self.get(authority_id), terms_now=terms)

    def roll_over(self, authority_id: int, version: int, key_type: str = "") -> Account:
        from certtui.backend.local.accounts_change import roll_over

        roll_over(self._store, authority_id, version, key_type)
        return self.get(authority_id)

    def set_contact(self, authority_id: int, version: int, email: Sequence[str]) -> Account:
        from certtui.backend.local.accounts_change import set_contact

        set_contact(self._store, authority_id, version, email)
        return self.get(authority_id)

    def agree(self, authority_id: int, version: int, terms: str) -> Account:
        from certtui.backend.local.accounts_change import agree

        agree(self._store, authority_id, version, terms)
        return self.get(authority_id)

    def deactivate(self, authority_id: int, version: int, *, open_orders: int) -> Account:
        from certtui.backend.local.accounts_change import deactivate

        deactivate(self._store, authority_id, version, open_orders)
        return self.get(authority_id)

    def open_new(self, authority_id: int, version: int) -> Account:
        from certtui.backend.local.accounts_change import open_new

        open_new(self._store, authority_id, version)
        return self.get(authority_id)
