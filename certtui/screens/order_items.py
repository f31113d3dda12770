"""What the page of an order shows, as fields: what is next, the steps, the request, the story. Pure functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from certtui.clock import rfc3339
from certtui.model.container import ref_in, reference_of
from certtui.model.order import OrderStatus
from certtui.record import dataclass
from certtui.screens.order_words import (
    STATUS_LOOK,
    finding_text,
    finding_word,
    minute,
    span,
    status_word,
    type_word,
    unsent,
    waits_for_person,
)
from certtui.widgets.fields import Item, blank, heading, sentence, text_line
from certtui.widgets.steps import steps_lines

if TYPE_CHECKING:
    from certtui.model.csr import SubjectFields
    from certtui.model.order import Order
    from certtui.model.panel import PanelLine

Label = Callable[[str], str]
"""An act's id to its key."""

MARKS = {"ok": ("+ ", "ok"), "waiting": ("~ ", "note"), "problem": ("x ", "bad")}
SHOWN_NAMES = 20
STEP_STYLES = {"waiting": "note", "failed": "bad"}


@dataclass(frozen=True, slots=True)
class OrderContainer:
    """The container that an order's certificate went into: what consumers call it, and its id, None where it is gone."""

    reference: str = ""
    id: int | None = None


def order_items(
    order: Order,
    resources: Mapping[int, str],
    label: Label,
    container: OrderContainer = OrderContainer(),  # noqa: B008  # frozen
) -> list[Item]:
    """All of the page."""
    items = [
        sentence(opening(order, label), _opening_style(order)),
        blank(),
        Item(draw=lambda width: steps_lines(order, width), selectable=False),
        blank(),
        *_error(order),
        *_result(order, container),
        *_panel(order.panel, order.row.authority),
        *_findings(order),
        *_facts(order),
        blank(),
        *_request(order, resources),
        *_story(order),
        *_csr(order),
    ]
    return items


def opening(order: Order, label: Label) -> str:
    """The first line: what to do now, and by which key."""
    row = order.row
    said = order.next.strip() or f"It is {row.status}."
    if row.status is OrderStatus.FAILED and not said.startswith("It failed"):
        said = f"It failed. {said}"
    keys = []
    if row.status is OrderStatus.DRAFT:
        keys.append(f"{label('order.generate')} makes key and CSR, {label('order.submit')} submits")
    elif unsent(row):
        keys.append(f"{label('order.submit')} submits it")
    elif waits_for_person(row):
        keys.append(f"{label('order.copy')} copies the CSR, {label('order.csr')} writes it to a file")
        keys.append(f"{label('order.certificate')} takes the certificate that comes back")
    elif row.status in (OrderStatus.FAILED, OrderStatus.CANCELLED) and order.again_id is None:
        keys.append(f"{label('order.again')} sends it again")
    return f"{said} {'; '.join(keys)}." if keys else said


def _opening_style(order: Order) -> str:
    return {OrderStatus.FAILED: "bad", OrderStatus.COMPLETE: "ok"}.get(order.row.status, "")


def _error(order: Order) -> list[Item]:
    error = order.error
    if error is None:
        return []
    items = [Item("Error", error.message, "bad")]
    if error.words:
        items.append(Item("Its words", error.words))
    if error.hint and error.hint != order.next:
        items.append(Item("What to do", error.hint))
    return [*items, blank()]


def _result(order: Order, container: OrderContainer) -> list[Item]:
    """Where one can go on to from here."""
    items = []
    row = order.row
    if row.certificate_id is not None:
        what = "issued; enter opens it" if row.status is OrderStatus.COMPLETE else "its entry; enter opens it"
        items.append(
            Item("Certificate", f"{row.name}  ({what})", copies=row.name, target=("certificate", row.certificate_id))
        )
    if container.reference:
        opens = "  (enter opens it)" if container.id is not None else "  (deleted since)"
        target = ("container", container.id) if container.id is not None else None
        # Over a server its URL is copied; shown it would fill two lines.
        shown = reference_of(ref_in(container.reference))
        items.append(Item("Container", shown + opens, copies=container.reference, target=target))
    if order.form.renews_id is not None:
        items.append(
            Item(
                "Replaces",
                f"certificate {order.form.renews_id}  (enter opens it)",
                target=("certificate", order.form.renews_id),
            )
        )
    if order.again_id is not None:
        items.append(
            Item("Sent again", f"as order {order.again_id}  (enter opens it)", target=("order", order.again_id))
        )
    return [*items, blank()] if items else []


def _panel(lines: tuple[PanelLine, ...], authority: str) -> list[Item]:
    if not lines:
        return []
    return [heading(authority or "The authority"), *map(panel_item, lines), blank()]


def panel_item(line: PanelLine) -> Item:
    """One line of what an authority says, with its mark."""
    sign, style = MARKS.get(line.mark, ("", ""))
    return Item(line.label, f"{sign}{line.text}", style if line.mark != "ok" else "", copies=line.copy or line.text)


def _findings(order: Order) -> list[Item]:
    if not order.findings:
        return []
    items = [heading("What policies say")]
    for finding in order.findings:
        word, style = finding_word(finding)
        items.append(Item(word, finding_text(finding), style))
    if order.form.reason:
        items.append(Item("Your word", order.form.reason))
    return [*items, blank()]


