"""A container for its consumer: read in one transaction, judged, put on record, handed out. And the check before that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.backend.local import events
from certtui.backend.local.consumers import checked_consumer, registered
from certtui.backend.local.containers_access import container, require_use
from certtui.backend.local.containers_content import Content
from certtui.backend.local.containers_open import Opened, content_of, doubtful, open_content, unfit
from certtui.errors import Conflict, Denied
from certtui.model.consumer import ConsumerForm
from certtui.model.container import (
    CERTIFICATE,
    INTERMEDIATES,
    PRIVATE_KEY,
    ContainerCheck,
    ContainerPayload,
    ContainerType,
    PayloadPart,
)
from certtui.model.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Iterator

    from certtui.backend.local.open_store import OpenStore


def fetch(store: OpenStore, container_id: int, *, have: str, consumer: ConsumerForm | None) -> ContainerPayload | None:
    """See `backend.base_containers.Containers.fetch`."""
    form = None if consumer is None else checked_consumer(consumer)
    content = content_of(store, container_id)
    require_use(store, content)
    if have and have == content.digest:
        if form is not None and not _known(store, content, form):
            with store.changing() as change:
                registered(change, container(change, container_id), form, number=content.number)
        return None
    opened = open_content(store, content)
    content = opened.content
    if (problem := next(unfit(opened), None)) is not None:
        raise Conflict(
            f"{content.name} is not given out: {problem.problem}", "`certtui container check` says all that is wrong."
        )
    parts = tuple(_parts(opened))
    warnings = tuple(one.problem for one in doubtful(store, opened))
    _record(store, content, form)
    return ContainerPayload(content.ref, content.name, content.type, content.number, content.digest, parts, warnings)


def check(store: OpenStore, container_id: int) -> ContainerCheck:
    """See `backend.base_containers.Containers.check`."""
    opened = open_content(store, content_of(store, container_id))
    content = opened.content
    bad, odd = tuple(unfit(opened)), tuple(doubtful(store, opened))
    if not (bad or odd):
        return ContainerCheck(True, f"{content.name} is complete, and its parts belong together.", content.number)
    said = f"A consumer of {content.name} would get nothing." if bad else f"{content.name} is not as it should be."
    return ContainerCheck(False, said, content.number, bad + odd, unfit=bool(bad))


def _parts(opened: Opened) -> Iterator[PayloadPart]:
    from certtui.pki import pem
    from certtui.pki.keys import pkcs8_pem

    content = opened.content
    if content.type is ContainerType.CERTIFICATE and content.leaf is not None and opened.key is not None:
        yield PayloadPart(CERTIFICATE, "certificate", Secret(pem.encode("CERTIFICATE", content.leaf.der)))
        chain = b"".join(pem.encode("CERTIFICATE", one.der) for one in content.chain)
        if chain:
            yield PayloadPart(INTERMEDIATES, "certificate", Secret(chain))
        yield PayloadPart(PRIVATE_KEY, "private", Secret(pkcs8_pem(opened.key.pkcs8, opened.passphrase)))
    for name, part in opened.parts.items():
        yield PayloadPart(name, part.about.type, part.payload)


def _known(store: OpenStore, content: Content, form: ConsumerForm) -> bool:
    """Whether this consumer is registered, and has this version on record: then nothing is to be written."""
    with store.readers.use() as connection:
        found = connection.execute(
            "SELECT fetched_number FROM consumer "
            "WHERE container_id = ? AND service = ? AND resource_type = ? AND resource = ?",
            (content.container_id, form.service, form.resource_type, form.resource),
        ).fetchone()
    return found is not None and found[0] == content.number


def _record(store: OpenStore, content: Content, form: ConsumerForm | None) -> None:
    """Audit that keys leave the store. Raises `Denied` where that can't be written: then they do not leave."""
    if form is not None:
        store.require_writable()
    if not store.recording_reads():
        raise Denied(
            "A private key is given out only when that is put on record, and the store's file can't be written.",
            "Use an account that may write the store.",
        )
    detail: dict[str, object] = {"number": content.number, "digest": content.digest[:16]}
    if content.certificate_id is not None:
        detail["certificate"] = content.certificate_id
    with store.recording() as change:
        row = container(change, content.container_id)
        if form is not None:
            detail["consumer"] = registered(change, row, form, number=content.number).id
        change.record(events.CONTAINER_FETCHED, "container", row.id, row.name, detail)
