"""Patterns over names as regular expressions on folded text: one line of a SAN column, one attribute of a subject.

Only `(?>…)`, classes and anchors: a pattern with many wildcards takes linear time on a hostile name.
"""

from __future__ import annotations

import re

from certtui.model.search_text import a_labels, fold, u_labels

TYPE_CHECKING = False
if TYPE_CHECKING:
    from certtui.model.filters import Value

_ESCAPED_IN_DN = ',+"\\<>;'
"""Characters that RFC 4514, 2.4 has escaped by a backslash."""


def spellings(text: str) -> tuple[str, ...]:
    """A name in its ASCII and its international spelling, where they differ."""
    folded = fold(text)
    return tuple(dict.fromkeys((text, a_labels(folded), u_labels(folded))))


def names_regex(value: Value) -> str:
    """Finds the line `KIND:name` of a SAN column; a value that begins with a kind (`ip:10.*`) means that kind."""
    alternatives = "|".join(_glob(spelling, value.quoted) for spelling in spellings(value.text))
    return f"(?m)^(?:[a-z]+:)?(?:{alternatives})$"


def attribute_regex(value: Value) -> str:
    """Finds an attribute value, `type=value`, or the whole name in RFC 4514 text."""
    folded = fold(value.text)
    alternatives = {_glob(escaped_in_dn(folded), value.quoted), _glob(folded, value.quoted)}
    return rf"(?:^|(?<!\\)[,+])(?:[a-z0-9.-]+=)?(?:{'|'.join(sorted(alternatives))})(?:$|[,+])"


def literal_parts(value: Value) -> list[str]:
    """The folded texts between the wildcards: each stands in the search text of every row that fits."""
    folded = fold(value.text)
    if not folded.isascii():
        folded = u_labels(folded)  # a name typed half in one spelling, half in the other
    kind, colon, name = folded.partition(":")
    if colon and kind in _SAN_KINDS:
        folded = name
    return [folded] if value.quoted else folded.replace("?", "*").split("*")


def attribute_parts(value: Value) -> list[str]:
    """The same for an attribute; in the search text it follows a `=`, and some characters may or may not be escaped."""
    folded = fold(value.text)
    if "=" not in folded:
        folded = "=" + folded
    if not value.quoted:
        folded = folded.replace("?", "*")
    for char in _ESCAPED_IN_DN if value.quoted else _ESCAPED_IN_DN + "*":
        folded = folded.replace(char, "\n")
    return folded.split("\n")


_SAN_KINDS = frozenset({"dns", "ip", "email", "uri", "other"})


def escaped_in_dn(text: str) -> str:
    """A text as it stands inside an RFC 4514 name."""
    return "".join("\\" + char if char in _ESCAPED_IN_DN else char for char in text)


def _glob(text: str, quoted: bool) -> str:
    if quoted:
        return re.escape(fold(text))
    first, *rest = fold(text).split("*")
    if not rest:
        return _single(first)
    middle = "".join(f"(?>[^\\n]*?{_single(part)})" for part in rest[:-1] if part)
    return f"{_single(first)}{middle}[^\\n]*{_single(rest[-1])}"


def _single(text: str) -> str:
    return "".join("[^\\n]" if char == "?" else re.escape(char) for char in text)
