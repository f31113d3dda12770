"""The tables of alerts and the channels that carry them outside; conventions as in `tables`."""

from __future__ import annotations

from certtui.backend.local import tables as tables  # what these refer to
