"""One module per noun, named as in the seam."""

from __future__ import annotations

from certtui.server.route import Routes
from certtui.server.routes import (
    audit,
    certificates,
    certificates_bulk,
    csrs,
    feed,
    info,
    listings,
    people,
    resources,
)

NOUNS: tuple[Routes, ...] = (
    info.ROUTES,
    certificates.ROUTES,
    certificates_bulk.ROUTES,
    csrs.ROUTES,
    resources.ROUTES,
    listings.ROUTES,
    audit.ROUTES,
    feed.ROUTES,
    people.ROUTES,
)
"""In the order of the document."""
