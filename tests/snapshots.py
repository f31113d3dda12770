"""Snapshots of screens: SVG files in the top-level `snapshots/`, one folder per test module.

    async def test_the_palette_lists_what_can_be_done(snapshot: SnapshotAssertion) -> None:
        async with console(backend, size=(80, 24)) as (app, pilot):
            await settle(pilot)
            assert shot(app) == snapshot(extension_class=ScreenSnapshot)

`shot_matches` of `tests.screens.harness` does that in one call.
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
    """An SVG in text mode under snapshots/<test module>/<test name>.svg; on a difference the actual one is written beside."""

    _write_mode: ClassVar[WriteMode] = WriteMode.TEXT
    file_extension = "svg"

    @classmethod
    def dirname(cls, *, test_location: PyTestLocation) -> str:
        return str(ROOT / "snapshots" / Path(test_location.filepath).stem)

    def serialize(self, data: SerializableData, **kwargs: object) -> SerializedData:
        return normalised(str(data))

    def matches(self, *, serialized_data: SerializedData, snapshot_data: SerializedData) -> bool:
        same = bool(serialized_data == snapshot_data)
        path = self._actual_path()
        if same:
            path.unlink(missing_ok=True)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(str(serialized_data), encoding="utf-8")
        return same

    def _actual_path(self) -> Path:
        folder = Path(self.dirname(test_location=self.test_location))
        name = self._get_file_basename(test_location=self.test_location, index=0)
        return folder / "snapshots-actual" / f"{name}.svg"


def normalised(svg: str) -> str:
    """The same picture gives the same text: the random class prefix of Rich's SVG export is taken out."""
    return re.sub(r"terminal-\d+-", "terminal-", svg)
