"""A row of the inventory straight to the JSON text that `backend.wire` writes of a `CertificateRow`.

Scripts read pages of thousands of rows over a server. Between the driver's tuple and the text stand, on the long way, a
dataclass and six datetimes a row, which take five times as long as the rest of the request. Tests hold both ways equal.
"""

from __future__ import annotations

from functools import lru_cache
from json.encoder import encode_basestring_ascii as q
from typing import TYPE_CHECKING, Any

from certtui.clock import from_epoch, rfc3339

if TYPE_CHECKING:
    from collections.abc import Sequence


# Any: a row of the driver, its columns as `certificates.COLUMNS` names them
def certificate_text(row: Sequence[Any], now: int) -> str:
    """One row as JSON, with status and days as of an instant in epoch seconds."""
    (
        row_id, version, name, common_name, san_count, state, not_before, not_after, expiring_from, revoked_at, resources,
        group, issuer, provider, source, key, has_key, contact, created_at, repository, repository_id,
        authority, auto_renew_days,
    ) = row  # fmt: skip
    status = status_text(now, state, revoked_at, not_before, not_after, expiring_from)
    days = "null" if not_after is None else (not_after - now) // 86_400
    return (
        f'{{"id":{row_id},"version":{version},"name":{q(name)},"common_name":{q(common_name)},"san_count":{san_count},'
        f'"status":"{status}","not_before":{_instant(not_before)},"not_after":{_instant(not_after)},'
        f'"days_remaining":{days},"resource_count":{resources},"business_group":{q(group)},"issuer":{q(issuer)},'
        f'"provider":{q(provider)},"source":{q(source)},"key_algorithm":{q(key)},'
        f'"has_private_key":{"true" if has_key else "false"},"contact_email":{q(contact)},'
        f'"created_at":{_instant(created_at)},"repository":{q(repository or "")},'
        f'"repository_id":{"null" if repository_id is None else repository_id},'
        f'"authority":{q(authority or "")},"auto_renew_days":{auto_renew_days or "null"}}}'
    )


def status_text(
    now: int,
    state: str,
    revoked_at: int | None,
    not_before: int | None,
    not_after: int | None,
    expiring_from: int | None,
) -> str:
    """`model.status.status_of` on epoch seconds."""
    if revoked_at is not None and revoked_at <= now:
        return "revoked"
    if not_before is None or not_after is None:
        return state or "draft"
    if now < not_before:
        return "not_yet_valid"
    if now > not_after:
        return "expired"
    return "expiring" if expiring_from is not None and now >= expiring_from else "active"


@lru_cache(65_536)  # some 8 MB; a whole import shares its instant, and validity ends at full hours
def _instant(seconds: int | None) -> str:
    return "null" if seconds is None else f'"{rfc3339(from_epoch(seconds))}"'
