"""The accounts of authorities over HTTP."""

from __future__ import annotations

from certtui.backend.wire_forms import AccountKeyBody, ContactBody, DeactivateBody, TermsBody
from certtui.model.account import Account
from certtui.server.route import Call, Reply, Routes, reply

TYPE_CHECKING = False
if TYPE_CHECKING:
    from certtui.model.once import Kept

ROUTES = Routes("accounts", "Accounts of ACME authorities at their CAs. Keys are sealed, and never told.")


@ROUTES(
    "GET", "/authorities/{id}/account", "accounts.get", "Read the account of an authority",
    help="As the CA last said; it is not asked.", gives=Account,
)  # fmt: skip
def get(call: Call) -> Reply:
    return _page(call.backend.accounts.get(call.id))


def _as_it_is(call: Call, kept: Kept) -> Reply:
    return get(call)


@ROUTES(
    "POST", "/authorities/{id}/account/look", "accounts.look", "Ask the CA how the account is", gives=Account, changes=True,
    again=_as_it_is,
)  # fmt: skip
def look(call: Call) -> Reply:
    return _page(call.backend.accounts.look(call.id))


@ROUTES(
    "POST", "/authorities/{id}/account/key", "accounts.roll_over", "Give the account another key",
    help="The new key is kept before the CA hears of it; one that was begun and not confirmed is gone on with.",
    takes=AccountKeyBody, gives=Account, if_match=True, changes=True, again=_as_it_is, example={"key_type": "ec-384"},
)  # fmt: skip
def roll_over(call: Call) -> Reply:
    return _page(call.backend.accounts.roll_over(call.id, call.seen, call.body.key_type))


@ROUTES(
    "PUT", "/authorities/{id}/account/contact", "accounts.set_contact", "Tell the CA whom to write to",
    help="The profile's setting is changed when the CA has taken it.",
    takes=ContactBody, gives=Account, if_match=True, changes=True, again=_as_it_is,
    example={"email": ["ops@example.com"]},
)  # fmt: skip
def set_contact(call: Call) -> Reply:
    return _page(call.backend.accounts.set_contact(call.id, call.seen, call.body.email))


@ROUTES(
    "PUT", "/authorities/{id}/account/terms", "accounts.agree", "Agree to the CA's terms",
    help="`terms` is their address as you read it; 409 where the CA names others by now.",
    takes=TermsBody, gives=Account, if_match=True, changes=True, again=_as_it_is,
    example={"terms": "https://ca.example.com/terms/v2.pdf"},
)  # fmt: skip
def agree(call: Call) -> Reply:
    return _page(call.backend.accounts.agree(call.id, call.seen, call.body.terms))


@ROUTES(
    "POST", "/authorities/{id}/account/deactivate", "accounts.deactivate", "Close the account for ever",
    help="`open_orders` is how many you saw: 409 where there are more or fewer by now. They can't be finished.",
    takes=DeactivateBody, gives=Account, if_match=True, changes=True, again=_as_it_is, example={"open_orders": 0},
)  # fmt: skip
def deactivate(call: Call) -> Reply:
    return _page(call.backend.accounts.deactivate(call.id, call.seen, open_orders=call.body.open_orders))


@ROUTES(
    "POST", "/authorities/{id}/account/new", "accounts.open_new", "Make another account in place of one that is closed",
    gives=Account, if_match=True, changes=True, again=_as_it_is,
)  # fmt: skip
def open_new(call: Call) -> Reply:
    return _page(call.backend.accounts.open_new(call.id, call.seen))


def _page(account: Account) -> Reply:
    return reply(account, version=account.version)
