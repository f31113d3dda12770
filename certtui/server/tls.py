"""The server's own TLS: a certificate from files or from its own inventory, taken anew when it is renewed, without a restart."""

from __future__ import annotations

import asyncio
import logging
import os
import ssl
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from certtui.errors import CerttuiError, Invalid, NotFound
from certtui.record import dataclass

if TYPE_CHECKING:
    from certtui.backend.base import Backend
    from certtui.clock import Clock

_log = logging.getLogger(__name__)

LOOK = 5.0
"""Seconds between two looks for a renewed certificate: two stats of files, or one row of the store."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Certificate chain and key as PEM, and what tells it from another one."""

    mark: str
    chain: bytes
    key: bytes


Source = Callable[[str], "Pair | None"]
"""From the mark of what is in use to a new pair, or None when nothing changed. Blocking."""


class Tls:
    """A context that serves with what its source gives. Raises `Invalid`, `NotFound`, `Locked` when it gives nothing usable."""

    def __init__(self, source: Source, client_ca: Path | None = None) -> None:
        self.context = new_context(client_ca)
        self._source = source
        self._mark = ""
        self.refresh()

    def refresh(self) -> bool:
        """Take a new pair if there is one; what is in use stays when it is unusable. Raises as the constructor."""
        pair = self._source(self._mark)
        if pair is None:
            return False
        # A pair that doesn't fit would leave the live context with a certificate and no key: it is tried on another one.
        load(new_context(None), pair)
        load(self.context, pair)
        self._mark = pair.mark
        return True

    async def watch(self) -> None:
        """Look for a renewed certificate, for ever."""
        loop = asyncio.get_running_loop()
        said = ""
        while True:
            await asyncio.sleep(LOOK)
            try:
                if await loop.run_in_executor(None, self.refresh):
                    _log.info("serving with a renewed certificate")
                    said = ""
            except CerttuiError as error:
                if str(error) != said:
                    said = str(error)
                    _log.warning("the renewed certificate can't be used: %s", error)


def new_context(client_ca: Path | None) -> ssl.SSLContext:
    """TLS 1.2 and later, HTTP/1.1; client certificates are asked for where there is an authority for them."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION
    if client_ca is not None:
        try:
            context.load_verify_locations(cafile=str(client_ca))
        except (OSError, ssl.SSLError) as error:
            raise Invalid(
                f"{client_ca} holds no authority for client certificates: {_reason(error)}.",
                "Name a PEM file with their CA certificates.",
                field="client-ca",
            ) from None
        # Not required: a token is the other way in.
        context.verify_mode = ssl.CERT_OPTIONAL
    return context


def load(context: ssl.SSLContext, pair: Pair) -> None:
    """Give a context its certificate and key. Raises `Invalid`."""
    with _private(pair.chain + b"\n" + pair.key) as path:
        try:
            context.load_cert_chain(path, password=_no_password)
        except (ssl.SSLError, ValueError) as error:
            raise Invalid(
                f"The server can't serve with this certificate and key: {_reason(error)}.",
                "Give a certificate with its chain and its own unencrypted key, as PEM.",
                field="tls-cert",
            ) from None


def from_files(certificate: Path, key: Path) -> Source:
    """A pair from two PEM files, again when one of them changes."""

    def source(mark: str) -> Pair | None:
        try:
            stats = [each.stat() for each in (certificate, key)]
            now = " ".join(f"{each.st_ino}.{each.st_mtime_ns}.{each.st_size}" for each in stats)
            if now == mark:
                return None
            return Pair(now, certificate.read_bytes(), key.read_bytes())
        except OSError as error:
            raise Invalid(
                f"{error.filename} can't be read: {_reason(error)}.",
                "Check the path and its permissions.",
                field="tls-cert",
            ) from None

    return source


def from_inventory(backend: Backend, reference: str, clock: Clock) -> Source:
    """A pair from the store: the newest member of the lineage that is valid and has its key."""
    start = backend.certificates.resolve(reference)

    def source(mark: str) -> Pair | None:
        from certtui.model.certificate import ExportForm, ExportRequest

        chosen = _newest(backend, start, clock)
        now = f"{chosen}"
        if now == mark:
            return None
        chain = backend.certificates.export(chosen, ExportRequest(ExportForm.FULLCHAIN)).content.reveal()
        return Pair(now, chain, backend.certificates.reveal_key(chosen).reveal())

    return source


def _newest(backend: Backend, start: int, clock: Clock) -> int:
    now = clock.now()
    usable = [
        (member.not_before, member.id)
        for member in backend.certificates.get(start).lineage
        if member.not_before is not None
        and member.not_after is not None
        and member.not_before <= now <= member.not_after
    ]
    for _, member_id in sorted(usable, reverse=True):
        if backend.certificates.get(member_id).row.has_private_key:
            return member_id
    row = backend.certificates.get(start).row
    if row.not_after is not None and row.has_private_key:
        return start
    raise NotFound(f"{row.name} has no certificate with a key here.", "Name one that has, with --tls-certificate.")


@contextmanager
def _private(content: bytes) -> Iterator[str]:
    """A path under which OpenSSL reads bytes that are on no disk where the system allows it (memfd_create(2))."""
    if hasattr(os, "memfd_create"):
        descriptor = os.memfd_create("certtui-tls", os.MFD_CLOEXEC)
        try:
            with os.fdopen(os.dup(descriptor), "wb") as file:
                file.write(content)
            yield f"/proc/self/fd/{descriptor}"
        finally:
            os.close(descriptor)
        return
    with tempfile.NamedTemporaryFile("wb", prefix="certtui-") as file:  # made 0600
        file.write(content)
        file.flush()
        yield file.name


def _no_password() -> bytes:
    """OpenSSL would ask on the terminal."""
    raise ValueError("the key is encrypted")


def _reason(error: Exception) -> str:
    if isinstance(error, ssl.SSLError) and error.reason:
        return error.reason.lower().replace("_", " ")
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return str(error) or type(error).__name__
