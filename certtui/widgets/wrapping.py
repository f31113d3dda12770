"""Breaking untrusted text into lines of the screen, a piece at a time."""

from __future__ import annotations

from collections.abc import Generator, Iterator

from certtui.text import Shown, cells, shown

PIECE = 4096
"""Characters of a long line that are looked at together."""


def wrapped(raw: str, width: int) -> list[Shown]:
    """Safe lines of at most `width` cells, broken at blanks where there are any; never empty."""
    return list(wrapping(raw, width))


def wrapping(raw: str, width: int) -> Iterator[Shown]:
    """The same lines one by one: nothing is done for those that nobody has asked for yet."""
    for line in raw.replace("\r\n", "\n").expandtabs(8).split("\n"):
        safe = shown(line[:PIECE])
        if len(line) <= PIECE and (len(safe) if safe.isascii() else cells(safe)) <= width:
            yield safe
            continue
        rest = ""
        for at in range(0, len(line), PIECE):
            rest = yield from _broken(rest + shown(line[at : at + PIECE]), width, last=at + PIECE >= len(line))


def _broken(text: str, width: int, *, last: bool) -> Generator[Shown, None, str]:
    """Whole lines of a text; what more of it may still be added to is returned, unless it is the last."""
    begin = 0
    while begin < len(text):
        if not last and len(text) - begin <= width:
            return text[begin:]
        end = _fitting(text, begin, width)
        if end < len(text):
            space = text.rfind(" ", begin + width // 2, end + 1)
            if space > begin:
                yield Shown(text[begin:space])
                begin = space + 1
                continue
        yield Shown(text[begin:end])
        begin = end
    return ""


def _fitting(text: str, begin: int, width: int) -> int:
    """The end of the longest piece from `begin` that is no wider than `width` cells; at least one character."""
    end = min(len(text), begin + width)
    piece = text[begin:end]
    while not piece.isascii() and len(piece) > 1 and cells(piece) > width:
        piece = piece[: -max(1, (cells(piece) - width) // 2)]
    return begin + len(piece)
