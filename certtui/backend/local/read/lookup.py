"""From what a person or a file says to entries: references, hashes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.clock import from_epoch
from certtui.errors import Ambiguous, NotFound
from certtui.model.certificate import KnownCertificate
from certtui.model.search_text import fold
from certtui.model.status import status_of

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence
    from datetime import datetime
    from typing import Any

    from certtui.backend.local.readers import Readers
    from certtui.clock import Clock

SHORTEST_PREFIX = 4
"""Hexadecimal digits of a fingerprint that can name a certificate."""

_SHOWN = 10
_WHOLE_SHA256 = 64
_WHOLE_SHA1 = 40
_CHUNK = 500
_LABELLED = "SELECT id, name, not_after FROM certificate WHERE"


def resolve_certificate(readers: Readers, reference: str) -> int:
    """The id that a reference means: an id, a unique name, a fingerprint or its first digits.

    A number that is an entry's id means that entry, whatever fingerprints begin with it; if another entry has it for its
    name, that is ambiguous. `id:`, `name:` and `fingerprint:` before it say which is meant. Raises `NotFound`, `Ambiguous`.
    """
    kind, colon, rest = reference.strip().partition(":")
    kind, text = (kind, rest) if colon and kind in ("id", "name", "fingerprint") else ("", reference.strip())
    with readers.use() as connection:
        by_id = _by_id(connection, text) if kind in ("", "id") else {}
        by_name = _by_name(connection, text) if kind in ("", "name") and _is_text(text) else {}
        by_hash = _by_fingerprint(connection, text) if kind in ("", "fingerprint") else {}
    if by_id and not by_name.keys() - by_id.keys():
        return next(iter(by_id))
    found = by_id | by_name | ({} if by_id else by_hash)
    return _only(found, reference, "certificate", "Name it by an id, a name, or the first digits of its fingerprint.")


def resolve_resource(readers: Readers, reference: str) -> int:
    """The id of a resource by its id or name; `id:` or `name:` before it says which. Raises `NotFound`, `Ambiguous`."""
    kind, colon, rest = reference.strip().partition(":")
    kind, text = (kind, rest) if colon and kind in ("id", "name") else ("", reference.strip())
    found: dict[int, str] = {}
    with readers.use() as connection:
        if kind in ("", "id") and _is_number(text):
            found |= dict(connection.execute("SELECT id, name FROM resource WHERE id = ?", (int(text),)))
        if kind in ("", "name") and _is_text(text):
            found |= dict(connection.execute("SELECT id, name FROM resource WHERE name_key = ?", (fold(text),)))
    return _only(found, reference, "resource", "`certtui resource list` shows them all.")


def resolve_ca(readers: Readers, reference: str) -> int:
    """The id of a CA by its id, name or common name; `id:` or `name:` before it says which. Raises `NotFound`, `Ambiguous`."""
    kind, colon, rest = reference.strip().partition(":")
    kind, text = (kind, rest) if colon and kind in ("id", "name") else ("", reference.strip())
    with readers.use() as connection:
        known = connection.execute(
            "SELECT a.id, a.name, a.name_key, c.common_name FROM ca a JOIN certificate c ON c.id = a.certificate_id"
        ).fetchall()
    found: dict[int, str] = {}
    if kind in ("", "id") and _is_number(text):
        found |= {row_id: name for row_id, name, _, _ in known if row_id == int(text)}
    if kind in ("", "name") and _is_text(text):
        wanted = fold(text)
        # The name first: it is unique, a common name need not be.
        found |= {row_id: name for row_id, name, key, _ in known if key == wanted} or {
            row_id: name for row_id, name, _, common_name in known if fold(common_name) == wanted
        }
    return _only(found, reference, "CA", "`certtui ca list` shows them all.")


def resolve_policy(readers: Readers, reference: str) -> int:
    """The id of a policy, in the same way. Raises `NotFound`, `Ambiguous`."""
    kind, colon, rest = reference.strip().partition(":")
    kind, text = (kind, rest) if colon and kind in ("id", "name") else ("", reference.strip())
    found: dict[int, str] = {}
    with readers.use() as connection:
        if kind in ("", "id") and _is_number(text):
            found |= dict(connection.execute("SELECT id, name FROM policy WHERE id = ?", (int(text),)))
        if kind in ("", "name") and _is_text(text):
            found |= dict(connection.execute("SELECT id, name FROM policy WHERE name_key = ?", (fold(text),)))
        if not kind and not found and colon and _is_text(reference.strip()):
            # The ready-made ones are called `Public TLS: names`.
            whole = fold(reference.strip())
            found |= dict(connection.execute("SELECT id, name FROM policy WHERE name_key = ?", (whole,)))
    return _only(found, reference, "policy", "`certtui policy list` shows them all.")


def resolve_container(readers: Readers, reference: str) -> int:
    """The id of a container by its reference or URL, its id or name. Raises `NotFound`, `Ambiguous`."""
    from certtui.model.container import ref_in

    if ref := ref_in(reference):
        with readers.use() as connection:
            found = connection.execute("SELECT id FROM container WHERE ref = ?", (ref,)).fetchone()
        if found is not None:
            return int(found[0])
    return _by_id_or_name(readers, "container", reference, "container", "`certtui container list` shows them all.")


def resolve_secret(readers: Readers, reference: str) -> int:
    """The id of a stored secret by its id or name. Raises `NotFound`, `Ambiguous`."""
    return _by_id_or_name(readers, "secret", reference, "stored secret", "`certtui secret list` shows them all.")


def _by_id_or_name(readers: Readers, table: str, reference: str, what: str, hint: str) -> int:
    kind, colon, rest = reference.strip().partition(":")
    kind, text = (kind, rest) if colon and kind in ("id", "name") else ("", reference.strip())
    found: dict[int, str] = {}
    with readers.use() as connection:
        if kind in ("", "id") and _is_number(text):
            found |= dict(connection.execute(f"SELECT id, name FROM {table} WHERE id = ?", (int(text),)))  # noqa: S608 (our own)
        if kind in ("", "name") and _is_text(text):
            named = f"SELECT id, name FROM {table} WHERE name_key = ? ORDER BY id LIMIT {_SHOWN + 1}"  # noqa: S608 (our own)
            found |= dict(connection.execute(named, (fold(text),)))
    return _only(found, reference, what, hint)


def resolve_repository(readers: Readers, reference: str) -> int:
    """The id of a repository, in the same way; names are told apart by their groups. Raises `NotFound`, `Ambiguous`."""
    kind, colon, rest = reference.strip().partition(":")
    kind, text = (kind, rest) if colon and kind in ("id", "name") else ("", reference.strip())
    found: dict[int, str] = {}
    labelled = (
        "SELECT id, CASE WHEN business_group = '' THEN name ELSE name || ' of ' || business_group END FROM repository"
    )
    with readers.use() as connection:
        if kind in ("", "id") and _is_number(text):
            found |= dict(connection.execute(f"{labelled} WHERE id = ?", (int(text),)))
        if kind in ("", "name") and _is_text(text):
            found |= dict(connection.execute(f"{labelled} WHERE name_key = ?", (fold(text),)))
    return _only(found, reference, "repository", "`certtui repository list` shows them all.")


def lookup(
    readers: Readers,
    clock: Clock,
    *,
    fingerprints: Sequence[str] = (),
    spkis: Sequence[str] = (),
    subject_ids: Sequence[str] = (),
) -> tuple[KnownCertificate, ...]:
    """Entries with any of these hashes (lower-case hex), each once, by id; by subject only CAs."""
    asked = {"fingerprint_sha256": fingerprints, "spki_sha256": spkis, "subject_id": subject_ids}
    known: dict[int, KnownCertificate] = {}
    now = clock.now()
    with readers.use() as connection:
        for column, hashes in asked.items():
            wanted = [value for value in dict.fromkeys(hashes) if value]
            for start in range(0, len(wanted), _CHUNK):
                chunk = wanted[start : start + _CHUNK]
                marks = ", ".join("?" * len(chunk))
                # As the index of subjects has it.
                only = " AND is_ca = 1" if column == "subject_id" else ""
                sql = f"SELECT {_KNOWN} FROM certificate WHERE {column} IN ({marks}){only}"  # noqa: S608
                known |= {row[0]: _known(row, now) for row in connection.execute(sql, chunk)}
    return tuple(known[key] for key in sorted(known))


_KNOWN = (
    "id, name, fingerprint_sha256, spki_sha256, subject_id, has_private_key, "
    "state, revoked_at, not_before, not_after, expiring_from"
)


# Any: a row of the driver, its columns as _KNOWN names them
def _known(row: Sequence[Any], now: datetime) -> KnownCertificate:
    instants = [None if value is None else from_epoch(value) for value in row[7:]]
    revoked_at, not_before, not_after, expiring_at = instants
    return KnownCertificate(
        id=row[0],
        name=row[1],
        status=status_of(
            now=now,
            state=row[6],
            revoked_at=revoked_at,
            not_before=not_before,
            not_after=not_after,
            expiring_at=expiring_at,
        ),
        fingerprint_sha256=row[2] or "",
        spki_sha256=row[3],
        subject_id=row[4],
        has_private_key=bool(row[5]),
    )


def _by_id(connection: sqlite3.Connection, text: str) -> dict[int, str]:
    if not _is_number(text):
        return {}
    return _labelled(connection, "id = ?", (int(text),))


def _by_name(connection: sqlite3.Connection, text: str) -> dict[int, str]:
    exact = _labelled(connection, "name_key = ? AND name = ?", (fold(text), text))
    return exact or _labelled(connection, "name_key = ?", (fold(text),))


def _by_fingerprint(connection: sqlite3.Connection, text: str) -> dict[int, str]:
    digits = text.replace(":", "").lower()
    if not SHORTEST_PREFIX <= len(digits) <= _WHOLE_SHA256 or any(char not in "0123456789abcdef" for char in digits):
        return {}
    found = _labelled(connection, "fingerprint_sha256 >= ? AND fingerprint_sha256 < ?", (digits, digits + "g"))
    if not found and len(digits) == _WHOLE_SHA1:
        found = _labelled(connection, "fingerprint_sha1 = ?", (digits,))
    return found


def _labelled(connection: sqlite3.Connection, condition: str, parameters: tuple[object, ...]) -> dict[int, str]:
    rows = connection.execute(f"{_LABELLED} {condition} ORDER BY id LIMIT ?", (*parameters, _SHOWN + 1))
    return {row_id: _label(name, not_after) for row_id, name, not_after in rows}


def _label(name: str, not_after: int | None) -> str:
    return name if not_after is None else f"{name} (until {from_epoch(not_after).date().isoformat()})"


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 18


def _is_text(text: str) -> bool:
    """Not so with bytes of an argument that are no UTF-8 (PEP 383): no name holds them."""
    return text.isascii() or not any("\ud800" <= char <= "\udfff" for char in text)


def _only(found: dict[int, str], reference: str, what: str, hint: str) -> int:
    match list(found.items()):
        case []:
            raise NotFound(f"There is no {what} `{reference}`.", hint)
        case [(row_id, _)]:
            return row_id
    several = f"`{reference}` fits more than one {what}."
    raise Ambiguous(several, tuple(sorted(found.items()))[:_SHOWN], "Name the one by its id, as `id:17`.")
