"""The OpenAPI 3.1 document, made from the routes and the model itself: schemas from type hints, sentences from docstrings."""

from __future__ import annotations

import inspect
import re
from dataclasses import MISSING, fields
from datetime import datetime
from enum import Enum, IntEnum
from typing import Any, get_args, get_origin

from certtui import __version__
from certtui.backend import wire
from certtui.backend.wire_errors import PROBLEM_JSON
from certtui.model.access import ACTS, Rule
from certtui.model.secret import Secret
from certtui.server.openapi_others import CALENDAR, FEED, OPEN, PUBLIC
from certtui.server.route import PREFIX, Route
from certtui.server.routes import NOUNS
from certtui.server.routes.listings import row_kind

# Any: JSON
Json = dict[str, Any]

_ABOUT = """The inventory of certificates, as the console and the command line use it.

Every request carries `Authorization: Bearer TOKEN`, or comes with a client certificate that stands for somebody. Errors are
problem details (RFC 9457): `detail` says what happened, `hint` what to do. Changes take `If-Match` with the `ETag` that was
seen, and answer 412 when somebody was faster. With an `Idempotency-Key`, repeating a change after a dropped connection does
nothing twice. `X-Request-Id` of an answer stands in the server's log and in the audit log. Bytes and secrets are base64.
"""

_PROBLEMS = {
    400: "The request is not HTTP as it should be.",
    401: "No token, or one that opens nothing.",
    403: "Your role or rights don't allow this.",
    404: "Not there, or outside of what you may see.",
    408: "The body came too slowly.",
    409: "In conflict with what is there, or several things fit.",
    410: "The list is no longer held; open it again.",
    412: "Somebody changed it since the version in If-Match.",
    413: "The body is too large.",
    422: "Not acceptable; `field` names the place.",
    423: "The store is locked: lists work, keys don't.",
    428: "If-Match is missing.",
    429: "Too often; see Retry-After.",
    500: "The server failed; its log says more under the request id.",
    501: "This server can't do that.",
    503: "The store can't be reached now; see Retry-After.",
}


def document() -> Json:
    """The whole document."""
    schemas: dict[str, Json] = {"Problem": _PROBLEM}
    paths: dict[str, Json] = {}
    for noun in NOUNS:
        for route in noun.all:
            paths.setdefault(PREFIX + route.path, {})[route.method.lower()] = _operation(noun.tag, route, schemas)
    paths |= FEED | CALENDAR | OPEN | PUBLIC
    tags = {noun.tag: noun.help for noun in NOUNS if noun.help} | {
        "pki": "For anybody: what the built-in PKI publishes."
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "certtui", "version": __version__, "description": _ABOUT, "license": {"name": "MIT"}},
        "servers": [{"url": "/"}],
        "security": [{"token": []}, {"certificate": []}],
        "tags": [{"name": name, "description": help} for name, help in tags.items()],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "description": "Made by `certtui token create`."},
                "password": {"type": "http", "scheme": "basic", "description": "The token as password, for calendars."},
                "certificate": {"type": "mutualTLS", "description": "A client certificate that stands for somebody."},
            },
            "responses": {
                str(status): {
                    "description": sentence,
                    "content": {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}},
                }
                for status, sentence in _PROBLEMS.items()
            },
        },
    }


def _operation(tag: str, route: Route, schemas: dict[str, Json]) -> Json:
    rule = ACTS.get(route.act)
    needs = _needs(rule) if rule else ""
    operation: Json = {
        "operationId": route.act,
        "tags": [tag],
        "summary": route.summary,
        "description": "\n\n".join(filter(None, (route.help, needs))),
        "parameters": _parameters(route),
        "responses": _responses(route, schemas),
    }
    if route.takes is not None:
        content: Json = {"schema": schema(route.takes, schemas)}
        if route.example is not None:
            content["example"] = route.example
        operation["requestBody"] = {"required": True, "content": {"application/json": content}}
    return operation


