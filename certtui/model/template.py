"""What kind of certificate the built-in PKI makes: validity, keys and usages, as data that a profile may change."""

from __future__ import annotations

from certtui.record import dataclass

KEY_USAGES = (
    "digitalSignature",
    "contentCommitment",
    "keyEncipherment",
    "dataEncipherment",
    "keyAgreement",
    "keyCertSign",
    "cRLSign",
    "encipherOnly",
    "decipherOnly",
)
"""RFC 5280, 4.2.1.3, in the order of their bits. A leaf may have none of keyCertSign and cRLSign."""

EXTENDED_USAGES = {
    "serverAuth": "1.3.6.1.5.5.7.3.1",
    "clientAuth": "1.3.6.1.5.5.7.3.2",
    "codeSigning": "1.3.6.1.5.5.7.3.3",
    "emailProtection": "1.3.6.1.5.5.7.3.4",
    "timeStamping": "1.3.6.1.5.5.7.3.8",
    "OCSPSigning": "1.3.6.1.5.5.7.3.9",
    "ipsecIKE": "1.3.6.1.5.5.7.3.17",
    "smartcardLogon": "1.3.6.1.4.1.311.20.2.2",
    "documentSigning": "1.3.6.1.5.5.7.3.36",
}
"""Names of extended key usages that may be written for their dotted OID."""

LEAF_KEYS = (
    "rsa-2048",
    "rsa-3072",
    "rsa-4096",
    "ec-256",
    "ec-384",
    "ec-521",
    "ed25519",
    "ml-dsa-44",
    "ml-dsa-65",
    "ml-dsa-87",
)
SAN_KINDS = ("DNS", "IP", "EMAIL", "URI")


@dataclass(frozen=True, slots=True)
class Template:
    """One kind of certificate. Days are whole; keys are named as in `X509Facts.key_algorithm`."""

    name: str
    """Short and unique in a profile: `server`."""
    title: str
    days: int
    """Where the order does not say."""
    max_days: int
    key_types: tuple[str, ...] = LEAF_KEYS
    key_usages: tuple[str, ...] = ("digitalSignature",)
    """Of KEY_USAGES; keyEncipherment and dataEncipherment are written for RSA keys only, keyAgreement for EC only."""
    usages: tuple[str, ...] = ()
    """Names of EXTENDED_USAGES or dotted OIDs."""
    needs_san: bool = False
    san_kinds: tuple[str, ...] = SAN_KINDS
    """The kinds of names that may stand in it."""


SERVER = Template(
    "server",
    "TLS server",
    90,
    397,
    key_usages=("digitalSignature", "keyEncipherment"),
    usages=("serverAuth",),
    needs_san=True,
    san_kinds=("DNS", "IP", "URI"),
)
CLIENT = Template("client", "TLS client", 365, 825, usages=("clientAuth",))
BOTH = Template(
    "both",
    "TLS server and client",
    90,
    397,
    key_usages=("digitalSignature", "keyEncipherment"),
    usages=("serverAuth", "clientAuth"),
    needs_san=True,
    san_kinds=("DNS", "IP", "URI"),
)
CODE_SIGNING = Template("code-signing", "Code signing", 365, 1185, usages=("codeSigning",))
MESSAGES = Template(
    "messages",
    "Signed and encrypted messages",
    365,
    825,
    key_usages=("digitalSignature", "keyEncipherment", "keyAgreement"),
    usages=("emailProtection",),
)
"""For CMS (`certtui repository sign`), where a key of either kind has to be allowed to sign and to be encrypted to."""
CUSTOM = Template("custom", "Custom", 365, 3650)

TEMPLATES = (SERVER, CLIENT, BOTH, CODE_SIGNING, MESSAGES, CUSTOM)
"""Those that every profile of the built-in PKI starts with."""


def template_named(name: str, templates: tuple[Template, ...] = TEMPLATES) -> Template | None:
    """The template of this name, None if there is none."""
    return next((each for each in templates if each.name == name), None)
