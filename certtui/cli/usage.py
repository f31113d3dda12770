"""The error of a command line that is itself wrong."""

from __future__ import annotations

from certtui.errors import Invalid


class Usage(Invalid):
    """The command line itself is wrong."""

    exit_code = 2
