"""How much one file may hold; kept apart from what reads it, so that the parent of the reading child imports no parser."""

MAX_BYTES = 32 * 1024 * 1024
MAX_CERTIFICATES = 100_000
MEMORY = 2 * 1024**3
"""Of the reading child, in octets."""
CPU_SECONDS = 60
"""Of the reading child, for one file."""
