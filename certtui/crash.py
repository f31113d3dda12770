"""What is left of a crash: a report that a person can send on, and no core dump.

The report holds where it happened and what kind of error it was: no local variables, and no message that may quote what
somebody typed or pasted.
"""

from __future__ import annotations

import os
import sys
import traceback
from typing import TYPE_CHECKING

from certtui import paths
from certtui.errors import CerttuiError
from certtui.redact import redacted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from certtui.clock import Clock

KEPT = 10
"""Reports that stay; older ones are dropped when a new one is written."""

_OWN_WORDS = (
    AttributeError,
    TypeError,
    NameError,
    ImportError,
    RecursionError,
    MemoryError,
    ZeroDivisionError,
    IndexError,
)
"""Errors whose text the interpreter writes itself, without quoting data."""
_OWN_MODULES = ("textual", "rich", "sqlite3", "sqlalchemy", "asyncio")
"""Packages whose messages quote no secret: SQLAlchemy is told to hide parameters, the others never see one."""


def write_report(
    error: BaseException,
    *,
    doing: str = "",
    folder: Path | None = None,
    clock: Clock | None = None,
    environ: Mapping[str, str] = os.environ,
) -> Path | None:
    """Write a report, 0600, to `crashes/` in the state folder and keep the last ten; None where nothing can be written.

    `doing` is what the program was at, in words of its own ("drawing the inventory"). Never raises: it runs while
    something else is already wrong.
    """
    try:
        from certtui import files
        from certtui.clock import Clock as SystemClock

        now = (clock or SystemClock()).now()
        where = paths.made_private((folder or paths.state_folder(environ)) / "crashes")
        place = _free(where, f"crash-{now:%Y%m%d-%H%M%S}-{os.getpid()}")
        text = report(error, doing=doing, at=now.isoformat(), environ=environ)
        files.create(place, text.encode("utf-8", "backslashreplace"), durable=False)
        for old in sorted(where.glob("crash-*.txt"))[:-KEPT]:
            old.unlink(missing_ok=True)
    except (OSError, CerttuiError):
        return None
    return place


def sentence(error: BaseException, report_at: Path | None) -> str:
    """What a person is told, one or two sentences, without what the error may quote."""
    what = f"certtui ended because of an error of its own ({type(error).__name__}). Nothing that was saved is lost."
    return f"{what} A report without secrets is in {report_at}." if report_at else what


def report(error: BaseException, *, doing: str = "", at: str = "", environ: Mapping[str, str] = os.environ) -> str:
    """The text of a report."""
    facts = {"at": at, "doing": doing, **_versions(), **_terminal(environ)}
    head = [f"{name}: {value}" for name, value in facts.items() if value]
    return redacted("\n".join(["certtui crash report", *head, "", *trace(error), ""]))


def trace(error: BaseException) -> list[str]:
    """The traceback, causes first, line by line: files, lines and code, no values, and messages as `message` gives them."""
    lines: list[str] = []
    for each, relation in _causes(error):
        if relation:
            lines += ["", relation, ""]
        frames = traceback.StackSummary.extract(traceback.walk_tb(each.__traceback__), capture_locals=False)
        lines += ["Traceback (most recent call last):"]
        lines += [line for text in frames.format() for line in text.rstrip("\n").split("\n")]
        lines += [f"{_name(type(each))}: {message(each)}".rstrip(": ")]
    return lines


def message(error: BaseException) -> str:
    """What may be written down of an error's text: of our own family and of what quotes no data, redacted; else that it is left out."""
    if isinstance(error, CerttuiError):
        # Their text is for the person's own eyes and may quote a certificate or a path, never a secret.
        return redacted(str(error))
    if isinstance(error, OSError):
        name = f" {os.fsdecode(error.filename)}" if isinstance(error.filename, str | bytes) else ""
        return redacted(f"[Errno {error.errno}] {error.strerror}{name}") if error.errno else "(text left out)"
    if isinstance(error, UnicodeError):
        return "(text left out: it holds the data)"
    if type(error) in _OWN_WORDS or type(error).__module__.partition(".")[0] in _OWN_MODULES:
        return redacted(str(error))
    if isinstance(error, BaseExceptionGroup):
        return f"{len(error.exceptions)} errors"
    return "(text left out: it may quote what was typed)" if error.args else ""


def no_core_dumps() -> None:
    """Keep memory that may hold keys out of core dumps, also where they go to a program instead of a file (core(5))."""
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (0, hard))
    if sys.platform == "linux":
        import ctypes

        # A core_pattern that begins with a pipe ignores a limit of 0; an undumpable process it leaves alone.
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


_PR_SET_DUMPABLE = 4


def _causes(error: BaseException) -> Iterator[tuple[BaseException, str]]:
    """An error with what led to it, oldest first, members of groups after their group."""
    chain: list[tuple[BaseException, str]] = []
    seen: set[int] = set()
    current: BaseException | None = error
    relation = ""
    while current is not None and id(current) not in seen and len(chain) < 20:
        seen.add(id(current))
        chain.append((current, relation))
        if current.__cause__ is not None:
            current, relation = current.__cause__, "which caused:"
        elif current.__context__ is not None and not current.__suppress_context__:
            current, relation = current.__context__, "while that was handled:"
        else:
            current = None
    for at in range(len(chain) - 1, -1, -1):
        # The relation was noted on the older error, and reads before the younger one.
        yield chain[at][0], chain[at + 1][1] if at + 1 < len(chain) else ""
        if isinstance(group := chain[at][0], BaseExceptionGroup):
            for number, member in enumerate(group.exceptions[:5], 1):
                yield member, f"error {number} of the group:"


def _name(kind: type) -> str:
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def _versions() -> dict[str, str]:
    from certtui import __version__

    versions = {"certtui": __version__, "python": sys.version.split()[0], "system": sys.platform}
    if hasattr(os, "uname"):
        versions["system"] = f"{os.uname().sysname} {os.uname().release} {os.uname().machine}"
    for package in ("textual", "cryptography", "sqlalchemy"):
        # Only what is loaded: a report must not import anything.
        if (module := sys.modules.get(package)) is not None:
            versions[package] = _version_of(package, module)
    return versions


def _version_of(package: str, module: object) -> str:
    from importlib import metadata

    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return str(getattr(module, "__version__", "?"))


def _terminal(environ: Mapping[str, str]) -> dict[str, str]:
    names = ("TERM", "COLORTERM", "TERM_PROGRAM", "LANG", "LC_ALL", "NO_COLOR")
    facts = {name: environ.get(name, "") for name in names}
    facts["over SSH"] = "yes" if environ.get("SSH_CONNECTION") else ""
    facts["in tmux"] = "yes" if environ.get("TMUX") else ""
    try:
        size = os.get_terminal_size(sys.__stdout__.fileno() if sys.__stdout__ else 1)
        facts["size"] = f"{size.columns}x{size.lines}"
    except (OSError, ValueError):
        facts["size"] = ""
    return facts


def _free(folder: Path, stem: str) -> Path:
    place = folder / f"{stem}.txt"
    number = 1
    while place.exists():
        number += 1
        place = folder / f"{stem}-{number}.txt"
    return place
