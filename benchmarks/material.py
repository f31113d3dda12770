"""Files for the bulk import: certificates of many CAs, one in five with its key, one file each; kept in `.cache/`."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path

from benchmarks.estate import CACHE

VERSION = 2
KEYS_EVERY = 5


def folders(count: int, size: int) -> list[Path]:
    """So many folders of so many certificates each, no two alike; made first where they are missing."""
    root = CACHE / f"material-{size}-v{VERSION}"
    root.mkdir(parents=True, exist_ok=True)
    made = []
    for number in range(count):
        folder = root / f"{number:03d}"
        if not (folder / "complete").exists():
            folder.mkdir(exist_ok=True)
            _fill(folder, number * size, size)
            (folder / "complete").touch()
        made.append(folder)
    return made


def _fill(folder: Path, first: int, size: int) -> None:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    begin = datetime(2026, 1, 1, tzinfo=timezone.utc)
    signer = ec.generate_private_key(ec.SECP256R1())
    issuer = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Example AG"),
            x509.NameAttribute(NameOID.COMMON_NAME, f"Example Bulk CA {first // size}"),
        ]
    )
    above = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())
    shared = ec.generate_private_key(ec.SECP256R1())
    for number in range(first, first + size):
        with_key = number % KEYS_EVERY == 0
        key = ec.generate_private_key(ec.SECP256R1()) if with_key else shared
        host = f"host-{number:07d}.bulk.example.com"
        start = begin + timedelta(hours=number % 9000)
        made = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)]))
            .issuer_name(issuer)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(start)
            .not_valid_after(start + timedelta(days=365))
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(above, critical=False)
            .add_extension(
                x509.SubjectAlternativeName([x509.DNSName(host), x509.DNSName(f"www.{host}")]), critical=False
            )
            .sign(signer, hashes.SHA256())
        )
        text = made.public_bytes(Encoding.PEM)
        if with_key:
            text += key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (folder / f"{number:07d}.pem").write_bytes(text)
