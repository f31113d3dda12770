"""The pane beside the containers: the one under the cursor, at a glance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.model.consumer import consumer_words
from certtui.screens.container_words import STATUS_LOOK, has, reference, why
from certtui.text import cells, clipped
from certtui.widgets.line import Lines, Part
from certtui.widgets.wrapping import wrapped
from certtui.work import run

if TYPE_CHECKING:
    from certtui.backend.base import Backend
    from certtui.model.container import Container, ContainerRow

LABEL = 11
MOST = 6


class ContainersPane(Lines):
    """Follows the cursor: one read at a time, the newest row wins."""

    DEFAULT_CSS = "ContainersPane { height: 1fr; padding: 0 1; border-left: solid $border-blurred; }"

    def __init__(self) -> None:
        super().__init__(classes="pane")
        self._row: ContainerRow | None = None
        self._shown: ContainerRow | None = None
        self._reading = False
        self._container: Container | None = None
        self._reference = ""

    def on_resize(self) -> None:
        if self._container is not None:
            self._show(self._container)

    def follow(self, backend: Backend, row: ContainerRow | None) -> None:
        """Show this row; called on every move of the cursor."""
        self._row = row
        if row is None:
            self._shown = self._container = None
            self.show([])
        elif not self._reading and row != self._shown:
            self._read(backend, row)

    def _read(self, backend: Backend, row: ContainerRow) -> None:
        self._reading = True

        def done(container: Container) -> None:
            self._reading = False
            if self._row is not None and self._row.id == container.id:
                self._shown = self._row
                self._container = container
                self._reference = reference(backend.info, container.row.ref)
                self._show(container)
            else:
                self.follow(backend, self._row)

        def failed(error: object) -> None:
            self._reading = False
            self._shown = self._container = None
            self.show([[(str(error), "dim")]])

        run(self, lambda: backend.containers.get(row.id), done=done, failed=failed)

    def _show(self, container: Container) -> None:
        self.show(pane_lines(container, self._reference, self.content_size.width))


def pane_lines(container: Container, where: str, width: int) -> list[list[Part]]:
    """The pane's lines for one container; raw text."""
    row = container.row
    word, style = STATUS_LOOK[row.status]
    word = word.strip()
    name = clipped(row.name, max(4, width - cells(word) - 2))
    gap = " " * max(1, width - cells(name) - cells(word))
    lines: list[list[Part]] = [[(name, "accent"), (gap, ""), (word, style)], []]
    lines += _wrapped(container.status_reason, width, style)
    lines.append([])
    lines += _wrapped(where, width, "")
    lines.append([])
    current = container.versions[0] if container.versions else None
    about = f"{row.number}, {why(current.reason)}" if current is not None else f"{row.number}"
    lines += _field("Version", about, width)
    lines += _field("Type", row.type.value, width)
    if row.certificate:
        lines += _field("Certificate", row.certificate, width)
    for index, part in enumerate(container.parts):
        lines += _field("Parts" if index == 0 else "", f"{part.name}: {part.about}", width)
    if row.business_group:
        lines += _field("Group", row.business_group, width)
    lines += _field("Made by", f"{row.created_by}, {row.created_at:%Y-%m-%d}", width)
    lines.append([])
    if not container.consumers:
        lines += _wrapped("No consumer is registered.", width, "dim")
    for index, each in enumerate(container.consumers[:MOST]):
        said = f"{consumer_words(each)}, {has(each, row.number)}"
        lines += _field("Used by" if index == 0 else "", said, width, "warn" if each.behind else "")
    if len(container.consumers) > MOST:
        lines += _field("", f"and {len(container.consumers) - MOST:,} more", width, "dim")
    return lines


def _field(label: str, value: str, width: int, style: str = "") -> list[list[Part]]:
    return [
        [(f"{label if index == 0 else '':<{LABEL}} ", "dim"), (text, style)]
        for index, text in enumerate(wrapped(value, max(8, width - LABEL - 1)))
    ]


def _wrapped(text: str, width: int, style: str) -> list[list[Part]]:
    return [[(line, style)] for line in wrapped(text, max(8, width))] if text else []
