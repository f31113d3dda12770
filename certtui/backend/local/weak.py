"""Keys and digests that nobody should rely on any more, as conditions on an entry; indexes of such entries are made of the same words.

A change here needs a migration that makes the indexes anew. Format with the table's name and a dot, or with "".
"""

from __future__ import annotations

WEAK_KEY = (
    "({0}key_algorithm >= 'dsa' AND {0}key_algorithm < 'dsb') OR {0}key_algorithm = 'ec-192' "
    "OR (length({0}key_algorithm) < 8 AND {0}key_algorithm >= 'rsa-' AND {0}key_algorithm < 'rsa.') "
    "OR (length({0}key_algorithm) = 8 AND {0}key_algorithm >= 'rsa-1' AND {0}key_algorithm < 'rsa-2048')"
)
"""RSA below 2048 bits, DSA, P-192 (NIST SP 800-131A)."""

WEAK_DIGEST = "{0}signature_digest IN ('md2', 'md4', 'md5', 'sha1') AND {0}self_issued = 0"
"""A root's own signature is verified by nobody."""
