"""The tables of policies and the waivers from them; conventions as in `tables`."""

from __future__ import annotations

from certtui.backend.local import tables as tables  # what these refer to
