"""What policies judge of a certificate: from its facts, or from the columns of its row."""

from __future__ import annotations

from certtui.clock import from_epoch
from certtui.model.policy import IMPORT, PolicySubject
from certtui.model.policy_judge import validity_days

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from certtui.model.x509 import X509Facts


def imported_subject(facts: X509Facts, entry_name: str, business_group: str, *, act: str = IMPORT) -> PolicySubject:
    """A certificate that was issued elsewhere; its authority is its issuer's short name."""
    from certtui.pki.names import attributes_of

    return PolicySubject(
        act=act,
        names=facts.sans,
        common_name=facts.common_name,
        subject=attributes_of(facts.subject),
        key_algorithm=facts.key_algorithm,
        signature_digest=facts.signature_digest,
        validity_days=validity_days(facts.not_before, facts.not_after),
        issued_on=facts.not_before,
        authority=facts.issuer_name,
        business_group=business_group,
        entry_name=entry_name,
        is_ca=facts.is_ca,
    )


def stored_subject(
    act: str,
    entry_name: str,
    sans: Sequence[str],
    common_name: str,
    subject: str,
    key_algorithm: str,
    signature_digest: str,
    not_before: int,
    not_after: int,
    issuer_name: str,
    provider: str,
    business_group: str,
    is_ca: int,
) -> PolicySubject:
    """An entry of the inventory, by its columns."""
    from certtui.pki.names import attributes_of

    issued_on = from_epoch(not_before)
    return PolicySubject(
        act=act,
        names=tuple(sans),
        common_name=common_name,
        subject=attributes_of(subject),
        key_algorithm=key_algorithm,
        signature_digest=signature_digest,
        validity_days=validity_days(issued_on, from_epoch(not_after)),
        issued_on=issued_on,
        authority=issuer_name,
        provider=provider,
        business_group=business_group,
        entry_name=entry_name,
        is_ca=bool(is_ca),
    )
