"""Takes secrets out of text that is written down: the log and crash reports.

A net under the rule that nothing logs a secret in the first place. It would rather lose a harmless word than keep a key.
"""

from __future__ import annotations

import re

HIDDEN = "[hidden]"

_PRIVATE_PEM = re.compile(
    # To its END line, or, when that was cut off, to the end of the text; with real or escaped newlines.
    r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----.*?(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|\Z)",
    re.DOTALL,
)
_NAMED = re.compile(
    r"""(?ix)
    \b ( [\w.-]* (?: password | passphrase | passwd | pwd | secret | token | api[_-]?key | credential s? ) [\w-]* )
    ( ["']? \s* (?: = | : ) \s* )
    ( "(?:\\.|[^"\\])*" | '(?:\\.|[^'\\])*' | [^\s,;&)}\]]+ )
    """
)
_AUTHORIZATION = re.compile(
    r"(?i)\b(authorization\s*[:=]\s*)(?:(?:bearer|basic|digest)\s+)?\S+|\b(bearer\s+)[\w.~+/=-]{8,}"
)
_URL_CREDENTIALS = re.compile(r"(?i)\b([a-z][a-z0-9+.-]*://)[^\s/@]+@")
_BYTES_LITERAL = re.compile(r"""\bb(?:'(?:\\.|[^'\\]){16,}(?:'|\Z)|"(?:\\.|[^"\\]){16,}(?:"|\Z))""", re.DOTALL)
# Key material in base64 or hex that lost its armour. Digests (64 digits and fewer) are identities, not secrets, and stay.
_LONG_HEX = re.compile(r"\b(?:[0-9a-fA-F]{2}[: ]?){40,}")
_LONG_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{72,}={0,2}")
_BASE64_LINES = re.compile(r"(?:[A-Za-z0-9+/]{48,76}\s*(?:\n|\\n)){2,}[A-Za-z0-9+/]*={0,2}")


def redacted(text: str) -> str:
    """The text without private keys, passwords, tokens, credentials in URLs, and long runs of base64, hex or bytes."""
    text = _PRIVATE_PEM.sub(HIDDEN, text)
    text = _BYTES_LITERAL.sub(HIDDEN, text)
    text = _BASE64_LINES.sub(HIDDEN, text)
    text = _LONG_HEX.sub(HIDDEN, text)
    text = _LONG_BASE64.sub(HIDDEN, text)
    text = _URL_CREDENTIALS.sub(rf"\1{HIDDEN}@", text)
    text = _AUTHORIZATION.sub(lambda match: f"{match[1] or match[2]}{HIDDEN}", text)
    return _NAMED.sub(rf"\1\2{HIDDEN}", text)
