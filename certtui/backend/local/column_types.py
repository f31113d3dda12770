"""Kinds of columns where the two engines differ in what is declared, not in what is stored."""

from __future__ import annotations

import sqlalchemy as sa

INTEGER = sa.Integer().with_variant(sa.BigInteger(), "postgresql")
"""SQLite's INTEGER holds 64 bits, and must be called that to be a row's key."""

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
"""Compared byte by byte on both: the order of lists, ranges and case folding do not hang on a server's locale."""
