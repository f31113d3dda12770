"""Tokens and client certificates that stand for people and services: `backend.base.People` on the local store."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from certtui.backend.local import events, tokens
from certtui.backend.local.labels import MAX_GROUP, one_line, text
from certtui.backend.local.open_store import OpenStore
from certtui.backend.local.people_match import match_key
from certtui.clock import epoch, from_epoch
from certtui.errors import Conflict, Denied, Invalid, NotFound
from certtui.model.access import OWNER, Access, CertificateMapping, NewToken, Role, TokenInfo
from certtui.model.domains import checked_domain
from certtui.model.secret import Secret

if TYPE_CHECKING:
    from certtui.backend.local.readers import Readers
    from certtui.backend.local.tables import CertificateMappingTable, TokenTable
    from certtui.model.access import TokenForm

_MAX_NAME = 128
_MAX_NOTE = 400
_ENDLESS = 2**31
"""Beyond what a database takes for an id."""


class LocalPeople:
    """Who may come in over a server."""

    def __init__(self, store: OpenStore, *, access: Access = OWNER, readers: Readers | None = None) -> None:
        """`access` is that of whoever asks: nobody gives more than they have, nor sees who has."""
        self._store = store
        self._access = access
        self._readers = readers or store.readers

    def create_token(self, form: TokenForm) -> NewToken:
        from certtui.backend.local.tables import TokenTable

        actor, access = _checked_actor(form.actor), self._given(form.access)
        note = text(form.note, "note", _MAX_NOTE)
        now = self._store.clock.now()
        if form.expires_at is not None and form.expires_at <= now:
            raise Invalid("The token would have expired already.", "Give a later day.", field="expires_at")
        token = tokens.make()
        with self._store.changing() as change:
            (row_id,) = change.new_ids("token", 1)
            row = TokenTable(
                id=row_id,
                created_at=change.now,
                expires_at=None if form.expires_at is None else epoch(form.expires_at),
                hash=tokens.digest(token.encode()),
                prefix=token[: tokens.SHOWN],
                actor=actor,
                note=note,
                **access_columns(access),
            )
            change.session.add(row)
            change.record(events.TOKEN_CREATED, "token", row_id, actor, _detail(row))
            info = _token_info(_columns(row, _COLUMNS))
        return NewToken(info, Secret(token))

    def list_tokens(self) -> Sequence[TokenInfo]:
        with self._readers.use() as connection:
            rows = connection.execute(f"SELECT {_COLUMNS} FROM token ORDER BY id DESC").fetchall()  # noqa: S608 (columns)
        return [one for one in map(_token_info, rows) if self._access.reaches(one.access)]

    def revoke_token(self, token_id: int) -> TokenInfo:
        from certtui.backend.local.tables import TokenTable

        with self._store.changing() as change:
            row = change.session.get(TokenTable, token_id) if 0 < token_id < _ENDLESS else None
            if row is None or not self._access.reaches(_access_of(row)):
                raise NotFound(f"There is no token {token_id}.", "`certtui token list` shows them all.")
            if row.revoked_at is None:
                row.revoked_at = change.now
                change.session.add(row)
                change.record(events.TOKEN_REVOKED, "token", token_id, row.actor, {"prefix": row.prefix})
            return _token_info(_columns(row, _COLUMNS))

    def add_mapping(self, match: str, actor: str, access: Access) -> CertificateMapping:
        from sqlmodel import select

        from certtui.backend.local.tables import CertificateMappingTable

        name, limits, key = _checked_actor(actor), self._given(access), match_key(match)
        with self._store.changing() as change:
            there = change.session.exec(
                select(CertificateMappingTable).where(CertificateMappingTable.match_key == key)
            ).first()
            if there is not None:
                raise Conflict(f"{there.match} stands for {there.actor} already.", "Remove that mapping first.")
            (row_id,) = change.new_ids("certificate_mapping", 1)
            row = CertificateMappingTable(
                id=row_id,
                created_at=change.now,
                match=match.strip(),
                match_key=key,
                actor=name,
                **access_columns(limits),
            )
            change.session.add(row)
            change.record(events.MAPPING_ADDED, "mapping", row_id, name, _detail(row) | {"match": row.match})
            return _mapping(_columns(row, _MAPPING))

    def list_mappings(self) -> Sequence[CertificateMapping]:
        with self._readers.use() as connection:
            rows = connection.execute(f"SELECT {_MAPPING} FROM certificate_mapping ORDER BY id").fetchall()  # noqa: S608
        return [one for one in map(_mapping, rows) if self._access.reaches(one.access)]

    def remove_mapping(self, mapping_id: int) -> None:
        from certtui.backend.local.tables import CertificateMappingTable

        with self._store.changing() as change:
            row = change.session.get(CertificateMappingTable, mapping_id) if 0 < mapping_id < _ENDLESS else None
            if row is None or not self._access.reaches(_access_of(row)):
                raise NotFound(f"There is no mapping {mapping_id}.", "`certtui token list --mapped` shows them all.")
            change.session.delete(row)
            change.record(events.MAPPING_REMOVED, "mapping", mapping_id, row.actor, {"match": row.match})

    def _given(self, access: Access) -> Access:
        """The access to give. Raises `Invalid`, `Denied` for more than who gives it has."""
        checked = checked_access(access)
        if reason := self._access.beyond(checked):
            raise Denied(reason, "Ask an admin who has no such limit.")
        return checked


def checked_access(access: Access) -> Access:
    """The access with domains in their one spelling. Raises `Invalid` for a scope that holds nothing, or no domain."""
    for field, values in (("groups", access.groups), ("domains", access.domains)):
        if values is not None and not values:
            raise Invalid(
                f"A limit to no {field} lets nothing be seen.", "Name one, or leave the limit out.", field=field
            )
    groups = access.groups and tuple(dict.fromkeys(one_line(one, "groups", MAX_GROUP) for one in access.groups))
    domains = access.domains and tuple(dict.fromkeys(map(checked_domain, access.domains)))
    return Access(access.role, access.export_keys, groups, domains)


def access_columns(access: Access) -> dict[str, Any]:  # Any: columns by name, each of its own type
    """The columns that hold an access."""
    return {
        "role": str(access.role),
        "export_keys": int(access.export_keys),
        "groups": None if access.groups is None else json.dumps(access.groups),
        "domains": None if access.domains is None else json.dumps(access.domains),
    }


def access_of(role: str, export_keys: int, groups: str | None, domains: str | None) -> Access:
    """The access that columns hold."""
    return Access(Role.parse(role), bool(export_keys), _list(groups), _list(domains))


_COLUMNS = (
    "id, actor, role, export_keys, groups, domains, prefix, created_at, expires_at, last_used_at, revoked_at, note"
)
_MAPPING = 'id, "match", actor, role, export_keys, groups, domains, created_at'


def _token_info(row: Sequence[Any]) -> TokenInfo:  # Any: a database row, its columns as _COLUMNS names them
    token_id, actor, role, export_keys, groups, domains, prefix, created_at, *times, note = row
    expires_at, last_used_at, revoked_at = (None if at is None else from_epoch(at) for at in times)
    return TokenInfo(
        id=token_id,
        actor=actor,
        access=access_of(role, export_keys, groups, domains),
        prefix=prefix,
        created_at=from_epoch(created_at),
        expires_at=expires_at,
        last_used_at=last_used_at,
        revoked_at=revoked_at,
        note=note,
    )


def _mapping(row: Sequence[Any]) -> CertificateMapping:  # Any: a database row, its columns as _MAPPING names them
    mapping_id, match, actor, role, export_keys, groups, domains, created_at = row
    access = access_of(role, export_keys, groups, domains)
    return CertificateMapping(mapping_id, match, actor, access, from_epoch(created_at))


def _columns(row: TokenTable | CertificateMappingTable, columns: str) -> list[Any]:  # Any: a row's values
    return [getattr(row, name.strip(' "')) for name in columns.split(",")]


def _access_of(row: TokenTable | CertificateMappingTable) -> Access:
    return access_of(row.role, row.export_keys, row.groups, row.domains)


def _list(column: str | None) -> tuple[str, ...] | None:
    return None if column is None else tuple(json.loads(column))


def _checked_actor(raw: str) -> str:
    name = one_line(raw, "actor", _MAX_NAME)
    if not name:
        raise Invalid("A token needs the name of whom it stands for.", "Name a person or a service.", field="actor")
    return name


def _detail(row: TokenTable | CertificateMappingTable) -> dict[str, object]:
    detail: dict[str, object] = {"role": row.role, "export_keys": bool(row.export_keys)}
    if row.groups is not None:
        detail["groups"] = list(_list(row.groups) or ())
    if row.domains is not None:
        detail["domains"] = list(_list(row.domains) or ())
    return detail