def _facts(order: Order) -> list[Item]:
    row = order.row
    items = [
        Item("Status", status_word(row.status), STATUS_LOOK[row.status][1], copies=str(row.status)),
        Item("Type", type_word(row)),
        Item("Authority", row.authority or "none yet", copies=row.authority),
        Item("Requested by", f"{row.requester}, {row.requester_kind}", copies=row.requester),
        Item("Begun", minute(row.created_at), copies=rfc3339(row.created_at)),
    ]
    if row.submitted_at is not None:
        items.append(Item("Submitted", minute(row.submitted_at), copies=rfc3339(row.submitted_at)))
        items.append(Item("Took" if row.finished_at else "Takes", span(row.duration_seconds)))
    if order.looks_at is not None and row.status.open:
        items.append(Item("Looks again", minute(order.looks_at), copies=rfc3339(order.looks_at)))
    items.append(Item("Id", str(row.id)))
    return items


def _request(order: Order, resources: Mapping[int, str]) -> list[Item]:
    form, row = order.form, order.row
    items = [heading("What is asked for"), Item("Common name", form.subject.common_name or row.common_name or "none")]
    items.append(Item("Names", _names(form.sans), copies="\n".join(form.sans)))
    if subject := subject_text(form.subject):
        items.append(Item("Subject", subject))
    if form.csr:
        items.append(Item("Key", f"{order.key_algorithm or 'in the CSR'}, not here: the CSR was uploaded"))
    else:
        items.append(Item("Key", order.key_algorithm or form.key_type or "as the template says"))
    if form.template:
        items.append(Item("Template", form.template))
    items.append(Item("Validity", f"{form.days} days" if form.days is not None else "as the authority says"))
    key = ", with the same key" if form.keep_key else ""
    items.append(Item("Auto-renew", f"{_renewal(form.auto_renew_days)}{key}"))
    labels = form.labels
    items += [
        Item("Name", labels.name or row.name),
        Item("Group", labels.business_group or "none", copies=labels.business_group),
        Item("Description", labels.description or "none", copies=labels.description),
        Item("Contact", labels.contact_email or "none", copies=labels.contact_email),
    ]
    for resource_id in form.resource_ids:
        name = resources.get(resource_id, f"resource {resource_id}")
        items.append(Item("For", name, copies=name, target=("resource", resource_id)))
    if form.take_over:
        items.append(Item("Takes over", "where the one before is associated when this one is issued"))
    return [*items, blank()]


def _names(sans: tuple[str, ...]) -> str:
    shown = "  ".join(each.removeprefix("DNS:") for each in sans[:SHOWN_NAMES])
    more = len(sans) - SHOWN_NAMES
    return f"{shown}  and {more:,} more" if more > 0 else shown or "none"


def _renewal(days: int | None) -> str:
    if days is None:
        return "as the authority says"
    return f"{days} days before it expires" if days else "no"


def _story(order: Order) -> list[Item]:
    items = [heading("What happened")]
    items += [Item(f"{step.at:%m-%d %H:%M}", step.text, STEP_STYLES.get(step.outcome, "")) for step in order.steps]
    if order.archived_keys:
        one = order.archived_keys == 1
        items.append(
            Item(
                "", f"{order.archived_keys} {'key is' if one else 'keys are'} archived that no certificate has.", "dim"
            )
        )
    return [*items, blank()]


def _csr(order: Order) -> list[Item]:
    if not order.csr_pem:
        return []
    return [heading("CSR"), *(text_line(line) for line in order.csr_pem.strip().splitlines())]


SUBJECT = (
    ("O", "organization"),
    ("OU", "organizational_unit"),
    ("L", "locality"),
    ("ST", "state"),
    ("C", "country"),
    ("E-mail", "email"),
)


def subject_text(subject: SubjectFields) -> str:
    """What the subject says besides the common name."""
    return ", ".join(f"{short}={value}" for short, field in SUBJECT if (value := getattr(subject, field)))


def copy_fields(order: Order, here: Item | None) -> list[tuple[str, str]]:
    """Everything that can be copied, (label, text), each text once; first what is likely meant with the cursor on `here`."""
    row = order.row
    fields = [
        ("CSR", order.csr_pem),
        *((line.label, line.copy) for line in order.panel),
        ("Common name", row.common_name),
        ("Names", "\n".join(each.partition(":")[2] for each in order.form.sans)),
        ("Error", "\n".join(filter(None, (order.error.message, order.error.words))) if order.error else ""),
        ("Public key hash", order.spki_sha256),
        ("Name", row.name),
        ("Authority", row.authority),
        ("Requested by", row.requester),
        ("What happened", "\n".join(f"{rfc3339(step.at)} {step.text}" for step in order.steps)),
        ("Id", str(row.id)),
    ]
    if here is not None and here.copy_text and here.label.strip():
        meant = not waits_for_person(row) or here.copy_text in [line.copy for line in order.panel]
        # While a CSR waits to be carried away, it is what copying is for.
        fields.insert(0 if meant else 1, (here.label.strip(), here.copy_text))
    seen: set[str] = set()
    return [(label, text) for label, text in fields if text and not (text in seen or seen.add(text))]  # type: ignore[func-returns-value]
