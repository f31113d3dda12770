"""Random passwords for files: read off one screen and typed on another, so without characters that look alike."""

from __future__ import annotations

import secrets

from certtui.model.secret import Secret

ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"
"""32 characters, 5 bits each."""


def generated() -> Secret:
    """25 random characters in groups of five: 125 bits."""
    groups = ("".join(secrets.choice(ALPHABET) for _ in range(5)) for _ in range(5))
    return Secret("-".join(groups))
