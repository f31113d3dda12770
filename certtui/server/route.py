"""A route: one act of the seam as method and path, with what goes in, what comes out, and a sentence for the document."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from certtui.backend import wire
from certtui.errors import Invalid
from certtui.record import dataclass, field

if TYPE_CHECKING:
    from certtui.backend.base import Backend
    from certtui.model.access import Identity
    from certtui.model.once import Kept
    from certtui.server.state import State

PREFIX = "/api/v1"


@dataclass(frozen=True, slots=True)
class Call:
    """One request, authenticated: the view of its person, and what they sent."""

    backend: Backend
    identity: Identity
    state: State
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: Any
    """Of the route's type `takes`, already checked; Any since each route has its own."""
    version: int | None
    """From `If-Match`."""
    request_id: str
    have: str = ""
    """From `If-None-Match`: the tag of what whoever asks has already."""

    @property
    def id(self) -> int:
        """The number in the path. Raises `Invalid` for one that no entry can have."""
        return whole("id", self.path["id"])

    @property
    def seen(self) -> int:
        """The version that the person saw; the endpoint has made sure that there is one."""
        return self.version or 0

    @property
    def reference(self) -> str:
        """`reference` of the query string. Raises `Invalid` without one."""
        if not (reference := self.query.get("reference", "")):
            raise Invalid("`reference` is missing.", "Give it.", field="reference")
        return reference

    def number(self, name: str, default: int, *, most: int = wire.LARGEST) -> int:
        """A number of the query string. Raises `Invalid`."""
        text = self.query.get(name)
        return default if text is None else whole(name, text, most=most)

    def numbers(self, name: str) -> tuple[int, ...]:
        """Numbers of the query string, between commas. Raises `Invalid`."""
        text = self.query.get(name, "")
        return tuple(whole(name, each.strip()) for each in text.split(",")) if text else ()

    def flag(self, name: str) -> bool:
        """`true` or `false` of the query string. Raises `Invalid`."""
        match self.query.get(name, "false"):
            case "true":
                return True
            case "false":
                return False
        raise Invalid(f"`{name}` is `true` or `false`.", "Correct it.", field=name)


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back: JSON bytes, or nothing (204)."""

    body: bytes | None = None
    etag: str = ""
    object_ids: tuple[int, ...] = ()
    same_while: Hashable = None
    """What stays as it is as long as this answer does; None for one that is not kept."""
    unchanged: bool = False
    """Nothing goes back: whoever asks has it (304)."""


# Any: a value of whichever type, as `wire` writes it
def reply(value: Any, kind: Any = None, *, version: int | None = None) -> Reply:
    """A value as an answer; with its version as the entity tag, where it has one."""
    return Reply(wire.dumps(value, kind), "" if version is None else f'"{version}"')


def whole(name: str, text: str, *, most: int = wire.LARGEST) -> int:
    """A whole number, 0 or more, as written in a URL. Raises `Invalid`."""
    if text.isascii() and text.isdigit() and len(text) < 20 and (number := int(text)) <= most:
        return number
    raise Invalid(f"`{name}` is a whole number from 0 to {most}.", "Correct it.", field=name)


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of the query string, for the document; the handler reads it."""

    name: str
    help: str
    # Any: a JSON Schema
    schema: Mapping[str, Any] = field(default_factory=lambda: {"type": "string"})
    # Any: JSON
    example: Any = None


Handler = Callable[[Call], Reply]


@dataclass(frozen=True, slots=True)
class Route:
    """One route. `act` is a rule of `model.access.ACTS`; routes about one's own listing or connection say so by another name."""

    method: str
    path: str
    act: str
    run: Handler
    summary: str
    help: str = ""
    takes: Any = None
    gives: Any = None
    """Types, as `wire` knows them (Any: `tuple[X, ...]` is no class)."""
    query: tuple[Parameter, ...] = ()
    if_match: bool = False
    changes: bool = False
    """It changes something: an Idempotency-Key makes a retry safe."""
    created: bool = False
    """Success is 201: something is there that was not."""
    secret: bool = False
    """The answer holds a secret and is never kept."""
    upload: bool = False
    conditional: bool = False
    """With `If-None-Match` it answers 304 to whoever has this already."""
    again: Callable[[Call, Kept], Reply] | None = None
    """The answer to a retry whose first answer was lost before it was written down."""
    example: Any = None
    """JSON of a body that works."""
    now: Callable[[Call], int] | None = None
    """The version that stands now, where the noun's `get` does not tell by the id alone."""

    @property
    def name(self) -> str:
        return self.act


class Routes:
    """The routes of one noun, collected by decorator."""

    def __init__(self, tag: str, help: str) -> None:
        self.tag = tag
        self.help = help
        self.all: list[Route] = []

    # Any: what Route takes
    def __call__(self, method: str, path: str, act: str, summary: str, **more: Any) -> Callable[[Handler], Handler]:
        """Register the decorated handler."""

        def register(run: Handler) -> Handler:
            self.all.append(Route(method, path, act, run, summary, **more))
            return run

        return register


def at_most(items: Sequence[object], most: int, name: str) -> None:
    """Raises `Invalid` where more is asked for than one transaction takes."""
    if len(items) > most:
        raise Invalid(f"At most {most} at once; these are {len(items)}.", "Send them in parts.", field=name)
