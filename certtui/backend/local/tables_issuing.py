"""The tables of orders, authorities, the built-in PKI and what it issued; conventions as in `tables`."""

from __future__ import annotations

from certtui.backend.local import tables as tables  # what these refer to
