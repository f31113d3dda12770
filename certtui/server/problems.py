"""Answers that are errors: problem details (RFC 9457), made from the error family or from what HTTP itself can get wrong."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import Response

from certtui.backend.wire_errors import PROBLEM_JSON, problem_of, status_of
from certtui.errors import CerttuiError, Denied

_log = logging.getLogger(__name__)


class Unauthenticated(Denied):
    """Nobody, or somebody whose token or certificate opens nothing: 401. `scheme` is what a client should log in by."""

    def __init__(self, message: str, hint: str = "", *, scheme: str = "Bearer") -> None:
        super().__init__(message, hint)
        self.scheme = scheme


class LostUpdate(Exception):
    """The entry moved on since the version in `If-Match`: 412, and a `Conflict` for the client."""

    def __init__(self, error: CerttuiError) -> None:
        super().__init__()
        self.error = error


class Refusal(Exception):
    """What no noun refuses but the way it was asked: too large, too slow, too often, without a needed header."""

    # Any: members of a problem document
    def __init__(
        self,
        status: int,
        kind: str,
        title: str,
        detail: str,
        hint: str = "",
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.problem = {"type": kind, "title": title, "detail": detail} | ({"hint": hint} if hint else {}) | more
        self.headers = dict(headers or {})


def answer(error: Exception, request_id: str) -> Response:
    """The problem document of any exception; one that is no error of ours says nothing of itself but its kind."""
    match error:
        case Refusal():
            return _response(error.status, error.problem, request_id, error.headers)
        case LostUpdate():
            return _response(412, problem_of(error.error), request_id, {})
        case Unauthenticated():
            headers = {"www-authenticate": f'{error.scheme} realm="certtui"'}
            return _response(401, problem_of(error) | {"title": "Not known here"}, request_id, headers)
        case CerttuiError():
            status = status_of(error)
            return _response(status, problem_of(error), request_id, {"retry-after": "1"} if status == 503 else {})
    _log.error("a request failed: %s", type(error).__name__, exc_info=error)
    problem = {
        "type": "certtui-error",
        "title": "Failed",
        "detail": f"The server failed over this request ({type(error).__name__}).",
        "hint": "Its log says more under the request id.",
    }
    return _response(500, problem, request_id, {})


def known(error: Exception) -> Exception:
    """What the router itself refuses, as one of ours."""
    if not isinstance(error, HTTPException):
        return error
    match error.status_code:
        case 404:
            return Refusal(404, "not-found", "Not there", "There is nothing at this path.", "See /api/v1/openapi.json.")
        case 405:
            return Refusal(
                405, "method-not-allowed", "Not this way", "This path does not take this method.", headers=error.headers
            )
    return Refusal(error.status_code, "refused", "Refused", "The request can't be answered.")


# Any: members of a problem document
def _response(status: int, problem: Mapping[str, Any], request_id: str, headers: Mapping[str, str]) -> Response:
    document = {**problem, "status": status, "request_id": request_id}
    return Response(json.dumps(document), status, {"cache-control": "no-store", **headers}, PROBLEM_JSON)
