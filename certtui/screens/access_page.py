"""The page Access of one object: what its access list says, and *who can use this key?*"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from certtui.actions import Action
from certtui.clock import rfc3339
from certtui.model.acl_words import effect, in_charge, strangers
from certtui.screens.access_reach import open_reach
from certtui.screens.page import LinesPage
from certtui.text import clipped, padded
from certtui.widgets.fields import FieldView, Item, blank, heading, sentence
from certtui.widgets.line import Part
from certtui.widgets.wrapping import wrapped

if TYPE_CHECKING:
    from certtui.errors import CerttuiError
    from certtui.model.acl import Acl, Reacher

QUESTION = {
    "certificate": "Who can use this key?",
    "container": "Who can fetch it?",
    "repository": "Who can use the keys filed in it?",
    "secret": "Who can take it out?",
}
_MAY = (("takes_key", "takes key", "accent"), ("uses", "uses", ""), ("reads", "reads", "dim"))


class AccessScreen(LinesPage):
    """Opened by kind and id; enter on somebody tells what else they reach."""

    TITLE = "Access"
    CONTEXTS: ClassVar[tuple[str, ...]] = ("global", "place", "lines", "page", "access")

    def __init__(self, kind: str, object_id: int) -> None:
        super().__init__()
        self._kind = kind
        self._object_id = object_id
        self._acl: Acl | None = None
        self._who: Sequence[Reacher] | None = None
        self._untold = ""
        """Why it can't be told who reaches it."""

    def about(self) -> str:
        return f"{self._acl.object_name}  {self._kind}" if self._acl else ""

    def why_not(self, action: Action) -> str:
        if reason := super().why_not(action):
            return reason
        if action.id == "access.edit":
            if self._acl is None:
                return "it is not read yet, or gone."
            info = self.backend.info
            if not in_charge(self._acl, info.actor.name, info.role):
                owner = f"its owner {self._acl.owner}" if self._acl.owner else "its owner"
                return f"the list is changed by {owner} and by admins."
        return ""

    # -- reading -------------------------------------------------------------------------------------------------

    def load(self) -> None:
        acls, kind, object_id = self.backend.acls, self._kind, self._object_id
        self.work(lambda: acls.get(kind, object_id), done=self._loaded, failed=self._gone, key="get")

    def _gone(self, error: CerttuiError) -> None:
        self._acl = None
        self.cannot(error)

    def _loaded(self, acl: Acl) -> None:
        again = self._acl is not None
        self._acl = acl
        self._show(keep=again)
        if reason := self.backend.capabilities.why_not("acls.who"):
            self._cannot_tell(reason)
            return
        self.work(
            lambda: self.backend.acls.who(acl.kind, acl.object_id),
            done=self._told,
            failed=lambda error: self._cannot_tell(str(error)),
            key="who",
        )

    def _told(self, found: Sequence[Reacher]) -> None:
        self._who, self._untold = found, ""
        self._show(keep=True)

    def _cannot_tell(self, reason: str) -> None:
        self._who, self._untold = None, reason
        self._show(keep=True)

    # -- showing -------------------------------------------------------------------------------------------------

    def _show(self, *, keep: bool) -> None:
        if self._acl is not None:
            self.show([*self._list(self._acl), *self._reachers(self._acl)], keep=keep)

    def _list(self, acl: Acl) -> list[Item]:
        known = None if self._who is None else {one.name for one in self._who}
        unknown = "" if known is None else strangers((*acl.users, *acl.readers), known, acl.owner)
        rights = {
            (True, True): "reads and uses it",
            (True, False): "reads it, does not use it",
            (False, False): "neither reads nor uses it",
            (False, True): "uses it only where its name stands here",
        }[acl.read_group, acl.use_group]
        changed = (
            f"{rfc3339(acl.updated_at)[:16].replace('T', ' ')} UTC by {acl.updated_by}"
            if acl.updated_at
            else "never: nobody wrote a list"
        )
        return [
            sentence(effect(acl), "warn" if acl.restricted else ""),
            *([sentence(unknown, "note")] if unknown else []),
            blank(),
            Item("Owner", acl.owner or "unknown", copies=acl.owner),
            Item("Group", f"{acl.business_group or 'none; whoever is in scope'}: {rights}", copies=acl.business_group),
            Item("May use", "\n".join(acl.users) or "nobody else by name", "" if acl.users else "dim"),
            Item("May read", "\n".join(acl.readers) or "nobody else by name", "" if acl.readers else "dim"),
            Item("Changed", changed),
            blank(),
        ]

    def _reachers(self, acl: Acl) -> list[Item]:
        items = [heading(QUESTION[acl.kind])]
        if self._untold:
            return [*items, sentence(self._untold, "dim")]
        if self._who is None:
            return [*items, sentence("Asking …", "dim")]
        if not self._who:
            items.append(sentence("No token and no client certificate is given out."))
        items += [_reacher(one) for one in self._who]
        items.append(
            sentence("Whoever can read the store's file and its key on its own host needs none of these.", "dim")
        )
        return items

    # -- acts ----------------------------------------------------------------------------------------------------

    def on_field_view_opened(self, event: FieldView.Opened) -> None:
        event.prevent_default()
        kind, number = event.target
        open_reach(self, f"{kind} {number}")

    def do_access_edit(self) -> None:
        """Change the list."""
        acl = self._acl
        if acl is None:
            return
        from certtui.screens.access_form import AccessDialog

        known = None if self._who is None else frozenset(one.name for one in self._who)

        def saved(now: Acl | None) -> None:
            if now is not None:
                self._loaded(now)
                self.say("Saved. " + effect(now), "ok")

        self.app.push_screen(AccessDialog(self, acl, known), saved)


def _reacher(one: Reacher) -> Item:
    word, style = next(((word, style) for field, word, style in _MAY if getattr(one, field)), ("nothing", "dim"))
    kind, _, number = one.credential.partition(" ")

    def draw(width: int) -> list[list[Part]]:
        head: list[Part] = [
            (padded(clipped(one.name, 16), 17), "" if one.reads else "dim"),
            (f"{one.credential:<11}", "dim"),
            (f"{one.role:<9}", "dim"),
            (f"{word:<10}", style),
        ]
        why = wrapped(one.why, max(12, width - 47))
        return [[*head, (why[0], "dim")], *([(" " * 47, ""), (line, "dim")] for line in why[1:])]

    copies = f"{one.name}, {one.credential}, {one.role}: {word}. {one.why}"
    return Item(one.name, copies=copies, target=(kind, int(number)) if number.isdigit() else None, draw=draw)
