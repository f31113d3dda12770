"""The child that reads files: `python -m certtui.pki.jobs_child PARENT`. It holds no store, opens no file and no connection.

Standard input brings passwords once, then batches of files; standard output takes the answers. It ends with its input,
with its parent (PR_SET_PDEATHSIG), or when a file asks for more memory or time than any honest one does.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Sequence

from certtui.errors import CerttuiError, Invalid
from certtui.model.secret import Secret
from certtui.pki import wire
from certtui.pki.limits import CPU_SECONDS, MEMORY

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _SIGKILL = 1, 4, 9


def main() -> int:
    """Answer batches until the input ends."""
    _confine()
    if str(os.getppid()) not in sys.argv[1:]:
        # The parent died before the signal could be asked for: nobody waits for an answer.
        return 0
    source = os.fdopen(0, "rb", buffering=1 << 20)
    out = os.fdopen(1, "wb", buffering=1 << 20)

    def read(size: int) -> bytes:
        return source.read(size)

    secrets = wire.read_blobs(read)
    if secrets is None:
        return 0
    passwords = [Secret(s) for s in secrets]
    # Imported while the first batch is on its way.
    from certtui.pki import read as _  # noqa: F401

    with contextlib.suppress(BrokenPipeError):
        while (batch := wire.read_blobs(read)) is not None:
            for frame in _answers(batch, passwords):
                out.write(frame)
            out.flush()
    # No clean-up worth waiting for: the parent waits for the end of the stream.
    os._exit(0)


def _answers(batch: Sequence[bytes], passwords: Sequence[Secret]) -> list[bytes]:
    from certtui.pki.read import read

    frames: list[bytes] = []
    rows: list[wire.Row] = []
    blobs: list[bytes] = []
    for data in batch:
        _allow_cpu()
        try:
            material = read("", data, passwords)
        except CerttuiError as error:
            rows.append(wire.error_row(error))
            continue
        except MemoryError:
            rows.append(wire.error_row(Invalid("Reading the file takes too much memory.", "Split it.")))
            continue
        certificates = material.certificates
        while len(certificates) > wire.CERTIFICATES_PER_FRAME:
            if rows:
                frames.append(wire.pack_answer(wire.RESULTS, rows, blobs))
                rows, blobs = [], []
            ahead: list[bytes] = []
            part = [wire.certificate_row(c, ahead) for c in certificates[: wire.CERTIFICATES_PER_FRAME]]
            frames.append(wire.pack_answer(wire.PARTS, part, ahead))
            certificates = certificates[wire.CERTIFICATES_PER_FRAME :]
        rows.append(wire.result_row(material, certificates, blobs))
    frames.append(wire.pack_answer(wire.RESULTS, rows, blobs))
    return frames


def _confine() -> None:
    """Limits that hold whatever a parser does; where the system lacks one, the others still hold."""
    import resource

    for what, limit in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CORE, 0)):
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(what, (limit, limit))
    if sys.platform == "linux":
        import ctypes

        with contextlib.suppress(OSError, AttributeError):
            libc = ctypes.CDLL(None)
            libc.prctl(_PR_SET_PDEATHSIG, _SIGKILL, 0, 0, 0)
            libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def _allow_cpu() -> None:
    """The limit counts from the start of the process: move it on for each file."""
    import resource
    import time

    with contextlib.suppress(ValueError, OSError):
        hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
        resource.setrlimit(resource.RLIMIT_CPU, (int(time.process_time()) + CPU_SECONDS, hard))


if __name__ == "__main__":
    sys.exit(main())
