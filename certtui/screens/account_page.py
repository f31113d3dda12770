"""The account of an ACME authority: how the CA has it, its key, whom the CA writes to, terms, and its end."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from certtui.errors import CerttuiError
from certtui.screens.order_words import minute
from certtui.screens.page import LinesPage
from certtui.screens.unlock import with_key
from certtui.widgets.fields import Item, blank, heading, sentence

if TYPE_CHECKING:
    from certtui.actions import Action
    from certtui.model.account import Account

_WHY_KEY = "The account's key is sealed by the store key."
_OPEN_ONLY = ("account.look", "account.roll-over", "account.contact", "account.terms", "account.deactivate")


class AccountScreen(LinesPage):
    """Opened by the authority's id."""

    TITLE = "Account"
    CONTEXTS: ClassVar[tuple[str, ...]] = ("global", "place", "lines", "page", "account")

    def __init__(self, authority_id: int) -> None:
        super().__init__()
        self._key = authority_id
        self.account: Account | None = None

    def about(self) -> str:
        return self.account.authority if self.account else ""

    def load(self) -> None:
        self.work(lambda: self.backend.accounts.get(self._key), done=self._loaded, failed=self.cannot, key="get")

    def _loaded(self, account: Account) -> None:
        again = self.account is not None
        self.account = account
        self.show(account_items(account), keep=again)

    def why_not(self, action: Action) -> str:
        account = self.account
        if action.id.startswith("account."):
            if account is None:
                return "It is not read yet, or gone."
            if action.id in _OPEN_ONLY and not account.url:
                return "There is no account yet: a test of the authority makes it."
            if action.id == "account.deactivate" and account.status == "closing":
                return super().why_not(action)  # what was begun can be ended
            if action.id in _OPEN_ONLY and account.closed:
                return "It is closed."
            if action.id == "account.new" and not account.closed:
                return "It is not closed, and one is enough."
        return super().why_not(action)

    # -- acts ----------------------------------------------------------------------------------------------------

    def _act(self, act: Callable[[Account], Account], said: Callable[[Account], str]) -> None:
        """Do it with the account as it is shown, then show what came of it."""
        account = self.account
        if account is None:
            return

        def done(now: Account) -> None:
            self._loaded(now)
            self.call_after_refresh(self.say, said(now), "ok")

        def failed(error: CerttuiError) -> None:
            self.load()  # what was begun may be on record
            self.fail(error)

        self.say("Asking the CA …")
        with_key(self, lambda: act(account), done=done, failed=failed, why=_WHY_KEY)

    def do_account_look(self) -> None:
        self._act(
            lambda account: self.backend.accounts.look(account.authority_id),
            lambda now: f"The CA says that it is {now.status}.",
        )

    def do_account_roll_over(self) -> None:
        from certtui.model.account import KEY_TYPES
        from certtui.widgets.dialogs import Choose

        account = self.account
        if account is None:
            return
        name = account.authority

        def chosen(kind: str | None) -> None:
            if kind is not None:
                self._act(
                    lambda seen: self.backend.accounts.roll_over(seen.authority_id, seen.version, kind),
                    lambda now: f"The account has another key ({now.key_type}).",
                )

        if account.key_waits:
            chosen("")
            return
        self.app.push_screen(
            Choose(
                f"Another key for the account of {name}",
                [(kind, kind + (" (as now)" if kind == account.key_type else "")) for kind in KEY_TYPES],
                command=f"certtui account roll-over {account.authority_id} --key KIND",
            ),
            chosen,
        )

    def do_account_contact(self) -> None:
        from certtui.widgets.dialogs import AskText

        account = self.account
        if account is None:
            return

        def answered(typed: str | None) -> None:
            if typed is None:
                return
            email = tuple(word.strip() for word in typed.split(",") if word.strip())
            self._act(
                lambda seen: self.backend.accounts.set_contact(seen.authority_id, seen.version, email),
                lambda now: f"The CA was told; it has {_addresses(now) or 'nobody'}.",
            )

        self.app.push_screen(
            AskText(
                f"Whom the CA of {account.authority} writes to",
                ["E-mail addresses, with commas between them; empty for nobody. The CA is told now."],
                value=", ".join(account.email),
                command=f"certtui account contact {account.authority_id} EMAIL…",
            ),
            answered,
        )

    def do_account_terms(self) -> None:
        """Ask where they are now, then whether they are agreed to."""

        def asked(account: Account) -> None:
            from certtui.widgets.dialogs import Confirm

            self._loaded(account)
            if not account.terms_now or account.terms_now == account.terms:
                self.say("The CA names no terms." if not account.terms_now else "These are agreed to.", "ok")
                return
            lines = [f"The CA's terms are at {account.terms_now}", f"Agreed to: {account.terms or 'none yet'}"]
            command = f"certtui account agree {account.authority_id} --terms {account.terms_now}"
            self.app.push_screen(
                Confirm(f"Terms of {account.authority}", lines, "Agree", danger=True, command=command),
                lambda yes: self._agreed(account.terms_now) if yes else None,
            )

        self.say("Asking the CA …")
        with_key(self, lambda: self.backend.accounts.look(self._key), done=asked, failed=self.fail, why=_WHY_KEY)

    def _agreed(self, terms: str) -> None:
        self._act(
            lambda seen: self.backend.accounts.agree(seen.authority_id, seen.version, terms),
            lambda now: f"Agreed: {now.terms}",
        )

    def do_account_deactivate(self) -> None:
        from certtui.widgets.dialogs import TypedConfirm

        account = self.account
        if account is None:
            return
        lines = [
            f"{account.url} is closed at the CA for ever: nothing can be ordered by it, or revoked. This can't be undone.",
            "Certificates stay as they are; another account can be made afterwards, on purpose.",
        ]
        if account.open_orders:
            lines += ["", "These orders can't be finished then:", *(f"  {name}" for name in account.open_orders)]

        def answered(yes: bool | None) -> None:
            if yes:
                self._act(
                    lambda seen: self.backend.accounts.deactivate(
                        seen.authority_id, seen.version, open_orders=len(account.open_orders)
                    ),
                    lambda now: f"The account of {now.authority} is closed.",
                )

        command = f"certtui account deactivate {account.authority_id}"
        title = f"Close the account of {account.authority}"
        self.app.push_screen(TypedConfirm(title, lines, account.authority, label="Close", command=command), answered)

    def do_account_new(self) -> None:
        from certtui.widgets.dialogs import Confirm

        account = self.account
        if account is None:
            return
        lines = ["A new key and a new account at the CA; the closed one stays closed, and its key is destroyed."]

        def answered(yes: bool | None) -> None:
            if yes:
                self._act(
                    lambda seen: self.backend.accounts.open_new(seen.authority_id, seen.version),
                    lambda now: f"The account is {now.url}.",
                )

        command = f"certtui account new {account.authority_id}"
        self.app.push_screen(
            Confirm(f"Another account for {account.authority}", lines, "Make", command=command), answered
        )


def account_items(account: Account) -> list[Item]:
    """The lines of the page."""
    style = "bad" if account.closed else "warn" if account.key_waits or not account.url else "ok"
    items = [sentence(account.sentence, style), blank(), Item("Authority", account.authority)]
    items.append(Item("Directory", account.directory))
    if not account.url:
        return items
    items += [
        Item("Account", account.url),
        Item("The CA says", account.status or "nothing yet", "" if account.status in ("", "valid") else "bad"),
        Item("Asked", "" if account.seen_at is None else minute(account.seen_at)),
        Item("It writes to", _addresses(account) or "nobody that the CA keeps"),
        Item("E-mail set", ", ".join(account.email) or "none"),
        Item("Key", account.key_type),
        Item("Made", "" if account.registered_at is None else minute(account.registered_at)),
        Item("Terms", account.terms or "none were named"),
    ]
    if account.terms_now and account.terms_now != account.terms:
        items.append(Item("Terms now", f"! {account.terms_now}", "warn", copies=account.terms_now))
    if account.open_orders:
        items += [blank(), heading("Open orders"), *(Item("", name) for name in account.open_orders)]
    return items


def _addresses(account: Account) -> str:
    return ", ".join(each.removeprefix("mailto:") for each in account.contact)
