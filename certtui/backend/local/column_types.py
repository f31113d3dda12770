"""Kinds of columns where the two engines differ in what is declared, not in what is stored."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

INTEGER = sa.Integer().with_variant(sa.BigInteger(), "postgresql")
"""SQLite's INTEGER holds 64 bits, and must be called that to be a row's key."""

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
"""Compared byte by byte on both: the order of lists, ranges and case folding do not hang on a server's locale."""


class any_case(FunctionElement[str]):  # noqa: N801 - used like a function of SQL
    """A column of text whatever its (ASCII) case: what lists sort and filter by, and what their indexes are made of."""

    name = "any_case"
    inherit_cache = True


@compiles(any_case)
def _lowered(element: any_case, compiler: SQLCompiler, **more: object) -> str:
    return f"lower({compiler.process(element.clauses, **more)})"


@compiles(any_case, "sqlite")
def _nocase(element: any_case, compiler: SQLCompiler, **more: object) -> str:
    return f"{compiler.process(element.clauses, **more)} COLLATE NOCASE"
