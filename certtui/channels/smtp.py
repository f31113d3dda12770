"""A text mail. STARTTLS is required where it is asked for, never only tried; headers can't be broken out of."""

from __future__ import annotations

import smtplib
import socket
import ssl
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import TYPE_CHECKING

from certtui.channels.deadline import ALTOGETHER, Deadline
from certtui.channels.message import lines, subject
from certtui.channels.trust import trusting
from certtui.errors import CerttuiError
from certtui.model.channel import DeliveryResult
from certtui.text import clipped

if TYPE_CHECKING:
    from certtui.channels.message import Message
    from certtui.model.channel import SmtpSettings
    from certtui.model.secret import Secret

_SECONDS = 20.0
_SHOWN_ANSWER = 200


def mail(settings: SmtpSettings, secret: Secret | None, message: Message, now: datetime) -> DeliveryResult:
    """Send one message; a refusal with 5xx is the end of it, everything else is tried again."""
    written = compose(settings, message, now)
    limit = Deadline(ALTOGETHER)
    try:
        with limit, _connected(settings, limit) as server:
            if settings.username and secret is not None:
                server.login(settings.username, secret.reveal().decode())
            refused = server.send_message(written, settings.sender, list(settings.recipients))
    except smtplib.SMTPNotSupportedError:
        what = "STARTTLS" if settings.security == "starttls" else "a login"
        return DeliveryResult(False, f"The mail server does not offer {what}; nothing was sent.", permanent=True)
    except smtplib.SMTPRecipientsRefused as error:
        code, said = next(iter(error.recipients.values()))
        return _refused(code, said, "took none of the addresses")
    except smtplib.SMTPAuthenticationError as error:
        return _refused(error.smtp_code, error.smtp_error, "refused the user name or the password")
    except smtplib.SMTPResponseException as error:
        return _refused(error.smtp_code, error.smtp_error, "refused the message")
    except ssl.SSLCertVerificationError as error:
        return DeliveryResult(
            False, f"The mail server's certificate is not trusted: {error.verify_message.rstrip('.')}."
        )
    except (smtplib.SMTPException, OSError) as error:
        if limit.passed:
            return DeliveryResult(False, "The mail server did not answer in time.")
        words = clipped(str(error), _SHOWN_ANSWER)
        return DeliveryResult(False, f"The mail server could not be reached: {words or type(error).__name__}.")
    except CerttuiError as error:
        return DeliveryResult(False, str(error))
    if refused:
        return DeliveryResult(True, f"Sent, but not to {clipped(', '.join(sorted(refused)), _SHOWN_ANSWER)}.")
    return DeliveryResult(True, "The mail server took the message.")


def compose(settings: SmtpSettings, message: Message, now: datetime) -> EmailMessage:
    """The mail; its Message-ID is the same on every attempt."""
    written = EmailMessage(policy=SMTP)
    written["Subject"] = subject(message)
    written["From"] = settings.sender
    written["To"] = ", ".join(settings.recipients)
    written["Date"] = format_datetime(now)
    written["Message-ID"] = f"<{message.uid}@{settings.sender.rpartition('@')[2]}>"
    # RFC 3834: who is away does not answer it.
    written["Auto-Submitted"] = "auto-generated"
    written.set_content("\n".join(lines(message)) + "\n")
    return written


def _connected(settings: SmtpSettings, limit: Deadline) -> smtplib.SMTP:
    """A connection, protected as the settings want it, that lives until the deadline."""
    context = None if settings.security == "none" else trusting(settings.ca_file)

    class Connection(smtplib.SMTP):
        def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
            made: socket.socket = super()._get_socket(host, port, timeout)  # type: ignore[misc]  # where smtplib lets one in
            if settings.security == "tls" and context is not None:
                made = context.wrap_socket(made, server_hostname=host)
            limit.watch(made)
            return made

    server = Connection(settings.host, settings.port, timeout=_SECONDS)
    if settings.security == "starttls":
        try:
            server.starttls(context=context)
            limit.watch(server.sock)  # type: ignore[arg-type]  # it is connected
        except BaseException:
            server.close()
            raise
    return server


def _refused(code: int, said: bytes | str, what: str) -> DeliveryResult:
    words = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return DeliveryResult(
        False, f"The mail server {what}: {code} {clipped(words, _SHOWN_ANSWER)}.", permanent=500 <= code < 600
    )
