"""The form of an access list: what the group may, who may by name, and in a sentence what will hold."""

from __future__ import annotations

from dataclasses import replace
from shlex import quote
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Button

from certtui import work
from certtui.errors import CerttuiError, Conflict, Invalid
from certtui.model.acl import Acl, AclForm
from certtui.model.acl_words import SEALED, effect, group_words, lockout, strangers
from certtui.widgets.dialogs import Dialog, as_typed
from certtui.widgets.labelled import Labelled
from certtui.widgets.safe_text import SafeText
from certtui.widgets.text_box import TextBox
from certtui.widgets.tick import Tick

if TYPE_CHECKING:
    from certtui.screens.base import Place


class AccessDialog(Dialog[Acl]):
    """Answers the list as it is now, or None."""

    DEFAULT_CSS = """
    AccessDialog TextBox, AccessDialog TextBox:focus {
        border: none; padding: 0 1; min-height: 2; max-height: 4; background: $background; background-tint: $panel 0%;
        scrollbar-size-vertical: 1;
    }
    AccessDialog TextBox:focus { background: $certtui-cursor; }
    AccessDialog TextBox .text-area--cursor-line { background: transparent; }
    AccessDialog Labelled { margin-top: 1; }
    AccessDialog #effect { margin-top: 1; }
    AccessDialog #warning { color: $warning; display: none; }
    AccessDialog #warning.-shown { display: block; }
    AccessDialog .command { max-height: 3; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+s", "accept", show=False, priority=True)]

    def __init__(self, screen: Place, acl: Acl, known: frozenset[str] | None) -> None:
        """`known` are the names that somebody comes in by; None where that can't be told."""
        super().__init__(f"Access to {acl.object_name}")
        self._backend = screen.backend
        self._acl = acl
        self._known = known
        self._busy = False

    def body(self) -> ComposeResult:
        acl = self._acl
        group = group_words(acl)
        yield Tick(f"{group[0].upper()}{group[1:]} may read it", id="read_group")
        yield Tick(f"{group[0].upper()}{group[1:]} may use {SEALED[acl.kind]}", id="use_group")
        yield Labelled("May use", TextBox("\n".join(acl.users), placeholder="names, one per line", id="users"))
        yield Labelled("May read", TextBox("\n".join(acl.readers), placeholder="names, one per line", id="readers"))
        yield SafeText("", id="effect")
        yield SafeText("", id="warning")
        yield SafeText("", classes="problem")
        yield SafeText("", classes="command")

    def buttons(self) -> ComposeResult:
        yield Button(Content("Cancel"), id="cancel")
        yield Button(Content("Save"), id="accept")

    def on_mount(self) -> None:
        self.query_one("#read_group", Tick).value = self._acl.read_group
        self.query_one("#use_group", Tick).value = self._acl.use_group
        self._lay()
        self.set_focus(self.query_one("#use_group"))

    # -- what is written -----------------------------------------------------------------------------------------

    @property
    def form(self) -> AclForm:
        """What stands there, names sorted and each once."""
        users = self._names("users")
        readers = tuple(one for one in self._names("readers") if one not in users)
        may_read, may_use = (self.query_one(f"#{each}", Tick).value for each in ("read_group", "use_group"))
        return AclForm(may_read, may_use, readers, users)

    def _names(self, field: str) -> tuple[str, ...]:
        typed = self.query_one(f"#{field}", TextBox).text
        return tuple(sorted({line.strip() for line in typed.splitlines() if line.strip()}))

    def on_tick_changed(self) -> None:
        self._changed()

    def on_text_area_changed(self) -> None:
        self._changed()

    def _changed(self) -> None:
        self.problem("")
        self._lay()

    def _lay(self) -> None:
        form, info = self.form, self._backend.info
        after = _with(self._acl, form)
        self.query_one("#effect", SafeText).say(effect(after))
        names = (*after.users, *after.readers)
        warnings = [
            lockout(self._acl, after, info.actor.name, owns_store=info.role == "owner"),
            "" if self._known is None else strangers(names, self._known, after.owner),
        ]
        warning = self.query_one("#warning", SafeText)
        warning.say("\n".join(filter(None, warnings)))
        warning.set_class(any(warnings), "-shown")
        line = command_line(self._acl, after)
        self.query_one(".command", SafeText).say(f"$ {as_typed(self.app, line)}" if line else "Nothing is changed yet.")

    # -- saving --------------------------------------------------------------------------------------------------

    def action_accept(self) -> None:
        self.accept()

    def accept(self) -> None:
        if self._busy:
            return
        acl, form, acls = self._acl, self.form, self._backend.acls
        self._busy = True
        work.run(
            self,
            lambda: acls.set(acl.kind, acl.object_id, acl.version, form),
            done=self.dismiss,
            failed=self._refused,
            to_the_end=True,
        )

    def _refused(self, error: CerttuiError) -> None:
        self._busy = False
        if isinstance(error, Conflict):
            acl = self._acl
            work.run(
                self,
                lambda: self._backend.acls.get(acl.kind, acl.object_id),
                done=self._reload,
                failed=lambda failed: self.problem(str(failed)),
            )
            return
        self.problem(str(error))
        if isinstance(error, Invalid) and self.query(f"#{error.field or '-'}"):
            self.query_one(f"#{error.field}").focus()

    def _reload(self, now: Acl) -> None:
        """Take the newer version up, and keep what was typed."""
        self._acl = now
        self._lay()
        self.problem(
            f"{now.updated_by or 'Somebody'} changed it in the meantime: {effect(now)} "
            "What you wrote is kept; save again to put it there."
        )


def command_line(before: Acl, after: Acl) -> str:
    """The command that makes the one list of the other, "" where they say the same."""
    parts = []
    for option, was, now in (
        ("--group-read", before.read_group, after.read_group),
        ("--group-use", before.use_group, after.use_group),
    ):
        if was != now:
            parts.append(f"{option} {'on' if now else 'off'}")
    parts += [f"--use {quote(one)}" for one in after.users if one not in before.users]
    parts += [f"--read {quote(one)}" for one in after.readers if one not in before.readers]
    listed = (*after.users, *after.readers)
    parts += [f"--remove {quote(one)}" for one in (*before.users, *before.readers) if one not in listed]
    return f"certtui acl set {before.kind} {before.object_id} {' '.join(parts)}" if parts else ""


def _with(acl: Acl, form: AclForm) -> Acl:
    return replace(
        acl,
        read_group=bool(form.read_group),
        use_group=bool(form.use_group),
        readers=form.readers or (),
        users=form.users or (),
    )
