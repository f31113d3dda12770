"""Ready-made policies. They are added as they are, not enabled, and belong to whoever added them from then on.

Sources: CA/Browser Forum, Baseline Requirements for TLS Server Certificates, 6.3.2 with ballot SC-081v3 (validity: 398
days, 200 from 2026-03-15, 100 from 2027-03-15, 47 from 2029-03-15), 6.1.5 and 6.1.6 (keys: RSA of 2048 bits, P-256,
P-384, P-521), 7.1.3.2 (digests: SHA-256, SHA-384, SHA-512), 7.1.2.7.12 and 7.1.4.3 (names in SANs, the common name among
them), 4.2.2 and 7.1.2.7.12 (no internal names, no reserved addresses). Internal ones follow NIST SP 800-57 part 1 rev. 5
(112 bits of security and more; 128 where it says strict) and FIPS 186-5, FIPS 204.
"""

from __future__ import annotations

from datetime import datetime, timezone

from certtui.model.policy import (
    HARD,
    ISSUE,
    RENEW,
    SOFT,
    PolicyForm,
    PolicyRules,
    PolicyScope,
    PolicySet,
    ValidityLimit,
)

_SHA2 = ("sha256", "sha384", "sha512")
_ORDERS = (ISSUE, RENEW)


def _from(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, tzinfo=timezone.utc)


PUBLIC_VALIDITY = (
    ValidityLimit(398),
    ValidityLimit(200, _from(2026, 3, 15)),
    ValidityLimit(100, _from(2027, 3, 15)),
    ValidityLimit(47, _from(2029, 3, 15)),
)
"""BR 6.3.2 as ballot SC-081v3 has it."""


def ready_made_sets() -> tuple[PolicySet, ...]:
    """All of them, the ones most wanted first."""
    return (_public(), _internal(), _strict())


def _public() -> PolicySet:
    return PolicySet(
        "Public TLS today",
        "What browsers take today, and by their dates what they will take from 2027 and 2029 on.",
        (
            PolicyForm(
                name="Public TLS: validity",
                description="CA/Browser Forum BR 6.3.2: 200 days now, 100 from 2027-03-15, 47 from 2029-03-15.",
                enabled=False,
                outcome=HARD,
                scope=PolicyScope(_ORDERS),
                rules=PolicyRules(validity=PUBLIC_VALIDITY),
            ),
            PolicyForm(
                name="Public TLS: keys and digests",
                description="CA/Browser Forum BR 6.1.5, 6.1.6 and 7.1.3.2: RSA 2048 or more, P-256 or more, SHA-2.",
                enabled=False,
                outcome=HARD,
                scope=PolicyScope(_ORDERS),
                rules=PolicyRules(keys=("rsa-2048", "ec-256"), digests=_SHA2),
            ),
            PolicyForm(
                name="Public TLS: names",
                description="CA/Browser Forum BR 4.2.2 and 7.1.2.7.12: public names only, and each of them a SAN.",
                enabled=False,
                outcome=HARD,
                scope=PolicyScope(_ORDERS),
                rules=PolicyRules(internal_names=False, common_name_only=False),
            ),
        ),
    )


def _internal() -> PolicySet:
    return PolicySet(
        "Internal modern",
        "Sound keys, SHA-2, names in SANs and a year at most; what differs needs a word, not a permission.",
        (
            PolicyForm(
                name="Internal: keys and digests",
                description="RSA 2048 or more, P-256 or more, Ed25519 or ML-DSA, signed with SHA-2 (NIST SP 800-57).",
                enabled=False,
                outcome=HARD,
                scope=PolicyScope(_ORDERS),
                rules=PolicyRules(keys=("rsa-2048", "ec-256", "ed25519", "ed448", "ml-dsa-44"), digests=_SHA2),
            ),
            PolicyForm(
                name="Internal: a year at most",
                description="What lives longer is forgotten by those who made it.",
                enabled=False,
                outcome=SOFT,
                scope=PolicyScope(_ORDERS),
                rules=PolicyRules(validity=(ValidityLimit(397),)),
            ),
            PolicyForm(
                name="Internal: names in SANs",
                description="Programs look at SANs alone (RFC 9525).",
                enabled=False,
                outcome=SOFT,
                scope=PolicyScope(_ORDERS),
                rules=PolicyRules(common_name_only=False),
            ),
        ),
    )


def _strict() -> PolicySet:
    return PolicySet(
        "Strict",
        "128 bits of security, 90 days, no wildcards; weak material is not even imported without a word.",
        (
            PolicyForm(
                name="Strict: keys and digests",
                description="RSA 3072 or more, P-256 or more, Ed25519 or ML-DSA-65 (128 bits, NIST SP 800-57).",
                enabled=False,
                outcome=HARD,
                scope=PolicyScope(_ORDERS),
                rules=PolicyRules(keys=("rsa-3072", "ec-256", "ed25519", "ed448", "ml-dsa-65"), digests=_SHA2),
            ),
            PolicyForm(
                name="Strict: names and validity",
                description="90 days, one host each or a few: no wildcards, and every name a SAN.",
                enabled=False,
                outcome=HARD,
                scope=PolicyScope(_ORDERS),
                rules=PolicyRules(wildcards=False, common_name_only=False, validity=(ValidityLimit(90),), max_names=20),
            ),
            PolicyForm(
                name="Strict: weak material",
                description="It may be there already; say why it comes into the inventory.",
                enabled=False,
                outcome=SOFT,
                scope=PolicyScope(("import",), cas=True),
                rules=PolicyRules(keys=("rsa-2048", "ec-256", "ed25519", "ed448", "ml-dsa-44"), digests=_SHA2),
            ),
        ),
    )
