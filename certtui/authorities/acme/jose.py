"""An account's key, and what it signs: JWS in flattened JSON (RFC 7515, 7.2.2) as RFC 8555, 6.2 wants them.

josepy gives JWK, thumbprints, signatures in JOSE's form and base64url. The header is put together here: its `nonce` and
`url` are ACME's own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from hashlib import sha256
from typing import TYPE_CHECKING

from certtui.errors import Invalid, Unreachable
from certtui.model.secret import Secret

if TYPE_CHECKING:
    from josepy.jwa import JWASignature
    from josepy.jwk import JWK

_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,250}\Z")

KEY_TYPES = ("ec-256", "ec-384", "rsa-2048", "rsa-3072", "rsa-4096")
"""What an account's key can be; `ec-256` is taken by every server."""


class AccountKey:
    """The private key of an account."""

    __slots__ = ("_alg", "_jwk", "kind")

    kind: str
    """Which of KEY_TYPES it is."""

    def __init__(self, pkcs8: Secret) -> None:
        """From PKCS#8 DER. Raises `Invalid` for a key that ACME accounts can't have."""
        from cryptography.hazmat.primitives.asymmetric import ec, rsa
        from cryptography.hazmat.primitives.serialization import load_der_private_key
        from josepy.jwa import ES256, ES384, RS256
        from josepy.jwk import JWKEC, JWKRSA
        from josepy.util import ComparableECKey, ComparableRSAKey

        key = load_der_private_key(pkcs8.reveal(), None)
        self._alg: JWASignature
        self._jwk: JWK
        match key:
            case ec.EllipticCurvePrivateKey() if key.curve.name in ("secp256r1", "secp384r1"):
                self.kind = "ec-256" if key.curve.name == "secp256r1" else "ec-384"
                self._alg = ES256 if key.curve.name == "secp256r1" else ES384
                self._jwk = JWKEC(key=ComparableECKey(key))
            case rsa.RSAPrivateKey():
                self.kind = f"rsa-{key.key_size}"
                self._alg, self._jwk = RS256, JWKRSA(key=ComparableRSAKey(key))
            case _:
                raise Invalid("An ACME account can't have a key of this kind.", f"Use one of {', '.join(KEY_TYPES)}.")

    @property
    def public_jwk(self) -> dict[str, str]:
        """The public key as a JWK."""
        return {name: str(value) for name, value in self._jwk.public_key().to_json().items()}

    @property
    def thumbprint(self) -> str:
        """RFC 7638, in base64url: what a key authorization ends with."""
        return b64(self._jwk.thumbprint())

    def key_authorization(self, token: str) -> str:
        """What answers a challenge (RFC 8555, 8.1). Raises `Unreachable` for a token that is none: it becomes a file's name."""
        if not _TOKEN.match(token):
            raise Unreachable("The ACME server gave a challenge whose token is no base64url.", "It is tried again.")
        return f"{token}.{self.thumbprint}"

    def dns_value(self, token: str) -> str:
        """The TXT record that answers a `dns-01` challenge (RFC 8555, 8.4)."""
        return b64(sha256(self.key_authorization(token).encode("ascii")).digest())

    def signed(self, payload: bytes, *, url: str, nonce: str = "", kid: str = "") -> bytes:
        """The request: by `kid`, the account's URL, else by the key itself; an inner JWS has no nonce."""
        header: dict[str, object] = {"alg": self._alg.name, "url": url}
        header |= {"kid": kid} if kid else {"jwk": self.public_jwk}
        if nonce:
            header["nonce"] = nonce
        return _flattened(self._jwk, self._alg, header, payload)


def new_key(kind: str = "ec-256") -> Secret:
    """A fresh account key, PKCS#8 DER. Raises `Invalid` for a kind that is none of KEY_TYPES."""
    from cryptography.hazmat.primitives.asymmetric import ec, rsa
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    if kind not in KEY_TYPES:
        raise Invalid(f"An ACME account can't have a key of the kind {kind}.", f"Use one of {', '.join(KEY_TYPES)}.")
    family, _, size = kind.partition("-")
    key = (
        ec.generate_private_key(ec.SECP256R1() if size == "256" else ec.SECP384R1())
        if family == "ec"
        else rsa.generate_private_key(65537, int(size))
    )
    return Secret(key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()))


def external_binding(key: AccountKey, kid: str, mac_key: Secret, url: str) -> dict[str, str]:
    """That the account belongs to a customer of the CA (RFC 8555, 7.3.4). Raises `Invalid` (field `eab_key`)."""
    from josepy.jwa import HS256
    from josepy.jwk import JWKOct

    jwk = JWKOct(key=mac_bytes(mac_key))
    payload = json.dumps(key.public_jwk, separators=(",", ":")).encode()
    made: dict[str, str] = json.loads(_flattened(jwk, HS256, {"alg": "HS256", "kid": kid, "url": url}, payload))
    return made


def mac_bytes(mac_key: Secret) -> bytes:
    """The MAC key of an external account: base64url, also with padding or in the other alphabet. Raises `Invalid`."""
    import base64
    import binascii

    text = mac_key.reveal().strip().rstrip(b"=").replace(b"+", b"-").replace(b"/", b"_")
    try:
        found = base64.b64decode(text + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        found = b""
    if len(found) < 16:
        raise Invalid("The EAB key is no MAC key in base64url.", "Copy it whole from the CA's page.", field="eab_key")
    return found


def b64(data: bytes) -> str:
    """base64url without padding (RFC 7515, 2)."""
    from josepy.b64 import b64encode

    return b64encode(data).decode("ascii")


def _flattened(jwk: JWK, alg: JWASignature, header: Mapping[str, object], payload: bytes) -> bytes:
    protected = b64(json.dumps(header, separators=(",", ":")).encode())
    body = b64(payload)
    signature = b64(alg.sign(jwk.key, f"{protected}.{body}".encode("ascii")))
    return json.dumps({"protected": protected, "payload": body, "signature": signature}).encode()
