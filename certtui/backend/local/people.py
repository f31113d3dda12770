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
from certtui.errors import Conflict, Invalid, NotFound
from certtui.model.access import Access, CertificateMapping, NewToken, Role, TokenInfo
from certtui.model.domains import checked_domain
from certtui.model.secret import Secret

if TYPE_CHECKING:
    from certtui.backend.local.tables import CertificateMappingTable, TokenTable
    from certtui.model.access import TokenForm

_MAX_NAME = 128
_MAX_NOTE = 400


class LocalPeople:
    """Who may come in over a server."""

    def __init__(self, store: OpenStore) -> None:
        self._store = store

    def create_token(self, form: TokenForm) -> NewToken:
        from certtui.backend.local.tables import TokenTable

        actor, access = _checked_actor(form.actor), checked_access(form.access)
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
            info = token_info(row)
        return NewToken(info, Secret(token))

    def list_tokens(self) -> Sequence[TokenInfo]:
        from sqlmodel import col, select

        from certtui.backend.local.tables import TokenTable

        if not self._store.exists:
            return []
        with self._store.writer.transaction() as session:
            return [token_info(row) for row in session.exec(select(TokenTable).order_by(col(TokenTable.id).desc()))]

    def revoke_token(self, token_id: int) -> TokenInfo:
        from certtui.backend.local.tables import TokenTable

        with self._store.changing() as change:
            row = change.session.get(TokenTable, token_id)
            if row is None:
                raise NotFound(f"There is no token {token_id}.", "`certtui token list` shows them all.")
            if row.revoked_at is None:
                row.revoked_at = change.now
                change.session.add(row)
                change.record(events.TOKEN_REVOKED, "token", token_id, row.actor, {"prefix": row.prefix})
            return token_info(row)

    def add_mapping(self, match: str, actor: str, access: Access) -> CertificateMapping:
        from sqlmodel import select

        from certtui.backend.local.tables import CertificateMappingTable

        name, limits, key = _checked_actor(actor), checked_access(access), match_key(match)
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
            return mapping_of(row)

    def list_mappings(self) -> Sequence[CertificateMapping]:
        from sqlmodel import col, select

        from certtui.backend.local.tables import CertificateMappingTable

        if not self._store.exists:
            return []
        with self._store.writer.transaction() as session:
            rows = session.exec(select(CertificateMappingTable).order_by(col(CertificateMappingTable.id)))
            return [mapping_of(row) for row in rows]

    def remove_mapping(self, mapping_id: int) -> None:
        from certtui.backend.local.tables import CertificateMappingTable

        with self._store.changing() as change:
            row = change.session.get(CertificateMappingTable, mapping_id)
            if row is None:
                raise NotFound(f"There is no mapping {mapping_id}.", "`certtui token list` shows them all.")
            change.session.delete(row)
            change.record(events.MAPPING_REMOVED, "mapping", mapping_id, row.actor, {"match": row.match})


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


def token_info(row: TokenTable) -> TokenInfo:
    """A token as it is listed."""
    return TokenInfo(
        id=row.id,
        actor=row.actor,
        access=access_of(row.role, row.export_keys, row.groups, row.domains),
        prefix=row.prefix,
        created_at=from_epoch(row.created_at),
        expires_at=None if row.expires_at is None else from_epoch(row.expires_at),
        last_used_at=None if row.last_used_at is None else from_epoch(row.last_used_at),
        revoked_at=None if row.revoked_at is None else from_epoch(row.revoked_at),
        note=row.note,
    )


def mapping_of(row: CertificateMappingTable) -> CertificateMapping:
    """A mapping as it is listed."""
    access = access_of(row.role, row.export_keys, row.groups, row.domains)
    return CertificateMapping(row.id, row.match, row.actor, access, from_epoch(row.created_at))


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
