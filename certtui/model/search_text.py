"""The one normalised text by which an entry is found: case-folded, international names in both spellings.

Both sides pass through `fold`: what is stored (`search_text_of`) and what a person types, so that a plain substring
comparison is a case-insensitive one on every database.
"""

from __future__ import annotations

from functools import lru_cache

TYPE_CHECKING = False  # `typing` costs more than this module
if TYPE_CHECKING:
    from collections.abc import Iterable

_CONTROLS = dict.fromkeys((*range(32), 127), " ")
MAX_CHARACTERS = 500_000
"""Some ten thousand names; a certificate with more is found by the first of them."""

MAX_LABEL = 63
"""Octets of a DNS label (RFC 1035, 2.3.4); longer ones are no names, and decoding them costs hostile time."""


def fold(text: str) -> str:
    """Case-folded, compatibility-composed (NFKC), control characters as blanks: `ＣＡＦÉ` and `café` become one."""
    if text.isascii():
        lowered = text.lower()
        return lowered if lowered.isprintable() else lowered.translate(_CONTROLS)
    from unicodedata import normalize

    return normalize("NFKC", normalize("NFKC", text).casefold()).translate(_CONTROLS)


def search_text_of(
    *,
    name: str,
    common_name: str,
    sans: Iterable[str],
    subject: str = "",
    issuer: str = "",
    business_group: str = "",
    description: str = "",
    contact_email: str = "",
) -> str:
    """What free words look into: each part on its own line, every DNS name as A-label and, where it differs, as U-label.

    `sans` are in the model's form (`DNS:…`). Serial numbers and fingerprints are left out: they have keys and indexes of
    their own, and 60 random characters a row would make up most of a trigram index.
    """
    parts = [name, common_name]
    # A name that is a part of the common name, as most first SANs are, adds nothing to find.
    parts += [value for value in (san.partition(":")[2] for san in sans) if value != common_name]
    parts += [subject, issuer, business_group, description, contact_email]
    if (
        (plain := "".join(parts)).isascii()
        and plain.isprintable()
        and "xn--" not in (lowered := "\n".join(parts).lower())
    ):
        # As nearly all are: folded at once, a third of the time.
        return "\n".join(dict.fromkeys(filter(None, lowered.split("\n"))))[:MAX_CHARACTERS]
    both: dict[str, None] = {}
    for part in parts:
        if not part:
            continue
        folded = fold(part)
        both[folded] = None
        if not folded.isascii() or "xn--" in folded:
            both[u_labels(folded)] = None
            both[a_labels(folded)] = None
    return "\n".join(both)[:MAX_CHARACTERS]


def a_labels(name: str) -> str:
    """A domain name with every label in its ASCII form (RFC 5891); labels that have none stay as they are."""
    if name.isascii():
        return name
    return ".".join(label if label.isascii() else _encoded(label) for label in name.split("."))


def u_labels(name: str) -> str:
    """A domain name with every `xn--` label as people write it; labels that decode to nothing stay as they are."""
    if "xn--" not in name.lower():
        return name
    return ".".join(_decoded(label) if label[:4].lower() == "xn--" else label for label in name.split("."))


@lru_cache(4096)
def _encoded(label: str) -> str:
    if len(label) > MAX_LABEL:
        return label
    from idna import IDNAError, alabel

    try:
        return alabel(label).decode("ascii")
    except (IDNAError, UnicodeError):
        return label


@lru_cache(4096)
def _decoded(label: str) -> str:
    if len(label) > MAX_LABEL:
        return label
    from idna import IDNAError, ulabel

    try:
        return ulabel(label)
    except (IDNAError, UnicodeError):
        return label
