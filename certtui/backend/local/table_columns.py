"""The kinds of columns that the tables of a store are made of."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, text

from certtui.backend.local.column_types import INTEGER, TEXT, any_case


def identity() -> Column[int]:
    """The id of a row, given by `Change.new_ids`."""
    return Column(INTEGER, primary_key=True, autoincrement=False)


def text_column(*, nullable: bool = False) -> Column[str]:
    """Text, "" where there is nothing."""
    return Column(TEXT, nullable=nullable, server_default=None if nullable else "")


def epoch_column(*, nullable: bool = False) -> Column[int]:
    """An instant in whole epoch seconds."""
    return Column(BigInteger, nullable=nullable)


def count_column(default: str = "0") -> Column[int]:
    """A small number or a flag."""
    return Column(INTEGER, nullable=False, server_default=text(default))


def ordered(name: str, column: str | any_case) -> tuple[Index, Index]:
    """An index that lists are read along, ties by id: SQLite puts the id behind every index, PostgreSQL has to be told."""
    return Index(name, column).ddl_if(dialect="sqlite"), Index(name, column, "id").ddl_if(dialect="postgresql")


def few(name: str, column: str, condition: str) -> Index:
    """An index of the few rows that a condition takes; it costs the others nothing."""
    return Index(name, column, sqlite_where=text(condition), postgresql_where=text(condition))
