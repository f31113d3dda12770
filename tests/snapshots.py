"""Snapshots of screens: SVG files in the top-level `snapshots/`, one folder per test module.

    async def test_the_palette_lists_what_can_be_done(picture: SnapshotAssertion) -> None:
        async with console(backend, size=(80, 24)) as (app, pilot):
            await press(pilot, "ctrl+p")
            assert shot(app) == picture

The fixture `picture` is in `tests.screens.conftest`.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

if TYPE_CHECKING:
    from syrupy.location import PyTestLocation
    from syrupy.types import SerializableData, SerializedData

ROOT = Path(__file__).parent.parent


class ScreenSnapshot(SingleFileSnapshotExtension):
    """An SVG in text mode under snapshots/<test module>/<test name>.svg; on a difference the actual one goes to `snapshots-actual/`."""

    _write_mode: ClassVar[WriteMode] = WriteMode.TEXT
    file_extension = "svg"

    @classmethod
    def dirname(cls, *, test_location: PyTestLocation) -> str:
        return str(ROOT / "snapshots" / Path(test_location.filepath).stem)

    def serialize(self, data: SerializableData, **kwargs: object) -> SerializedData:
        return normalised(str(data))

    def read_snapshot_data_from_location(
        self, *, snapshot_location: str, snapshot_name: str, session_id: str
    ) -> SerializedData | None:
        self._expected = Path(snapshot_location)
        return super().read_snapshot_data_from_location(
            snapshot_location=snapshot_location, snapshot_name=snapshot_name, session_id=session_id
        )

    def matches(self, *, serialized_data: SerializedData, snapshot_data: SerializedData) -> bool:
        same = bool(serialized_data == normalised(str(snapshot_data)))
        actual = ROOT / "snapshots-actual" / self._expected.parent.name / self._expected.name
        if same:
            actual.unlink(missing_ok=True)
        else:
            actual.parent.mkdir(parents=True, exist_ok=True)
            actual.write_text(str(serialized_data), encoding="utf-8")
        return same


def normalised(svg: str) -> str:
    """The same picture gives the same text, and every viewer draws it alike.

    The random class prefix of Rich's SVG export is taken out, and the fonts it would fetch from the network. Blanks at
    either end of a run go as well, its place and length kept true: some renderers (librsvg) swallow them and then draw
    the columns out of line.
    """
    own = re.sub(r"terminal-\d+-", "terminal-", svg)
    return _RUN.sub(_trimmed, re.sub(r',\s*url\("https:[^)]*\) format\("\w+"\)', "", own))


_BLANK = "&#160;"
_RUN = re.compile(
    r'(<text class="[^"]*") x="([\d.]+)" y="([\d.]+)" textLength="([\d.]+)"([^>]*)>((?:&#160;)*)(.*?)((?:&#160;)*)</text>'
)
_CELL = 12.2
"""Width of a character cell in the units of Rich's SVG export."""


def _trimmed(run: re.Match[str]) -> str:
    head, x, y, length, rest, before, text, after = run.groups()
    if not text:
        return ""
    if not before and not after:
        return run[0]
    blank_before, blank_after = len(before) // len(_BLANK), len(after) // len(_BLANK)
    at = round(float(x) + blank_before * _CELL, 1)
    wide = round(float(length) - (blank_before + blank_after) * _CELL, 1)
    return f'{head} x="{at:g}" y="{y}" textLength="{wide:g}"{rest}>{text}</text>'
