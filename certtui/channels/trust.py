"""Whom a channel trusts: the system's authorities, or the certificates of a file alone."""

from __future__ import annotations

import ssl

from certtui.errors import Unreachable


def trusting(ca_file: str) -> ssl.SSLContext:
    """A context that verifies certificate and host name. Raises `Unreachable` for a file that can't be read."""
    try:
        context = ssl.create_default_context(cafile=ca_file or None)
    except (OSError, ssl.SSLError) as error:
        raise Unreachable(f"The certificates at {ca_file} can't be read: {error}.", "Give a PEM file.") from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
