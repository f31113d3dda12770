"""Using the keys of a repository without seeing them: sign, encrypt, decrypt (CMS). Every use is on record before its result is handed out.

`use` is asked of the access lists of certificate and repository alike. The key is opened for one act and goes no further.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from certtui.backend.local import events
from certtui.backend.local.acl import require_use_of_key
from certtui.backend.local.cas_guard import require_right_to_key
from certtui.backend.local.page import chain_of, entry_row, leaf_of
from certtui.backend.local.read.repositories import gone
from certtui.clock import from_epoch
from certtui.errors import CerttuiError, Conflict, Denied, Invalid, NotFound
from certtui.model.cms import why_not_used
from certtui.model.repository import DataSource

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping, Sequence

    from certtui.backend.local.open_store import OpenStore
    from certtui.model.cms import CmsIdentity, Decrypted, EncryptOptions, SignOptions
    from certtui.model.x509 import X509Facts

_ENDLESS = 1 << 63


class Repository(NamedTuple):
    """A repository whose keys are used."""

    id: int
    name: str


class Filed(NamedTuple):
    """A certificate that is filed in a repository, as it was read in one snapshot."""

    id: int
    name: str
    facts: X509Facts
    chain: Sequence[X509Facts]
    revoked: str
    """"" or the day on which it was revoked."""


def sign(store: OpenStore, repository_id: int, certificate_id: int, content: bytes, options: SignOptions) -> bytes:
    """See `backend.base_filing.Repositories.sign`."""
    from certtui.backend.local.keys import open_key
    from certtui.pki import cms
    from certtui.pki.cms_usage import require_signing

    with store.readers.use() as connection:
        repository = usable(connection, repository_id)
        filed = _filed(connection, repository, certificate_id)
    _refuse_revoked(filed, "sign")
    # What needs no key comes first: whoever may not is told so although the store is locked.
    now = store.clock.now()
    require_signing(filed.facts, now)
    _require_key(store, filed.id)
    chain = [each.der for each in filed.chain]
    message = cms.sign(content, filed.facts, open_key(store, filed.id), chain, options, now)
    detail = {**_about(content), "detached": options.detached}
    record_use(store, events.REPOSITORY_SIGNED, repository, [filed], detail, needed=True)
    return message


def encrypt(
    store: OpenStore, repository_id: int, certificate_ids: Sequence[int], content: bytes, options: EncryptOptions
) -> bytes:
    """See `backend.base_filing.Repositories.encrypt`."""
    from certtui.pki import cms

    wanted = list(dict.fromkeys(certificate_ids))
    with store.readers.use() as connection:
        repository = usable(connection, repository_id)
        filed = [_filed(connection, repository, each) for each in wanted]
    for each in filed:
        _refuse_revoked(each, "be encrypted to")
    message = cms.encrypt(content, [each.facts for each in filed], options, store.clock.now())
    record_use(store, events.REPOSITORY_ENCRYPTED, repository, filed, {"octets": len(content)})
    return message


def decrypt(store: OpenStore, repository_id: int, certificate_id: int | None, message: bytes) -> Decrypted:
    """See `backend.base_filing.Repositories.decrypt`."""
    from certtui.backend.local.keys import open_key
    from certtui.pki import cms
    from certtui.pki.cms_usage import require_decrypting

    with store.readers.use() as connection:
        repository = usable(connection, repository_id)
        if certificate_id is None:
            certificate_id = _recipient(connection, repository, cms.recipients(message))
        filed = _filed(connection, repository, certificate_id)
    require_decrypting(filed.facts)
    _require_key(store, filed.id)
    key = open_key(store, filed.id)
    try:
        found = cms.decrypt(message, filed.facts, key)
    except CerttuiError:
        # Whoever tries one message after the other learns from the answers: that has to be seen.
        record_use(store, events.REPOSITORY_NOT_DECRYPTED, repository, [filed], _about(message), needed=True)
        raise
    record_use(store, events.REPOSITORY_DECRYPTED, repository, [filed], _about(message), needed=True)
    return replace(found, certificate_id=filed.id, certificate_name=filed.name)


def usable(connection: sqlite3.Connection, repository_id: int) -> Repository:
    """The repository, as far as its keys are used at all. Raises `NotFound`, `Conflict`."""
    wanted = repository_id if 0 < repository_id < _ENDLESS else 0
    found = connection.execute("SELECT id, name, data_source FROM repository WHERE id = ?", (wanted,)).fetchone()
    if found is None:
        raise gone(repository_id)
    row_id, name, source = found
    if reason := why_not_used(DataSource(source) if source else None):
        raise Conflict(f"The keys of {name} are not used here. {reason}", "Choose another repository.")
    return Repository(row_id, name)


def record_use(
    store: OpenStore,
    event: str,
    repository: Repository,
    filed: Sequence[Filed],
    detail: Mapping[str, object],
    *,
    needed: bool = False,
) -> None:
    """Put a use on record, with its certificates, or the repository where there is none.

    Raises `Denied` where it is `needed`, since a key was used, and can't be written.
    """
    if not store.recording_reads():
        if needed:
            raise Denied(
                "A key is used only when that is put on record, and the store's file can't be written.",
                "Use an account that may write the store.",
            )
        return
    ids = [each.id for each in filed]
    with store.recording() as change:
        if not ids:
            change.record(event, "repository", repository.id, repository.name, detail)
            return
        title = filed[0].name if len(ids) == 1 else f"{len(ids)} certificates"
        said = {"ids": ids, "repository": repository.id, **detail}
        change.record(event, "certificate", ids[0] if len(ids) == 1 else None, title, said)


def _filed(connection: sqlite3.Connection, repository: Repository, certificate_id: int) -> Filed:
    """Raises `NotFound` for what is not to be seen, not filed there, or has no X.509 yet."""
    from certtui.backend.local.full_chain import full_chain

    row = entry_row(connection, certificate_id if 0 <= certificate_id < _ENDLESS else 0)
    if row["repository_id"] != repository.id:
        raise NotFound(
            f"{row['name']} is not filed in {repository.name}.", "File it there, or choose a certificate that is."
        )
    facts = leaf_of(connection, row)
    if facts is None:
        raise NotFound(f"{row['name']} has no certificate yet.", "Give the signed certificate first.")
    chain = full_chain(connection, facts, chain_of(connection, row["id"]))
    revoked = "" if row["revoked_at"] is None else f"{from_epoch(row['revoked_at']):%Y-%m-%d}"
    return Filed(row["id"], row["name"], facts, chain, revoked)


def _refuse_revoked(filed: Filed, act: str) -> None:
    if filed.revoked:
        raise Invalid(
            f"{filed.name} can't {act}: it was revoked {filed.revoked}.",
            "Choose another certificate.",
            field="certificate",
        )


def _require_key(store: OpenStore, certificate_id: int) -> None:
    """Raises `Denied` for the key of a CA, which is not everybody's, and where an access list lets others use it."""
    require_right_to_key(store, certificate_id)
    require_use_of_key(store, certificate_id)


def _recipient(connection: sqlite3.Connection, repository: Repository, named: Sequence[CmsIdentity]) -> int:
    """The certificate filed there whose key opens a message to these. Raises `Invalid`."""
    for each in named:
        condition, given = identified(each)
        found = connection.execute(
            f"SELECT id FROM certificate WHERE repository_id = ? AND has_private_key = 1 AND {condition} ORDER BY id LIMIT 1",  # noqa: S608 (our own)
            (repository.id, *given),
        ).fetchone()
        if found is not None:
            return int(found[0])
    raise Invalid(
        f"No certificate with its key in {repository.name} opens the message.",
        "Look in another repository, or name the certificate.",
        field="certificate",
    )


def identified(named: CmsIdentity) -> tuple[str, tuple[str, ...]]:
    """The condition for rows of `certificate` that a message names so."""
    if named.subject_key_id:
        return "subject_key_id = ?", (named.subject_key_id,)
    return "issuer_id = ? AND serial_number = ?", (named.issuer_id, named.serial_number)


def _about(octets: bytes) -> dict[str, object]:
    """What the record says of a content or message: enough to know it again."""
    return {"sha256": hashlib.sha256(octets).hexdigest(), "octets": len(octets)}
