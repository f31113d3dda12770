"""Finding the route of a request: by the noun in its path first, since the router tries one pattern after the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from starlette.routing import BaseRoute, Match

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.types import Receive, Scope, Send

_FOUND = "certtui.route"


class Group(BaseRoute):
    """The routes of one noun: nothing is tried of them unless the path begins as theirs do."""

    def __init__(self, prefix: str, routes: Sequence[BaseRoute]) -> None:
        self.prefix = prefix
        self.routes = routes
        self._below = f"{prefix}/"
        self._exact: dict[str, list[BaseRoute]] = {}
        for route in routes:
            if "{" not in (path := path_of(route)):
                self._exact.setdefault(path, []).append(route)
        self._patterns = [route for route in routes if "{" in path_of(route)]

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        path: str = scope["path"]
        if path != self.prefix and not path.startswith(self._below):
            return Match.NONE, {}
        partial: Scope = {}
        # A path without a parameter before any with one: `/certificates/overview` is no id.
        for route in (*self._exact.get(path, ()), *self._patterns):
            match, found = route.matches(scope)
            if match is Match.FULL:
                return match, {**found, _FOUND: route}
            if match is Match.PARTIAL and not partial:
                partial = {**found, _FOUND: route}
        return (Match.PARTIAL, partial) if partial else (Match.NONE, {})

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        route: BaseRoute = scope[_FOUND]
        await route.handle(scope, receive, send)


def path_of(route: BaseRoute) -> str:
    """The path as it was registered."""
    return str(getattr(route, "path", ""))


def grouped(routes: Iterable[BaseRoute], depth: int) -> list[BaseRoute]:
    """The same routes in groups, by so many fixed segments of their paths."""
    groups: dict[str, list[BaseRoute]] = {}
    for route in routes:
        fixed = path_of(route).partition("/{")[0]
        groups.setdefault("/".join(fixed.split("/")[: depth + 1]), []).append(route)
    return [Group(prefix, members) for prefix, members in groups.items()]


def single(routes: Iterable[BaseRoute]) -> list[BaseRoute]:
    """The routes of all groups, one by one."""
    found: list[BaseRoute] = []
    for route in routes:
        found += route.routes if isinstance(route, Group) else [route]
    return found
