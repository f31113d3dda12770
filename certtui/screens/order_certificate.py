"""Bringing back what an external CA signed: a path or a paste, matched to its order by the public key."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult

from certtui.errors import CerttuiError, Invalid
from certtui.given import Absent
from certtui.model.certificate import NewCertificate
from certtui.model.secret import Secret
from certtui.model.status import Status
from certtui.model.x509 import KeyFacts, Material
from certtui.screens.add.sentence import found_in, identity, title_of, validity
from certtui.screens.form import FormScreen
from certtui.screens.order_words import waits_for_person
from certtui.screens.verdict import Typed, Verdict
from certtui.widgets.form_field import Field
from certtui.widgets.path_input import MaterialInput
from certtui.widgets.safe_text import SafeText

if TYPE_CHECKING:
    from certtui.backend.base import Backend
    from certtui.backend.inspect import Inspect
    from certtui.clock import Clock
    from certtui.given import Reader
    from certtui.model.order import Order


@dataclass(frozen=True, slots=True)
class BroughtVerdict(Verdict):
    """A verdict with the certificate that is ready to be taken, and the order that it is for."""

    new: NewCertificate | None = None
    order: Order | None = None


class OrderCertificateScreen(FormScreen):
    """The form. Without an order it is for whichever order has the key."""

    TITLE = "Bring a certificate"
    SAVE_WORD = "take it"
    CONTEXTS: ClassVar[tuple[str, ...]] = ("global", "form")

    def __init__(self, order: Order | None = None) -> None:
        super().__init__()
        self.order = order
        self._reader: Reader | None = None

    def about(self) -> str:
        return named(self.order) if self.order is not None else ""

    def fields(self) -> ComposeResult:
        order = self.order
        if order is None:
            said = "What a CA signed finds its order by the public key, whichever it is.\n"
        else:
            said = (
                f"The order for {named(order)} waits for what {order.row.authority or 'the CA'} signed "
                f"({order.key_algorithm}, public key sha256:{order.spki_sha256[:8]}…).\n"
            )
        yield SafeText(said)
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
        return judge_brought(typed, self.order, self.backend, self._inspect(), self._reader, self.console_app.clock)

    def faulty(self, verdict: Verdict, name: str) -> bool:
        """A certificate for another order that waits: offered to that one."""
        assert isinstance(verdict, BroughtVerdict)  # noqa: S101  # made by judge
        other, new = verdict.order, verdict.new
        if other is None or new is None:
            return False
        from certtui.widgets.dialogs import Confirm

        lines = [f"This certificate has the public key of order {other.id}, for {named(other)}."]
        self.app.push_screen(
            Confirm("It is for another order", lines, f"Give it to order {other.id}"),
            lambda yes: self._complete(other, new) if yes else None,
        )
        return True

    def save(self, verdict: Verdict) -> None:
        assert isinstance(verdict, BroughtVerdict)  # noqa: S101  # made by judge
        new, order = verdict.new, verdict.order
        assert new is not None and order is not None, "a verdict without a fault has both"  # noqa: S101, PT018
        self._complete(order, new)

    def _complete(self, order: Order, new: NewCertificate) -> None:
        orders = self.backend.orders
        watch = self.console_app.orders

        def done(now: Order) -> None:
            if watch is not None:
                watch.seen(now.row)
            self.saved(f"The certificate for {named(now)} is here.")

        self.work(lambda: orders.complete(order.id, order.version, new), done=done, failed=self.refused)


def named(order: Order) -> str:
    """What an order is called in a sentence."""
    return order.row.common_name or order.row.name


def judge_brought(
    typed: Typed, order: Order | None, backend: Backend, inspect: Inspect, reader: Reader, clock: Clock
) -> BroughtVerdict:
    """Whether what was given completes the order, or which other one."""
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
    held = {each.spki_sha256 for each in material.certificates}
    owner = order if order is not None and order.spki_sha256 in held else _owner(held, backend)
    if owner is None:
        mine = "no order that waits has it" if order is None else f"that of the order is {_key(order)}"
        problems["certificate"] = (
            f"It was not made from {'a' if order is None else 'this'} CSR here: its key is {identity(material.certificates[0])}, {mine}."
        )
        return BroughtVerdict(waiting, problems, {}, notes, absent)
    if problems or absent:
        return BroughtVerdict(waiting, problems, {}, notes, absent)
    # The order's public key stands where a private one would: so its certificate is the one meant.
    own = replace(material, keys=(KeyFacts(owner.spki_sha256, owner.key_algorithm, Secret(b"")),))
    try:
        pairing = inspect.pair([own, *([replace(chain, keys=())] if chain is not None else [])])
    except Invalid as error:
        return BroughtVerdict(waiting, {"chain" if error.field == "chain" else "certificate": str(error)})
    if pairing.unused:
        notes["chain"] = " ".join(pairing.unused)
    new = NewCertificate(x509=pairing.leaf, chain=pairing.chain)
    about = f"{title_of(pairing.leaf)} ({pairing.leaf.key_algorithm}, {validity(pairing.leaf, clock.now())})"
    if order is not None and owner is not order:
        said = f"It is for order {owner.id}, for {named(owner)}: the public key is that one's."
        return BroughtVerdict(f"{said} Taking it asks first.", {"certificate": said}, {}, notes, {}, new, owner)
    which = "this order" if order is not None else f"order {owner.id}, for {named(owner)}, of {owner.row.authority}"
    lacks = " Its chain is completed from what is known here." if pairing.missing_issuer else ""
    return BroughtVerdict(f"Will take {about} for {which}.{lacks}", notes=notes, new=new, order=owner)


def _key(order: Order) -> str:
    return f"sha256:{order.spki_sha256[:8]}… ({order.key_algorithm})"


def _owner(keys: set[str], backend: Backend) -> Order | None:
    """The order that waits for a certificate with one of these keys."""
    for entry in backend.certificates.lookup(spkis=sorted(keys)):
        if entry.status is not Status.PENDING:
            continue
        order_id = backend.certificates.get(entry.id).order_id
        if order_id is not None and waits_for_person((order := backend.orders.get(order_id)).row):
            return order
    return None


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
