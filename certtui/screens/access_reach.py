"""*What can this token reach?*: one way in over a server, and what scope, access lists and role together leave of the store."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from certtui.model.acl import KINDS
from certtui.screens.base import Place
from certtui.screens.page import LinesPage
from certtui.screens.targets import target_of
from certtui.text import clipped
from certtui.widgets.fields import Item, blank, heading, sentence
from certtui.widgets.line import Part

if TYPE_CHECKING:
    from collections.abc import Sequence

    from certtui.model.acl import Reach, ReachCount

_SEVERAL = dict(zip(KINDS, ("certificates", "containers", "repositories", "secrets"), strict=True))
_USE = {
    "certificate": "keys it may use",
    "container": "it may fetch",
    "repository": "it may use",
    "secret": "it may use",
}
MOST_NAMED = 200


def open_reach(screen: Place, credential: str) -> None:
    """Push the page, where whoever asks may know; else say why not."""
    if reason := screen.backend.capabilities.why_not("acls.reach"):
        screen.say(reason, "warn")
    else:
        screen.open_screen("certtui.screens.access_reach:ReachScreen", credential)


class ReachScreen(LinesPage):
    """Opened by `token 3` or `mapping 2`; enter on an object goes to its page."""

    TITLE = "Reach"
    CONTEXTS: ClassVar[tuple[str, ...]] = ("global", "place", "lines", "page")

    def __init__(self, credential: str) -> None:
        super().__init__()
        self._credential = credential
        self._reach: Reach | None = None

    def about(self) -> str:
        return f"{self._reach.name}  {self._credential}" if self._reach else self._credential

    def load(self) -> None:
        self.work(lambda: self.backend.acls.reach(self._credential), done=self._loaded, failed=self.cannot, key="get")

    def _loaded(self, reach: Reach) -> None:
        again = self._reach is not None
        self._reach = reach
        items = [
            sentence(_opening(reach), "warn" if reach.ended else ""),
            blank(),
            Item("Stands for", reach.name),
            Item("Credential", reach.credential),
            Item("Role", f"{reach.role}, export-keys" if reach.export_keys else reach.role, copies=reach.role),
            Item("Groups", limits(reach.groups)),
            Item("Domains", limits(reach.domains)),
            blank(),
            heading("It would reach" if reach.ended else "It reaches"),
        ]
        items += [_count(one) for one in reach.counts]
        items += [blank(), heading("Lists that name it")]
        if not reach.named:
            items.append(sentence("None.", "dim"))
        for one in reach.named:
            right = "may use it" if one.uses else "may read it"
            label = f"{one.object_name}  ({one.kind} {one.object_id})"
            items.append(Item(right, label, copies=one.object_name, target=target_of(one.kind, one.object_id)))
        if len(reach.named) >= MOST_NAMED:
            items.append(sentence(f"The first {MOST_NAMED}; there may be more.", "dim"))
        self.show(items, keep=again)


def _opening(reach: Reach) -> str:
    if reach.ended:
        return "It opens nothing any more; below stands what it would reach."
    if not reach.export_keys:
        return "Without export-keys no key and no payload leaves the store by it."
    return "With export-keys, what it may use it may also take out."


def limits(names: Sequence[str] | None) -> str:
    """The groups or domains of a scope."""
    return "all" if names is None else ", ".join(one or "(none)" for one in names) or "none"


def _count(one: ReachCount) -> Item:
    def draw(width: int) -> list[list[Part]]:
        sees, uses = f"{one.reads:>9,}", f"{one.uses:>9,}"
        words = clipped(f"  {_USE[one.kind]}", max(8, width - 33))
        style = "" if one.reads else "dim"
        return [[(f"{_SEVERAL[one.kind]:<13}", "dim"), (sees, style), (" seen", "dim"), (uses, style), (words, "dim")]]

    copies = f"{_SEVERAL[one.kind]}: {one.reads} seen, {one.uses} {_USE[one.kind]}"
    return Item(one.kind, copies=copies, draw=draw)
