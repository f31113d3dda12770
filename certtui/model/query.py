"""What a list is asked for: a filter, an order; and what a listing answers for a row that is no more."""

from __future__ import annotations

from certtui.record import dataclass


@dataclass(frozen=True, slots=True)
class Sort:
    """One sort key: a field name of the list and its direction. Ties are broken by id, so the order is total."""

    field: str
    descending: bool = False

    @classmethod
    def parse(cls, text: str) -> Sort:
        """From `field` or `-field`, as the CLI takes it."""
        return cls(text.removeprefix("-"), text.startswith("-"))

    def __str__(self) -> str:
        return ("-" if self.descending else "") + self.field


@dataclass(frozen=True, slots=True)
class Query:
    """A filter in the filter language (`certtui.model.filters`) and an order. The text crosses the seam, not the parse."""

    text: str = ""
    sort: Sort = Sort("name")


@dataclass(frozen=True, slots=True)
class Gone:
    """Stands in a listing where a row was when the order was frozen, and is no more."""

    id: int
