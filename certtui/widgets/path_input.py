"""One line for the path of a file: tab completes as a shell does, and matches stand below to choose from.

A folder is read in a thread; after tab the keys that follow wait for it, for they may be a password and the next field's.
`PathInput` is the line, `Matches` the list under it; a `PathField`
puts the two together. `MaterialInput` also takes a pasted PEM text, which it holds without showing it.
"""

from __future__ import annotations

import asyncio
import urllib.parse
from pathlib import Path
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Input

from certtui import files, work
from certtui.model.secret import Secret
from certtui.widgets.glyphs import CURSOR
from certtui.widgets.line import Lines, Part

SEEN = 6
"""Matches that stand below the line at once."""

PATIENCE = 1.0
"""Seconds that tab waits for a folder; then there is nothing to complete."""


class Matches(Lines):
    """What the typed path can become, a window of a few around the chosen one."""

    DEFAULT_CSS = "Matches { display: none; height: auto; } Matches.-shown { display: block; }"

    def offer(self, paths: list[str], current: int) -> None:
        """Show these; `current` -1 when none is chosen yet."""
        self.set_class(bool(paths), "-shown")
        first = max(0, min(current - SEEN // 2, len(paths) - SEEN))
        lines: list[list[Part]] = []
        for index, path in enumerate(paths[first : first + SEEN], first):
            name = path.rstrip("/").rpartition("/")[2] + ("/" if path.endswith("/") else "")
            here = index == current
            lines.append([(f"{CURSOR if here else ' '} {name}", "cursor" if here else "dim")])
        if len(paths) > SEEN:
            lines.append([(f"  {len(paths)} matches", "dim")])
        self.show(lines)


class PathInput(Input):
    """The line. `down` and `up` choose among matches, `enter` takes one, any other key goes on typing."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "complete", show=False),
        Binding("down", "choose(1)", show=False),
        Binding("up", "choose(-1)", show=False),
    ]

    class Offered(Message):
        """Matches changed."""

        def __init__(self, paths: list[str], current: int) -> None:
            super().__init__()
            self.paths = paths
            self.current = current

    def __init__(
        self, value: str = "", *, placeholder: str = "", folders_only: bool = False, id: str | None = None
    ) -> None:
        super().__init__(value, placeholder=placeholder, id=id, select_on_focus=False, compact=True)
        self.cursor_blink = False
        self.folders_only = folders_only
        self._matches: list[str] = []
        self._current = -1

    def take(self, path: str) -> None:
        """Put a path there, as if typed."""
        self.value = path
        self.cursor_position = len(path)
        self._offer([], -1)

    async def action_complete(self) -> None:
        """Awaited by the app before it looks at the next key, which therefore can't end in this line by being early."""
        if self._current >= 0:
            self.take(self._matches[self._current])
            self._leave_to_text()
            return
        typed = self.value
        if not typed or self.cursor_position < len(typed):
            self.app.action_focus_next()
            return
        answer: asyncio.Future[list[str]] = asyncio.get_running_loop().create_future()
        job = work.run(
            self,
            lambda: files.complete(typed, folders_only=self.folders_only),
            done=lambda paths: None if answer.done() else answer.set_result(paths),
            key="tab",
        )
        try:
            paths = await asyncio.wait_for(answer, PATIENCE)
        except TimeoutError:
            job.cancel()
            paths = []
        if self.has_focus:
            self._complete(typed, paths)

    def action_choose(self, by: int) -> None:
        if self._matches:
            self._offer(self._matches, (max(self._current, -1 if by > 0 else 0) + by) % len(self._matches))
        elif by > 0:
            self.app.action_focus_next()
        else:
            self.app.action_focus_previous()

    async def action_submit(self) -> None:
        if self._current >= 0:
            self.take(self._matches[self._current])
            return
        self._offer([], -1)
        await super().action_submit()

    def on_input_changed(self) -> None:
        if not self._matches:
            return
        typed = self.value
        if not typed:
            self._offer([], -1)
            return
        work.run(
            self,
            lambda: files.complete(typed, folders_only=self.folders_only),
            done=lambda paths: self._refine(typed, paths),
            key="complete",
        )

    def on_blur(self) -> None:
        self._offer([], -1)

    def _refine(self, typed: str, paths: list[str]) -> None:
        if typed == self.value and self.has_focus:
            fitting = [path for path in paths if path != typed]
            # What was chosen while the folder was read stays chosen.
            self._offer(fitting, self._current if fitting == self._matches else -1)

    def _complete(self, typed: str, paths: list[str]) -> None:
        if not paths or typed in paths:
            # It names a file, or nothing can be added: the key does what it does in every form.
            self._offer([], -1)
            self.app.action_focus_next()
            return
        start = files.common_start(paths)
        if len(paths) == 1 or len(start) > len(typed):
            self.value = start
            self.cursor_position = len(start)
        self._offer(paths if len(paths) > 1 else [], -1)
        self._leave_to_text()

    def _leave_to_text(self) -> None:
        """Who typed on without looking meant the next field; a second tab, or an arrow, still means this one."""
        if self.app.text_waits():  # type: ignore[attr-defined]  # CerttuiApp: importing it here would be a circle
            self._offer([], -1)
            self.app.action_focus_next()

    def _offer(self, paths: list[str], current: int) -> None:
        if paths or self._matches:
            self._matches, self._current = paths, current
            self.post_message(self.Offered(paths, current))

    def _on_paste(self, event: events.Paste) -> None:
        event.stop()
        event.prevent_default()
        if path := plain_path(event.text):
            self.insert_text_at_cursor(path)


class MaterialInput(PathInput):
    """A path typed or chosen, or a pasted text, which is held and not shown: it may be a private key."""

    class Held(Message):
        """A text was pasted or cleared."""

        def __init__(self, line: MaterialInput) -> None:
            super().__init__()
            self.line = line

    def __init__(self, *, placeholder: str = "a path, or paste PEM here", id: str | None = None) -> None:
        super().__init__(placeholder=placeholder, id=id)
        self._hint = placeholder
        self._lines: list[str] = []
        """A paste that comes as key presses, line by line, since the terminal does not bracket it."""
        self.held: Secret | None = None

    def hold(self, text: bytes | str | None) -> None:
        """Hold this as if it were pasted, or nothing."""
        self.held = Secret(text) if text else None
        self._lines = []
        self.password = False
        self.value = ""
        self.placeholder = _described(self.held) if self.held else self._hint
        self.set_class(self.held is not None, "-held")
        self.post_message(self.Held(self))

    async def _on_key(self, event: events.Key) -> None:
        if self.held is not None and not self.value and event.is_printable and event.character != "-":
            # A stray key must not cost what was pasted; backspace clears it.
            event.stop()
            event.prevent_default()
            return
        if event.key in ("enter", "ctrl+j") and (self._lines or self.value.startswith("-----BEGIN ")):
            # Here and not in a binding: bindings are looked up after the keys that follow have been typed already.
            event.stop()
            event.prevent_default()
            self._collect()
            return
        await super()._on_key(event)
        if self.value.startswith("-----") or self._lines:
            self.password = True

    def action_delete_left(self) -> None:
        if self.held is not None and not self.value:
            self.hold(None)
        else:
            super().action_delete_left()
            self._uncover()

    def action_delete_left_all(self) -> None:
        if self.held is not None and not self.value:
            self.hold(None)
        else:
            super().action_delete_left_all()
            self._uncover()

    def action_delete_right(self) -> None:
        if self.held is not None and not self.value:
            self.hold(None)
        else:
            super().action_delete_right()
            self._uncover()

    def _collect(self) -> None:
        """A line of a paste that comes as key presses is whole."""
        line = self.value
        self._lines.append(line)
        self.value = ""
        if line.startswith("-----END "):
            before = self.held.reveal().decode("utf-8", "surrogateescape") if self.held else ""
            self.hold(before + "\n".join(self._lines) + "\n")

    def action_paste(self) -> None:
        self._take_paste(self.app.clipboard)

    def _on_paste(self, event: events.Paste) -> None:
        event.stop()
        event.prevent_default()
        self._take_paste(event.text)

    def _take_paste(self, text: str) -> None:
        if is_material(text):
            self.hold(text)
        elif self.held is None and (path := plain_path(text)):
            self.insert_text_at_cursor(path)

    def _uncover(self) -> None:
        if not self._lines and not self.value.startswith("-----"):
            self.password = False


class PathField(Vertical):
    """A path line with its matches below."""

    DEFAULT_CSS = "PathField { height: auto; }"

    def __init__(self, line: PathInput) -> None:
        super().__init__()
        self.line = line

    def compose(self) -> ComposeResult:
        yield self.line
        yield Matches()

    def on_path_input_offered(self, event: PathInput.Offered) -> None:
        event.stop()
        self.query_one(Matches).offer(event.paths, event.current)


def plain_path(text: str) -> str:
    """A path as it was pasted or dropped on the terminal: one line, without quotes, `file://` or escaped spaces."""
    line = text.strip("\r\n").strip()
    if not line or "\n" in line or "\r" in line:
        return ""
    if len(line) > 1 and line[0] == line[-1] and line[0] in "'\"":
        return line[1:-1]
    if line.startswith("file://"):
        return urllib.parse.unquote(urllib.parse.urlsplit(line).path)
    if "\\ " in line and not Path(line).exists():
        return line.replace("\\ ", " ")
    return line


def is_material(text: str) -> bool:
    """Whether a pasted text is a content and not a path: several lines, PEM, or bare base64 of DER."""
    stripped = text.strip()
    return (
        "\n" in stripped
        or "\r" in stripped
        or "-----BEGIN" in stripped
        or (stripped.startswith("MII") and len(stripped) > 200)
    )


def _described(held: Secret) -> str:
    content = held.reveal()
    lines = len(content.strip().splitlines())
    return f"pasted: {lines:,} line{'s' if lines != 1 else ''}, {len(content):,} bytes (backspace clears it)"
