"""The audit log as files for other programs: JSON lines, CSV (RFC 4180) and syslog (RFC 5424), record by record.

Every form is one line a record (CSV: a row, and control characters never appear), so that nothing in a name can pretend to be
another record. Hashes stand in all of them: a copy can be checked against the log.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from certtui.clock import rfc3339

TYPE_CHECKING = False
if TYPE_CHECKING:
    from certtui.backend.base import Backend
    from certtui.model.audit import AuditEvent
    from certtui.model.progress import Progress

FORMATS = ("jsonl", "csv", "syslog")
FIELDS = (
    *("id", "at", "event", "actor", "object_kind", "object_id", "object_name", "detail", "previous_hash", "hash"),
)
SD_ID = "certtui@32473"
"""The structured data's name. 32473 is the enterprise number that RFC 5612 sets aside for documentation: certtui has none
of its own, and RFC 5424 (7.2.2) allows names without `@` to IANA alone."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")
_FACILITY = 13
"""Log audit (RFC 5424, 6.2.1)."""
_NOTICE, _WARNING = 5, 4
_SUFFIXES = {"jsonl": ".jsonl", "csv": ".csv", "syslog": ".log"}


_BATCH = 500
_FLUSHED = 64 * 1024
"""Bytes that are written at once."""


def suffix(form: str) -> str:
    """How a file of that form is called at its end."""
    return _SUFFIXES[form]


def lines(form: str, events: Iterable[AuditEvent], *, host: str = "-") -> Iterator[str]:
    """The records in that form, each with its line end; CSV has a heading. Raises `Invalid` for another form.

    `host` is what syslog has as the sender.
    """
    match form:
        case "jsonl":
            return map(_jsonl, events)
        case "csv":
            return _csv(events)
        case "syslog":
            return (_syslog(event, host) for event in events)
    from certtui.errors import Invalid

    raise Invalid(f"There is no form {form}.", f"Forms are {', '.join(FORMATS)}.", field="format")


def records(backend: Backend, filter_text: str, progress: Progress | None = None) -> Iterator[AuditEvent]:
    """What the filter takes, oldest first, as it was when the first one was read. Raises `Invalid` (field "filter")."""
    from certtui.model.query import Gone, Query, Sort

    listing = backend.audit.search(Query(filter_text, Sort("id")))
    try:
        start = 0
        while rows := listing.rows(start, start + _BATCH):
            yield from (row for row in rows if not isinstance(row, Gone))
            start += len(rows)
            if progress is not None:
                progress(start, listing.total)
    finally:
        listing.close()


def encoded(texts: Iterable[str]) -> Iterator[bytes]:
    """The lines as bytes, many at once: whatever is no character has been escaped before."""
    kept: list[str] = []
    size = 0
    for text in texts:
        kept.append(text)
        size += len(text)
        if size >= _FLUSHED:
            yield "".join(kept).encode("utf-8", "backslashreplace")
            kept, size = [], 0
    if kept:
        yield "".join(kept).encode("utf-8", "backslashreplace")


def host() -> str:
    """What syslog has as the sender: this machine's name."""
    import socket

    return socket.gethostname()


def document(event: AuditEvent) -> dict[str, object]:
    """One record as JSON has it: actor and detail are objects where they were."""
    return {
        "id": event.id,
        "at": rfc3339(event.at),
        "event": event.event,
        "actor": _parsed(event.actor),
        "object_kind": event.object_kind,
        "object_id": event.object_id,
        "object_name": event.object_name,
        "detail": _parsed(event.detail),
        "previous_hash": event.previous_hash,
        "hash": event.hash,
    }


def _jsonl(event: AuditEvent) -> str:
    # ASCII alone; DEL is a control character too, which `json` leaves as it is.
    return json.dumps(document(event)).replace("\x7f", "\\u007f") + "\n"


def _csv(events: Iterable[AuditEvent]) -> Iterator[str]:
    yield ",".join(FIELDS) + "\r\n"
    for event in events:
        yield ",".join(map(_cell, _texts(event))) + "\r\n"


def _texts(event: AuditEvent) -> tuple[str, ...]:
    return (
        str(event.id),
        rfc3339(event.at),
        event.event,
        event.actor,
        event.object_kind,
        "" if event.object_id is None else str(event.object_id),
        event.object_name,
        event.detail,
        event.previous_hash,
        event.hash,
    )


def _cell(text: str) -> str:
    """A field of CSV: control characters as `\\xNN`, and an apostrophe before what a spreadsheet would calculate.

    A backslash is written as two, and an apostrophe that stands first as two, so that what was there can be read back.
    """
    escaped = escape(text)
    if escaped.startswith((*_FORMULA, "'")):
        escaped = f"'{escaped}"
    return '"' + escaped.replace('"', '""') + '"'


def read_cell(field: str) -> str:
    """The text of which `lines` made this field of CSV (unquoted already)."""
    return unescape(field.removeprefix("'"))


def escape(text: str) -> str:
    """Control, surrogate and invisible characters as `\\xNN` or `\\u{…}`, a backslash as two; all else as it is."""
    if text.isascii() and text.isprintable() and "\\" not in text:
        return text
    return "".join(_escaped(char) for char in text)


def unescape(text: str) -> str:
    """What `escape` was given."""
    import re

    def meant(found: re.Match[str]) -> str:
        two, four = found.group(1), found.group(2)
        return chr(int(two or four, 16)) if two or four else "\\"

    return re.sub(r"\\(?:\\|x([0-9a-f]{2})|u\{([0-9a-f]+)\})", meant, text)


def _escaped(char: str) -> str:
    if char == "\\":
        return "\\\\"
    if char.isprintable():
        return char
    number = ord(char)
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{{{number:x}}}"


def _syslog(event: AuditEvent, host: str) -> str:
    """One message (RFC 5424, 6): PRI VERSION TIMESTAMP HOSTNAME APP-NAME PROCID MSGID STRUCTURED-DATA MSG."""
    severity = _WARNING if "fail" in event.event or "delete" in event.event or "revoke" in event.event else _NOTICE
    parameters = {
        "seq": str(event.id),
        "event": event.event,
        "actor": event.actor,
        "objectKind": event.object_kind,
        "objectId": "" if event.object_id is None else str(event.object_id),
        "objectName": event.object_name,
        "detail": event.detail,
        "previousHash": event.previous_hash,
        "hash": event.hash,
    }
    data = "".join(f' {name}="{_parameter(value)}"' for name, value in parameters.items() if value)
    from certtui.model.audit import actor_in_words

    words = " ".join(part for part in (event.event, event.object_name) if part)
    said = escape(f"{words} by {actor_in_words(event.actor)}")
    head = f"<{_FACILITY * 8 + severity}>1 {rfc3339(event.at)} {_name(host, 255)} certtui - {_name(event.event, 32)}"
    # The message is UTF-8, and says so by its byte order mark (6.4).
    return f"{head} [{SD_ID}{data}] {'' if said.isascii() else chr(0xFEFF)}{said}\n"


def _parameter(value: str) -> str:
    r"""A PARAM-VALUE (6.3.3): `"`, `\` and `]` are escaped by a backslash; control characters are made visible before."""
    return escape(value).replace("\\", "\\\\").replace('"', '\\"').replace("]", "\\]")


def _name(text: str, longest: int) -> str:
    """A field of the header: printable ASCII without spaces, "-" for nothing."""
    kept = "".join(char for char in text if "!" <= char <= "~")
    return kept[:longest] or "-"


def _parsed(text: str) -> object:
    """The object that a text of JSON is; any other text as it is."""
    if not text.startswith("{"):
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text
