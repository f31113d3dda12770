"""What a failed exchange means for a person: one sentence of what happened, and whether another try may help."""

from __future__ import annotations

import ssl

import httpx

from certtui.backend.remote.trust import Untrusted
from certtui.errors import CerttuiError, Denied, Interrupted, Unreachable


class ListingGone(Interrupted):
    """The server no longer holds that list (410)."""


class Broken(Exception):
    """An exchange that gave no answer, and whether another try may."""

    def __init__(self, error: CerttuiError, *, worth_it: bool) -> None:
        super().__init__()
        self.error = error
        self.worth_it = worth_it


def closed() -> Interrupted:
    return interrupted(closed=True)


def interrupted(closed: bool) -> Interrupted:
    return Interrupted("The connection was closed." if closed else "Broken off.", "Ask again.")


def foreign(host: str, status: int) -> CerttuiError:
    """An error that certtui did not write: a proxy's, or of another program."""
    if status in (401, 403, 407):
        return Denied(f"Something before {host} refuses ({status}).", "Look at URL and proxy.")
    if status in (502, 503, 504):
        return Unreachable(f"{host} is not reached by what stands before it ({status}).", "It is tried again.")
    return Unreachable(f"{host} answers, but not as a certtui server ({status}).", "Look at the URL.")


def broken(host: str, error: Exception) -> Broken:
    """What a failed exchange means for a person."""
    if cause := _tls_cause(error):
        reason = getattr(cause, "verify_message", "") or getattr(cause, "reason", "") or "the handshake failed"
        if isinstance(cause, ssl.SSLCertVerificationError):
            return Broken(
                Untrusted(
                    f"The certificate of {host} is not trusted: {str(reason).rstrip('.').lower()}.",
                    "Name the CA that signed it as ca_file, or pin its key.",
                ),
                worth_it=False,
            )
        if str(reason).isupper():
            reason = str(reason).replace("_", " ").lower()
        return Broken(
            Unreachable(f"TLS with {host} did not come about: {reason}.", "Look at URL, port and client certificate."),
            worth_it=False,
        )
    match error:
        case httpx.ConnectTimeout() | httpx.PoolTimeout():
            said = f"{host} does not answer."
        case httpx.ConnectError():
            said = f"{host} can't be reached: {_reason(error)}."
        case httpx.ProxyError():
            said = f"The proxy does not lead to {host}: {_reason(error)}."
        case httpx.TimeoutException():
            said = f"{host} did not answer in time."
        case httpx.UnsupportedProtocol() | httpx.InvalidURL():
            return Broken(Unreachable(f"{host} is no address of a server."), worth_it=False)
        case _:
            said = f"The connection to {host} broke."
    return Broken(Unreachable(said, "It is tried again; `certtui context test` says more."), worth_it=True)


def _tls_cause(error: BaseException) -> ssl.SSLError | None:
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, ssl.SSLError) and not isinstance(seen, ssl.SSLEOFError | ssl.SSLZeroReturnError):
            return seen
        seen = seen.__cause__ or seen.__context__
    return None


def _reason(error: BaseException) -> str:
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, OSError) and seen.strerror:
            return seen.strerror.lower()
        seen = seen.__cause__ or seen.__context__
    return "no connection"
