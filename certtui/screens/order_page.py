"""The page of one order: what is next, how far it is, what was asked, what the authority said; it follows what happens."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult

from certtui.actions import Action
from certtui.errors import CerttuiError, PolicyRefused, ReasonNeeded
from certtui.model.order import OrderStatus
from certtui.screens.base import Place
from certtui.screens.container_words import reference
from certtui.screens.order_acts import ActsOnOrders
from certtui.screens.order_items import OrderContainer, copy_fields, order_items
from certtui.screens.order_words import unsent, waits_for_person, why_not_now
from certtui.screens.targets import open_target
from certtui.widgets.fields import FieldView, sentence
from certtui.work import run

if TYPE_CHECKING:
    from certtui.backend.base import Backend
    from certtui.model.order import Order


class OrderScreen(ActsOnOrders, Place):
    """Opened by id."""

    TITLE = "Order"
    CONTEXTS: ClassVar[tuple[str, ...]] = ("global", "place", "lines", "order")

    def __init__(self, order_id: int) -> None:
        super().__init__()
        self._key = order_id
        self.order: Order | None = None
        self._resources: dict[int, str] = {}
        self._held = OrderContainer()
        self._heard: int | None = None
        self._asking = False

    def content(self) -> ComposeResult:
        yield FieldView()

    @property
    def view(self) -> FieldView:
        return self.query_one(FieldView)

    def about(self) -> str:
        order = self.order
        return "" if order is None else f"{order.row.common_name or order.row.name}  {order.row.status}"

    # -- reading -------------------------------------------------------------------------------------------------

    def on_mount(self) -> None:
        if self.console_app.settings.follow_seconds:
            self.set_interval(self.console_app.settings.follow_seconds, self.follow)

    def ready(self) -> None:
        self.bind_table(self.view)
        self.view.focus()
        self.load()

    def load(self) -> None:
        """Read it as it is now."""
        backend, order_id, known = self.backend, self._key, dict(self._resources)
        self.work(
            lambda: _read(backend, order_id, known),
            done=lambda found: self._loaded(*found),
            failed=self._missing,
            key="get",
        )

    def follow(self) -> None:
        """Ask whether anything changed, while somebody looks."""
        if self._ready and self.is_current and self._heard is not None and not self._asking:
            self._asking = True
            run(self, self.backend.feed.latest, done=self._told, failed=self._not_told, key="feed", background=True)

    def _told(self, latest: int) -> None:
        self._asking = False
        if latest != self._heard:
            self.load()

    def _not_told(self, error: CerttuiError) -> None:
        self._asking = False  # a server that is away; the page stays as it is

    def _loaded(self, order: Order, resources: dict[int, str], held: OrderContainer, heard: int) -> None:
        self._resources, self._held, self._heard = resources, held, heard
        self.show(order)

    def show(self, order: Order) -> None:
        """This is the order now."""
        again = self.order is not None
        self.order = order
        if self.is_current and self.console_app.orders is not None:
            self.console_app.orders.seen(order.row)
        self.view.show(order_items(order, self._resources, self.console_app.keys.label, self._held), keep=again)
        self.refresh_frame()

    def _missing(self, error: CerttuiError) -> None:
        if self.order is None:
            self.view.show([sentence(error.message, "bad"), sentence(error.hint, "dim")])
            self.refresh_frame()
        else:
            self.fail(error)

    def changed(self) -> None:
        self.load()

    def ordered(self, order_id: int) -> None:
        """A form that lay over this page kept this order: the page goes on to it."""
        if order_id != self._key:
            self._key = order_id
            self.order = None
            self.load()

    def order_id(self) -> int | None:
        return None if self.order is None else self._key

    def on_screen_resume(self) -> None:
        if self._ready:
            self.load()

    # -- what can be done ----------------------------------------------------------------------------------------

    def why_not(self, action: Action) -> str:
        if action.id.startswith("order.") and action.id not in ("order.look", "order.ended"):
            if self.order is None:
                return "It is not read yet, or gone."
            if reason := why_not_now(action.id.removeprefix("order."), self.order):
                return reason
        return super().why_not(action)

    def offers(self, action: Action) -> bool:
        if action.id == "list.open":
            return self.is_mounted and any(item.target for item in self.view.items)
        if (
            action.id.startswith("order.")
            and self.order is not None
            and why_not_now(action.id.removeprefix("order."), self.order)
        ):
            return False  # the key line has room for what can be done
        return super().offers(action)

    def on_field_view_opened(self, event: FieldView.Opened) -> None:
        kind, target = event.target
        match kind:
            case "certificate":
                self.open_screen("certtui.screens.certificate:CertificateScreen", target)
            case "resource" | "container":
                open_target(self, event.target)
            case "order":
                self.app.push_screen(OrderScreen(target))

    def do_order_look(self) -> None:
        """Ask the authority where it waits; else read it again."""
        order = self.order
        backend = self.backend
        waiting = order is not None and order.row.status.open and not unsent(order.row)
        if order is None or not waiting or backend.info.read_only or backend.capabilities.why_not("orders.look"):
            self.load()
            return
        self.say("Looking …")

        def done(now: Order) -> None:
            self.show(now)
            self.say(f"Looked: it is {now.row.status}.", "ok" if now.row.status is OrderStatus.COMPLETE else "note")

        self.work(lambda: backend.orders.look(order.id), done=done, key="look", to_the_end=True)

    def do_order_generate(self) -> None:
        order = self.order
        if order is None:
            return
        from certtui.screens.unlock import with_key

        def done(now: Order) -> None:
            self.show(now)
            self.say("Key and CSR are made, the key is sealed in the store. No authority was asked yet.", "ok")

        def failed(error: CerttuiError) -> None:
            if isinstance(error, PolicyRefused | ReasonNeeded):
                self._preview(order, "generate")
            else:
                self.fail(error)

        with_key(
            self,
            lambda: self.backend.orders.generate(order.id, order.version),
            done=done,
            failed=failed,
            why="A new private key is sealed by the store key.",
        )

    def do_order_submit(self) -> None:
        if self.order is not None:
            self._preview(self.order, "submit")

    def _preview(self, order: Order, act: str) -> None:
        from certtui.screens.order_preview import OrderPreviewScreen
        from certtui.screens.order_sending import Aim, Sending

        sending = Sending(self.backend.orders, Aim("edit", order))
        self.app.push_screen(
            OrderPreviewScreen(order.form, sending, act, command=f"certtui order {act} {order.id}"),
            lambda now: self._sent(now),
        )

    def _sent(self, order: object) -> None:
        if order is not None:
            self.load()

    def do_order_again(self) -> None:
        self._form("again")

    def do_order_edit(self) -> None:
        self._form("edit")

    def _form(self, kind: str) -> None:
        def show(order: Order) -> None:
            from certtui.screens.order_form import OrderFormScreen
            from certtui.screens.order_sending import Aim

            self.app.push_screen(OrderFormScreen(Aim(kind, order)))

        self.with_order(show)

    def do_order_certificate(self) -> None:
        if self.order is not None:
            from certtui.screens.order_certificate import OrderCertificateScreen

            self.app.push_screen(OrderCertificateScreen(self.order))

    def do_order_draft(self) -> None:
        order = self.order
        if order is None:
            return
        from certtui.widgets.dialogs import Confirm

        lines = ["Its CSR is discarded, and every field can be edited again."]
        if not order.form.csr:
            lines.append(
                "The private key of that CSR stays archived in the store, sealed; the next CSR gets a new one."
            )
        if waits_for_person(order.row):
            lines.append("A certificate that was made from that CSR can't be brought back to this order any more.")

        def answered(yes: bool | None) -> None:
            if yes:
                self.work(
                    lambda: self.backend.orders.back_to_draft(order.id, order.version),
                    done=self._drafted,
                    to_the_end=True,
                )

        self.app.push_screen(
            Confirm(
                "Back to draft", lines, "Back to draft", danger=True, command=f"certtui order back-to-draft {order.id}"
            ),
            answered,
        )

    def _drafted(self, order: Order) -> None:
        self.show(order)
        self.say("It is a draft again: the CSR is discarded.", "ok")

    # -- copying -------------------------------------------------------------------------------------------------

    def do_order_copy(self) -> None:
        """Every field, beginning with the one under the cursor."""
        order = self.order
        if order is None:
            return
        from certtui.screens.copy_text import choose_and_copy

        choose_and_copy(self, copy_fields(order, self.view.current))

    def do_order_csr(self) -> None:
        """Write the request to a file; nothing is overwritten without a question."""
        order = self.order
        if order is None:
            return
        from certtui.files import safe_name
        from certtui.widgets.dialogs import AskText

        suggested = str(Path.cwd() / f"{safe_name(order.row.name, fallback='request')}.csr")
        self.app.push_screen(
            AskText(
                "Save the CSR to a file",
                value=suggested,
                label="Save",
                command=f"certtui order show {order.id} --csr",
            ),
            lambda path: self._write(order, path) if path else None,
        )

    def _write(self, order: Order, path: str, *, overwrite: bool = False) -> None:
        from certtui import files
        from certtui.errors import Conflict
        from certtui.widgets.dialogs import Confirm

        place = Path(path.strip()).expanduser()

        def failed(error: CerttuiError) -> None:
            if isinstance(error, Conflict) and place.is_file():
                self.app.push_screen(
                    Confirm("Overwrite", [error.message, "What is in it is lost."], "Overwrite", danger=True),
                    lambda yes: self._write(order, path, overwrite=True) if yes else None,
                )
            else:
                self.fail(error)

        self.work(
            lambda: files.write(place, order.csr_pem.encode(), mode=files.PUBLIC, overwrite=overwrite),
            done=lambda _: self.say(f"The CSR is in {place}.", "ok"),
            failed=failed,
        )


def _read(backend: Backend, order_id: int, known: dict[int, str]) -> tuple[Order, dict[int, str], OrderContainer, int]:
    # The feed first: what changes after it is read again.
    heard = backend.feed.latest()
    order = backend.orders.get(order_id)
    for resource_id in order.form.resource_ids:
        if resource_id not in known:
            try:
                known[resource_id] = backend.resources.get(resource_id).row.name
            except CerttuiError:
                known[resource_id] = f"resource {resource_id}, gone"
    return order, known, _container_of(backend, order), heard


def _container_of(backend: Backend, order: Order) -> OrderContainer:
    """What its certificate is fetched by, once it is complete."""
    if not order.container_ref:
        return OrderContainer()
    where = reference(backend.info, order.container_ref)
    try:
        return OrderContainer(where, backend.containers.resolve(order.container_ref))
    except CerttuiError:
        return OrderContainer(where)
