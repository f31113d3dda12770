"""What a server allows: sizes, times and numbers, with the defaults that fit one team."""

from __future__ import annotations

from certtui.record import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    """Sizes in bytes, times in seconds."""

    max_body: int = 1 << 20
    """Of a request, but for uploads."""
    max_upload: int = 32 << 20
    """Of a batch of certificates."""
    header_timeout: float = 10.0
    """From the first byte of a request (or the connection) to the end of its header; for a TLS handshake, too."""
    body_timeout: float = 20.0
    """Without a byte of a body that is expected."""
    slowest_upload: int = 8 << 10
    """Bytes per second that a body must come with on the whole, after `body_timeout`."""
    write_timeout: float = 30.0
    """For a client to take what was sent before more follows."""
    keep_alive: float = 75.0
    """Longer than proxies and pools keep theirs, so that they close first."""
    graceful: float = 30.0
    """For what runs to finish after SIGTERM."""
    threads: int = 16
    """Blocking calls of the backend at once; more wait their turn."""
    connections: int = 1_000
    listing_bytes: int = 64 << 20
    """Of all lists that are held for consoles; the one that was not used for longest goes first."""
    listing_bytes_each: int = 24 << 20
    """Of all lists of one person: three of a million rows."""
    listings_each: int = 64
    streams_each: int = 32
    """Change feeds of one person at once."""
    feed_interval: float = 0.25
    """Between two looks at the store's newest change, while somebody follows."""
    heartbeat: float = 15.0
    """Between two signs of life on a quiet feed."""
    identity_cache: float = 2.0
    """For how long an authenticated token is not asked for again; a revocation seen in the feed ends it at once."""
    answers_kept: int = 24 * 3600
    """For how long an Idempotency-Key answers a retry."""
    worker: bool = False
    """Whether the server does the due work of its store; several on one store share it."""
    public_pki: bool = True
    """CRLs, CA certificates and OCSP for anybody, under /pki: signed statements that are made for strangers."""
    public_connections: int = 500
    """Of the listener that serves nothing else."""
    public_keep_alive: float = 10.0
    """There: strangers come for one answer, and must not hold connections that others need."""
