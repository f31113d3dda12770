"""What is in a container, opened: for a consumer, or to judge whether a consumer would get what it needs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from certtui.backend.local import sealing
from certtui.backend.local.containers_access import require_secrets
from certtui.backend.local.containers_content import Content, read_content, read_stored
from certtui.backend.local.containers_parts import OpenPart, check_pair, open_parts
from certtui.backend.local.full_chain import missing_issuer
from certtui.backend.local.keyring import CURRENT, wrapping_key_of
from certtui.backend.local.secrets_rows import gone
from certtui.errors import Invalid, Locked, Unreachable
from certtui.model.container import (
    CERTIFICATE,
    INTERMEDIATES,
    PASSPHRASE,
    PRIVATE_KEY,
    ContainerProblem,
    ContainerType,
)
from certtui.record import dataclass

if TYPE_CHECKING:
    from certtui.backend.local.keyring import WrappingKey
    from certtui.backend.local.open_store import OpenStore
    from certtui.model.secret import Secret
    from certtui.model.x509 import KeyFacts, X509Facts


@dataclass(frozen=True, slots=True)
class Opened:
    """A container's content with its keys open."""

    content: Content
    key: KeyFacts | None
    """Of its entry."""
    parts: Mapping[str, OpenPart]

    @property
    def passphrase(self) -> Secret | None:
        """What the private key is sealed with as it is given out."""
        part = self.parts.get(PASSPHRASE)
        return None if part is None else part.payload


def content_of(store: OpenStore, container_id: int) -> Content:
    """What is in a container, sealed. Raises `NotFound`."""
    with store.readers.use() as connection:
        return read_content(connection, container_id)


def open_content(store: OpenStore, content: Content) -> Opened:
    """The content with its keys open. Raises `Locked`, `Unreachable` for a key that does not open."""
    from certtui.pki.keys import from_der

    while True:
        try:
            key = None
            if content.key is not None:
                store_key = store.keyring.open(content.wrapping)
                key = from_der(sealing.unseal(content.key, content.wrapping.store_uid, store_key).reveal(), ())
            return Opened(content, key, open_parts(store, content.wrapping, content.stored))
        except (Locked, Unreachable):
            # A re-key of another process may have come in between: then there are newer wraps to open.
            if not _rekeyed(store, content.wrapping):
                raise
            content = content_of(store, content.container_id)


def open_secrets(store: OpenStore, secret_ids: Mapping[str, int]) -> dict[str, OpenPart]:
    """Stored secrets by the names of the parts they are to be. Raises `NotFound`, `Denied`, `Locked`, `Unreachable`."""
    while True:
        with store.readers.use() as connection:
            connection.execute("BEGIN")
            try:
                found = {name: read_stored(connection, secret_id) for name, secret_id in secret_ids.items()}
                wrapping = wrapping_key_of(connection.execute(CURRENT).fetchone()) if found else None
            finally:
                connection.execute("ROLLBACK")
        for name, part in found.items():
            if part is None:
                raise gone(secret_ids[name])
        if wrapping is None:
            return {}
        there = {name: part for name, part in found.items() if part is not None}
        require_secrets(store, {part.secret_id: part.name for part in there.values()})
        try:
            return open_parts(store, wrapping, there)
        except (Locked, Unreachable):
            if not _rekeyed(store, wrapping):
                raise


def _rekeyed(store: OpenStore, wrapping: WrappingKey) -> bool:
    now = store.wrapping_key()
    return now is not None and now.id != wrapping.id


def unfit(opened: Opened) -> Iterator[ContainerProblem]:
    """What keeps a container from being given out: a part is missing, or does not belong to the others."""
    from certtui.pki.pair import mismatch

    content = opened.content
    if content.type is ContainerType.RSA:
        try:
            check_pair(opened.parts)
        except Invalid as problem:
            yield ContainerProblem(problem.field, problem.message)
        return
    if content.type is not ContainerType.CERTIFICATE:
        return
    if content.leaf is None:
        yield ContainerProblem(CERTIFICATE, "Its certificate is not in the inventory any more.")
    elif opened.key is None:
        yield ContainerProblem(PRIVATE_KEY, f"The private key of {content.entry} is not here (any more).")
    elif opened.key.spki_sha256 != content.leaf.spki_sha256:
        yield ContainerProblem(PRIVATE_KEY, mismatch(content.leaf, opened.key))


def doubtful(store: OpenStore, opened: Opened) -> Iterator[ContainerProblem]:
    """What a consumer gets all the same, and is warned of."""
    content, now = opened.content, store.clock.now()
    if content.leaf is not None:
        yield from _of_entry(store, content, content.leaf, now)
    for name, part in content.stored.items():
        if part.expires_at is not None and part.expires_at < now:
            yield ContainerProblem(name, f"{part.name} expired on {part.expires_at:%Y-%m-%d}.")


def _of_entry(store: OpenStore, content: Content, leaf: X509Facts, now: datetime) -> Iterator[ContainerProblem]:
    if content.revoked_at is not None and content.revoked_at <= now:
        yield ContainerProblem(CERTIFICATE, f"{content.entry} is revoked.")
    if leaf.not_after < now:
        yield ContainerProblem(CERTIFICATE, f"{content.entry} expired on {leaf.not_after:%Y-%m-%d}.")
    elif leaf.not_before > now:
        yield ContainerProblem(CERTIFICATE, f"{content.entry} is not valid before {leaf.not_before:%Y-%m-%d}.")
    for one in content.chain:
        if one.not_after < now:
            yield ContainerProblem(
                INTERMEDIATES, f"{one.common_name or one.subject} expired on {one.not_after:%Y-%m-%d}."
            )
    with store.readers.use() as connection:
        missing = missing_issuer(connection, leaf, content.chain)
    if missing:
        yield ContainerProblem(INTERMEDIATES, f"The chain ends before a root: {missing} is missing.")
