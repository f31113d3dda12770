"""The accounts of a server's authorities: it asks the CAs, and keeps the keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from certtui.backend.remote.certificates import ASKING
from certtui.backend.wire_forms import AccountKeyBody, ContactBody, DeactivateBody, TermsBody
from certtui.errors import NotFound
from certtui.model.account import Account

if TYPE_CHECKING:
    from certtui.backend.remote.view import View


class RemoteAccounts:
    """`backend.base_accounts.Accounts` over HTTP."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._http = view.connection

    def get(self, authority_id: int) -> Account:
        found: Account = self._http.read(_path(authority_id), Account)
        return found

    def look(self, authority_id: int) -> Account:
        return self._change("POST", authority_id, "/look", None, None)

    def roll_over(self, authority_id: int, version: int, key_type: str = "") -> Account:
        return self._change("POST", authority_id, "/key", AccountKeyBody(key_type), version)

    def set_contact(self, authority_id: int, version: int, email: Sequence[str]) -> Account:
        return self._change("PUT", authority_id, "/contact", ContactBody(tuple(email)), version)

    def agree(self, authority_id: int, version: int, terms: str) -> Account:
        return self._change("PUT", authority_id, "/terms", TermsBody(terms), version)

    def deactivate(self, authority_id: int, version: int, *, open_orders: int) -> Account:
        return self._change("POST", authority_id, "/deactivate", DeactivateBody(open_orders), version)

    def open_new(self, authority_id: int, version: int) -> Account:
        return self._change("POST", authority_id, "/new", None, version)

    def _change(self, method: str, authority_id: int, act: str, body: object, version: int | None) -> Account:
        self._view.may_change()
        path = _path(authority_id) + act
        found: Account = self._http.change(method, path, body, Account, version=version, slow=ASKING)
        return found


def _path(authority_id: int) -> str:
    if authority_id < 0:
        raise NotFound(f"There is no authority {authority_id}.", "`certtui authority list` tells what there is.")
    return f"/authorities/{authority_id}/account"
