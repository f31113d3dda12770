"""The page of one certificate: what state it is in, what it says, what uses it, what was done to it."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult

from certtui.actions import Action
from certtui.errors import CerttuiError, NotFound
from certtui.model.query import Gone, Query, Sort
from certtui.model.revocation import AuthorityKnows
from certtui.screens import certificate_tabs as tabs
from certtui.screens.access_acts import OpensAccess
from certtui.screens.base import Place
from certtui.screens.certificate_acts import ActsOnCertificates
from certtui.screens.certificate_key import ActsOnTheKey
from certtui.screens.certificate_overview import STATUS_SIGN, overview
from certtui.screens.copy_text import choose_and_copy
from certtui.screens.renew import RenewsCertificates
from certtui.screens.targets import open_target
from certtui.widgets.chain_tree import chain_items
from certtui.widgets.fields import FieldView, Item, sentence
from certtui.widgets.tab_row import TabRow

if TYPE_CHECKING:
    from certtui.model.audit import AuditEvent
    from certtui.model.certificate import Certificate
    from certtui.model.chain import ChainReport
    from certtui.model.x509 import X509Details

TABS = ("Overview", "Names", "Chain", "Used by", "Lineage", "Key", "Audit", "Text", "PEM", "CSR")
EVENTS = 200
UNTOLD = (AuthorityKnows.PERSON, AuthorityKnows.NOT_TOLD)


@dataclass(slots=True)
class _Read:
    """What the page has read so far; None while it has not."""

    certificate: Certificate | None = None
    details: X509Details | None = None
    chain: ChainReport | None = None
    events: Sequence[AuditEvent] | None = None
    event_count: int | None = None
    csr_text: str = ""
    problems: dict[str, str] | None = None
    """Tab name to why it can't be shown."""


