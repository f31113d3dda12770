"""Takes secrets out of text that is written down: the log and crash reports.

A net under the rule that nothing logs a secret in the first place. It would rather lose a harmless word than keep a key.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

HIDDEN = "[hidden]"

_PRIVATE_PEM = (
    # To its END line, or, when that was cut off, to the end of the text; with real or escaped newlines.
    r"(?s)-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----.*?(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|\Z)"
)
_NAMED = r"""(?ix)
    \b ( [\w.-]* (?: password | passphrase | passwd | pwd | secret | token | api[_-]?key | credential s? ) [\w-]* )
    ( ["']? \s* (?: = | : ) \s* )
    ( "(?:\\.|[^"\\])*" | '(?:\\.|[^'\\])*' | [^\s,;&)}\]]+ )
    """
_AUTHORIZATION = r"(?i)\b(authorization\s*[:=]\s*)(?:(?:bearer|basic|digest)\s+)?\S+|\b(bearer\s+)[\w.~+/=-]{8,}"
_URL_CREDENTIALS = r"(?i)\b([a-z][a-z0-9+.-]*://)[^\s/@]+@"
_BYTES_LITERAL = r"""(?s)\bb(?:'(?:\\.|[^'\\]){16,}(?:'|\Z)|"(?:\\.|[^"\\]){16,}(?:"|\Z))"""
# Key material in base64 or hex that lost its armour. Digests (64 digits and fewer) are identities, not secrets, and stay.
_LONG_HEX = r"\b(?:[0-9a-fA-F]{2}[: ]?){40,}"
_LONG_BASE64 = r"[A-Za-z0-9+/_-]{72,}={0,2}"
_BASE64_LINES = r"(?:[A-Za-z0-9+/]{48,76}\s*(?:\n|\\n)){2,}[A-Za-z0-9+/]*={0,2}"


def redacted(text: str) -> str:
    """The text without private keys, passwords, tokens, credentials in URLs, and long runs of base64, hex or bytes."""
    for rule, instead in _rules():
        text = rule.sub(instead, text)
    return text


@cache
def _rules() -> tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...]:
    """What is taken out and what stands there instead, in this order; compiled when first asked, not while the console starts."""
    return (
        (re.compile(_PRIVATE_PEM), HIDDEN),
        (re.compile(_BYTES_LITERAL), HIDDEN),
        (re.compile(_BASE64_LINES), HIDDEN),
        (re.compile(_LONG_HEX), HIDDEN),
        (re.compile(_LONG_BASE64), HIDDEN),
        (re.compile(_URL_CREDENTIALS), rf"\1{HIDDEN}@"),
        (re.compile(_AUTHORIZATION), lambda match: f"{match[1] or match[2]}{HIDDEN}"),
        (re.compile(_NAMED), rf"\1\2{HIDDEN}"),
    )
