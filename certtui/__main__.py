"""The entry point: answers `--version` before anything else is imported, then hands over to the command line."""

from __future__ import annotations

import sys


def main() -> int:
    """Run certtui with the process's arguments; returns the exit code."""
    if sys.argv[1:] in (["--version"], ["-V"]):
        from certtui import __version__

        sys.stdout.write(f"certtui {__version__}\n")
        return 0
    from certtui.cli.main import main as run

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
