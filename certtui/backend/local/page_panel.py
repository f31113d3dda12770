"""What an authority adds to the page of what it issued: lines of its own, never a reason for the page not to open."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from certtui.errors import CerttuiError
from certtui.model.panel import PanelLine

if TYPE_CHECKING:
    from certtui.backend.local.open_store import OpenStore
    from certtui.model.certificate import Certificate


def with_panel(store: OpenStore, page: Certificate) -> Certificate:
    """The page with the panel of the profile that issued it, where there is one."""
    if page.authority_id is None or not page.authority or page.x509 is None:
        return page
    from certtui.backend.local.authorities_made import authority_of

    try:
        lines = tuple(authority_of(store, page.authority_id).panel(None, "", store.clock.now()))
    except CerttuiError as error:
        lines = (PanelLine("Its authority", error.message, mark="problem"),)
    return replace(page, panel=lines)
