"""The built-in PKI as an authority: one CA of the store, and the templates that may be ordered from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from certtui.authorities.base import Answer, Issued, Refused, Request, Told, Waiting, Wish
from certtui.authorities.settings import TAKE_OVER, check_flag, words_of
from certtui.authorities.templates import FIELD as TEMPLATES_FIELD
from certtui.authorities.templates import templates_of
from certtui.clock import rfc3339
from certtui.errors import CerttuiError, Conflict, Invalid, Locked, NotFound, Unreachable
from certtui.model.authority import (
    AuthorityCapabilities,
    AuthorityType,
    AuthorityTypeInfo,
    CheckedLine,
    SettingField,
    TemplateDays,
)
from certtui.model.panel import PanelLine
from certtui.model.revocation import RevocationReason
from certtui.model.template import TEMPLATES, Template, template_named
from certtui.model.x509 import X509Facts
from certtui.record import dataclass
from certtui.typed import Protocol


@dataclass(frozen=True, slots=True)
class IssuingCa:
    """What a profile has to know of its CA. `problem` is a sentence why it can't issue, "" when it can."""

    id: int
    name: str
    subject: str
    not_after: datetime | None
    problem: str = ""


class Pki(Protocol):
    """The CAs of a store, as a profile uses them; the store gives it."""

    def ca(self) -> IssuingCa:
        """The profile's CA. Raises `NotFound` when it is gone."""

    def reserve(self) -> str:
        """A serial number of its own, as a text that finds it again. Raises `NotFound`, `Conflict` where the CA can't issue."""

    def sign(self, reference: str, request: Request, template: Template) -> Issued:
        """The certificate under the reserved serial; the same again after a crash. Raises `Invalid`, `Locked`, `Conflict`."""

    def refusal(self, request: Request, template: Template) -> str:
        """Why the CA's own limits would refuse this, "" when they allow it; needs no key. Raises `NotFound`."""

    def key_opens(self) -> str:
        """Why the CA's key can't be used just now, "" when it can."""


def info(ca_names: Sequence[str]) -> AuthorityTypeInfo:
    """The type, with the CAs that a profile may issue by."""
    names = tuple(template.name for template in TEMPLATES)
    return AuthorityTypeInfo(
        AuthorityType.LOCAL,
        AuthorityType.LOCAL.title,
        "A CA of this store: orders are issued at once.",
        (
            SettingField("ca", "Issuing CA", "choice", help="Who signs.", choices=tuple(ca_names), required=True),
            SettingField(
                "offered",
                "Templates",
                "choices",
                help="What may be ordered; empty for all.",
                choices=names,
                default="server,client,both",
            ),
            SettingField("template", "Default template", "text", help="For orders that name none.", default="server"),
            SettingField(
                TEMPLATES_FIELD,
                "Changed templates",
                "lines",
                help="A line each: NAME days=60 max_days=90 keys=ec-256,rsa-3072 usages=serverAuth san=yes",
            ),
            TAKE_OVER,
        ),
    )


def checked_settings(settings: Mapping[str, str]) -> dict[str, str]:
    """The settings as they are kept; that the CA is there is for the store to check. Raises `Invalid` naming the setting."""
    check_flag(settings, TAKE_OVER.key)
    offered = _offered(settings)
    default = settings.get("template", "").strip()
    if default and template_named(default, offered) is None:
        raise Invalid(
            f"The profile offers no template “{default}”.",
            f"It offers {', '.join(one.name for one in offered)}.",
            field="template",
        )
    return dict(settings)


