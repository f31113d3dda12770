"""Coming in: from a token or a client certificate to who it is and what they may do.

A stranger is told one sentence, whatever was wrong; the reason stands in the audit log, and in the list of tokens.
"""

from __future__ import annotations

import logging
import threading
from hmac import compare_digest
from typing import TYPE_CHECKING

from certtui.backend.local import tokens
from certtui.backend.local.people import access_of
from certtui.backend.local.people_failures import FailedLogins
from certtui.backend.local.people_match import keys_of
from certtui.clock import epoch
from certtui.errors import Denied, Invalid
from certtui.model.access import Identity
from certtui.model.audit import Actor

if TYPE_CHECKING:
    from collections.abc import Sequence

    from certtui.backend.local.open_store import OpenStore
    from certtui.model.secret import Secret

_log = logging.getLogger(__name__)

USED_EVERY = 60
"""Seconds between two notes of a token's last use."""


class Logins:
    """Who comes in over a server; safe to use from several threads."""

    def __init__(self, store: OpenStore) -> None:
        self.failed = FailedLogins(store)
        self._store = store
        self._used = _LastUse(store)

    def token(self, secret: Secret, *, where: str = "") -> Identity:
        """See `LocalBackend.authenticate_token`."""
        token = secret.reveal()
        if not tokens.well_formed(token):
            raise self._refused("malformed", where)
        digest, now = tokens.digest(token), epoch(self._store.clock.now())
        with self._store.readers.use() as connection:
            row = connection.execute(
                "SELECT id, hash, expires_at, revoked_at, last_used_at, actor, role, export_keys, groups, domains, prefix "
                "FROM token WHERE hash = ?",
                (digest,),
            ).fetchone()
        if row is None or not compare_digest(row[1], digest):
            raise self._refused("unknown", where)
        token_id, _, expires_at, revoked_at, last_used_at, name, role, export_keys, groups, domains, prefix = row
        if revoked_at is not None:
            raise self._refused("revoked", where, prefix)
        if expires_at is not None and expires_at <= now:
            raise self._refused("expired", where, prefix)
        if last_used_at is None or now - last_used_at >= USED_EVERY:
            self._used.note(token_id, now)
        self.failed.succeeded(where)
        access = access_of(role, export_keys, groups, domains)
        actor = Actor(name, via="api", address=where, credential=f"token {token_id}")
        return Identity(actor, access, token_id)

    def certificate(self, der: bytes, *, where: str = "") -> Identity:
        """See `LocalBackend.authenticate_certificate`."""
        from certtui.pki.facts import x509_facts

        try:
            keys = keys_of(x509_facts(der))
        except Invalid:
            raise self._refused("malformed certificate", where) from None
        found = self._mapped(keys)
        if not found:
            raise self._refused("unmapped certificate", where)
        if len(found) > 1:
            raise self._refused("certificate of several people", where)
        (name, role, export_keys, groups, domains), mapping_id = found.popitem()
        self.failed.succeeded(where)
        actor = Actor(name, via="api", address=where, credential=f"mapping {mapping_id}")
        return Identity(actor, access_of(role, export_keys, groups, domains))

    def settle(self) -> None:
        """Write down what waits to be written; before the store closes."""
        self._used.settle()
        self.failed.settle()

    def _mapped(self, keys: Sequence[str]) -> dict[tuple[str, str, int, str | None, str | None], int]:
        """Who it is with what access, and by which mapping; the same person may be mapped by several names."""
        found = {}
        with self._store.readers.use() as connection:
            for start in range(0, len(keys), 500):
                chunk = keys[start : start + 500]
                sql = (
                    "SELECT actor, role, export_keys, groups, domains, id FROM certificate_mapping "  # noqa: S608 (marks only)
                    f"WHERE match_key IN ({', '.join('?' * len(chunk))}) ORDER BY id DESC"
                )
                for *who, mapping_id in connection.execute(sql, tuple(chunk)):
                    found[tuple(who)] = mapping_id
        return found

    def _refused(self, reason: str, where: str, prefix: str = "") -> Denied:
        self.failed.failed(where, reason, prefix)
        return Denied("Who you are could not be established.", "Ask an admin of this server for a token.")


class _LastUse:
    """Notes when tokens were used last, beside the requests: a request never waits for the write lock."""

    def __init__(self, store: OpenStore) -> None:
        self._store = store
        self._guard = threading.Lock()
        self._noted: dict[int, int] = {}
        self._waiting: dict[int, int] = {}
        self._thread: threading.Thread | None = None

    def note(self, token_id: int, now: int) -> None:
        with self._guard:
            if now - self._noted.get(token_id, now - USED_EVERY) < USED_EVERY or self._store.read_only:
                return
            self._noted[token_id] = self._waiting[token_id] = now
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="certtui-last-use", daemon=True)
                self._thread.start()

    def settle(self) -> None:
        """Wait until all is written."""
        while (thread := self._thread) is not None:
            thread.join()

    def _run(self) -> None:
        while True:
            with self._guard:
                waiting, self._waiting = self._waiting, {}
                if not waiting:
                    self._thread = None
                    return
            try:
                self._write(waiting)
            except Exception as error:
                # A store that is busy or closed, above all: the next use is noted again in a minute.
                _log.info("the last use of tokens could not be noted: %s", type(error).__name__)

    def _write(self, waiting: dict[int, int]) -> None:
        from sqlmodel import col, select

        from certtui.backend.local.tables import TokenTable

        with self._store.writer.transaction() as session:
            for row in session.exec(select(TokenTable).where(col(TokenTable.id).in_(waiting))):
                row.last_used_at = max(row.last_used_at or 0, waiting[row.id])
                session.add(row)