def _needs(rule: Rule) -> str:
    more = " and the right `export-keys`" if rule.keys else " without a scope" if rule.whole else ""
    return f"Needs the role `{rule.role}`{more}."


_TEXTS = ("listing", "container")
"""Names of parameters of a path that are no number."""


def _parameters(route: Route) -> list[Json]:
    found: list[Json] = []
    for name in re.findall(r"{(\w+)}", route.path):
        kind: Json = {"type": "string"} if name in _TEXTS else {"type": "integer", "minimum": 0}
        found.append({"name": name, "in": "path", "required": True, "schema": kind})
    for each in route.query:
        parameter: Json = {"name": each.name, "in": "query", "description": each.help, "schema": dict(each.schema)}
        if each.example is not None:
            parameter["example"] = each.example
        found.append(parameter)
    if route.if_match:
        found.append(
            {
                "name": "If-Match",
                "in": "header",
                "required": True,
                "description": "The ETag that was seen.",
                "schema": {"type": "string", "pattern": '^"[0-9]{1,18}"$'},
                "example": '"1"',
            }
        )
    if route.conditional:
        found.append(
            {
                "name": "If-None-Match",
                "in": "header",
                "description": "The ETag of what you have: 304 while it is the same.",
                "schema": {"type": "string"},
            }
        )
    if route.changes:
        found.append(
            {
                "name": "Idempotency-Key",
                "in": "header",
                "description": "The same for a request and its retries; kept for a day.",
                "schema": {"type": "string", "pattern": "^[!-~]{1,255}$"},
                "example": "8e03978e-40d5-43dd-bc93-6894a57f9324",
            }
        )
    return found


_MAY_NOT_BE = (
    ".fetch",
    "containers.check",
    "containers.consumers",
    ".resolve",
    ".plan_replacement",
    ".plan_revocation",
    ".export",
    ".reveal_key",
    ".dry_run",
    ".preview",
)
"""Acts that change nothing, and yet need something to be there and in a certain state, or a key."""


def _responses(route: Route, schemas: dict[str, Json]) -> Json:
    statuses = {401, 403, 422, 429, 500, 503}
    if "{" in route.path:
        statuses.add(404)
    if "{listing}" in route.path:
        statuses |= {410, 409}
    if route.if_match:
        statuses |= {412, 428}
    if route.changes:
        statuses |= {400, 404, 409, 423, 501}
    if route.takes is not None:
        statuses |= {400, 408, 413}
    if route.act.endswith(_MAY_NOT_BE):
        statuses |= {404, 409, 423, 501}
    answers: Json = {str(status): {"$ref": f"#/components/responses/{status}"} for status in sorted(statuses)}
    if route.gives is None:
        return {"204": {"description": "Done; nothing to say."}, **answers}
    done: Json = {"description": "Done.", "content": {"application/json": {"schema": _given(route, schemas)}}}
    if route.conditional:
        answers["304"] = {"description": "You have it."}
    if route.if_match or route.conditional or route.path.endswith(("/{id}", "/{container}")):
        done["headers"] = {"ETag": {"description": "The version, for If-Match.", "schema": {"type": "string"}}}
    return {"201" if route.created else "200": done, **answers}


def _given(route: Route, schemas: dict[str, Json]) -> Json:
    """What comes back; lists bring their rows along."""
    given = schema(route.gives, schemas)
    rows = row_kind(route)
    if rows is None:
        return given
    gone = {"type": "object", "properties": {"gone": {"type": "integer"}}, "required": ["gone"]}
    state = schemas[route.gives.__name__]
    return {
        **state,
        "properties": {
            **state["properties"],
            "rows": {"type": "array", "items": {"anyOf": [*(schema(each, schemas) for each in rows), gone]}},
        },
        "required": [*state["required"], "rows"],
    }


