"""A synthetic store of any size up to a million certificates, made in a minute or two and kept in `.cache/`.

    python -m benchmarks.estate 1000000

Rows look like a large organisation's: teams, hosts, several issuers, every status. They go in by plain SQL with the
indexes made afterwards; hashes are random, and every entry shares one real certificate, so that a page opens.
"""

from __future__ import annotations

import random
import sqlite3
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from certtui.backend.local.schema import SEARCH_VERSION, sqlite_ddl
from certtui.clock import UTC
from certtui.model.domains import domain_of
from certtui.model.search_text import fold, search_text_of

CACHE = Path(__file__).resolve().parent.parent / ".cache"
VERSION = 2
"""Part of the cached file's name: raise it when rows change."""

DAY = 86_400
RARE = "zqxjkv"
"""A word that three entries of every estate hold, for searches."""

TEAMS = (
    "payments", "platform", "web", "mobile", "data", "identity", "search", "logistics", "billing", "partners",
    "people ops", "field", "security", "edge", "mail", "voice", "archive", "risk", "treasury", "labs",
)  # fmt: skip
SERVICES = (
    "api", "gateway", "auth", "cache", "db", "ldap", "mq", "proxy", "static", "cdn", "grafana", "vault", "git", "ci",
    "registry", "smtp", "imap", "vpn", "wiki", "crm", "erp", "shop", "cart", "ledger", "rates", "feed", "push", "hooks",
    "ingest", "spark", "kafka", "redis", "login", "portal", "kiosk", "pos", "tracking", "maps", "quotes", "claims",
)  # fmt: skip
PLACES = ("fra1", "ams2", "lhr1", "nyc3", "sfo2", "sin1", "syd1", "gru1", "jnb1", "nrt2", "bom1", "yyz1")
STAGES = ("", "", "", "-stage", "-test", "-dev")
DOMAINS = ("example.com", "example.net", "example.org", "corp.example", "int.example", "münchen.example")
ISSUERS = (
    ("R10", "CN=R10,O=Let's Encrypt,C=US", 90, "acme"),
    ("R11", "CN=R11,O=Let's Encrypt,C=US", 90, "acme"),
    ("E5", "CN=E5,O=Let's Encrypt,C=US", 90, "acme"),
    ("DigiCert Global G2 TLS RSA SHA256 2020 CA1",
     "CN=DigiCert Global G2 TLS RSA SHA256 2020 CA1,O=DigiCert Inc,C=US", 365, "external"),
    ("Example Issuing CA 1", "CN=Example Issuing CA 1,OU=Security,O=Example AG,C=DE", 730, "local"),
    ("Example Issuing CA 2", "CN=Example Issuing CA 2,OU=Security,O=Example AG,C=DE", 730, ""),
    ("Device CA", "CN=Device CA,O=Example AG,C=DE", 1825, ""),
)  # fmt: skip
ISSUER_WEIGHTS = (18, 18, 12, 14, 20, 10, 8)
KEYS = ("rsa-2048", "rsa-3072", "rsa-4096", "ec-256", "ec-384", "ed25519")
KEY_WEIGHTS = (45, 5, 10, 32, 6, 2)


class Estate(NamedTuple):
    """A made store: the database, its key file, and how many entries it holds."""

    path: Path
    key_file: Path
    count: int


def cached(count: int, now: int | None = None) -> Estate:
    """The estate of `count` entries from `.cache/`, made first where it is missing or was made for an older schema.

    Entries are spread around `now` (epoch seconds; the start of today where none is given); after a month they are made
    anew, so that what expires soon still does.
    """
    today = (int(time.time()) if now is None else now) // DAY * DAY
    schema = zlib.crc32(sqlite_ddl().encode())
    folder = CACHE / f"estate-{count}-v{VERSION}-{schema:08x}-{today // (30 * DAY)}"
    estate = Estate(folder / "store.db", folder / "store.key", count)
    if not (folder / "complete").exists():
        for old in CACHE.glob(f"estate-{count}-v*"):
            for file in old.iterdir():
                file.unlink()
            old.rmdir()
        folder.mkdir(parents=True)
        build(estate, today, progress=_say)
        (folder / "complete").touch()
    return estate


