"""Using the keys of a repository over HTTP: messages go in, messages come out, keys never."""

from __future__ import annotations

from certtui.backend.wire_forms import DecryptBody, EncryptBody, MadeMessage, SignBody, VerifyBody
from certtui.model.cms import CmsVerification, Decrypted
from certtui.server.route import Call, Reply, Routes, reply

ROUTES = Routes("repositories", "")

_CONTENT = "UGF5IDEwMCB0byBBbGljZS4="
_KINDS = "Private and compliant repositories only. Content and message are base64, and go through memory."


@ROUTES(
    "POST", "/repositories/{id}/sign", "repositories.sign", "Sign with the key of a certificate",
    help="A CMS message (RFC 5652) signed with a certificate that is filed there. `options`: `digest` is sha256, sha384 or "
    f"sha512, `pss` for RSA keys, `detached`, `form` is pem or der. {_KINDS} Every use is on record.",
    takes=SignBody, gives=MadeMessage, secret=True, upload=True,
    example={"certificate_id": 1, "content": _CONTENT, "options": {"digest": "sha256", "detached": True}},
)  # fmt: skip
def sign(call: Call) -> Reply:
    body: SignBody = call.body
    made = call.backend.repositories.sign(call.id, body.certificate_id, body.content, body.options)
    return reply(MadeMessage(made))


@ROUTES(
    "POST", "/repositories/{id}/verify", "repositories.verify", "Verify a signed message",
    help="Says of each signer who it is, when it signed, and whether the signature is `good` and the certificate `trusted`, or "
    f"why not. `content` goes with a detached message. {_KINDS}",
    takes=VerifyBody, gives=CmsVerification, secret=True, upload=True, example={"message": "MIIB", "content": _CONTENT},
)  # fmt: skip
def verify(call: Call) -> Reply:
    body: VerifyBody = call.body
    return reply(call.backend.repositories.verify(call.id, body.message, body.content))


@ROUTES(
    "POST", "/repositories/{id}/encrypt", "repositories.encrypt", "Encrypt to certificates",
    help="A CMS message that each of the certificates opens. `options`: `cipher` is aes-256-gcm, aes-128-gcm, aes-256-cbc or "
    f"aes-128-cbc, `rsa` is oaep or pkcs1, `form` is pem or der. {_KINDS}",
    takes=EncryptBody, gives=MadeMessage, secret=True, upload=True,
    example={"certificate_ids": [1], "content": _CONTENT, "options": {"cipher": "aes-256-gcm"}},
)  # fmt: skip
def encrypt(call: Call) -> Reply:
    body: EncryptBody = call.body
    made = call.backend.repositories.encrypt(call.id, body.certificate_ids, body.content, body.options)
    return reply(MadeMessage(made))


@ROUTES(
    "POST", "/repositories/{id}/decrypt", "repositories.decrypt", "Decrypt with the key of a certificate",
    help="Without `certificate_id` the message tells which of those that are filed there opens it. "
    f"{_KINDS} Every use is on record, and every attempt that fails.",
    takes=DecryptBody, gives=Decrypted, secret=True, upload=True, example={"message": "MIIB"},
)  # fmt: skip
def decrypt(call: Call) -> Reply:
    body: DecryptBody = call.body
    return reply(call.backend.repositories.decrypt(call.id, body.certificate_id, body.message))
