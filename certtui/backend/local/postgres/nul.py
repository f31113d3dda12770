"""NUL characters in text: certificates of strangers hold them, PostgreSQL's text can't.

NUL is kept as U+0001 U+0001, and U+0001 itself as U+0001 U+0002, which can be undone exactly and keeps the order of
texts. The driver does it for every text that goes in or comes out, parameters of conditions too, so that no other
code knows of it.
"""

from __future__ import annotations

from psycopg.types.string import StrDumper, StrDumperUnknown, TextLoader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    import psycopg
    from psycopg.abc import Buffer


def kept(text: str) -> str:
    """A text as PostgreSQL can hold it."""
    if "\0" not in text and "\1" not in text:
        return text
    return text.replace("\1", "\1\2").replace("\0", "\1\1")


def restored(text: str) -> str:
    """The text again."""
    if "\1" not in text:
        return text
    return text.replace("\1\1", "\0").replace("\1\2", "\1")


class _Unknown(StrDumperUnknown):
    def dump(self, obj: str) -> Buffer | None:
        return super().dump(kept(obj))


class _Text(StrDumper):
    def dump(self, obj: str) -> Buffer | None:
        return super().dump(kept(obj))


class _Loader(TextLoader):
    def load(self, data: Buffer) -> bytes | str:
        return restored(bytes(data).decode())


def install(connection: psycopg.Connection[Any]) -> None:  # Any: whatever its rows are
    """Have a connection keep and restore every text."""
    # The last one registered is the one that is asked first: a text whose type the statement's context decides.
    connection.adapters.register_dumper(str, _Text)
    connection.adapters.register_dumper(str, _Unknown)
    for name in ("text", "varchar", "bpchar"):
        connection.adapters.register_loader(name, _Loader)
