"""Bringing back what an external CA signed: a path or a paste, matched to the order by its public key."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult

from certtui.errors import CerttuiError, Invalid
from certtui.given import Absent
from certtui.model.certificate import NewCertificate
from certtui.model.secret import Secret
from certtui.model.x509 import KeyFacts, Material
from certtui.screens.add.sentence import found_in, identity, title_of, validity
from certtui.screens.form import FormScreen
from certtui.screens.verdict import Typed, Verdict
from certtui.widgets.form_field import Field
from certtui.widgets.path_input import MaterialInput
from certtui.widgets.safe_text import SafeText

if TYPE_CHECKING:
    from certtui.backend.inspect import Inspect
    from certtui.clock import Clock
    from certtui.given import Reader
    from certtui.model.order import Order


@dataclass(frozen=True, slots=True)
class BroughtVerdict(Verdict):
    """A verdict with the certificate that is ready to be taken."""

    new: NewCertificate | None = None


class OrderCertificateScreen(FormScreen):
    """The form; the order waits until the right one comes."""

    TITLE = "Bring the certificate"
    SAVE_WORD = "take it"
    CONTEXTS: ClassVar[tuple[str, ...]] = ("global", "form")

    def __init__(self, order: Order) -> None:
        super().__init__()
        self.order = order
        self._reader: Reader | None = None

    def about(self) -> str:
        return self.order.row.common_name or self.order.row.name

    def fields(self) -> ComposeResult:
        row = self.order.row
        yield SafeText(
            f"The order for {row.common_name or row.name} waits for what {row.authority or 'the CA'} signed "
            f"({self.order.key_algorithm}, public key sha256:{self.order.spki_sha256[:8]}…).\n"
        )
        yield Field("certificate", "Certificate", MaterialInput(placeholder="a path, or paste PEM here"))
        yield Field("chain", "Chain", MaterialInput(placeholder="intermediates, if they are not above"))

    def begin(self) -> None:
        from certtui.given import Reader

        self._reader = Reader(self._inspect())
        self.field("certificate").focus_editor()

    def _inspect(self) -> Inspect:
        inspect = self.console_app.inspect
        assert inspect is not None, "it opens with the backend"  # noqa: S101
        return inspect

    def judge(self, typed: Typed) -> Verdict:
        assert self._reader is not None, "asked before it was ready"  # noqa: S101
        return judge_brought(typed, self.order, self._inspect(), self._reader, clock=self.console_app.clock)

    def save(self, verdict: Verdict) -> None:
        assert isinstance(verdict, BroughtVerdict)  # noqa: S101  # made by judge
        new, order, orders = verdict.new, self.order, self.backend.orders
        assert new is not None, "a verdict without a fault has something to take"  # noqa: S101
        self.work(
            lambda: orders.complete(order.id, order.version, new),
            done=lambda now: self.saved(f"The certificate for {now.row.common_name or now.row.name} is here."),
            failed=self.refused,
        )


def judge_brought(typed: Typed, order: Order, inspect: Inspect, reader: Reader, *, clock: Clock) -> BroughtVerdict:
    """Whether what was given completes the order."""
    problems: dict[str, str] = {}
    absent: dict[str, str] = {}
    notes: dict[str, str] = {}
    waiting = "Give the certificate; it is recognised by its public key."
    material = _read(typed, "certificate", "the certificate", reader, problems, absent)
    chain = _read(typed, "chain", "the chain", reader, problems, absent)
    if material is None:
        missing = {} if problems or absent else {"certificate": "Give the certificate."}
        return BroughtVerdict(waiting, problems, missing, notes, absent)
    if not material.certificates:
        problems["certificate"] = f"There is no certificate in it, but {found_in(material)}."
        return BroughtVerdict(waiting, problems)
    leaf = next((each for each in material.certificates if each.spki_sha256 == order.spki_sha256), None)
    if leaf is None:
        problems["certificate"] = (
            f"It was not made from this CSR: its key is {identity(material.certificates[0])}, "
            f"that of the order is sha256:{order.spki_sha256[:8]}… ({order.key_algorithm})."
        )
        return BroughtVerdict(waiting, problems, {}, notes, absent)
    if problems or absent:
        return BroughtVerdict(waiting, problems, {}, notes, absent)
    # The order's public key stands where a private one would: so its certificate is the one meant.
    own = replace(material, keys=(KeyFacts(order.spki_sha256, order.key_algorithm, Secret(b"")),))
    try:
        pairing = inspect.pair([own, *([replace(chain, keys=())] if chain is not None else [])])
    except Invalid as error:
        return BroughtVerdict(waiting, {"chain" if error.field == "chain" else "certificate": str(error)})
    if pairing.unused:
        notes["chain"] = " ".join(pairing.unused)
    lacks = " Its chain is completed from what is known here." if pairing.missing_issuer else ""
    return BroughtVerdict(
        f"Will take {title_of(leaf)} ({leaf.key_algorithm}, {validity(leaf, clock.now())}) for this order.{lacks}",
        notes=notes,
        new=NewCertificate(x509=pairing.leaf, chain=pairing.chain),
    )


def _read(
    typed: Typed, name: str, what: str, reader: Reader, problems: dict[str, str], absent: dict[str, str]
) -> Material | None:
    given = typed.given(name, what)
    if not given:
        return None
    try:
        return reader.read(given)
    except Absent as error:
        absent[name] = str(error)
    except CerttuiError as error:
        problems[name] = str(error)
    return None
