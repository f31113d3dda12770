"""Pages that were just written, for those who ask the same in the same second of an unchanged store.

Scripts and dashboards ask together. A page depends on what one may see, on the question, on the second (status and days)
and on the store, which the number of its newest change stands for: while all are the same, so is the page, byte for byte.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable

KEPT = 64
LARGEST = 256 << 10
"""Pages, and bytes of each: 16 MB at most."""


class Pages:
    """The newest pages of one server; safe to call from several threads."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._known: OrderedDict[Hashable, tuple[Hashable, bytes]] = OrderedDict()

    def page(self, question: Hashable, state: Hashable, write: Callable[[], bytes]) -> bytes:
        """The page of a question; `state` was read before, so a change that comes in between is never hidden."""
        with self._guard:
            found = self._known.get(question)
        if found is not None and found[0] == state:
            return found[1]
        page = write()
        if len(page) <= LARGEST:
            with self._guard:
                self._known[question] = (state, page)
                self._known.move_to_end(question)
                if len(self._known) > KEPT:
                    self._known.popitem(last=False)
        return page
