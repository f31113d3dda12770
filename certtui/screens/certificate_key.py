"""What people do to the private key of the certificate whose page this is: reveal it, destroy it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certtui.screens.base import Place
from certtui.screens.container_words import consumer_lines
from certtui.screens.unlock import with_key
from certtui.widgets.dialogs import Confirm, TypedConfirm

if TYPE_CHECKING:
    from certtui.model.certificate import Certificate
    from certtui.model.secret import Secret


class ActsOnTheKey(Place):
    """Both are confirmed and audited; destroying asks for the name to be typed."""

    if TYPE_CHECKING:

        def certificate(self) -> Certificate | None:
            """The page's, None while it is not read."""

        def key_revealed(self) -> None:
            """The audit log has one record more."""

        def key_deleted(self, certificate: Certificate) -> None:
            """The entry as it is now."""

    def do_certificate_reveal_key(self) -> None:
        certificate = self.certificate()
        if certificate is None:
            return
        lines = [
            f"The private key of {certificate.row.name} is shown in the clear, on a screen of its own.",
            "Whoever sees it can be this server. It goes into the audit log, and is hidden after a minute.",
        ]
        command = f"certtui export {certificate.id} --as key --no-encryption --out -"

        def answered(answer: bool | None) -> None:
            if answer:
                with_key(self, lambda: self.backend.certificates.reveal_key(certificate.id), done=self._reveal)

        self.app.push_screen(Confirm("Reveal the private key", lines, "Reveal", danger=True, command=command), answered)

    def _reveal(self, secret: Secret) -> None:
        from certtui.screens.key_reveal import RevealScreen

        certificate = self.certificate()
        self.key_revealed()
        self.app.push_screen(RevealScreen(certificate.row.name if certificate else "", secret))

    def do_certificate_delete_key(self) -> None:
        certificate = self.certificate()
        if certificate is None:
            return
        lines = [
            "The private key is destroyed; the certificate stays. This can't be undone.",
            "Without a copy elsewhere, nothing can serve this certificate any more.",
        ]
        if certificate.resources:
            names = ", ".join(resource.name for resource in certificate.resources[:5])
            lines.append(f"In use by: {names}")
        lines += [f"! The container {held.name} gives nothing out then." for held in certificate.containers]
        if certificate.consumers:
            lines += ["These consumers fetch it:", *consumer_lines(certificate.consumers, certificate.containers)]

        def answered(answer: bool | None) -> None:
            if answer:
                self.work(
                    lambda: self.backend.certificates.delete_key(certificate.id, certificate.version),
                    done=self._key_deleted,
                    to_the_end=True,
                )

        self.app.push_screen(
            TypedConfirm(f"Delete the key of {certificate.row.name}", lines, certificate.row.name, label="Delete key"),
            answered,
        )

    def _key_deleted(self, certificate: Certificate) -> None:
        self.key_deleted(certificate)
        self.say("The private key is destroyed; the certificate stays.", "ok")
