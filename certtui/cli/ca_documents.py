"""The JSON of CAs and CRLs: stable from 0.1 on, documented in docs/cli.md."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.clock import rfc3339

if TYPE_CHECKING:
    from certtui.cli.output import Document
    from certtui.model.local_ca import Ca, CaRow, CrlInfo, LivingCertificate

CA = (
    *("id", "name", "kind", "state", "certificate_id", "parent_id", "common_name", "key_algorithm", "not_after"),
    *("issued", "living", "revoked", "crl_number", "crl_next_update", "crl_overdue", "created_at"),
    "compliant",
)
LIVING = ("certificate_id", "name", "serial_number", "not_after")


def of_ca_row(row: CaRow) -> Document:
    """One CA as `ca list` gives it."""
    return {
        "id": row.id,
        "name": row.name,
        "kind": row.kind,
        "state": row.state.value,
        "certificate_id": row.certificate_id,
        "parent_id": row.parent_id,
        "common_name": row.common_name,
        "key_algorithm": row.key_algorithm,
        "not_after": rfc3339(row.not_after) if row.not_after else None,
        "issued": row.issued,
        "living": row.living,
        "revoked": row.revoked,
        "crl_number": row.crl.number if row.crl else None,
        "crl_next_update": rfc3339(row.crl.next_update) if row.crl else None,
        "crl_overdue": row.crl.overdue if row.crl else False,
        "created_at": rfc3339(row.created_at),
        "compliant": row.compliant,
    }


def of_ca(ca: Ca) -> Document:
    """One CA as `ca show` gives it."""
    return {
        **of_ca_row(ca.row),
        "version": ca.row.version,
        "subject": ca.subject,
        "chain": list(ca.chain),
        "limits": list(ca.limits),
        "profiles": list(ca.profiles),
        "successor_id": ca.successor_id,
        "bound": ca.row.bound,
        "repository": ca.repository,
        "settings": {
            "crl_days": ca.settings.crl_days,
            "delta_hours": ca.settings.delta_hours,
            "crl_file": ca.settings.crl_file,
            "crl_urls": list(ca.settings.crl_urls),
            "delta_urls": list(ca.settings.delta_urls),
            "issuer_urls": list(ca.settings.issuer_urls),
            "ocsp_urls": list(ca.settings.ocsp_urls),
        },
        "crl": of_crl(ca.row.crl) if ca.row.crl else None,
        "delta": of_crl(ca.delta) if ca.delta else None,
        "csr_pem": ca.csr_pem,
    }


def of_crl(crl: CrlInfo) -> Document:
    """What is known of a CRL."""
    return {
        "number": crl.number,
        "this_update": rfc3339(crl.this_update),
        "next_update": rfc3339(crl.next_update),
        "entries": crl.entries,
        "delta": crl.delta,
        "overdue": crl.overdue,
        "published": crl.published,
    }


def of_living(one: LivingCertificate) -> Document:
    """A certificate that would lose its issuer."""
    return {
        "certificate_id": one.certificate_id,
        "name": one.name,
        "serial_number": one.serial_number,
        "not_after": rfc3339(one.not_after),
    }
