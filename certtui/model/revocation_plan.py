"""What revoking a certificate would break."""

from __future__ import annotations

from certtui.model.certificate import LineageEntry, ResourceRef
from certtui.model.consumer import Consumer
from certtui.record import dataclass


@dataclass(frozen=True, slots=True)
class RevocationPlan:
    """The blast radius: everything that uses the certificate, and whether something could take its place."""

    certificate_id: int
    version: int
    name: str
    serial_number: str
    resources: tuple[ResourceRef, ...]
    lineage: tuple[LineageEntry, ...]
    replacement_id: int | None
    """A newer active certificate of its lineage, else one of the same names."""
    replacement: str
    """A sentence: which certificate could take its place, or that none is in the inventory."""
    authority: str
    """A sentence: who will be told, and how."""
    warnings: tuple[str, ...] = ()
    """It is a CA with so many living certificates; it is expired already; cACompromise is for CAs …"""
    consumers: tuple[Consumer, ...] = ()
    """Who gets it by way of a container."""
    renews_itself: bool = False
    """It would renew itself before its end: then most reasons suggest a successor."""
    why_no_renewal: str = ""
    """Why no successor can be ordered by itself, one sentence; "" where it can."""
