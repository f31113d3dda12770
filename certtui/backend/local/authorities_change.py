"""Adding, changing, testing and removing CA profiles."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from certtui.authorities import factory
from certtui.authorities.acme.dns_bound import bound_by
from certtui.backend.local import acme_dns_names, events
from certtui.backend.local.acme_bound import require_here, seal_bound
from certtui.backend.local.authorities_made import CA_SETTING, made
from certtui.backend.local.authorities_rows import profile, profile_as_seen, profile_named
from certtui.backend.local.cas_whole import whole
from certtui.backend.local.labels import one_line, text
from certtui.backend.local.open_store import Change, OpenStore
from certtui.backend.local.orders_rows import OPEN
from certtui.backend.local.secrets import AUTHORITY, forget_secrets, seal_secrets
from certtui.backend.local.wiping import destroying
from certtui.backend.local.work_folders import forget_files
from certtui.errors import CerttuiError, Conflict, Invalid, NotFound
from certtui.model.authority import AuthorityForm, AuthorityTest, AuthorityType, CheckedLine
from certtui.model.renewal import DEFAULT_DAYS, checked_days
from certtui.model.search_text import fold

if TYPE_CHECKING:
    from certtui.backend.local.tables_issuing import AuthorityTable

_WATCHED = "watch_folder"
_MAX_NAME = 128
_MAX_SETTING = 10_000
_NAMED_AT_MOST = 5


def add(store: OpenStore, form: AuthorityForm) -> int:
    """A new profile; answers its id. See `Authorities.add`."""
    from certtui.backend.local.tables_issuing import AuthorityTable

    if form.type is None:
        raise Invalid("A profile needs a type.", "Choose what kind of authority it is.", field="type")
    if form.name is None:
        raise Invalid("A profile needs a name.", "Give it one.", field="name")
    name = _name(form.name)
    settings = _settings(store, form.type, form.settings)
    _check_secrets(form.type, form)
    require_here(store, settings, {})
    with destroying(store) if acme_dns_names.IMPORT in form.secrets else store.changing() as change:
        _require_free(change, name, None)
        (row_id,) = change.new_ids("authority", 1)
        row = AuthorityTable(
            id=row_id,
            name=name,
            name_key=fold(name),
            type=form.type.value,
            enabled=int(form.enabled is not False),
            description=text(form.description or "", "description", _MAX_SETTING),
            auto_renew_days=checked_days(DEFAULT_DAYS if form.auto_renew_days is None else form.auto_renew_days),
            settings=json.dumps(settings, sort_keys=True),
            summary=made(store, name, form.type.value, json.dumps(settings)).summary,
            created_at=change.now,
            updated_at=change.now,
        )
        change.session.add(row)
        change.session.flush()
        _seal(store, change, row, settings, form)
        if bound_by(settings).text:
            seal_bound(store, change, row_id, settings)
        change.record(
            events.AUTHORITY_CREATED, "authority", row_id, name, {"type": form.type.value, "settings": settings}
        )
    return row_id


def edit(store: OpenStore, authority_id: int, version: int, form: AuthorityForm) -> None:
    """Change a profile. See `Authorities.edit`."""
    with store.readers.use() as connection:
        found = connection.execute("SELECT type, settings FROM authority WHERE id = ?", (authority_id,)).fetchone()
    settings: dict[str, str] | None = None
    if found is not None and form.settings:
        merged = {**json.loads(found[1]), **form.settings}
        settings = _settings(store, AuthorityType(found[0]), merged)
        require_here(store, settings, json.loads(found[1]))
    rebound = settings is not None and bound_by(settings) != bound_by(json.loads(found[1]))
    with destroying(store) if form.secrets or rebound else store.changing() as change:
        row = profile_as_seen(change, authority_id, version)
        if form.type is not None and form.type.value != row.type:
            raise Invalid(
                f"{row.name} is of the type {row.type}, and stays so.", "Add another profile instead.", field="type"
            )
        _check_secrets(AuthorityType(row.type), form)
        changed = _apply(store, change, row, form, settings)
        if settings is not None and settings.get(_WATCHED) != json.loads(found[1]).get(_WATCHED):
            forget_files(change, row.id)
        if rebound and settings is not None:
            seal_bound(store, change, row.id, settings)
        if form.secrets:
            _seal(store, change, row, json.loads(row.settings), form)
            changed["secrets"] = sorted(form.secrets)
        if not changed:
            return
        row.version += 1
        row.updated_at = change.now
        change.session.add(row)
        change.record(events.AUTHORITY_EDITED, "authority", row.id, row.name, {"changed": changed})


def _apply(
    store: OpenStore, change: Change, row: AuthorityTable, form: AuthorityForm, settings: dict[str, str] | None
) -> dict[str, object]:
    """Set what differs; answers {field: [before, after]}."""
    values: dict[str, object] = {}
    if form.name is not None:
        values["name"] = _name(form.name)
        _require_free(change, _name(form.name), row.id)
    if form.enabled is not None:
        values["enabled"] = int(form.enabled)
    if form.description is not None:
        values["description"] = text(form.description, "description", _MAX_SETTING)
    if form.auto_renew_days is not None:
        values["auto_renew_days"] = checked_days(form.auto_renew_days)
    if settings is not None:
        values["settings"] = json.dumps(settings, sort_keys=True)
    changed: dict[str, object] = {}
    for column, value in values.items():
        before = getattr(row, column)
        if before != value:
            changed[column] = [before, value]
            setattr(row, column, value)
    if "settings" in changed or "name" in changed:
        row.name_key = fold(row.name)
        row.summary = made(store, row.name, row.type, row.settings, row.id).summary
    if "name" in changed:
        _rename_orders(change, row)
    return changed


def _rename_orders(change: Change, row: AuthorityTable) -> None:
    """Orders that are open go on under the new name; those that have ended keep the name of then."""
    from sqlmodel import col, select

    from certtui.backend.local.orders_form import form_json, form_of
    from certtui.backend.local.orders_rows import written
    from certtui.backend.local.tables_issuing import CertificateOrderTable as Order

    for order in change.session.exec(select(Order).where(Order.authority_id == row.id, col(Order.status).in_(OPEN))):
        from dataclasses import replace

        order.authority_name = row.name
        order.form = form_json(replace(form_of(order.form, order.reference), authority=row.name))
        written(change, order)


def test(store: OpenStore, authority_id: int) -> AuthorityTest:
    """Try what can be tried; the answer is kept. See `Authorities.test`."""
    from certtui.backend.local.authorities_made import authority_of

    try:
        lines = tuple(authority_of(store, authority_id).test())
    except NotFound:
        raise
    except CerttuiError as error:
        lines = (CheckedLine("Profile", False, error.message),)
    passed = all(line.ok for line in lines)
    if not store.read_only:
        with store.changing() as change:
            row = profile(change, authority_id)
            row.tested_at, row.test_ok = change.now, int(passed)
            row.test_lines = json.dumps([[line.label, line.ok, line.text] for line in lines])
            row.summary = made(store, row.name, row.type, row.settings, row.id).summary
            change.session.add(row)
            change.record(events.AUTHORITY_TESTED, "authority", row.id, row.name, {"ok": passed})
    return AuthorityTest(passed, lines)


def remove(store: OpenStore, authority_id: int, version: int) -> None:
    """Remove a profile with its secrets. See `Authorities.remove`."""
    from sqlmodel import col, select

    from certtui.backend.local.tables_issuing import CertificateOrderTable as Order
    from certtui.backend.local.work_acme import take_away_last

    # Servers are asked outside of the transaction. Of orders that ended, what is there has to go in any case.
    left = take_away_last(store, authority_id)
    with destroying(store) as change:
        row = profile_as_seen(change, authority_id, version)
        waiting = change.session.exec(
            select(Order.id, Order.name)
            .where(Order.authority_id == authority_id, col(Order.status).in_(OPEN))
            .order_by(col(Order.id))
        ).all()
        if waiting:
            names = ", ".join(f"{name} (order {order_id})" for order_id, name in waiting[:_NAMED_AT_MOST])
            more = f" and {len(waiting) - _NAMED_AT_MOST} more" if len(waiting) > _NAMED_AT_MOST else ""
            raise Conflict(
                f"Orders to {row.name} are open: {names}{more}.", "Cancel them, or disable the profile until they end."
            )
        forget_secrets(change, AUTHORITY, authority_id)
        change.session.delete(row)
        detail = {"type": row.type, **({"records_left": left} if left else {})}
        change.record(events.AUTHORITY_DELETED, "authority", authority_id, row.name, detail)


def _name(raw: str) -> str:
    name = one_line(raw, "name", _MAX_NAME)
    if not name:
        raise Invalid("A profile needs a name.", "Give it one.", field="name")
    return name


def _require_free(change: Change, name: str, but: int | None) -> None:
    taken = profile_named(change, name)
    if taken is not None and taken.id != but:
        raise Conflict(f"There is an authority called {taken.name} already.", "Choose another name.")


def _settings(store: OpenStore, kind: AuthorityType, settings: Mapping[str, str]) -> dict[str, str]:
    """Settings as they are kept: a CA by its id. Raises `Invalid` naming the setting."""
    kept = factory.checked_settings(kind, {key: text(value, key, _MAX_SETTING) for key, value in settings.items()})
    if kind is AuthorityType.LOCAL:
        from certtui.backend.local.read.cas import resolve_ca

        try:
            kept[CA_SETTING] = str(resolve_ca(whole(store).readers, kept[CA_SETTING]))
        except NotFound as error:
            raise Invalid(error.message, error.hint, field=CA_SETTING) from None
    return kept


def _seal(
    store: OpenStore, change: Change, row: AuthorityTable, settings: Mapping[str, str], form: AuthorityForm
) -> None:
    """Keep its secrets; registrations that are imported among them are none of the profile's."""
    own = dict(form.secrets)
    names = own.pop(acme_dns_names.IMPORT, None)
    if names:
        acme_dns_names.take_in(store, change, row.id, row.name, settings, names)
    seal_secrets(store, change, AUTHORITY, row.id, own)


def _check_secrets(kind: AuthorityType, form: AuthorityForm) -> None:
    known = factory.secret_names(kind)
    for name in form.secrets:
        if name not in known:
            raise Invalid(
                f"A profile of the type {kind} has no secret “{name}”.",
                f"It has {', '.join(known)}." if known else "It has none.",
                field=name,
            )
