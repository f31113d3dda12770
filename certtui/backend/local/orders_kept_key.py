"""A renewal that has the private key of the certificate before: TLSA records and pins hold on to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.backend.local.cas_whole import whole
from certtui.backend.local.open_store import OpenStore
from certtui.errors import Invalid
from certtui.model.order import OrderForm
from certtui.model.revocation import KEY_IS_BAD

if TYPE_CHECKING:
    from certtui.model.x509 import KeyFacts

_HINT = "Leave it to a new key."


def kept_key(store: OpenStore, form: OrderForm) -> KeyFacts | None:
    """The key that the order is to have again, None for a new one.

    Raises `Invalid` (field `keep_key`) where it may not be had again, `Locked`, and `Denied` for whoever may not use it.
    """
    from certtui.backend.local.acl import require_use_of_key
    from certtui.backend.local.cas_guard import require_right_to_key
    from certtui.backend.local.keys import open_key
    from certtui.backend.local.page import entry_row
    from certtui.pki.keys import from_der

    if not form.keep_key or form.renews_id is None:
        return None
    with store.readers.use() as connection:
        row = entry_row(connection, form.renews_id)
    require_right_to_key(store, form.renews_id)
    require_use_of_key(store, form.renews_id)
    require_keepable(store, row["name"], row["spki_sha256"], here=bool(row["has_private_key"]))
    return from_der(open_key(store, form.renews_id).reveal(), ())


def require_keepable(store: OpenStore, name: str, spki_sha256: str, *, here: bool) -> None:
    """Raises `Invalid` (field `keep_key`) for a key that is not in the store, and for one that a revocation calls compromised."""
    if not here:
        raise Invalid(
            f"The private key of {name} is not here, so a renewal can't have it again.",
            "Leave it to a new key, or attach the key first.",
            field="keep_key",
        )
    marks = ", ".join("?" * len(KEY_IS_BAD))
    with whole(store).readers.use() as connection:
        found = connection.execute(
            "SELECT c.name, r.reason FROM revocation r JOIN certificate c ON c.id = r.certificate_id "  # noqa: S608 (marks)
            f"WHERE c.spki_sha256 = ? AND r.reason IN ({marks}) LIMIT 1",
            (spki_sha256, *(str(each) for each in KEY_IS_BAD)),
        ).fetchone()
    if found is not None:
        raise Invalid(
            f"A certificate of the key of {name} was revoked for {found[1]}: nobody should trust that key.",
            _HINT,
            field="keep_key",
        )
