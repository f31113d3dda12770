"""Cryptographic Message Syntax (RFC 5652) with the keys of certificates: sign, verify, encrypt, decrypt.

What is read and written, form by form, and what is refused, stands in docs/cms.md.
"""

from __future__ import annotations

from certtui.pki.cms_decrypt import decrypt as decrypt
from certtui.pki.cms_decrypt import recipients as recipients
from certtui.pki.cms_encrypt import encrypt as encrypt
from certtui.pki.cms_sign import sign as sign
from certtui.pki.cms_signed import fits as fits
from certtui.pki.cms_verify import Find as Find
from certtui.pki.cms_verify import Judge as Judge
from certtui.pki.cms_verify import Judgement as Judgement
from certtui.pki.cms_verify import verify as verify
