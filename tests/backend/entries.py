"""Short ways to put things into a backend under test."""

from __future__ import annotations

from functools import cache
from typing import Any

from certtui.backend.base import Backend
from certtui.model.certificate import AddOutcome, Certificate, Labels, NewCertificate
from certtui.model.resource import Resource, ResourceForm
from tests.certs import Made, make_cert

_made = cache(make_cert)


def cert(common_name: str = "www.example.com", **more: Any) -> Made:
    """`make_cert`, but the very same certificate every time it is asked for (ECDSA signs differently each time)."""
    return _made(common_name, **more)


def new(made: Made, *, key: bool = False, chain: tuple[Made, ...] = (), **labels: str) -> NewCertificate:
    """A certificate to add, with its key if asked."""
    return NewCertificate(
        made.facts,
        chain=tuple(one.facts for one in chain),
        key=made.key_facts if key else None,
        labels=Labels(**labels),
    )


def add(backend: Backend, made: Made, *, key: bool = False, chain: tuple[Made, ...] = (), **labels: str) -> AddOutcome:
    """Add one certificate."""
    return backend.certificates.add([new(made, key=key, chain=chain, **labels)])[0]


def added(
    backend: Backend, common_name: str = "www.example.com", /, *, key: bool = False, **labels: str
) -> Certificate:
    """Add a certificate of that common name and open it."""
    return backend.certificates.get(add(backend, cert(common_name), key=key, **labels).id)


def resource(backend: Backend, name: str = "lb-west", type: str = "load-balancer", endpoint: str = "") -> Resource:
    """Add a resource."""
    return backend.resources.add(ResourceForm(name=name, type=type, endpoint=endpoint))


def events(backend: Backend) -> list[str]:
    """The names of all audit events, oldest first."""
    return [backend.audit.get(seq).event for seq in range(1, backend.audit.head().seq + 1)]