class CertificateScreen(ActsOnTheKey, ActsOnCertificates, RenewsCertificates, OpensAccess, Place):
    """Opened by id; opening it is audited once."""

    TITLE = "Certificate"
    CONTEXTS: ClassVar[tuple[str, ...]] = ("global", "place", "lines", "certificate")

    def __init__(self, certificate_id: int, tab: str = "Overview") -> None:
        super().__init__()
        self.certificate_id = certificate_id
        self._tab = TABS.index(tab)
        self._read = _Read()
        self._asked_to_record = False
        self._viewed = False

    def content(self) -> ComposeResult:
        yield TabRow(TABS)
        yield FieldView()

    # -- reading -------------------------------------------------------------------------------------------------

    def ready(self) -> None:
        self.bind_table(self.view)
        self.view.focus()
        self.query_one(TabRow).go(self._tab)
        self._load()

    def _load(self) -> None:
        certificate_id = self.certificate_id
        self.work(
            lambda: self.backend.certificates.get(certificate_id), done=self._loaded, failed=self._missing, key="get"
        )

    def _loaded(self, certificate: Certificate) -> None:
        before = self._read.certificate
        same = before is not None and before.x509 == certificate.x509
        self._read = _Read(certificate, details=self._read.details if same else None)
        self._show(keep=before is not None)
        self._read_more(certificate)
        if not self._asked_to_record:
            self._asked_to_record = True
            # A store that can't be written (read-only media) is read all the same.
            self.work(
                lambda: self.backend.certificates.record_view(certificate.id),
                done=self._recorded,
                failed=self._recorded,
                key="view",
                to_the_end=True,
            )

    def _recorded(self, _: object) -> None:
        """From here on the log has this view, so the Audit tab shows it."""
        self._viewed = True
        self._show_if("Audit")

    def _missing(self, error: CerttuiError) -> None:
        if isinstance(error, NotFound):
            self.view.show([sentence(error.message, "bad"), sentence("esc goes back to the list.", "dim")])
            self._read = _Read()
            self.refresh_frame()
        else:
            self.view.show([sentence(str(error), "bad")])

    def _read_more(self, certificate: Certificate) -> None:
        """What needs more than a glance at the store: extensions, and the request as text."""
        inspect = self.console_app.inspect
        if inspect is None:
            return
        x509 = certificate.x509
        if x509 is not None and self._read.details is None:
            self.work(
                lambda: inspect.details(x509.der),
                done=self._detailed,
                failed=lambda error: self._cannot("Text", error),
                key="details",
            )
        if certificate.csr_pem and (der := _der_of(certificate.csr_pem)):
            self.work(lambda: inspect.csr_text(der), done=self._requested, failed=lambda _: None, key="csr")

    def _detailed(self, details: X509Details) -> None:
        self._read.details = details
        self._show_if("Overview", "Text")

    def _requested(self, text: str) -> None:
        self._read.csr_text = text
        self._show_if("CSR", "Text")

    def _read_chain(self) -> None:
        certificate_id = self.certificate_id
        self.work(
            lambda: self.backend.certificates.chain(certificate_id),
            done=self._chained,
            failed=lambda error: self._cannot("Chain", error),
            key="chain",
        )

    def _chained(self, report: ChainReport) -> None:
        self._read.chain = report
        self._show_if("Chain")

    def _read_audit(self) -> None:
        query = Query(f"object:certificate id:{self.certificate_id}", Sort("id", descending=True))

        def read() -> tuple[list[AuditEvent], int | None]:
            listing = self.backend.audit.search(query)
            try:
                rows = listing.rows(0, EVENTS)
                listing.wait(0.5)
                return [row for row in rows if not isinstance(row, Gone)], listing.total
            finally:
                listing.close()

        self.work(read, done=self._audited, failed=lambda error: self._cannot("Audit", error), key="audit")

    def _audited(self, found: tuple[list[AuditEvent], int | None]) -> None:
        self._read.events, self._read.event_count = found
        self._show_if("Audit")

    def _cannot(self, tab: str, error: CerttuiError) -> None:
        self._read.problems = {**(self._read.problems or {}), tab: str(error)}
        self._show_if(tab)

    # -- showing -------------------------------------------------------------------------------------------------

    @property
    def view(self) -> FieldView:
        return self.query_one(FieldView)

    @property
    def tab(self) -> str:
        return TABS[self._tab]

    def about(self) -> str:
        certificate = self._read.certificate
        if certificate is None:
            return ""
        row = certificate.row
        days = "" if row.days_remaining is None else f" {row.days_remaining}d"
        return f"{row.name}  {STATUS_SIGN.get(row.status, '')}{row.status}{days}"

    def _show_if(self, *names: str) -> None:
        if self.tab in names:
            self._show(keep=True)

    def _show(self, *, keep: bool = False) -> None:
        certificate = self._read.certificate
        if certificate is not None:
            self.view.show(self._items(certificate), keep=keep)
            # The key line says "open" only where there is something to open.
            self.refresh_frame()

    def _items(self, certificate: Certificate) -> list[Item]:
        read, keys = self._read, self.console_app.keys
        if problem := (read.problems or {}).get(self.tab):
            return [sentence(problem, "bad")]
        match self.tab:
            case "Names":
                return tabs.names(certificate)
            case "Chain":
                if certificate.x509 is None:
                    return [sentence("There is no certificate yet, so there is no chain.")]
                if read.chain is None:
                    self._read_chain()
                    return [sentence("Following the chain …", "dim")]
                return chain_items(read.chain)
            case "Used by":
                return tabs.used_by(
                    certificate, keys.label("certificate.associate"), keys.label("certificate.container")
                )
            case "Lineage":
                return tabs.lineage(certificate)
            case "Key":
                return tabs.key(
                    certificate,
                    locked=self.backend.store.locked,
                    reveal_key=keys.label("certificate.reveal-key"),
                    delete_key=keys.label("certificate.delete-key"),
                    export_key=keys.label("certificate.export"),
                )
            case "Audit":
                if read.events is None and self._viewed:
                    self._read_audit()
                return tabs.audit(read.events, read.event_count)
            case "Text":
                return tabs.text(certificate, read.details, read.csr_text)
            case "PEM":
                return tabs.pem(certificate)
            case "CSR":
                return tabs.csr(certificate, read.csr_text)
            case _:
                update, order = keys.label("certificate.replace"), keys.label("certificate.order")
                return overview(certificate, read.details, update, self.console_app.clock.now(), order)

    def go_tab(self, index: int) -> None:
        """Show another tab, from its first line."""
        self._tab = index % len(TABS)
        self.query_one(TabRow).go(self._tab)
        self._show()

    def on_tab_row_picked(self, event: TabRow.Picked) -> None:
        self.go_tab(event.index)

    def do_certificate_next_tab(self) -> None:
        self.go_tab(self._tab + 1)

    def do_certificate_previous_tab(self) -> None:
        self.go_tab(self._tab - 1)

    def do_certificate_refresh(self) -> None:
        self.changed()

    def on_field_view_opened(self, event: FieldView.Opened) -> None:
        if event.target != ("certificate", self.certificate_id):
            open_target(self, event.target)

    # -- acts ----------------------------------------------------------------------------------------------------

    def why_not(self, action: Action) -> str:
        certificate = self._read.certificate
        of_it = action.id.startswith("certificate.") and action.id not in _ALWAYS
        if certificate is None and (of_it or action.id == "access.show"):
            return "It is not read yet, or gone."
        if certificate is not None:
            match action.id:
                case "certificate.reveal-key" | "certificate.delete-key" if not certificate.row.has_private_key:
                    return "its private key is not here."
                case "certificate.dissociate" if not certificate.resources:
                    return "no resource is known to use it."
                case "certificate.replace" | "certificate.associate" | "certificate.revoke" if certificate.x509 is None:
                    return "there is no certificate yet."
                case "certificate.container" if not certificate.containers and not certificate.row.has_private_key:
                    return "its private key is not here." if certificate.x509 else "there is no certificate yet."
                case "certificate.revoke" if certificate.revocation is not None:
                    return "it is revoked already."
        return super().why_not(action)

    def offers(self, action: Action) -> bool:
        if action.id == "list.open":
            return self.is_mounted and any(item.target for item in self.view.items)
        if action.id == "certificate.authority-told":
            certificate = self._read.certificate
            revocation = certificate.revocation if certificate else None
            return revocation is not None and revocation.authority in UNTOLD
        return super().offers(action)

    def certificate(self) -> Certificate | None:
        return self._read.certificate

    def key_revealed(self) -> None:
        self._read.events = None

    def key_deleted(self, certificate: Certificate) -> None:
        self._loaded(certificate)
        # A reading that began before the act, when its dialog closed, must not have the last word.
        self._load()

    def targets(self) -> list[tuple[int, int]]:
        certificate = self._read.certificate
        return [] if certificate is None else [(certificate.id, certificate.version)]

    def access_object(self) -> tuple[str, int] | None:
        return "certificate", self.certificate_id

    def changed(self) -> None:
        self._load()

    def deleted(self, ids: Sequence[int]) -> None:
        if self.app.screen is self and len(self.app.screen_stack) > 1:
            self.app.pop_screen()

    def replaced(self, new_id: int) -> None:
        """The page goes on to what stands in its place now."""
        self.app.switch_screen(CertificateScreen(new_id))

    def do_certificate_copy(self) -> None:
        """Every field, beginning with the one under the cursor."""
        certificate = self._read.certificate
        if certificate is None:
            return
        fields = tabs.copy_fields(certificate, self._read.details)
        item = self.view.current
        if item is not None and item.copy_text:
            label = item.label.strip() or "This line"
            fields = [(label, item.copy_text), *(field for field in fields if field[1] != item.copy_text)]
        choose_and_copy(self, fields)

    def do_certificate_dissociate(self) -> None:
        certificate = self._read.certificate
        if certificate is None:
            return
        from certtui.screens.associate import DissociateDialog

        def answered(ids: tuple[int, ...] | None) -> None:
            if ids:
                self.work(
                    lambda: self.backend.resources.dissociate(certificate.id, ids),
                    done=lambda _: self._said_and_changed(
                        f"Dissociated from {len(ids)} resource{'s' * (len(ids) > 1)}."
                    ),
                    to_the_end=True,
                )

        command = f"certtui dissociate {certificate.id} RESOURCE …"
        self.app.push_screen(DissociateDialog(certificate.row.name, certificate.resources, command), answered)

    def do_certificate_match(self) -> None:
        """Whether its parts, and what is given beside them, belong together."""
        self.open_screen("certtui.screens.match:MatchScreen", f"cert:{self.certificate_id}")

    def do_certificate_authority_told(self) -> None:
        certificate = self._read.certificate
        if certificate is None:
            return
        if certificate.revocation is None or certificate.revocation.authority not in UNTOLD:
            self.say("There is no revocation that somebody has to tell of.")
            return
        from certtui.screens.revoke_acts import ask_whether_told

        ask_whether_told(self, certificate)

    def on_screen_resume(self) -> None:
        # What was done on a page over this one (a renewal opened, a resource edited) shows here too.
        if self._read.certificate is not None:
            self._load()


_ALWAYS = ("certificate.next-tab", "certificate.previous-tab", "certificate.refresh")


def _der_of(pem: str) -> bytes:
    """The DER of one PEM block, b"" when it is none."""
    body = "".join(line for line in pem.splitlines() if not line.startswith("-----"))
    try:
        return base64.b64decode(body, validate=True)
    except (binascii.Error, ValueError):
        return b""
