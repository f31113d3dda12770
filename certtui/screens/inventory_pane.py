"""The pane beside the inventory: the row under the cursor, at a glance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.model.acl_words import restriction_words
from certtui.model.consumer import consumer_words
from certtui.screens.inventory_columns import STATUS_LOOK
from certtui.text import cells, clipped, shown
from certtui.widgets.line import Lines, Part
from certtui.work import run

if TYPE_CHECKING:
    from certtui.backend.base import Backend
    from certtui.model.certificate import Certificate, CertificateRow

LABEL = 10


class InventoryPane(Lines):
    """Follows the cursor: one read at a time, the newest row wins."""

    DEFAULT_CSS = "InventoryPane { height: 1fr; padding: 0 1; border-left: solid $border-blurred; }"

    def __init__(self) -> None:
        super().__init__(classes="pane")
        self._row: CertificateRow | None = None
        self._shown: tuple[int, int] | None = None
        self._reading = False
        self._certificate: Certificate | None = None

    def on_resize(self) -> None:
        if self._certificate is not None:
            self.show(pane_lines(self._certificate, self.content_size.width))

    def follow(self, backend: Backend, row: CertificateRow | None) -> None:
        """Show this row; called on every move of the cursor."""
        self._row = row
        if row is None:
            self._shown = self._certificate = None
            self.show([])
        elif not self._reading and (row.id, row.version) != self._shown:
            self._read(backend, row)

    def _read(self, backend: Backend, row: CertificateRow) -> None:
        self._reading = True

        def done(certificate: Certificate) -> None:
            self._reading = False
            if self._row is not None and self._row.id == certificate.id:
                self._shown = (certificate.id, self._row.version)
                self._certificate = certificate
                self.show(pane_lines(certificate, self.content_size.width))
            else:
                self.follow(backend, self._row)

        def failed(error: object) -> None:
            self._reading = False
            self._shown = self._certificate = None
            self.show([[(str(error), "dim")]])

        run(self, lambda: backend.certificates.get(row.id), done=done, failed=failed)


def pane_lines(certificate: Certificate, width: int) -> list[list[Part]]:
    """The pane's lines for one certificate; raw text."""
    row = certificate.row
    word, style = STATUS_LOOK[row.status]
    lines: list[list[Part]] = [_ends(row.name, word.strip(), style, width)]
    lines += _wrapped(certificate.status_reason or _life(row), width, "")
    lines.append([])
    names = [san.partition(":")[2] or san for san in certificate.sans] or [row.common_name or "-"]
    lines += _field("Names", names[:8], width)
    if len(names) > 8:
        lines.append([(" " * LABEL, ""), (f"and {len(names) - 8:,} more", "dim")])
    lines += _field("Issuer", [row.issuer or "-"], width)
    key = f"{row.key_algorithm}, {'here' if row.has_private_key else 'not here'}" if row.key_algorithm else "-"
    lines += _field("Key", [key], width)
    lines.append([])
    users = [f"{ref.name} ({ref.type})" for ref in certificate.resources]
    users += [f"{consumer_words(each)} (fetches)" for each in certificate.consumers]
    users = users or ["nothing here"]
    lines += _field("Used by", users[:8], width)
    if len(users) > 8:
        lines.append([(" " * LABEL, ""), (f"and {len(users) - 8:,} more", "dim")])
    lines += _field("Group", [row.business_group or "-"], width)
    if row.repository:
        lines += _field("Filed in", [row.repository], width)
    if said := restriction_words(certificate.restrictions):
        lines.append([(f"{'Access':<{LABEL}}", "dim"), (clipped(said, max(8, width - LABEL)), "warn")])
    lines += _field("Source", [f"{row.source}, {row.provider}" if row.provider else row.source], width)
    if row.contact_email:
        lines += _field("Contact", [row.contact_email], width)
    if certificate.description:
        lines.append([])
        lines += _wrapped(certificate.description, width, "dim")[:6]
    return lines


def _life(row: CertificateRow) -> str:
    if row.not_after is None or row.days_remaining is None:
        return "No certificate yet."
    days = row.days_remaining
    until = f"{row.not_after:%Y-%m-%d %H:%M} UTC"
    if days < 0:
        return f"Ended {until}"
    return f"{days:,} {'day' if days == 1 else 'days'} left, until {until}"


def _ends(left: str, right: str, style: str, width: int) -> list[Part]:
    name = clipped(left, max(4, width - cells(right) - 2))
    return [(name, "accent"), (" " * max(1, width - cells(name) - cells(right)), ""), (right, style)]


def _field(label: str, values: list[str], width: int) -> list[list[Part]]:
    lines: list[list[Part]] = []
    for index, value in enumerate(values):
        lines.append([(f"{label if index == 0 else '':<{LABEL}}", "dim"), (value, "")])
    return lines


def _wrapped(text: str, width: int, style: str) -> list[list[Part]]:
    lines: list[str] = []
    for word in shown(text).split():
        if lines and cells(lines[-1]) + 1 + cells(word) <= width:
            lines[-1] += " " + word
        else:
            lines.append(word)
    return [[(line, style)] for line in lines]
