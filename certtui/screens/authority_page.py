"""The page of one authority: what it is set to, what it can do, what its last test found."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from certtui.actions import Action
from certtui.model.authority import AuthorityType
from certtui.screens.authority_acts import ActsOnAuthorities
from certtui.screens.order_words import minute
from certtui.screens.page import LinesPage
from certtui.widgets.fields import Item, blank, heading, sentence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from certtui.backend.base import Backend
    from certtui.model.authority import Authority, AuthorityTypeInfo

MARKS = {"ok": "ok", "problem": "bad", "waiting": "note"}


class AuthorityScreen(ActsOnAuthorities, LinesPage):
    """Opened by id."""

    TITLE = "Authority"
    CONTEXTS: ClassVar[tuple[str, ...]] = ("global", "place", "lines", "page", "authority")

    def __init__(self, authority_id: int) -> None:
        super().__init__()
        self._key = authority_id
        self._authority: Authority | None = None

    def about(self) -> str:
        return self._authority.row.name if self._authority else ""

    def authority_id(self) -> int | None:
        return self._key if self._authority else None

    def changed(self) -> None:
        self.load()

    def removed(self) -> None:
        if self.app.screen is self and len(self.app.screen_stack) > 1:
            self.app.pop_screen()

    def why_not(self, action: Action) -> str:
        if action.id.startswith("authority.") and action.id != "authority.pki" and self._authority is None:
            return "It is not read yet, or gone."
        if action.id == "authority.account" and self._authority and self._authority.row.type is not AuthorityType.ACME:
            return "It is asked without an account."
        return super().why_not(action)

    def do_authority_account(self) -> None:
        from certtui.screens.account_page import AccountScreen

        self.app.push_screen(AccountScreen(self._key))

    def load(self) -> None:
        backend, key = self.backend, self._key
        self.work(lambda: _read(backend, key), done=lambda found: self._loaded(*found), failed=self.cannot, key="get")

    def _loaded(self, authority: Authority, types: Sequence[AuthorityTypeInfo]) -> None:
        again = self._authority is not None
        self._authority = authority
        self.show(authority_items(authority, types), keep=again)


def _read(backend: Backend, authority_id: int) -> tuple[Authority, Sequence[AuthorityTypeInfo]]:
    return backend.authorities.get(authority_id), backend.authorities.types()


def authority_items(authority: Authority, types: Sequence[AuthorityTypeInfo]) -> list[Item]:
    """The lines of the page."""
    row, able = authority.row, authority.capabilities
    kind = next((each for each in types if each.type is row.type), None)
    items = [
        sentence(
            "Orders can be sent to it." if row.enabled else "It is disabled: nothing can be ordered from it.",
            "ok" if row.enabled else "warn",
        ),
        blank(),
        Item("Name", row.name),
        Item("Type", row.type.title),
        *([Item("Description", authority.description)] if authority.description else []),
        Item("Open orders", str(row.open_orders)),
        Item("Renewal", f"{authority.auto_renew_days} days before expiry" if authority.auto_renew_days else "none"),
        Item("Added", minute(row.created_at)),
        blank(),
        heading("Settings"),
    ]
    labels = {field.key: field.label for field in kind.fields} if kind else {}
    # As the form has them; what this version does not know comes last.
    keys = [
        *(key for key in labels if key in authority.settings),
        *(key for key in authority.settings if key not in labels),
    ]
    items += [Item(labels.get(key, key), value) for key in keys if (value := authority.settings[key])]
    # What no form asks for, as an account's key, has no label.
    secrets = {key: labels.get(key) or key.replace("_", " ").capitalize() for key in authority.secrets_set}
    items += [Item(label, "set, sealed", copies="") for label in secrets.values()]
    items += [blank(), heading("What it can do")]
    if able.templates:
        items.append(Item("Templates", ", ".join(able.templates)))
        items.append(Item("By default", able.default_template))
    if able.key_types:
        items.append(Item("Keys", ", ".join(able.key_types)))
    for index, each in enumerate(able.template_days):
        text = f"{each.template}: {each.days} days, at most {each.max_days}"
        items.append(Item("Validity" if index == 0 else "", text))
    if able.needs_person:
        items.append(Item("Answer", "a person or a folder brings the certificate back"))
    items.append(Item("Revoking", able.why_no_revoke or "it is told by certtui", "note" if able.why_no_revoke else ""))
    if authority.panel:
        items += [blank(), heading("Now")]
        items += [
            Item(each.label, each.text, MARKS.get(each.mark, ""), copies=each.copy or None) for each in authority.panel
        ]
    items += [blank(), heading("Last test")]
    if row.tested_at is None:
        items.append(sentence("It was not tested yet.", "dim"))
    else:
        items.append(Item("When", minute(row.tested_at)))
        items += [
            Item(each.label, each.text if each.ok else f"! {each.text}", "" if each.ok else "bad")
            for each in authority.last_test
        ]
    return items
