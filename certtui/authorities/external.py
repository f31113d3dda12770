"""An external CA: the CSR goes out by a person's hand or a folder, the certificate comes back the same way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from certtui import files
from certtui.authorities.base import Answer, Request, Told, Waiting, Wish
from certtui.authorities.settings import TAKE_OVER, check_flag, days_of, folder_of
from certtui.clock import rfc3339
from certtui.errors import CerttuiError, Invalid
from certtui.model.authority import AuthorityCapabilities, AuthorityType, AuthorityTypeInfo, CheckedLine, SettingField
from certtui.model.panel import PanelLine
from certtui.model.revocation import RevocationReason
from certtui.model.x509 import X509Facts

DEFAULT_REMINDER_DAYS = 3
_WHY_NO_REVOKE = "certtui can't tell an external CA of a revocation."

INFO = AuthorityTypeInfo(
    AuthorityType.EXTERNAL,
    AuthorityType.EXTERNAL.title,
    "A CA that is asked outside of certtui: the CSR goes out, and the order waits until its certificate is brought back.",
    (
        SettingField("contact", "Contact", help="Who is asked: a name, an address, a portal."),
        SettingField("instructions", "What to do", "lines", help="Shown with every order that waits."),
        SettingField(
            "reminder_days",
            "Remind after days",
            "number",
            help="An order that waits longer raises an alert; 0 for never.",
            default=str(DEFAULT_REMINDER_DAYS),
        ),
        SettingField("out_folder", "Folder for CSRs", "folder", help="Each CSR that is submitted is written there."),
        SettingField(
            "watch_folder",
            "Watched folder",
            "folder",
            help="Certificates there complete their orders; none is moved.",
        ),
        TAKE_OVER,
    ),
)


def checked_settings(settings: Mapping[str, str]) -> dict[str, str]:
    """The settings as they are kept. Raises `Invalid` naming the setting."""
    check_flag(settings, TAKE_OVER.key)
    kept = dict(settings)
    kept["reminder_days"] = str(days_of(settings, "reminder_days", DEFAULT_REMINDER_DAYS))
    for key in ("out_folder", "watch_folder"):
        if found := folder_of(settings, key):
            kept[key] = str(found)
    return kept


def csr_file_name(request: Request) -> str:
    """What a CSR's file is called: the order's number keeps two orders for one name apart."""
    name = request.common_name or (request.sans[0].partition(":")[2] if request.sans else "")
    return f"order-{request.order_id}-{files.safe_name(name, fallback='request')}.csr"


class ExternalCa:
    """A CA profile of the type `external`; `settings` are checked ones."""

    def __init__(self, name: str, settings: Mapping[str, str]) -> None:
        self._name = name
        self._settings = settings

    @property
    def capabilities(self) -> AuthorityCapabilities:
        return AuthorityCapabilities(why_no_revoke=_WHY_NO_REVOKE, needs_person=True)

    @property
    def summary(self) -> str:
        contact = self._settings.get("contact", "")
        return contact or ("by folder" if self._settings.get("watch_folder") else "by hand")

    def begin(self, request: Request) -> str:
        return f"order-{request.order_id}"

    def submit(self, request: Request, reference: str) -> Answer:
        said = f"It waits for its certificate from {self._name}."
        out = self._settings.get("out_folder", "")
        if not out:
            return Waiting(said, pending=True)
        # Twice the same file is as good as once: what a crash interrupted is simply written again.
        path = Path(out) / csr_file_name(request)
        try:
            files.write(path, csr_pem(request.csr).encode("ascii"), mode=files.PUBLIC, overwrite=True)
        except CerttuiError as error:
            return Waiting(f"{said} Its CSR could not be written to a file: {error.message}", pending=True)
        return Waiting(f"{said} Its CSR is in {path}.", pending=True)

    def poll(self, request: Request, reference: str) -> Answer:
        return Waiting(f"It waits for its certificate from {self._name}.", pending=True)

    def ask(self, request: Request) -> Sequence[PanelLine]:
        if request.template:
            raise Invalid("An external CA has no templates here.", "Leave the template empty.", field="template")
        lines = [
            PanelLine("Asked of", f"{self._name}, by a person" if not self._by_folder else f"{self._name}, by a folder")
        ]
        if contact := self._settings.get("contact", ""):
            lines.append(PanelLine("Contact", contact, copy=contact))
        if out := self._settings.get("out_folder", ""):
            lines.append(PanelLine("The CSR goes to", out))
        if watched := self._settings.get("watch_folder", ""):
            lines.append(PanelLine("The certificate is looked for in", watched))
        if request.days is not None:
            lines.append(PanelLine("Validity", f"{request.days} days wished; the CA decides"))
        return lines

    def rehearse(self, request: Request) -> Sequence[CheckedLine]:
        return ()

    def revoke(self, leaf: X509Facts, reason: RevocationReason) -> Told:
        return Told(False, f"{_WHY_NO_REVOKE} A person must tell {self._settings.get('contact') or self._name}.")

    def window(self, leaf: X509Facts) -> Wish | None:
        return None

    def test(self) -> Sequence[CheckedLine]:
        lines = [CheckedLine("Contact", True, self._settings.get("contact", "") or "Nobody is named.")]
        for key, label, writes in (
            ("out_folder", "Folder for CSRs", True),
            ("watch_folder", "Watched folder", False),
        ):
            if folder := self._settings.get(key, ""):
                lines.append(_checked_folder(label, Path(folder), writes=writes))
        return lines

    def panel(self, request: Request | None, reference: str, now: datetime) -> Sequence[PanelLine]:
        lines = []
        if request is not None and reference:
            lines += self._waiting(request, now)
        if contact := self._settings.get("contact", ""):
            lines.append(PanelLine("Contact", contact, copy=contact))
        if watched := self._settings.get("watch_folder", ""):
            lines.append(PanelLine("Certificates from", watched))
        lines += [
            PanelLine("What to do", line)
            for line in self._settings.get("instructions", "").splitlines()
            if line.strip()
        ]
        return lines

    @property
    def _by_folder(self) -> bool:
        return bool(self._settings.get("out_folder") and self._settings.get("watch_folder"))

    def _waiting(self, request: Request, now: datetime) -> list[PanelLine]:
        lines = [
            PanelLine("CSR", f"For {self._name} to sign; copy it, or write it to a file.", copy=csr_pem(request.csr))
        ]
        waited = max((now - request.submitted_at).days, 0)
        since = f"since {rfc3339(request.submitted_at)[:10]}"
        lines.append(PanelLine("Waiting", f"{waited} {'day' if waited == 1 else 'days'}, {since}", mark="waiting"))
        if reminder := int(self._settings.get("reminder_days") or 0):
            due = request.submitted_at + timedelta(days=reminder)
            late = due <= now
            lines.append(
                PanelLine(
                    "Reminder", f"{'since' if late else 'on'} {rfc3339(due)[:10]}", mark="problem" if late else ""
                )
            )
        return lines


def csr_pem(der: bytes) -> str:
    """PEM of a PKCS#10 request (RFC 7468, 7)."""
    from certtui.pki import pem

    return pem.encode("CERTIFICATE REQUEST", der).decode("ascii")


def _checked_folder(label: str, folder: Path, *, writes: bool) -> CheckedLine:
    import os

    if not folder.is_dir():
        return CheckedLine(label, False, f"{folder} is no folder on this host.")
    if not os.access(folder, os.R_OK | os.X_OK | (os.W_OK if writes else 0)):
        return CheckedLine(label, False, f"{folder} can't be {'written to' if writes else 'read'} by this account.")
    return CheckedLine(label, True, str(folder))
