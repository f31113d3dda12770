"""What people write on entries: limits, checked in one place."""

from __future__ import annotations

from dataclasses import replace

from certtui.errors import Invalid
from certtui.model.certificate import CertificateEdit, Labels

MAX_NAME = 256
MAX_GROUP = 128
MAX_DESCRIPTION = 4_000
MAX_CONTACT = 254
"""Characters of an e-mail address (RFC 5321, 4.5.3.1.3)."""


def checked_labels(labels: Labels) -> Labels:
    """The labels with blanks at both ends removed. Raises `Invalid` naming the field."""
    return Labels(
        name=one_line(labels.name, "name", MAX_NAME),
        business_group=one_line(labels.business_group, "business_group", MAX_GROUP),
        description=text(labels.description, "description", MAX_DESCRIPTION),
        contact_email=contact(labels.contact_email),
    )


def checked_edit(edit: CertificateEdit) -> CertificateEdit:
    """The same for changes; None stays None."""
    return replace(
        edit,
        name=None if edit.name is None else one_line(edit.name, "name", MAX_NAME),
        business_group=None
        if edit.business_group is None
        else one_line(edit.business_group, "business_group", MAX_GROUP),
        description=None if edit.description is None else text(edit.description, "description", MAX_DESCRIPTION),
        contact_email=None if edit.contact_email is None else contact(edit.contact_email),
        authority=None if edit.authority is None else one_line(edit.authority, "authority", MAX_NAME),
    )


def one_line(raw: str, field: str, limit: int) -> str:
    """A label of one line. Raises `Invalid`."""
    value = text(raw, field, limit)
    if len(value.splitlines()) > 1:
        raise Invalid(f"The {_spoken(field)} has a line break in it.", "Write it on one line.", field=field)
    return value


def text(raw: str, field: str, limit: int) -> str:
    """A label of any lines. Raises `Invalid` when it is too long or can't be written as UTF-8."""
    value = raw.strip()
    if len(value) > limit:
        raise Invalid(
            f"The {_spoken(field)} has {len(value)} characters; {limit} are the limit.", "Shorten it.", field=field
        )
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise Invalid(
                f"The {_spoken(field)} holds bytes that are not text.", "Type it in UTF-8.", field=field
            ) from None
    if "\0" in value:
        raise Invalid(f"The {_spoken(field)} holds a NUL character.", "Remove it.", field=field)
    return value


def contact(raw: str) -> str:
    """An e-mail address, or nothing. Raises `Invalid`."""
    value = one_line(raw, "contact_email", MAX_CONTACT)
    name, _, domain = value.rpartition("@")
    if value and (not name or not domain or any(char.isspace() for char in value)):
        raise Invalid(
            "The contact is not an e-mail address.",
            "Write it as name@example.com, or leave it empty.",
            field="contact_email",
        )
    return value


def _spoken(field: str) -> str:
    return {"business_group": "business group", "contact_email": "contact e-mail"}.get(field, field)