class LocalPki:
    """A CA profile of the type `local`; `settings` are checked ones."""

    def __init__(self, name: str, settings: Mapping[str, str], pki: Pki) -> None:
        self._name = name
        self._settings = settings
        self._pki = pki
        self._offered = _offered(settings)

    @property
    def capabilities(self) -> AuthorityCapabilities:
        default = self._default
        return AuthorityCapabilities(
            templates=tuple(one.name for one in self._offered),
            default_template=default.name,
            key_types=tuple(dict.fromkeys(kind for one in self._offered for kind in one.key_types)),
            default_days=default.days,
            max_days=max(one.max_days for one in self._offered),
            template_days=tuple(TemplateDays(one.name, one.days, one.max_days) for one in self._offered),
        )

    @property
    def summary(self) -> str:
        try:
            return self._pki.ca().name
        except CerttuiError:
            return "its CA is gone"

    def template(self, name: str) -> Template:
        """The template of an order. Raises `Invalid` (field `template`)."""
        found = template_named(name, self._offered) if name else self._default
        if found is None:
            raise Invalid(
                f"{self._name} offers no template “{name}”.",
                f"It offers {', '.join(one.name for one in self._offered)}.",
                field="template",
            )
        return found

    def begin(self, request: Request) -> str:
        return self._pki.reserve()

    def submit(self, request: Request, reference: str) -> Answer:
        try:
            return self._pki.sign(reference, request, self.template(request.template))
        except (Locked, Unreachable):
            raise
        except (Invalid, Conflict, NotFound) as error:
            return Refused(f"{self._name} refused the order.", error.message, error.hint)

    def poll(self, request: Request, reference: str) -> Answer:
        # A reference that nothing was reserved under can't be: what was submitted is signed now, or again.
        return self.submit(request, reference) if reference else Waiting("It was not submitted yet.", pending=True)

    def ask(self, request: Request) -> Sequence[PanelLine]:
        template = self.template(request.template)
        self._check(request, template)
        ca = self._pki.ca()
        days = template.days if request.days is None else request.days
        ends = request.submitted_at + timedelta(days=days)
        cut = ca.not_after is not None and ends > ca.not_after
        lines = [
            PanelLine("Issuing CA", ca.name if not ca.problem else ca.problem, mark="problem" if ca.problem else "ok"),
            PanelLine("Template", f"{template.title} ({template.name})"),
            PanelLine("Validity", f"{days} days, until {rfc3339(ends)[:10]}"),
        ]
        if cut and ca.not_after is not None:
            lines[-1] = PanelLine(
                "Validity", f"until {rfc3339(ca.not_after)[:10]}, when the CA itself expires", mark="waiting"
            )
        if template.usages:
            lines.append(PanelLine("Usages", ", ".join(template.usages)))
        # Somebody looks at it before it is sent; what is sent is asked of the CA itself, and its answer kept.
        if not request.order_id and not ca.problem and (refusal := self._pki.refusal(request, template)):
            lines.append(PanelLine("Would be refused", refusal, mark="problem"))
        return lines

    def rehearse(self, request: Request) -> Sequence[CheckedLine]:
        return ()

    def revoke(self, leaf: X509Facts, reason: RevocationReason) -> Told:
        # What a CA of this store revokes is in its CRL by the revocation itself.
        return Told(True, "The CA is here: its CRL and OCSP answers say so.")

    def window(self, leaf: X509Facts) -> Wish | None:
        return None

    def test(self) -> Sequence[CheckedLine]:
        try:
            ca = self._pki.ca()
        except NotFound as error:
            return [CheckedLine("Issuing CA", False, error.message)]
        lines = [CheckedLine("Issuing CA", not ca.problem, ca.problem or ca.name)]
        locked = self._pki.key_opens()
        lines.append(CheckedLine("Its key", not locked, locked or "It opens, and belongs to the certificate."))
        lines.append(CheckedLine("Templates", True, ", ".join(one.name for one in self._offered)))
        return lines

    def panel(self, request: Request | None, reference: str, now: datetime) -> Sequence[PanelLine]:
        try:
            ca = self._pki.ca()
        except NotFound as error:
            return [PanelLine("Issuing CA", error.message, mark="problem")]
        lines = [PanelLine("Issuing CA", ca.problem or ca.name, mark="problem" if ca.problem else "ok")]
        if ca.not_after is not None:
            left = (ca.not_after - now).days
            lines.append(PanelLine("CA valid until", f"{rfc3339(ca.not_after)[:10]}, {left} days left"))
        serial = reference.partition(":")[2]
        if request is not None and serial:
            lines.append(PanelLine("Serial number", serial, copy=serial))
        return lines

    @property
    def _default(self) -> Template:
        wanted = self._settings.get("template", "").strip()
        return template_named(wanted, self._offered) or self._offered[0]

    def _check(self, request: Request, template: Template) -> None:
        """What the PKI would refuse, said while the form is open."""
        if request.days is not None and not 1 <= request.days <= template.max_days:
            raise Invalid(
                f"The template “{template.name}” allows 1 to {template.max_days} days.",
                "Change the days.",
                field="days",
            )
        if request.key_type and request.key_type not in template.key_types:
            raise Invalid(
                f"The template “{template.name}” does not allow a key of the kind {request.key_type}.",
                f"Choose one of {', '.join(template.key_types)}.",
                field="key_type",
            )
        if template.needs_san and not request.sans:
            raise Invalid(
                f"The template “{template.name}” needs at least one SAN.",
                "Give a host name or an address.",
                field="sans",
            )
        for san in request.sans:
            if san.partition(":")[0] not in template.san_kinds:
                raise Invalid(
                    f"The template “{template.name}” has no place for {san}.",
                    f"It takes names of the kinds {', '.join(template.san_kinds)}.",
                    field="sans",
                )


def _offered(settings: Mapping[str, str]) -> tuple[Template, ...]:
    known = templates_of(settings)
    wanted = words_of(settings, "offered")
    for name in wanted:
        if template_named(name, known) is None:
            raise Invalid(
                f"There is no template “{name}”.", f"There are {', '.join(one.name for one in known)}.", field="offered"
            )
    return tuple(one for one in known if not wanted or one.name in wanted)
