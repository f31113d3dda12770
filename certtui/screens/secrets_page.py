"""The page of one stored secret: what is known of it, and what uses it; never what is in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from certtui.clock import rfc3339
from certtui.model.stored_secret import ENCRYPTED
from certtui.screens.container_words import octets, until
from certtui.screens.page import LinesPage
from certtui.screens.secret_acts import ActsOnSecrets
from certtui.widgets.fields import Item, blank, heading, sentence

if TYPE_CHECKING:
    from certtui.errors import CerttuiError
    from certtui.model.stored_secret import StoredSecret, StoredSecretCheck, StoredSecretRow


class StoredSecretScreen(ActsOnSecrets, LinesPage):
    """Opened by id; enter on a container goes on to it."""

    TITLE = "Stored secret"
    CONTEXTS: ClassVar[tuple[str, ...]] = ("global", "place", "lines", "page", "stored-secret")

    def __init__(self, secret_id: int) -> None:
        super().__init__()
        self._key = secret_id
        self._secret: StoredSecret | None = None

    def about(self) -> str:
        return self._secret.row.name if self._secret else ""

    def secret_row(self) -> StoredSecretRow | None:
        return self._secret.row if self._secret else None

    def changed(self) -> None:
        self.load()

    def removed(self) -> None:
        if self.app.screen is self and len(self.app.screen_stack) > 1:
            self.app.pop_screen()

    def load(self) -> None:
        secrets, key = self.backend.secrets, self._key
        self.work(
            lambda: (secrets.get(key), secrets.check(key)),
            done=lambda found: self._loaded(*found),
            failed=self._missing,
            key="get",
        )

    def _missing(self, error: CerttuiError) -> None:
        self._secret = None
        self.cannot(error)

    def _loaded(self, secret: StoredSecret, check: StoredSecretCheck) -> None:
        again = self._secret is not None
        self._secret = secret
        self.show(secret_items(secret, check), keep=again)


def secret_items(secret: StoredSecret, check: StoredSecretCheck) -> list[Item]:
    """The lines of the page; raw text."""
    row = secret.row
    items = [
        sentence(check.summary, "ok" if check.ok else "bad"),
        sentence("What is in it is never shown; it comes out as a part of a container only.", "dim"),
        blank(),
        Item("Name", row.name),
        Item("Type", row.type),
    ]
    if row.algorithm:
        said = "under a passphrase of its own: what key it is can't be seen" if row.algorithm == ENCRYPTED else ""
        items.append(Item("Algorithm", f"{row.algorithm}{f', {said}' if said else ''}", copies=row.algorithm))
    if row.spki_sha256:
        items.append(Item("Public key", row.spki_sha256))
    items += [
        Item("Size", octets(row.size)),
        Item("Expires", until(row.expires_at, row.days_remaining) or "never"),
        Item("Group", row.business_group or "none", copies=row.business_group),
        Item("Description", row.description or "none", copies=row.description),
        Item("Stored", f"{rfc3339(row.created_at)} by {row.created_by}"),
        Item("Id", str(row.id)),
        blank(),
        heading("Part of"),
    ]
    if not secret.uses:
        items.append(sentence("No container has it as a part.", "dim"))
    for use in secret.uses:
        when = "" if use.current else ", in an earlier version"
        items.append(
            Item(
                value=f"{use.container}, as {use.part}{when}",
                style="" if use.current else "dim",
                copies=use.container,
                target=("container", use.container_id),
                whole=True,
            )
        )
    return items
