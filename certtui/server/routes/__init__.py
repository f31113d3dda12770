"""One module per noun, named as in the seam."""

from __future__ import annotations

from certtui.server.route import Routes
from certtui.server.routes import (
    acls,
    alerts,
    audit,
    authorities,
    cas,
    certificates,
    certificates_bulk,
    channels,
    containers,
    csrs,
    feed,
    info,
    listings,
    orders,
    people,
    policies,
    renewals,
    repositories,
    repositories_cms,
    resources,
    revocation,
    secrets,
    work,
)

NOUNS: tuple[Routes, ...] = (
    info.ROUTES,
    certificates.ROUTES,
    certificates_bulk.ROUTES,
    revocation.ROUTES,
    renewals.OF_CERTIFICATES,
    csrs.ROUTES,
    resources.ROUTES,
    repositories.ROUTES,
    repositories_cms.ROUTES,
    orders.ROUTES,
    authorities.ROUTES,
    cas.ROUTES,
    containers.ROUTES,
    secrets.ROUTES,
    policies.ROUTES,
    alerts.ROUTES,
    channels.ROUTES,
    renewals.ROUTES,
    work.ROUTES,
    listings.ROUTES,
    audit.ROUTES,
    feed.ROUTES,
    people.ROUTES,
    acls.ROUTES,
)
"""In the order of the document."""
