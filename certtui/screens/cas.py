"""The built-in PKI: its CAs as a tree, each with what it issued and how fresh its CRL is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from certtui.model.local_ca import CaRow, CaState
from certtui.model.query import Gone, Query, Sort
from certtui.model.status import DAY
from certtui.screens.page import LinesPage
from certtui.text import cells, shown
from certtui.widgets.fields import FieldView, Item, blank, sentence

if TYPE_CHECKING:
    from datetime import datetime

    from certtui.backend.base import Backend
    from certtui.model.local_ca import Ca, CrlInfo

MOST = 1_000
"""CAs that are shown; nobody has as many."""

FACTS = 55
"""Cells that the facts of a line take; tree and name have the rest, and lose their middle where that is too little."""

NARROWEST = 20

STYLES = {CaState.ACTIVE: "ok", CaState.WAITING: "note", CaState.OFFLINE: "dim", CaState.RETIRED: "dim"}


class CasScreen(LinesPage):
    """Opened from Authorities."""

    TITLE = "Built-in PKI"
    CONTEXTS: ClassVar[tuple[str, ...]] = ("global", "place", "lines", "page", "cas")

    def load(self) -> None:
        backend = self.backend
        self.work(lambda: read_cas(backend), done=self._loaded, failed=self.cannot, key="get")

    def _loaded(self, rows: Sequence[CaRow]) -> None:
        keys = self.console_app.keys
        if not rows:
            self.show(
                [
                    sentence("No CA yet."),
                    blank(),
                    sentence(
                        "A root signs itself and a CA under it; that one issues. Both keys are sealed in the store."
                    ),
                    sentence("Or have a CA signed by a root that stays offline, or import one that exists."),
                    blank(),
                    sentence(f"{keys.label('ca.add')}  makes a root to begin with"),
                ]
            )
            return
        tree = ca_tree(rows, self.console_app.clock.now(), self.size.width - FACTS)
        self.show(tree, keep=bool(self.view.items))

    def changed(self) -> None:
        self.load()

    def do_ca_add(self) -> None:
        """Which kind; then its form."""
        backend = self.backend
        self.work(lambda: read_cas(backend), done=self._choose, key="cas")

    def _choose(self, rows: Sequence[CaRow]) -> None:
        from certtui.widgets.dialogs import Choose

        parents = [row for row in rows if row.state is CaState.ACTIVE]
        options: list[tuple[tuple[str, CaRow | None], str]] = [(("root", None), "A root, which signs itself")]
        options += [(("intermediate", row), f"A CA under {row.name}") for row in parents]
        options += [
            (("request", None), "A CA whose CSR an offline root signs"),
            (("import", None), "A CA that exists: its certificate, and its key if it may issue here"),
        ]
        current = 1 if parents else 0
        self.app.push_screen(Choose("Which CA", options, current=current), self._chosen)

    def _chosen(self, answer: tuple[str, CaRow | None] | None) -> None:
        if answer is None:
            return
        kind, parent = answer
        if kind == "import":
            from certtui.screens.ca_import import CaImportScreen

            self.app.push_screen(CaImportScreen())
        else:
            from certtui.screens.ca_form import CaFormScreen

            self.app.push_screen(CaFormScreen(kind, parent))

    def made_ca(self, ca: Ca) -> None:
        """A form that lay over this screen made this CA."""
        self.load()

    def on_field_view_opened(self, event: FieldView.Opened) -> None:
        kind, target = event.target
        if kind == "ca":
            self.open_screen("certtui.screens.ca_page:CaScreen", target)


def read_cas(backend: Backend) -> Sequence[CaRow]:
    """All CAs."""
    listing = backend.cas.search(Query("", Sort("name")))
    try:
        return [row for row in listing.rows(0, MOST) if not isinstance(row, Gone)]
    finally:
        listing.close()


def ca_tree(rows: Sequence[CaRow], now: datetime, most: int = 40) -> list[Item]:
    """A line for each CA, children under their parent; one whose parent is not here stands at the top.

    `most` are the cells that tree and name may take.
    """
    laid: list[tuple[CaRow, str, bool]] = []
    children = _children(rows)
    seen: set[int] = set()

    def lay(row: CaRow, before: str, branch: str, below: str, *, top: bool = False) -> None:
        if row.id in seen:
            return
        seen.add(row.id)
        laid.append((row, before + branch, top))
        under = children.get(row.id, [])
        for index, child in enumerate(under):
            last = index == len(under) - 1
            lay(child, before + below, "└─ " if last else "├─ ", "   " if last else "│  ")

    for row in children.get(None, []):
        lay(row, "", "", "", top=True)
    most = max(most, NARROWEST)
    width = min(most, max((cells(branch + shown(row.name)) for row, branch, _ in laid), default=0))
    living = max((cells(_living(row)) for row, _, _ in laid), default=0)
    items: list[Item] = []
    for row, branch, top in laid:
        if top and items:
            items.append(blank())
        items.append(_line(row, branch, width, living, now))
    return items


def _children(rows: Sequence[CaRow]) -> dict[int | None, list[CaRow]]:
    known = {row.id for row in rows}
    found: dict[int | None, list[CaRow]] = {}
    for row in rows:
        here = row.parent_id in known and row.parent_id != row.id
        found.setdefault(row.parent_id if here else None, []).append(row)
    return found


def _line(row: CaRow, branch: str, width: int, living: int, now: datetime) -> Item:
    crl = crl_words(row.crl, row.state, now)
    expired = has_expired(row, now)
    state = "! expired" if expired else "" if row.state is CaState.ACTIVE else str(row.state)
    left = "" if row.not_after is None else f"{row.not_after:%Y-%m-%d}"
    if row.not_after is not None and not state:
        left += f" {(row.not_after - now) // DAY}d"
    name = without_middle(shown(row.name), max(width - cells(branch), NARROWEST // 2))
    gap = " " * max(0, width - cells(branch + name))
    facts = "  ".join(
        part
        for part in (f"{row.key_algorithm:<9}", left, state, _living(row).ljust(0 if state else living), crl)
        if part
    )
    style = "bad" if crl.startswith("!") or expired else ("" if row.state is CaState.ACTIVE else STYLES[row.state])
    return Item(
        value=f"{branch}{name}{gap}  {facts}".rstrip(),
        style=style,
        copies=row.name,
        target=("ca", row.id),
        whole=True,
    )


def _living(row: CaRow) -> str:
    return f"{row.living:,} living" if row.issued else ""


def without_middle(text: str, most: int) -> str:
    """The text in so many cells: names of CAs differ at their end as often as at their start."""
    if cells(text) <= most:
        return text
    start, end = text, text
    while cells(start) > (most - 1) // 2:
        start = start[:-1]
    while cells(end) > most - 1 - cells(start):
        end = end[1:]
    return f"{start}…{end}"


def has_expired(row: CaRow, now: datetime) -> bool:
    """Whether its own certificate has ended."""
    return row.not_after is not None and row.not_after < now


def crl_words(crl: CrlInfo | None, state: CaState, now: datetime) -> str:
    """How fresh a CRL is, in a few words."""
    if crl is None:
        return "" if state is CaState.WAITING else "no CRL"
    if crl.overdue or crl.next_update <= now:
        return f"! CRL overdue since {crl.next_update:%m-%d}"
    return f"CRL to {crl.next_update:%m-%d}"