# Any: a type hint
def schema(kind: Any, schemas: dict[str, Json]) -> Json:
    """The JSON Schema of a type; a dataclass becomes a component that is referred to."""
    if wire.is_noun(kind):
        name = kind.__name__
        if name not in schemas:
            schemas[name] = {}
            schemas[name] = _noun(kind, schemas)
        return {"$ref": f"#/components/schemas/{name}"}
    if kind in _SCALARS:
        return dict(_SCALARS[kind])
    if isinstance(kind, type) and issubclass(kind, Enum):
        return {"type": "string", "enum": [str(each) if issubclass(kind, IntEnum) else each.value for each in kind]}
    if (inner := wire.optional(kind)) is not None:
        return {"anyOf": [schema(inner, schemas), {"type": "null"}]}
    if chosen := wire.variants(kind):
        return {"oneOf": [_variant(name, each, schemas) for name, each in chosen.items()]}
    if item := wire.item_of(kind):
        return {"type": "array", "items": schema(item, schemas)}
    arguments = get_args(kind)
    if get_origin(kind) is dict:
        return {"type": "object", "additionalProperties": schema(arguments[1], schemas)}
    # Without prefixItems, which many tools stumble over.
    kinds = [schema(each, schemas) for each in dict.fromkeys(arguments)]
    items = kinds[0] if len(kinds) == 1 else {"anyOf": kinds}
    return {"type": "array", "items": items, "minItems": len(arguments), "maxItems": len(arguments)}


# Any: a dataclass
def _variant(name: str, kind: Any, schemas: dict[str, Json]) -> Json:
    """One of several nouns, with the `type` that tells it from the others."""
    found = schema(kind, schemas)
    noun = schemas[kind.__name__]
    noun["properties"] = {"type": {"const": name}, **noun["properties"]}
    noun["required"] = list(dict.fromkeys(["type", *noun.get("required", [])]))
    return found


_SCALARS: dict[Any, Json] = {
    str: {"type": "string"},
    int: {"type": "integer", "minimum": -wire.LARGEST, "maximum": wire.LARGEST},
    float: {"type": "number", "minimum": -wire.LARGEST, "maximum": wire.LARGEST},
    bool: {"type": "boolean"},
    datetime: {"type": "string", "format": "date-time"},
    bytes: {"type": "string", "contentEncoding": "base64"},
    Secret: {"type": "string", "contentEncoding": "base64", "description": "A secret."},
}


# Any: a dataclass
def _noun(kind: Any, schemas: dict[str, Json]) -> Json:
    sentences = _attribute_sentences(kind)
    properties: Json = {}
    for name, hint in wire.hints(kind).items():
        said = schema(hint, schemas)
        properties[name] = {**said, "description": sentences[name]} if name in sentences else said
    required = [each.name for each in fields(kind) if each.default is MISSING and each.default_factory is MISSING]
    described = " ".join(inspect.cleandoc(kind.__doc__ or "").split())
    found: Json = {"type": "object", "description": described, "properties": properties, "additionalProperties": False}
    return found | ({"required": required} if required else {})


# Any: a dataclass
def _attribute_sentences(kind: Any) -> dict[str, str]:
    """The docstrings that stand under fields."""
    try:
        source = inspect.getsource(inspect.getmodule(kind))  # type: ignore[arg-type]  # a class of ours has a module
    except OSError:
        return {}
    body = re.search(rf"^class {kind.__name__}\b.*?(?=^\S|\Z)", source, re.MULTILINE | re.DOTALL)
    found = re.findall(r'^    (\w+): [^\n]*\n    """(.*?)"""', body.group() if body else "", re.MULTILINE | re.DOTALL)
    return {name: " ".join(text.split()) for name, text in found}


_PROBLEM: Json = {
    "type": "object",
    "description": "Problem details (RFC 9457): what happened, and what to do.",
    "properties": {
        "type": {"type": "string", "description": "The kind in kebab case.", "examples": ["not-found", "invalid"]},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What happened, in a sentence."},
        "hint": {"type": "string", "description": "What to do, in a sentence."},
        "field": {"type": "string", "description": "The place in the request that is at fault."},
        "candidates": {"type": "array", "description": "(id, label) of what fits an ambiguous reference."},
        "request_id": {"type": "string"},
    },
    "required": ["type", "title", "status", "detail", "request_id"],
}
