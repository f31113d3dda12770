"""Which key renewals have, as forms offer it."""

from __future__ import annotations

NEW_KEY, SAME_KEY = "new", "same"
RENEWAL_KEYS = ((NEW_KEY, "new each time"), (SAME_KEY, "the same, for TLSA records and pins"))
"""(value, label) pairs; a key that stays is what records of DANE and pins in clients hold on to."""
