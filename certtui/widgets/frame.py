"""The lines around a place: on top where one is, below what can be said and which keys work here."""

from __future__ import annotations

from textual.content import Content
from textual.widget import Widget

from certtui.text import cells, shown
from certtui.widgets.line import Lines, Part, spread


class TopLine(Lines):
    """certtui, the place, and on the right the context with its badges."""

    DEFAULT_CSS = "TopLine { height: 1; background: $panel; padding: 0 1; }"

    def show_frame(
        self,
        *,
        title: str,
        about: str,
        context: str,
        demo: bool,
        read_only: bool,
        locked: bool,
        news: str = "",
        alerts: tuple[str, str] = ("", ""),
    ) -> None:
        """Say where one is, `news` that wait to be looked at, and how many `alerts` are open (with its style). Raw text."""
        left: list[Part] = [("certtui", "key"), ("  ", ""), (title, "accent")]
        if about:
            left.append((f"  {about}", ""))
        right: list[Part] = [(news, "note"), (" · ", "dim")] if news else []
        right.append((context, "dim"))
        if demo:
            right += [(" · ", "dim"), ("demo", "note")]
        if read_only:
            right += [(" · ", "dim"), ("read-only", "warn")]
        if locked:
            right += [(" · ", "dim"), ("locked", "warn")]
        if alerts[0]:
            right += [("    ", ""), alerts]
        if (left, right) != self._frame:
            self._frame = (left, right)
            self.refresh()

    _frame: tuple[list[Part], list[Part]] = ([], [])

    def line(self, y: int, width: int) -> list[Part]:
        return spread(*self._frame, width)


class NoticeLine(Lines):
    """One sentence that stays until the next key; takes no room while there is nothing to say."""

    DEFAULT_CSS = "NoticeLine { height: auto; max-height: 3; padding: 0 1; display: none; }"

    sentence = ""

    def say(self, sentence: str, style: str = "note") -> None:
        """Show a sentence, wrapped to at most three lines."""
        self.sentence = sentence
        self.display = bool(sentence)
        width = max(20, self.app.size.width - 2)
        self.show([[(line, style)] for line in _wrapped(sentence, width)[:3]])

    def clear(self) -> None:
        """Take the sentence away."""
        if self.sentence:
            self.sentence = ""
            self.display = False


class KeyLine(Lines):
    """The keys that work here, as many as fit, by rank; those that cannot be done here are dim."""

    DEFAULT_CSS = "KeyLine { height: 1; background: $panel; padding: 0 1; }"

    _keys: tuple[tuple[str, str, bool], ...] = ()

    def show_keys(self, keys: list[tuple[str, str, bool]]) -> None:
        """(key, word, possible) by rank, first ones first to stay."""
        if tuple(keys) != self._keys:
            self._keys = tuple(keys)
            self.refresh()

    def line(self, y: int, width: int) -> list[Part]:
        return key_parts(self._keys, width)


def key_parts(keys: tuple[tuple[str, str, bool], ...], width: int) -> list[Part]:
    """As many whole keys as fit; the last two (help, leave) keep their room."""
    must = keys[-2:]
    room = width - sum(_room(key, word) for key, word, _ in must)
    kept = []
    for key, word, possible in keys[:-2]:
        room -= _room(key, word)
        if room < 0:
            break
        kept.append((key, word, possible))
    parts: list[Part] = []
    for key, word, possible in (*kept, *must):
        parts += [(key, "key" if possible else "dim"), (f" {word}  ", "" if possible else "dim")]
    return parts


def _room(key: str, word: str) -> int:
    return cells(shown(key)) + cells(shown(word)) + 3


def _wrapped(sentence: str, width: int) -> list[str]:
    lines = [""]
    for word in sentence.split():
        if lines[-1] and cells(shown(f"{lines[-1]} {word}")) > width:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


class TooSmall(Widget):
    """The sentence shown instead of everything below 60 columns or 15 lines."""

    DEFAULT_CSS = """
    TooSmall { display: none; height: 1fr; padding: 0 1; }
    """

    def render(self) -> Content:
        return Content("This terminal is smaller than 60 columns and 15 lines. certtui waits until it has them.")
