"""The inspect port: what forms, `match` and imports need to know of files. Always local: a file being checked never goes to a server.

Implemented by `certtui.pki.inspector`; the factory gives it. What can hold the interpreter (PKCS#12, private keys,
many files) runs in a child process (`certtui.pki.jobs`) with limits on memory and time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Protocol

from certtui.record import dataclass

if TYPE_CHECKING:
    from datetime import datetime

    from certtui.model.chain import ChainReport
    from certtui.model.match import MatchReport, StoredPart
    from certtui.model.secret import Secret
    from certtui.model.x509 import KeyFacts, Material, X509Details, X509Facts


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file to look into: its path as the person named it, and its bytes."""

    path: str
    data: bytes


@dataclass(frozen=True, slots=True)
class ReadFile:
    """What became of one `SourceFile`: material, or the sentence of why not (then `needs_password` may be set)."""

    path: str
    material: Material | None
    reason: str = ""
    needs_password: bool = False


@dataclass(frozen=True, slots=True)
class Pairing:
    """Material sorted out for one certificate entry: the leaf, its key if it came, its chain ordered leaf to root.

    `unused` are sentences about what came along and fits nothing.
    """

    leaf: X509Facts
    key: KeyFacts | None
    chain: tuple[X509Facts, ...]
    missing_issuer: str
    """RFC 4514 name of the issuer that is neither in the chain nor a root of the system, "" when complete."""
    unused: tuple[str, ...] = ()


class Inspect(Protocol):
    """Reads files and answers questions about them."""

    def read(self, file: SourceFile, passwords: Sequence[Secret] = ()) -> Material:
        """Everything in one file or paste. Raises `Invalid` with a sentence, `PasswordNeeded` when encrypted and none fits.

        Single parts that cannot be parsed are in `Material.unread` while something else can be; limits: 32 MiB a file,
        100,000 certificates, PKCS#12 with at most 5 million KDF iterations.
        """

    def read_many(self, files: Iterable[SourceFile], passwords: Sequence[Secret] = ()) -> Iterator[ReadFile]:
        """The same for many, in order, in a child process, never raising for one bad file. Closing the iterator kills the child."""

    def pair(self, materials: Sequence[Material]) -> Pairing:
        """One entry from files that belong together (PFX; certificate + key + chain). Raises `Invalid` (field "certificate", "key" or "chain")
        when there is no leaf, several leaves, or a key that is not the leaf's: naming both key identities."""

    def entries(self, material: Material) -> Sequence[Pairing]:
        """Every certificate of a file as an entry of its own, each with its key if it came along: what a bulk import takes."""

    def match(self, materials: Sequence[Material], stored: Sequence[StoredPart] = ()) -> MatchReport:
        """Does all of it belong together? Says which part of which is wrong; a stored part needs a material of its path."""

    def details(self, der: bytes) -> X509Details:
        """Extensions, usages and the openssl-like text of one certificate."""

    def csr_text(self, der: bytes) -> str:
        """A PKCS#10 request in the manner of `openssl req -text`."""

    def fetch(self, host: str, port: int, *, server_name: str = "", timeout: float = 10.0) -> Material:
        """The certificate and chain that a running TLS server presents, verified or not. Raises `Unreachable`, `Invalid`."""

    def suggest_sans(self, text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """SAN lines as typed (`www.example.com`, `DNS:münchen.example`, `10.0.0.7`, `URI:…`) to (normalised, one problem sentence per bad line)."""

    def target(self, text: str) -> tuple[str, int]:
        """`HOST:PORT`, `HOST` or `[::1]:443` as typed to host and port (default 443). Raises `Invalid` (field "host" or "port")."""

    def trust(self, leaf: X509Facts, chain: Sequence[X509Facts], now: datetime) -> ChainReport:
        """The paths from a certificate that is in no store to the system's roots, by what came with it. No network."""
