"""A certificate as a container, in one key press: made where there is none, opened where there is one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.errors import CerttuiError
from certtui.model.container import ContainerForm
from certtui.model.query import Gone, Query

if TYPE_CHECKING:
    from collections.abc import Sequence

    from certtui.backend.base import Backend
    from certtui.model.certificate import BulkOutcome, Certificate
    from certtui.model.container import Container
    from certtui.screens.certificate_acts import ActsOnCertificates

_BATCH = 500


def make_container(screen: ActsOnCertificates, certificate: Certificate) -> None:
    """Make one, and say where it is; with one there already its page opens, of several the one that is chosen."""
    match certificate.containers:
        case []:
            _make(screen, certificate)
        case [only]:
            _open(screen, only.id)
        case several:
            from certtui.widgets.dialogs import Choose

            options = [(each.id, f"{each.name}  version {each.number}") for each in several]
            screen.app.push_screen(
                Choose(f"Containers that give out {certificate.row.name}", options),
                lambda chosen: _open(screen, chosen) if chosen is not None else None,
            )


def _make(screen: ActsOnCertificates, certificate: Certificate) -> None:
    reason = _why_not(screen)
    if not reason and certificate.x509 is None:
        reason = "there is no certificate yet."
    if not reason and not certificate.row.has_private_key:
        reason = "its private key is not here."
    if reason:
        screen.say(f"Container: {reason}", "warn")
        return

    def done(container: Container) -> None:
        keys = screen.console_app.keys
        screen.changed()
        screen.say(
            f"Made the container {container.row.name}, under Containers ({keys.label('go.containers')}). "
            f"{keys.label('certificate.container')} opens it.",
            "ok",
        )

    form = ContainerForm(certificate_id=certificate.id)
    screen.work(lambda: screen.backend.containers.create(form), done=done, to_the_end=True)


def make_containers(screen: ActsOnCertificates, ids: Sequence[int]) -> None:
    """Make one for each that has none; the others are skipped and named."""
    reason = _why_not(screen)
    if reason:
        screen.say(f"Container: {reason}", "warn")
        return
    backend = screen.backend

    def act() -> tuple[BulkOutcome, dict[int, str]]:
        from certtui.model.certificate import BulkOutcome

        done: list[int] = []
        skipped: list[tuple[int, str]] = []
        names: dict[int, str] = {}
        for certificate_id in ids:
            try:
                certificate = backend.certificates.get(certificate_id)
                names[certificate_id] = certificate.row.name
                if certificate.containers:
                    skipped.append((certificate_id, f"{certificate.containers[0].name} gives it out already."))
                else:
                    backend.containers.create(ContainerForm(certificate_id=certificate_id))
                    done.append(certificate_id)
            except CerttuiError as error:
                skipped.append((certificate_id, error.message))
        return BulkOutcome(tuple(done), tuple(skipped)), names

    def told(outcome: tuple[BulkOutcome, dict[int, str]]) -> None:
        from certtui.screens.delete import outcome_lines
        from certtui.widgets.dialogs import Message

        made, names = outcome
        screen.changed()
        if made.skipped:
            screen.app.push_screen(Message("Done in part", outcome_lines(made, "Made containers:", names)))
        else:
            key = screen.console_app.keys.label("go.containers")
            screen.say(f"Made {len(made.done):,} containers, under Containers ({key}).", "ok")

    screen.work(act, done=told, to_the_end=True)


def fetched_certificates(backend: Backend) -> frozenset[int]:
    """Entries that consumers fetch by a container; in a thread."""
    listing = backend.containers.search(Query("used"))
    found: set[int] = set()
    try:
        start = 0
        while rows := listing.rows(start, start + _BATCH):
            found.update(
                row.certificate_id for row in rows if not isinstance(row, Gone) and row.certificate_id is not None
            )
            start += len(rows)
    finally:
        listing.close()
    return frozenset(found)


def _why_not(screen: ActsOnCertificates) -> str:
    """Why one can't make containers here; to look at them needs no right to make them."""
    if screen.backend.info.read_only:
        return "this was opened read-only."
    return screen.backend.capabilities.why_not("containers.create")


def _open(screen: ActsOnCertificates, container_id: int) -> None:
    screen.open_screen("certtui.screens.containers_page:ContainerScreen", container_id)
