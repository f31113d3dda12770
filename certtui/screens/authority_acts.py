"""What people do to an authority, from the list and from its page alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from certtui.model.authority import AuthorityForm
from certtui.screens.base import Place

if TYPE_CHECKING:
    from certtui.model.authority import Authority, AuthorityTest


class ActsOnAuthorities(Place):
    """Add, edit, test, disable, remove; and the way to the built-in PKI."""

    if TYPE_CHECKING:

        def changed(self) -> None:
            """The act changed something: read again."""

        def authority_id(self) -> int | None:
            """The one that the act is for."""

    def removed(self) -> None:
        """The profile is gone."""
        self.changed()

    def configured(self, authority: Authority) -> None:
        """A form that lay over this screen saved this profile."""
        self.changed()

    def do_authority_pki(self) -> None:
        self.open_screen("certtui.screens.cas:CasScreen")

    def do_authority_add(self) -> None:
        self._form(None)

    def do_authority_edit(self) -> None:
        self.with_authority(self._form)

    def _form(self, authority: Authority | None) -> None:
        from certtui.screens.authority_form import AuthorityFormScreen, NewAuthorityScreen

        backend = self.backend
        screen = NewAuthorityScreen if authority is None else AuthorityFormScreen
        self.work(
            lambda: tuple(backend.authorities.types()),
            done=lambda types: self.app.push_screen(screen(types, authority)),
            key="types",
        )

    def do_authority_test(self) -> None:
        def test(authority: Authority) -> None:
            self.say(f"Testing {authority.row.name} …")
            self.work(
                lambda: self.backend.authorities.test(authority.row.id),
                done=lambda answer: self._tested(authority.row.name, answer),
                key="test",
            )

        self.with_authority(test)

    def _tested(self, name: str, answer: AuthorityTest) -> None:
        self.changed()
        show_test(self, name, answer)

    def do_authority_toggle(self) -> None:
        self.with_authority(self._ask_toggle)

    def _ask_toggle(self, authority: Authority) -> None:
        from certtui.widgets.dialogs import Confirm

        row = authority.row
        verb = "disable" if row.enabled else "enable"
        lines = [
            "Nothing more can be ordered from it; orders under way go on, certificates stay as they are."
            if row.enabled
            else "Orders can be sent to it again."
        ]

        def answered(yes: bool | None) -> None:
            if yes:
                form = AuthorityForm(enabled=not row.enabled)
                self.work(lambda: self.backend.authorities.edit(row.id, row.version, form), done=done, to_the_end=True)

        def done(now: Authority) -> None:
            self.changed()
            self.say(f"{now.row.name} is {'enabled' if now.row.enabled else 'disabled'}.", "ok")

        title = f"{verb.capitalize()} {row.name}"
        self.app.push_screen(
            Confirm(title, lines, verb.capitalize(), danger=row.enabled, command=f"certtui authority {verb} {row.id}"),
            answered,
        )

    def do_authority_remove(self) -> None:
        def show(authority: Authority) -> None:
            from certtui.widgets.dialogs import TypedConfirm

            row = authority.row
            lines = [
                f"{row.name} ({row.type.title}) and its settings are removed; its sealed secrets are destroyed.",
                "Certificates that it issued stay in the inventory, and keep its name.",
            ]
            dialog = TypedConfirm(
                f"Remove {row.name}", lines, row.name, label="Remove", command=f"certtui authority remove {row.id}"
            )
            self.app.push_screen(dialog, lambda yes: self._remove(authority) if yes else None)

        self.with_authority(show)

    def _remove(self, authority: Authority) -> None:
        row = authority.row

        def done(_: None) -> None:
            self.removed()
            screen = self.app.screen if isinstance(self.app.screen, Place) else self
            screen.call_after_refresh(screen.say, f"Removed {row.name}.", "ok")

        self.work(lambda: self.backend.authorities.remove(row.id, row.version), done=done, to_the_end=True)

    def with_authority(self, then: Callable[[Authority], object]) -> None:
        """Do it with the profile as it is now."""
        authority_id = self.authority_id()
        if authority_id is None:
            self.say("There is no row here.", "warn")
            return
        self.work(lambda: self.backend.authorities.get(authority_id), done=then, key="target")


def show_test(screen: Place, name: str, answer: AuthorityTest) -> None:
    """What a test found, line by line."""
    from certtui.widgets.dialogs import Message

    head = "Everything that was looked at is in order." if answer.ok else "Something is not in order."
    lines = [head, "", *(f"{'ok ' if each.ok else '!  '} {each.label}: {each.text}" for each in answer.lines)]
    screen.app.push_screen(Message(f"Test of {name}", lines, danger=not answer.ok))
