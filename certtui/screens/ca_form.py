"""The form of a CA that is made here, and the form of what a CA publishes."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult

from certtui.errors import Invalid
from certtui.model.authority import AuthorityForm, AuthorityType
from certtui.model.ca import CA_KEY_TYPES, DIGESTS, CaSpec
from certtui.model.csr import SubjectFields
from certtui.model.local_ca import CaSettings
from certtui.screens.form import FormScreen
from certtui.screens.unlock import with_key
from certtui.screens.verdict import Typed, Verdict
from certtui.widgets.choice_row import ChoiceRow
from certtui.widgets.form_field import Field, Pair
from certtui.widgets.line_input import LineInput
from certtui.widgets.path_input import PathInput
from certtui.widgets.text_box import TextBox

if TYPE_CHECKING:
    from collections.abc import Sequence

    from certtui.backend.base import Backend
    from certtui.model.local_ca import Ca, CaRow

TITLES = {"root": "New root CA", "intermediate": "New CA", "request": "CA for an offline root"}
YES_NO = (("yes", "yes"), ("no", "no"))
DAYS = {"root": 3650, "intermediate": 1825, "request": 1825}
NUMBERS = {"days": "days", "path_length": "CAs below it", "crl_days": "days", "delta_hours": "hours"}
MOST = 36_500
"""Days: a hundred years."""


class CaFormScreen(FormScreen):
    """`kind` is `root`, `intermediate` (under `parent`) or `request`."""

    CONTEXTS: ClassVar[tuple[str, ...]] = ("global", "form")
    KIND = "ca"

    def __init__(self, kind: str, parent: CaRow | None = None) -> None:
        super().__init__()
        self._kind = kind
        self._issuer = parent
        self.title = TITLES[kind]

    def about(self) -> str:
        return f"under {self._issuer.name}" if self._issuer else ""

    def fields(self) -> ComposeResult:
        kind = self._kind
        example = "Example Root CA" if kind == "root" else "Example Issuing CA 1"
        yield Field("common_name", "Common name", LineInput(placeholder=example))
        yield Pair(Field("organization", "Organization", LineInput()), Field("country", "Country", LineInput()))
        yield Field("key_type", "Key", ChoiceRow([(each, each) for each in CA_KEY_TYPES], current="ec-384"))
        yield Field("digest", "Digest", ChoiceRow([(each, each) for each in DIGESTS], current="sha256"))
        path = "" if kind == "root" else "0"
        yield Pair(
            Field("days", "Valid days", LineInput(str(DAYS[kind]))),
            Field("path_length", "CAs below", LineInput(path, placeholder="no limit")),
        )
        yield Field(
            "permitted",
            "Only names",
            TextBox(placeholder="one per line: DNS:example.com, IP:10.0.0.0/8, EMAIL:example.com"),
        )
        yield Field("excluded", "Never names", TextBox(placeholder="the same"))
        yield Field("usages", "Only for", LineInput(placeholder="no limit; or serverAuth, clientAuth, codeSigning …"))
        yield from settings_fields(CaSettings())
        if kind == "intermediate":
            yield Field("profile", "Order from it", ChoiceRow(YES_NO, current="yes"))

    def begin(self) -> None:
        self.field("common_name").focus_editor()

    def judge(self, typed: Typed) -> Verdict:
        problems, missing = _numbers(typed), {}
        if not typed.value("common_name"):
            missing["common_name"] = "Give it a name: what certificates call their issuer."
        name = typed.value("common_name") or "the CA"
        match self._kind:
            case "root":
                sentence = f"Will make {name}, which signs itself, with its key and its first CRL."
            case "request":
                sentence = f"Will make the key of {name} and a CSR for the offline root; no certificate yet."
            case _:
                signer = self._issuer.name if self._issuer else "its parent"
                profile = (
                    " An authority of its name is added, so that it can be ordered from."
                    if typed.value("profile") == "yes"
                    else ""
                )
                sentence = f"Will make {name}, signed by {signer}, with its key and its first CRL.{profile}"
                sentence += self._cut(typed)
        return Verdict(sentence, problems, missing)

    def _cut(self, typed: Typed) -> str:
        """That it ends with its parent, where more days are asked for."""
        parent, days = self._issuer, typed.value("days")
        if parent is None or parent.not_after is None or not (days.isascii() and days.isdigit() and len(days) < 6):
            return ""
        if self.console_app.clock.now() + timedelta(days=int(days)) <= parent.not_after:
            return ""
        return f" It ends {parent.not_after:%Y-%m-%d}, as {parent.name} does."

    def save(self, verdict: Verdict) -> None:
        typed, kind, parent, backend = self.typed(), self._kind, self._issuer, self.backend
        spec, settings = spec_of(typed), settings_of(typed)

        def make() -> tuple[Ca, str]:
            match kind:
                case "root":
                    return backend.cas.create_root(spec, settings), ""
                case "request":
                    return backend.cas.request_intermediate(spec, settings), ""
                case _:
                    assert parent is not None, "an intermediate is made under another CA"  # noqa: S101
                    ca = backend.cas.create_intermediate(parent.id, spec, settings)
                    return ca, _add_profile(backend, ca) if typed.value("profile") == "yes" else ""

        with_key(
            self,
            make,
            done=lambda both: self._made(*both),
            failed=self.refused,
            cancelled=self.resume,
            why="A new private key is sealed by the store key.",
        )

    def _made(self, ca: Ca, profile: str) -> None:
        self.saved(f"Made {ca.row.name}.{profile}")
        under = self.app.screen
        if hasattr(under, "made_ca"):
            under.made_ca(ca)


class CaSettingsScreen(FormScreen):
    """What a CA publishes, and where; URLs are in what it issues from then on."""

    TITLE = "What a CA publishes"
    CONTEXTS: ClassVar[tuple[str, ...]] = ("global", "form")

    def __init__(self, ca: Ca) -> None:
        super().__init__()
        self._ca = ca

    def about(self) -> str:
        return self._ca.row.name

    def fields(self) -> ComposeResult:
        yield from settings_fields(self._ca.settings)

    def judge(self, typed: Typed) -> Verdict:
        return Verdict("Certificates that are out already keep the URLs that they have.", _numbers(typed))

    def save(self, verdict: Verdict) -> None:
        row, settings = self._ca.row, settings_of(self.typed())

        def done(ca: Ca) -> None:
            self.saved(f"Saved {ca.row.name}.")
            under = self.app.screen
            if hasattr(under, "made_ca"):
                under.made_ca(ca)

        self.work(lambda: self.backend.cas.edit(row.id, row.version, settings), done=done, failed=self.refused)


def settings_fields(settings: CaSettings) -> ComposeResult:
    """The fields of what a CA publishes."""
    yield Pair(
        Field("crl_days", "CRL days", LineInput(str(settings.crl_days))),
        Field("delta_hours", "Delta hours", LineInput(str(settings.delta_hours), placeholder="0 for none")),
    )
    yield Field(
        "crl_file",
        "CRL file",
        PathInput(settings.crl_file, placeholder="where each CRL is written, on the worker's host"),
    )
    yield Field("compliant", "Compliant", ChoiceRow(YES_NO[::-1], current="yes" if settings.compliant else "no"))
    for name, label, values in _urls(settings):
        yield Field(name, label, LineInput(" ".join(values), placeholder="http://…, several with blanks between"))


def _urls(settings: CaSettings) -> tuple[tuple[str, str, Sequence[str]], ...]:
    return (
        ("crl_urls", "CRL URL", settings.crl_urls),
        ("delta_urls", "Delta URL", settings.delta_urls),
        ("issuer_urls", "Issuer URL", settings.issuer_urls),
        ("ocsp_urls", "OCSP URL", settings.ocsp_urls),
    )


def _numbers(typed: Typed) -> dict[str, str]:
    """A sentence for each field that should be a number and is none."""
    problems = {}
    for name, unit in NUMBERS.items():
        value = typed.value(name)
        if value and not (value.isascii() and value.isdigit() and int(value[:9]) <= MOST and len(value) < 6):
            problems[name] = f"Give a whole number of {unit}."
    return problems


def spec_of(typed: Typed) -> CaSpec:
    """The CA that was typed. Raises nothing: what can't be is the backend's to say."""
    path = typed.value("path_length")
    subject = SubjectFields(
        common_name=typed.value("common_name"), organization=typed.value("organization"), country=typed.value("country")
    )
    return CaSpec(
        subject=subject,
        key_type=typed.value("key_type"),
        digest=typed.value("digest"),
        days=int(typed.value("days") or 0),
        path_length=int(path) if path else None,
        permitted=_lines(typed.value("permitted")),
        excluded=_lines(typed.value("excluded")),
        usages=tuple(typed.value("usages").replace(",", " ").split()),
    )


def settings_of(typed: Typed) -> CaSettings:
    """What was typed of publishing."""
    urls = {name: tuple(typed.value(name).split()) for name, _, _ in _urls(CaSettings())}
    return CaSettings(
        crl_days=int(typed.value("crl_days") or CaSettings().crl_days),
        delta_hours=int(typed.value("delta_hours") or 0),
        crl_file=typed.value("crl_file"),
        crl_urls=urls["crl_urls"],
        delta_urls=urls["delta_urls"],
        issuer_urls=urls["issuer_urls"],
        ocsp_urls=urls["ocsp_urls"],
        compliant=typed.value("compliant") == "yes",
    )


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def _add_profile(backend: Backend, ca: Ca) -> str:
    """An authority that issues by a new CA, named as it; one sentence of what became of it."""
    from certtui.errors import Conflict

    try:
        form = AuthorityForm(name=ca.row.name, type=AuthorityType.LOCAL, settings={"ca": ca.row.name})
        added = backend.authorities.add(form)
    except (Conflict, Invalid) as error:
        return f" No authority was added: {error.message}"
    return f" The authority {added.row.name} orders from it."