def build(estate: Estate, now: int, *, seed: int = 7, progress: Callable[[str], None] = lambda _: None) -> None:
    """Make the store: as certtui makes an empty one, then rows, then indexes, then the search index."""
    _init(estate)
    connection = sqlite3.connect(estate.path, isolation_level=None)
    try:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA cache_size = -400000")
        connection.execute("PRAGMA foreign_keys = OFF")
        indexes = connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'certificate' AND sql IS NOT NULL"
        ).fetchall()
        for name, _ in indexes:
            connection.execute(f'DROP INDEX "{name}"')
        connection.execute("BEGIN")
        _insert(connection, estate.count, now, random.Random(seed), progress)
        connection.execute("COMMIT")
        for name, sql in indexes:
            progress(f"index {name}")
            connection.execute(sql)
        progress("search index")
        connection.execute("INSERT INTO certificate_fts(certificate_fts) VALUES ('rebuild')")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        connection.close()


def _init(estate: Estate) -> None:
    from certtui.backend.factory import StoreOptions, store_admin
    from certtui.model.audit import Actor

    store_admin(StoreOptions(str(estate.path), key_file=estate.key_file), actor=Actor("bench")).init()


def _insert(
    connection: sqlite3.Connection, count: int, now: int, chance: random.Random, progress: Callable[[str], None]
) -> None:
    resources = max(1, min(2000, count // 50))
    connection.executemany(
        "INSERT INTO resource (id, created_at, updated_at, name, name_key, type, endpoint) VALUES (?,?,?,?,?,?,?)",
        (
            (
                n,
                now - 90 * DAY,
                now - 90 * DAY,
                f"lb-{n:04d}",
                f"lb-{n:04d}",
                "load-balancer",
                f"lb-{n:04d}.example.com:443",
            )
            for n in range(1, resources + 1)
        ),
    )
    columns = (*Row._fields, "search_text")
    sql = f"INSERT INTO certificate ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"
    der = _der()
    for first in range(1, count + 1, 20_000):
        rows = list(_rows(first, min(first + 20_000, count + 1), count, now, chance))
        connection.executemany(sql, ((*row, _searched(row)) for row in rows))
        connection.executemany(
            "INSERT INTO certificate_der VALUES (?, ?)", ((row.id, der) for row in rows if row.not_after is not None)
        )
        connection.executemany(
            "INSERT INTO association (certificate_id, resource_id, role, created_at) VALUES (?, ?, 'server', ?)",
            (
                (row.id, (row.id + step * 7) % resources + 1, now)
                for row in rows
                for step in range(min(row.resource_count, resources))
            ),
        )
        progress(f"{rows[-1].id:,} of {count:,}")
    for table, last in (("certificate", count), ("resource", resources)):
        connection.execute(
            "INSERT INTO counter (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (table, last),
        )
    connection.execute("UPDATE store_meta SET search_version = ?", (SEARCH_VERSION,))


class Row(NamedTuple):
    """A line of the table `certificate`, but for its search text."""

    id: int
    state: str
    not_before: int | None
    not_after: int | None
    expiring_from: int | None
    revoked_at: int | None
    is_ca: int
    self_issued: int
    has_private_key: int
    has_csr: int
    resource_count: int
    san_count: int
    created_at: int
    updated_at: int
    name: str
    name_key: str
    common_name: str
    issuer_name: str
    business_group: str
    source: str
    provider: str
    key_algorithm: str
    signature_digest: str
    contact_email: str
    serial_number: str
    fingerprint_sha256: str | None
    fingerprint_sha1: str
    spki_sha256: str
    subject_id: str
    issuer_id: str
    subject: str
    issuer: str
    description: str
    sans: str
    domain: str


def _rows(first: int, stop: int, count: int, now: int, chance: random.Random) -> Iterator[Row]:
    issuers = chance.choices(range(len(ISSUERS)), ISSUER_WEIGHTS, k=stop - first)
    keys = chance.choices(KEYS, KEY_WEIGHTS, k=stop - first)
    rare = {count // 4, count // 2, count - 1}
    for number, which, key in zip(range(first, stop), issuers, keys, strict=True):
        issuer_name, issuer, days, provider = ISSUERS[which]
        team, service = chance.choice(TEAMS), chance.choice(SERVICES)
        host = f"{service}{number}{chance.choice(STAGES)}"
        if number in rare:
            host += "-" + RARE
        domain = chance.choice(DOMAINS)
        names = [f"{host}.{chance.choice(PLACES)}.{domain}"]
        names += [f"{service}-{extra}.{domain}" for extra in range(chance.choice((0, 0, 1, 1, 2, 5)))]
        names = [name.replace("münchen", "xn--mnchen-3ya") for name in names]
        sans = [f"DNS:{name}" for name in names]
        waiting = chance.random() < 0.004
        begin, end = _validity(now, days, chance)
        whole = end - begin + 1
        revoked = begin + whole // 2 if not waiting and chance.random() < 0.002 else None
        subject = f"CN={names[0]},O=Example AG,C=DE"
        used = 0 if waiting else chance.choice((0, 0, 0, 1, 1, 2))
        created = begin + DAY
        yield Row(
            id=number,
            state=chance.choice(("draft", "pending", "pending", "error")) if waiting else "",
            not_before=None if waiting else begin,
            not_after=None if waiting else end,
            expiring_from=None if waiting else (end - whole // 3 if whole <= 100 * DAY else end - 90 * DAY + 1),
            revoked_at=None if revoked is None or revoked > now else revoked,
            is_ca=0,
            self_issued=0,
            has_private_key=int(chance.random() < 0.6),
            has_csr=int(waiting),
            resource_count=used,
            san_count=len(names),
            created_at=created,
            updated_at=created,
            name=host,
            name_key=fold(host),
            common_name=names[0],
            issuer_name="" if waiting else issuer_name,
            business_group=team,
            source="imported" if provider == "" else chance.choice(("managed", "managed", "imported", "discovered")),
            provider=provider,
            key_algorithm=key,
            signature_digest="" if waiting else "sha256" if key != "ec-384" else "sha384",
            contact_email=f"{team.replace(' ', '-')}@example.com",
            serial_number="" if waiting else f"{chance.getrandbits(127) | 1 << 126:x}",
            fingerprint_sha256=None if waiting else f"{chance.getrandbits(256):064x}",
            fingerprint_sha1="" if waiting else f"{chance.getrandbits(160):040x}",
            spki_sha256=f"{chance.getrandbits(256):064x}",
            subject_id=f"{chance.getrandbits(256):064x}",
            issuer_id=f"{which:064x}",
            subject=subject,
            issuer="" if waiting else issuer,
            description="" if chance.random() < 0.9 else f"Front of {service} for {team}",
            sans="\n".join(sans),
            domain=domain_of(sans, names[0]),
        )


def _validity(now: int, days: int, chance: random.Random) -> tuple[int, int]:
    """Most run now, at any age; one in twelve is over, one in three hundred begins later."""
    kind = chance.random()
    if kind < 0.08:
        end = now - chance.randrange(1, 700 * DAY)
        return end - days * DAY + 1, end
    if kind < 0.083:
        begin = now + chance.randrange(1, 20 * DAY)
        return begin, begin + days * DAY - 1
    begin = now - chance.randrange(0, days * DAY)
    return begin, begin + days * DAY - 1


def _searched(row: Row) -> str:
    return search_text_of(
        name=row.name,
        common_name=row.common_name,
        sans=row.sans.split("\n"),
        subject=row.subject,
        issuer=row.issuer,
        business_group=row.business_group,
        description=row.description,
        contact_email=row.contact_email,
    )


def _der() -> bytes:
    from datetime import datetime

    from cryptography import x509
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.x509.oid import NameOID

    key = Ed25519PrivateKey.generate()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "estate.example")])
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(begin).not_valid_after(begin.replace(year=2036))
    return builder.sign(key, None).public_bytes(serialization.Encoding.DER)


def _say(words: str) -> None:
    sys.stderr.write(f"\r\x1b[Kestate: {words}" if sys.stderr.isatty() else f"estate: {words}\n")


if __name__ == "__main__":
    begun = time.perf_counter()
    made = cached(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
    print(f"{made.path} ({made.path.stat().st_size / 2**20:,.0f} MiB, {time.perf_counter() - begun:.0f} s)")
