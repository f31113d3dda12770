"""The page *Access of tokens*: every way in over a server, and by enter what it reaches."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from certtui.screens.access_reach import limits, open_reach
from certtui.screens.page import LinesPage
from certtui.text import clipped, padded
from certtui.widgets.fields import FieldView, Item, blank, heading, sentence
from certtui.widgets.line import Part

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from certtui.model.access import Access, CertificateMapping, TokenInfo

STATE_STYLE = {"good": "ok", "expired": "dim", "revoked": "dim"}


class TokensScreen(LinesPage):
    """Tokens, those that are good first, then client certificates."""

    TITLE = "Access of tokens"
    CONTEXTS: ClassVar[tuple[str, ...]] = ("global", "place", "lines", "page")

    def __init__(self) -> None:
        super().__init__()
        self._count: int | None = None

    def about(self) -> str:
        return "" if self._count is None else str(self._count)

    def load(self) -> None:
        people = self.backend.people

        def read() -> tuple[Sequence[TokenInfo], Sequence[CertificateMapping]]:
            return people.list_tokens(), people.list_mappings()

        self.work(read, done=self._loaded, failed=self.cannot, key="get")

    def _loaded(self, found: tuple[Sequence[TokenInfo], Sequence[CertificateMapping]]) -> None:
        again, now = self._count is not None, self.console_app.clock.now()
        tokens = sorted(found[0], key=lambda one: (state_of(one, now) != "good", one.id))
        mappings = found[1]
        self._count = len(tokens) + len(mappings)
        items = [sentence("Who comes in over a server, and with what rights; enter tells what it reaches."), blank()]
        items.append(heading("Tokens"))
        if not tokens:
            items.append(sentence("None is given out; `certtui token create` makes one.", "dim"))
        items += [_line("token", one.id, one.actor, one.access, *_life(one, now)) for one in tokens]
        items += [blank(), heading("Client certificates")]
        if not mappings:
            items.append(sentence("None is mapped; `certtui token map` does it.", "dim"))
        items += [_line("mapping", one.id, one.actor, one.access, one.match, "") for one in mappings]
        self.show(items, keep=again)

    def on_field_view_opened(self, event: FieldView.Opened) -> None:
        event.prevent_default()
        kind, number = event.target
        open_reach(self, f"{kind} {number}")


def state_of(token: TokenInfo, now: datetime) -> str:
    """`good`, `expired` or `revoked`."""
    if token.revoked_at is not None:
        return "revoked"
    return "expired" if token.expires_at is not None and token.expires_at <= now else "good"


def _life(token: TokenInfo, now: datetime) -> tuple[str, str]:
    """How it stands, and the style of that."""
    state = state_of(token, now)
    if state == "revoked" and token.revoked_at is not None:
        return f"revoked {token.revoked_at:%Y-%m-%d}", STATE_STYLE[state]
    if token.expires_at is None:
        return "good, without end", STATE_STYLE[state]
    return f"{'good until' if state == 'good' else 'expired'} {token.expires_at:%Y-%m-%d}", STATE_STYLE[state]


def _line(kind: str, number: int, actor: str, access: Access, state: str, style: str) -> Item:
    rights = f"{access.role}{', export-keys' if access.export_keys else ''}"
    bounds = ", ".join(
        f"{what}: {limits(names)}"
        for what, names in (("groups", access.groups), ("domains", access.domains))
        if names is not None
    )

    def draw(width: int) -> list[list[Part]]:
        parts: list[Part] = [
            (f"{number:>4}  ", "dim"),
            (padded(clipped(actor, 16), 17), "accent" if style != "dim" else "dim"),
        ]
        parts += [(f"{rights:<22}", ""), (padded(clipped(state, 22), 23), style)]
        room = width - 72
        if room >= 20:
            return [[*parts, (clipped(bounds or "no limits", room), "dim")]]
        if not bounds:
            return [parts]
        return [parts, [(" " * 6, ""), (clipped(bounds, max(8, width - 6)), "dim")]]

    return Item(
        actor,
        copies=f"{kind} {number}, {actor}, {rights}, {bounds or 'no limits'}, {state}",
        target=(kind, number),
        draw=draw,
    )
