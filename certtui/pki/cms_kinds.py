"""The content types of CMS: those that are read, and the sentence for each that is not."""

from __future__ import annotations

from certtui.errors import Invalid
from certtui.pki.cms_asn1 import AUTH_ENVELOPED_DATA, DATA, ENVELOPED_DATA, SIGNED_DATA, Element, content_info

_KINDS = {
    DATA: ("is plain data, neither signed nor encrypted", "There is nothing to undo: its content is the data."),
    SIGNED_DATA: ("is signed, not encrypted", "Verify it instead."),
    ENVELOPED_DATA: ("is encrypted, not signed", "Decrypt it first; a signature may be inside."),
    AUTH_ENVELOPED_DATA: ("is encrypted, not signed", "Decrypt it first; a signature may be inside."),
    "1.2.840.113549.1.7.4": (
        "is signed and encrypted as in the old PKCS#7 (signedAndEnvelopedData), which is not read",
        "",
    ),
    "1.2.840.113549.1.7.5": ("has a digest and no signature (DigestedData), which is not read", ""),
    "1.2.840.113549.1.7.6": (
        "is encrypted with a key that both sides have (EncryptedData), which is not read",
        "Have it encrypted to a certificate.",
    ),
    "1.2.840.113549.1.9.16.1.2": ("has a MAC and no signature (AuthenticatedData), which is not read", ""),
    "1.2.840.113549.1.9.16.1.9": (
        "is compressed (CompressedData), which is not read",
        "Uncompress it with `openssl cms -uncompress`.",
    ),
}


def content_of(message: bytes, *wanted: str) -> Element:
    """The content of a message in DER that has to be of one of these types. Raises `Invalid` for another, `Malformed`."""
    return typed_content(message, *wanted)[1]


def typed_content(message: bytes, *wanted: str) -> tuple[str, Element]:
    """The same with its type."""
    kind, content = content_info(message)
    if kind not in wanted:
        said, hint = _KINDS.get(kind, (f"is of a kind that is not read ({kind})", ""))
        raise Invalid(f"The message {said}.", hint, field="message")
    return kind, content
