"""The entry point: answers `--version` before anything else is imported, then hands over to the command line."""

from __future__ import annotations

import os
import sys


def main() -> int:
    """Run certtui with the process's arguments; returns the exit code."""
    if sys.argv[1:] in (["--version"], ["-V"]):
        from certtui import __version__

        sys.stdout.write(f"certtui {__version__}\n")
        return 0
    from certtui.cli.main import main as run

    code = run(sys.argv[1:])
    _leave_at_once(code)
    return code


def _leave_at_once(code: int) -> None:
    """End the process without taking the interpreter apart, which is an eighth of a short command's time, for nobody.

    What asked to be called at the end is called, as it would be; only while no other thread runs.
    """
    import atexit

    run_all = getattr(atexit, "_run_exitfuncs", None)  # CPython has it
    threads = sys.modules.get("threading")
    if run_all is None or (threads is not None and threads.active_count() > 1):
        return
    run_all()
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except (OSError, ValueError):
        # The interpreter's own end says what there is to say.
        return
    os._exit(code)


if __name__ == "__main__":
    sys.exit(main())
