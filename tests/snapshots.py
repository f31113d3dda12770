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
        same = bool(serialized_data == snapshot_data)
        actual = ROOT / "snapshots-actual" / self._expected.parent.name / self._expected.name
        if same:
            actual.unlink(missing_ok=True)
        else:
            actual.parent.mkdir(parents=True, exist_ok=True)
            actual.write_text(str(serialized_data), encoding="utf-8")
        return same


def normalised(svg: str) -> str:
    """The same picture gives the same text: the random class prefix of Rich's SVG export is taken out."""
    return re.sub(r"terminal-\d+-", "terminal-", svg)
