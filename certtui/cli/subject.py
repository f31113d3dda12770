"""A subject as people type it: `O=Example\\, Inc.,OU=Web,C=DE` (RFC 4514) or `/O=Example, Inc./C=DE` (openssl's way)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from certtui.cli.arguments import Usage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from certtui.model.csr import SubjectFields

_FIELDS = {
    "CN": "common_name",
    "COMMONNAME": "common_name",
    "O": "organization",
    "ORGANIZATIONNAME": "organization",
    "OU": "organizational_unit",
    "ORGANIZATIONALUNITNAME": "organizational_unit",
    "C": "country",
    "COUNTRYNAME": "country",
    "ST": "state",
    "S": "state",
    "STATEORPROVINCENAME": "state",
    "L": "locality",
    "LOCALITYNAME": "locality",
    "E": "email",
    "EMAIL": "email",
    "EMAILADDRESS": "email",
}
_KNOWN = "CN, O, OU, C, ST, L, emailAddress"


def parse_subject(text: str, common_name: str = "") -> SubjectFields:
    """The fields of a typed subject; `common_name` is `--cn` and must not contradict a CN in it. Raises `Usage`."""
    from certtui.model.csr import SubjectFields

    fields: dict[str, str] = {}
    for part in _parts(text):
        name, equals, value = part.partition("=")
        if not equals:
            raise Usage(
                f"{part!r} in the subject has no '='.", f"Write NAME=VALUE, separated by commas; names: {_KNOWN}."
            )
        field = _FIELDS.get(name.strip().upper())
        if field is None:
            raise Usage(f"The subject has no field {name.strip()!r}.", f"There are {_KNOWN}.")
        if field in fields:
            raise Usage(f"{name.strip()} comes twice in the subject.", "Give it once.")
        fields[field] = _unescaped(value.strip())
    if common_name and fields.setdefault("common_name", common_name) != common_name:
        raise Usage("--cn and the CN of --subject differ.", "Give one of them.")
    return SubjectFields(**fields)


def _parts(text: str) -> Iterator[str]:
    separator = ","
    if text.startswith("/"):
        separator, text = "/", text[1:]
    part, quoted, escaped = "", False, False
    for char in text:
        if escaped:
            escaped = False
        elif char == "\\":
            escaped = True
        elif char == '"':
            quoted = not quoted
        elif char == separator and not quoted:
            yield part
            part = ""
            continue
        part += char
    if quoted or escaped:
        raise Usage(
            "The subject ends inside quotes or after a backslash.", "Close the quotes, or write \\\\ for a backslash."
        )
    if part.strip():
        yield part


def _unescaped(value: str) -> str:
    if len(value) >= 2 and value[0] == value[-1] == '"':
        value = value[1:-1]
    # RFC 4514, section 2.4: a backslash before a character, or before the two hex digits of an octet of UTF-8.
    raw = re.sub(
        rb"\\([0-9A-Fa-f]{2})|\\(.)",
        lambda match: bytes.fromhex(match[1].decode()) if match[1] else match[2],
        value.encode("utf-8", "surrogateescape"),
        flags=re.DOTALL,
    )
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        raise Usage("A value of the subject is not UTF-8 text.", "Check its escapes.") from None
