"""The words of alerts as filters and forms know them; data only, for who needs no alert."""

from __future__ import annotations

STATE_NAMES = ("open", "acknowledged", "snoozed", "resolved")
SEVERITY_NAMES = ("info", "warning", "critical")
OBJECT_KINDS = ("certificate", "order", "ca", "authority", "channel")

KIND_NAMES = (
    "order_failed",
    "order_waiting",
    "expiring",
    "expired",
    "in_use_expired",
    "in_use_revoked",
    "ca_expiring",
    "ca_revoked_above",
    "crl_expiring",
    "crl_overdue",
    "chain_incomplete",
    "weak_key",
    "weak_digest",
    "key_reuse",
    "policy_finding",
    "duplicate_name",
    "renewal_blocked",
    "cname_broken",
    "ca_not_told",
    "watched_folder",
    "delivery_failed",
)
