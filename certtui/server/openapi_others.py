"""The paths of the OpenAPI document that are no acts of the seam: for operation, for strangers, streams and subscriptions."""

from __future__ import annotations

from typing import Any

from certtui.server.route import PREFIX

# Any: JSON
Json = dict[str, Any]


def _open(summary: str, kind: str, *, anybody: bool = True) -> Json:
    answer: Json = {"description": "Yes.", "content": {kind: {"schema": {"type": "string"}}}}
    if kind == "application/json":
        answer["content"][kind]["schema"] = {"type": "object"}
    problems = {"503": {"$ref": "#/components/responses/503"}}
    if not anybody:
        problems |= {str(each): {"$ref": f"#/components/responses/{each}"} for each in (401, 403, 429)}
    found: Json = {"get": {"tags": ["operation"], "summary": summary, "responses": {"200": answer, **problems}}}
    if anybody:
        found["get"]["security"] = []
    return found


OPEN: dict[str, Json] = {
    "/healthz": _open("Alive?", "application/json"),
    "/readyz": _open("Ready to answer?", "application/json"),
    "/metrics": _open("Numbers for Prometheus, of what you may see", "text/plain", anybody=False),
}

FEED: dict[str, Json] = {
    f"{PREFIX}/feed": {
        "get": {
            "operationId": "feed.follow",
            "tags": ["feed"],
            "summary": "Follow what others change",
            "description": "Server-sent events named `change`, whose `id` is the change's number and whose `data` is a Change. "
            "`Last-Event-ID` (or `since`) resumes where a connection broke. Needs the role `viewer`.",
            "parameters": [
                {"name": "since", "in": "query", "schema": {"type": "integer", "minimum": 0}},
                {"name": "Last-Event-ID", "in": "header", "schema": {"type": "integer", "minimum": 0}},
            ],
            "responses": {
                "200": {"description": "A stream.", "content": {"text/event-stream": {"schema": {"type": "string"}}}},
                **{str(each): {"$ref": f"#/components/responses/{each}"} for each in (401, 403, 422, 429, 503)},
            },
        }
    }
}

CALENDAR: dict[str, Json] = {
    f"{PREFIX}/calendar.ics": {
        "get": {
            "operationId": "calendar",
            "tags": ["channels"],
            "summary": "Subscribe to expiries",
            "description": "iCalendar (RFC 5545), of the next thirteen months, as far as you may see. The token may come as the "
            "password of Basic authentication too, which is what calendars ask for. Needs the role `viewer`.",
            "security": [{"token": []}, {"certificate": []}, {"password": []}],
            "responses": {
                "200": {"description": "A calendar.", "content": {"text/calendar": {"schema": {"type": "string"}}}},
                "304": {"description": "As you have it."},
                **{str(each): {"$ref": f"#/components/responses/{each}"} for each in (401, 403, 422, 429, 500, 503)},
            },
        }
    }
}


def _file(summary: str, kind: str, example: str) -> Json:
    answer = {
        "200": {"description": "DER.", "content": {kind: {"schema": {"type": "string", "format": "binary"}}}},
        "304": {"description": "As you have it."},
        "404": {"$ref": "#/components/responses/404"},
        "503": {"$ref": "#/components/responses/503"},
    }
    parameter = {"name": "file", "in": "path", "required": True, "schema": {"type": "string"}, "example": example}
    common = {"tags": ["pki"], "security": [], "summary": summary, "parameters": [parameter], "responses": answer}
    return {"get": common, "head": common}


_OCSP: Json = {
    "200": {
        "description": "An OCSP response, also for what can't be answered.",
        "content": {"application/ocsp-response": {"schema": {"type": "string", "format": "binary"}}},
    },
    "408": {"$ref": "#/components/responses/408"},
    "304": {"description": "As you have it."},
}

PUBLIC: dict[str, Json] = {
    "/pki/crl/{file}": _file(
        "Fetch a CRL, as NAME.crl or ID.crl, its delta as NAME-delta.crl", "application/pkix-crl", "1.crl"
    ),
    "/pki/ca/{file}": _file("Fetch the certificate of a CA, as NAME.cer or ID.cer", "application/pkix-cert", "1.cer"),
    "/pki/ocsp": {
        "post": {
            "tags": ["pki"],
            "security": [],
            "summary": "Ask for a certificate's status by OCSP (RFC 6960)",
            "requestBody": {
                "required": True,
                "content": {
                    "application/ocsp-request": {
                        "schema": {"type": "string", "format": "binary"},
                        "example": "0B0@0>0<0:",
                    }
                },
            },
            "responses": _OCSP,
        }
    },
    "/pki/ocsp/{question}": {
        "get": {
            "tags": ["pki"],
            "security": [],
            "summary": "Ask by OCSP with GET (RFC 6960, A.1.1)",
            "parameters": [
                {
                    "name": "question",
                    "in": "path",
                    "required": True,
                    "description": "The request, base64 and then URL-encoded.",
                    "schema": {"type": "string"},
                }
            ],
            "responses": {**_OCSP, "404": {"$ref": "#/components/responses/404"}},
        }
    },
}
"""As the listener for strangers serves them alone, and the server too unless it is told not to."""
