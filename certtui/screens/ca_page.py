"""The page of one CA: who it is, what it issued, its CRLs; and what is done with it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from certtui.actions import Action
from certtui.clock import rfc3339
from certtui.model.local_ca import CaState
from certtui.model.status import DAY
from certtui.screens.cas import STYLES, has_expired
from certtui.screens.page import LinesPage
from certtui.screens.unlock import with_key
from certtui.widgets.fields import FieldView, Item, blank, heading, sentence

if TYPE_CHECKING:
    from datetime import datetime

    from certtui.errors import CerttuiError
    from certtui.model.local_ca import Ca, CaRow, CrlInfo, LivingCertificate

SENTENCES = {
    CaState.ACTIVE: "It issues certificates.",
    CaState.WAITING: "It waits: have its CSR signed by the offline root, then bring the certificate with {complete}.",
    CaState.OFFLINE: "Its key is not here: its CRLs come from outside, {accept} takes one in.",
    CaState.RETIRED: "It is retired: it issues no more, its CRLs go on until its last certificate has expired.",
}
LISTED = 8


class CaScreen(LinesPage):
    """Opened by id; enter on its certificate goes there."""

    TITLE = "CA"
    CONTEXTS: ClassVar[tuple[str, ...]] = ("global", "place", "lines", "page", "ca")

    def __init__(self, ca_id: int) -> None:
        super().__init__()
        self._key = ca_id
        self.ca: Ca | None = None

    def about(self) -> str:
        return f"{self.ca.row.name}  {self.ca.row.state}" if self.ca else ""

    def load(self) -> None:
        self.work(lambda: self.backend.cas.get(self._key), done=self._loaded, failed=self.cannot, key="get")

    def _loaded(self, ca: Ca) -> None:
        again = self.ca is not None
        self.ca = ca
        keys = self.console_app.keys
        words = SENTENCES[ca.row.state].format(complete=keys.label("ca.complete"), accept=keys.label("ca.accept"))
        self.show(ca_items(ca, words, self.console_app.clock.now()), keep=again)

    def changed(self) -> None:
        self.load()

    def made_ca(self, ca: Ca) -> None:
        """A form that lay over this page changed it, or made its successor."""
        self._key = ca.row.id
        self._loaded(ca)

    def on_field_view_opened(self, event: FieldView.Opened) -> None:
        kind, target = event.target
        if kind == "ca":
            self.app.push_screen(CaScreen(target))

    # -- what can be done ----------------------------------------------------------------------------------------

    def why_not(self, action: Action) -> str:
        ca = self.ca
        if action.id.startswith("ca."):
            if ca is None:
                return "It is not read yet, or gone."
            if reason := _why_not(action.id.removeprefix("ca."), ca):
                return reason
        return super().why_not(action)

    def offers(self, action: Action) -> bool:
        if action.id.startswith("ca.") and self.ca is not None and _why_not(action.id.removeprefix("ca."), self.ca):
            return False
        return super().offers(action)

    def do_ca_crl(self) -> None:
        ca = self.ca
        if ca is None:
            return
        if not ca.settings.delta_hours:
            self._issue_crl(ca, delta=False)
            return
        from certtui.widgets.dialogs import Choose

        options = [(False, "A full CRL"), (True, "A delta CRL, on top of the newest full one")]
        self.app.push_screen(
            Choose("Which CRL", options), lambda delta: None if delta is None else self._issue_crl(ca, delta=delta)
        )

    def _issue_crl(self, ca: Ca, *, delta: bool) -> None:
        def done(crl: CrlInfo) -> None:
            self.load()
            self.say(
                f"{'Delta CRL' if delta else 'CRL'} {crl.number} with {crl.entries:,} "
                f"{'entry' if crl.entries == 1 else 'entries'} holds until {crl.next_update:%Y-%m-%d %H:%M} UTC.",
                "ok",
            )

        with_key(
            self, lambda: self.backend.cas.issue_crl(ca.row.id, delta=delta), done=done, why="The CA's key signs it."
        )

    def do_ca_accept(self) -> None:
        """The CRL of an offline CA, from a file."""
        ca = self.ca
        if ca is None:
            return
        from certtui.widgets.browse import Browse

        self.app.push_screen(Browse(str(Path.cwd()) + "/"), lambda path: self._accept(ca, path) if path else None)

    def _accept(self, ca: Ca, path: str) -> None:
        from certtui.given import Given, load

        def done(crl: CrlInfo) -> None:
            self.load()
            taken = f"Took CRL {crl.number} with {crl.entries:,} {'entry' if crl.entries == 1 else 'entries'} in"
            if crl.overdue:
                self.say(f"{taken}; a newer one is due since {crl.next_update:%Y-%m-%d}.", "warn")
            else:
                self.say(f"{taken}.", "ok")

        self.work(
            lambda: self.backend.cas.accept_crl(ca.row.id, load(Given(path, what="the CRL")).data),
            done=done,
            to_the_end=True,
        )

    def do_ca_complete(self) -> None:
        if self.ca is not None:
            from certtui.screens.ca_import import CaCompleteScreen

            self.app.push_screen(CaCompleteScreen(self.ca))

    def do_ca_edit(self) -> None:
        if self.ca is not None:
            from certtui.screens.ca_form import CaSettingsScreen

            self.app.push_screen(CaSettingsScreen(self.ca))

    def do_ca_write(self) -> None:
        """Its CSR, certificate or CRL to a file."""
        ca = self.ca
        if ca is None:
            return
        from certtui.widgets.dialogs import Choose

        options: list[tuple[str, str]] = []
        if ca.csr_pem and ca.row.state is CaState.WAITING:
            options.append(("csr", "Its CSR (PEM), for the root to sign"))
        if ca.row.crl is not None:
            options.append(("crl", f"CRL {ca.row.crl.number} (DER)"))
        if ca.delta is not None:
            options.append(("delta", f"Delta CRL {ca.delta.number} (DER)"))
        if ca.row.state is not CaState.WAITING:
            options += [("pem", "Its certificate (PEM)"), ("cer", "Its certificate (DER)")]
        self.app.push_screen(
            Choose("Write to a file", options), lambda what: self._ask_path(ca, what) if what is not None else None
        )

    def _ask_path(self, ca: Ca, what: str) -> None:
        from certtui.files import safe_name
        from certtui.widgets.dialogs import AskText

        ending = {"csr": ".csr", "crl": ".crl", "delta": "-delta.crl", "cer": ".cer", "pem": ".pem"}[what]
        suggested = str(Path.cwd() / f"{safe_name(ca.row.name, fallback='ca')}{ending}")
        dialog = AskText("Write to a file", value=suggested, label="Write")
        self.app.push_screen(dialog, lambda path: self._write(ca, what, path) if path else None)

    def _write(self, ca: Ca, what: str, path: str, *, overwrite: bool = False) -> None:
        from certtui import files
        from certtui.errors import Conflict
        from certtui.widgets.dialogs import Confirm

        place, cas, ca_id = Path(path.strip()).expanduser(), self.backend.cas, ca.row.id

        def write() -> None:
            match what:
                case "csr":
                    content = ca.csr_pem.encode()
                case "cer":
                    content = cas.certificate(ca_id)
                case "pem":
                    content = pem_of(cas.certificate(ca_id))
                case _:
                    content = cas.crl(ca_id, delta=what == "delta")
            files.write(place, content, mode=files.PUBLIC, overwrite=overwrite)

        def failed(error: CerttuiError) -> None:
            if isinstance(error, Conflict) and place.is_file():
                self.app.push_screen(
                    Confirm("Overwrite", [error.message, "What is in it is lost."], "Overwrite", danger=True),
                    lambda yes: self._write(ca, what, path, overwrite=True) if yes else None,
                )
            else:
                self.fail(error)

        self.work(write, done=lambda _: self.say(f"Wrote {place}.", "ok"), failed=failed)

    def do_ca_rollover(self) -> None:
        ca = self.ca
        if ca is None:
            return
        from certtui.widgets.dialogs import Confirm

        lines = [
            f"A new CA takes the place of {ca.row.name}: with a new key, and made as that one was.",
            "It issues from then on, for these profiles: " + (", ".join(ca.profiles) or "none") + ".",
            f"{ca.row.name} gets no more orders then; it goes on signing its CRLs.",
            *([f"The repository {bound_words(ca)} is bound to the new CA then."] if ca.row.bound else []),
            *(
                ["Its issuer can't sign here: the new CA waits until its CSR was signed there."]
                if ca.row.kind != "root" and ca.row.parent_id is None
                else []
            ),
        ]

        def answered(yes: bool | None) -> None:
            if yes:
                with_key(
                    self,
                    lambda: self.backend.cas.roll_over(ca.row.id, ca.row.version),
                    done=done,
                    why="A new private key is sealed by the store key.",
                )

        def done(successor: Ca) -> None:
            self.made_ca(successor)
            if successor.row.state is CaState.WAITING:
                self.say(
                    f"{successor.row.name} waits for its certificate; {ca.row.name} issues until it has come.", "ok"
                )
            else:
                self.say(f"{successor.row.name} issues from now on.", "ok")

        self.app.push_screen(
            Confirm(f"Roll over {ca.row.name}", lines, "Roll over", command=f"certtui ca rollover {ca.row.id}"),
            answered,
        )

    def do_ca_retire(self) -> None:
        """With the list of what lives, if anything does."""
        ca = self.ca
        if ca is not None:
            self.work(
                lambda: self.backend.cas.living(ca.row.id),
                done=lambda living: self._ask_retire(ca, living),
                key="living",
            )

    def _ask_retire(self, ca: Ca, living: Sequence[LivingCertificate]) -> None:
        from certtui.widgets.dialogs import TypedConfirm

        lines = [
            f"{ca.row.name} issues no more. Its CRLs go on until its last certificate has expired.",
            "This can't be undone.",
        ]
        if living:
            lines += ["", f"{len(living):,} of its certificates live; nothing renews them from it any more:"]
            lines += [f"  {each.name}  until {each.not_after:%Y-%m-%d}" for each in living[:200]]
            if len(living) > 200:
                lines.append(f"  and {len(living) - 200:,} more")
        if ca.row.bound:
            lines += ["", f"The repository {bound_words(ca)} keeps what it has; nothing new is filed there then."]
        if ca.profiles:
            lines += ["", f"Nothing can be ordered from {', '.join(ca.profiles)} then."]

        def done(now: Ca) -> None:
            self._loaded(now)
            self.say(f"{now.row.name} is retired.", "ok")

        def answered(yes: bool | None) -> None:
            if yes:
                self.work(
                    lambda: self.backend.cas.retire(ca.row.id, ca.row.version, living=len(living)),
                    done=done,
                    to_the_end=True,
                )

        command = f"certtui ca retire {ca.row.id}"
        dialog = TypedConfirm(f"Retire {ca.row.name}", lines, ca.row.name, label="Retire", command=command)
        self.app.push_screen(dialog, answered)


def _why_not(act: str, ca: Ca) -> str:
    """Why an act is not possible in this state, "" when it is."""
    state = ca.row.state
    if state is CaState.WAITING:
        return "" if act in ("complete", "write", "edit") else "Its certificate has not come yet."
    if act == "complete":
        return "Its certificate is here."
    if state is CaState.OFFLINE and act in ("crl", "rollover"):
        return "Its key is not here."
    if act == "accept" and state is not CaState.OFFLINE:
        return "It signs its CRLs itself."
    if state is CaState.RETIRED and act in ("rollover", "retire"):
        return "It is retired."
    return ""


def ca_items(ca: Ca, words: str, now: datetime) -> list[Item]:
    """The lines of the page."""
    row = ca.row
    items = [
        _state(row, words, now),
        blank(),
        Item("Name", row.name),
        Item("Kind", row.kind),
        Item("Subject", ca.subject),
        Item("Key", row.key_algorithm),
    ]
    if row.not_after is not None:
        items.append(Item("Valid until", f"{rfc3339(row.not_after)} ({(row.not_after - now) // DAY}d)"))
    items.append(
        Item("Entry", "its certificate in the inventory", copies="", target=("certificate", row.certificate_id))
    )
    if row.parent_id is not None:
        items.append(Item("Signed by", ca.chain[0] if ca.chain else "its parent", target=("ca", row.parent_id)))
    elif ca.chain:
        items.append(Item("Signed by", ca.chain[0]))
    if ca.successor_id is not None:
        items.append(Item("Successor", "took its place", copies="", target=("ca", ca.successor_id)))
    items += [Item("Limits" if index == 0 else "", each) for index, each in enumerate(ca.limits)]
    items.append(Item("Profiles", ", ".join(ca.profiles) or "none: nothing can be ordered from it"))
    if row.compliant:
        items.append(Item("Compliant", "marked so: a repository of compliant certificates may be bound to it"))
    if row.bound:
        items.append(Item("Repository", f"{bound_words(ca)}: what it issues is filed there"))
    items += [
        blank(),
        heading("Issued"),
        Item("In all", f"{row.issued:,}"),
        Item("Living", f"{row.living:,}"),
        Item("Revoked", f"{row.revoked:,}"),
        blank(),
        heading("CRL"),
    ]
    if row.crl is None:
        items.append(sentence("There is none yet.", "dim"))
    else:
        items += _crl(row.crl, now)
    if ca.delta is not None:
        items += [blank(), heading("Delta CRL"), *_crl(ca.delta, now)]
    items += [blank(), heading("Publishing")]
    settings = ca.settings
    items.append(Item("CRL lives", f"{settings.crl_days} days"))
    if settings.delta_hours:
        items.append(Item("Delta", f"every {settings.delta_hours} hours"))
    for label, values in (
        ("File", (settings.crl_file,) if settings.crl_file else ()),
        ("CRL URL", settings.crl_urls),
        ("Delta URL", settings.delta_urls),
        ("Issuer URL", settings.issuer_urls),
        ("OCSP URL", settings.ocsp_urls),
    ):
        items += [Item(label, value) for value in values]
    if not (settings.crl_urls or settings.ocsp_urls):
        items.append(sentence("No URL is set: what it issues does not say where to look for its CRL.", "warn"))
    if ca.csr_pem and row.state is CaState.WAITING:
        items += [blank(), heading("CSR"), Item(value=ca.csr_pem.strip(), copies=ca.csr_pem, whole=True)]
    return items


def bound_words(ca: Ca) -> str:
    """The repository that it is bound to, as far as it may be seen."""
    return ca.repository or "one that is not yours"


def _state(row: CaRow, words: str, now: datetime) -> Item:
    """The first line: what it does, or why it can't any more."""
    if row.state is CaState.ACTIVE and has_expired(row, now):
        return sentence("! It has expired: it issues no more, and nothing that it issued is trusted.", "bad")
    return sentence(words, STYLES[row.state])


def _crl(crl: CrlInfo, now: datetime) -> list[Item]:
    late = crl.overdue or crl.next_update <= now
    items = [
        Item("Number", str(crl.number)),
        Item("Issued", rfc3339(crl.this_update)),
        Item("Next", f"{rfc3339(crl.next_update)}{'  ! overdue' if late else ''}", "bad" if late else ""),
        Item("Entries", f"{crl.entries:,}"),
    ]
    if crl.published:
        items.append(Item("Published", crl.published))
    return items


def pem_of(certificate: bytes) -> bytes:
    """A DER certificate in PEM (RFC 7468)."""
    from base64 import b64encode
    from textwrap import wrap

    lines = wrap(b64encode(certificate).decode("ascii"), 64)
    return "\n".join(["-----BEGIN CERTIFICATE-----", *lines, "-----END CERTIFICATE-----", ""]).encode("ascii")
