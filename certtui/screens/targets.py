"""Where an object has its page: what opens on enter, by its kind as events, fields and alerts name it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from certtui.screens.base import Place

PAGES = {
    "certificate": "certtui.screens.certificate:CertificateScreen",
    "resource": "certtui.screens.resources_page:ResourceScreen",
    "container": "certtui.screens.containers_page:ContainerScreen",
    "secret": "certtui.screens.secrets_page:StoredSecretScreen",
    "order": "certtui.screens.order_page:OrderScreen",
    "authority": "certtui.screens.authority_page:AuthorityScreen",
    "ca": "certtui.screens.ca_page:CaScreen",
    "repository": "certtui.screens.repositories_page:RepositoryScreen",
    "policy": "certtui.screens.policies_page:PolicyScreen",
    "alert": "certtui.screens.alert_page:AlertScreen",
    "audit": "certtui.screens.audit_detail:AuditEventScreen",
}


def open_target(screen: Place, target: tuple[str, int]) -> None:
    """Open the page of an object; a kind that has none says so."""
    kind, number = target
    if kind in PAGES:
        screen.open_screen(PAGES[kind], number)
    else:
        screen.say(f"A {kind} has no page of its own.")


def target_of(kind: str, number: int | None) -> tuple[str, int] | None:
    """The target of an object, None where it has no page."""
    return (kind, number) if kind in PAGES and number is not None else None
