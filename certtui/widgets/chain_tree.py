"""The chain as a tree of text: root on top, leaf at the bottom, the broken link where it breaks."""

from __future__ import annotations

from collections.abc import Sequence

from certtui.model.chain import ChainLink, ChainPath, ChainReport
from certtui.text import cells, clipped
from certtui.widgets.fields import Item, blank, heading, sentence
from certtui.widgets.line import Part
from certtui.widgets.wrapping import wrapped

MOST = 20
"""Links and paths that are drawn; a longer chain is one that somebody made to be looked at."""


def chain_items(report: ChainReport) -> list[Item]:
    """The report as fields: its sentence, every path as a tree, the roots it was judged against."""
    items = [sentence(report.summary), blank()]
    for number, path in enumerate(report.paths[:MOST], 1):
        if len(report.paths) > 1:
            verdict = "trusted" if path.trusted else "not trusted"
            items.append(heading(f"Path {number} of {len(report.paths)}, {verdict}"))
        items += _path_items(path)
        # The report's own sentence is about the first path: it is said once.
        if number > 1 and path.problem and not any(link.problem for link in path.links):
            items.append(sentence(path.problem, "bad"))
        items.append(blank())
    if len(report.paths) > MOST:
        items += [sentence(f"{len(report.paths) - MOST} further paths are not drawn."), blank()]
    items.append(Item("Judged by", report.trust_store))
    return items


def _path_items(path: ChainPath) -> list[Item]:
    links: Sequence[ChainLink] = path.links
    items: list[Item] = []
    cut = len(links) - MOST
    for depth, link in enumerate(links):
        if cut > 0 and MOST - 2 <= depth < len(links) - 2:
            if depth == MOST - 2:
                items.append(sentence(f"… {cut} links are not drawn …", "dim"))
            continue
        items.append(_link_item(link, min(depth, MOST)))
    return items


def _link_item(link: ChainLink, depth: int) -> Item:
    def draw(width: int) -> list[list[Part]]:
        stem = "" if depth == 0 else "   " * (depth - 1) + "└─ "
        stem = stem[-(width // 3) :]
        missing = link.found_in == "missing"
        column = max(28, min(width // 2, 48))
        name = clipped(link.name or link.subject, max(8, column - cells(stem) - 1))
        words = ", ".join(part for part in (_until(link), _where(link), link.note) if part)
        style = "bad" if link.problem or missing else ""
        used = cells(stem) + cells(name)
        indent = " " * max(column, used + 2)
        room = max(12, width - len(indent))
        lines: list[list[Part]] = []
        for number, text in enumerate(wrapped(words, room)):
            if number == 0:
                head: list[Part] = [(stem, "dim"), (name, style), (" " * (len(indent) - used), "")]
                lines.append([*head, (text, "dim")])
            else:
                lines.append([(indent, ""), (text, "dim")])
        if link.problem:
            under = "   " * depth
            first, *rest = wrapped(link.problem, max(12, width - len(under) - 2))
            lines.append([(under + "✗ ", "bad"), (first, "bad")])
            lines += [[(under + "  ", ""), (text, "bad")] for text in rest]
        return lines

    target = ("certificate", link.certificate_id) if link.certificate_id is not None else None
    return Item(label="Chain", value=link.subject, draw=draw, copies=link.subject, target=target)


def _until(link: ChainLink) -> str:
    return f"until {link.not_after:%Y-%m-%d}" if link.not_after is not None else ""


def _where(link: ChainLink) -> str:
    if link.note:
        return ""
    match link.found_in:
        case "system":
            return "in this system's trust store"
        case "inventory":
            return "from the inventory"
        case "missing":
            return "missing"
        case _:
            return ""
