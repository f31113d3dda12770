"""The one error family of certtui.

Every error a person can meet is one of these: a sentence of what happened (`message`) and a sentence of what
to do (`hint`). The CLI turns `exit_code` into its exit status, the console into a dialog or a line beside a field.
Messages may quote raw text from certificates and files; whoever draws one passes it through `certtui.text` first.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from certtui.model.policy import PolicyFinding, PolicySubject


class CerttuiError(Exception):
    """Base of everything that certtui raises for a person to read."""

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class NotFound(CerttuiError):
    """The thing asked for is not there (any more)."""

    exit_code = 4


class Ambiguous(NotFound):
    """A reference fits several things; `candidates` are (id, label) pairs to choose from."""

    def __init__(self, message: str, candidates: tuple[tuple[int, str], ...], hint: str = "") -> None:
        super().__init__(message, hint)
        self.candidates = candidates


class Conflict(CerttuiError):
    """The thing changed since it was read, or the act contradicts what is there."""


class Denied(CerttuiError):
    """The actor may not do this, or the backend was opened read-only."""

    exit_code = 5


class Invalid(CerttuiError):
    """Input that cannot be accepted; `field` names the form field or argument at fault ("" when none)."""

    def __init__(self, message: str, hint: str = "", *, field: str = "") -> None:
        super().__init__(message, hint)
        self.field = field


class PolicyRefused(Denied):
    """A hard policy does not allow it; the message has the policy's name and own words.

    `findings` are what it found, `subject` is what was judged (None where this came over a wire).
    """

    def __init__(
        self,
        message: str,
        hint: str = "",
        *,
        findings: tuple[PolicyFinding, ...] = (),
        subject: PolicySubject | None = None,
    ) -> None:
        super().__init__(message, hint)
        self.findings = findings
        self.subject = subject


class ReasonNeeded(Invalid):
    """A soft policy asks for a person's word why; with a reason it passes. `findings` are what it found."""

    def __init__(
        self, message: str, hint: str = "", *, findings: tuple[PolicyFinding, ...] = (), field: str = "reason"
    ) -> None:
        super().__init__(message, hint, field=field)
        self.findings = findings


class PasswordNeeded(Invalid):
    """Encrypted material came without a password, or with a wrong one (`wrong` says which)."""

    def __init__(self, message: str, hint: str = "", *, wrong: bool = False, field: str = "password") -> None:
        super().__init__(message, hint, field=field)
        self.wrong = wrong


class Unreachable(CerttuiError):
    """A server, a file system or a database does not answer."""


class Unsupported(CerttuiError):
    """This backend cannot do that; the message says why."""


class Locked(CerttuiError):
    """The store is locked: lists work, keys do not until it is unlocked."""

    exit_code = 5


class Interrupted(CerttuiError):
    """The person cancelled; what was wholly done before stays done."""

    exit_code = 130
