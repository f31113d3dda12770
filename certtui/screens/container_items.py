"""The lines of a container's page: pure functions, raw text."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from certtui.clock import rfc3339
from certtui.model.container import ContainerStatus, ContainerType
from certtui.screens.container_words import STATUS_LOOK, consumer_line, until, version_holds, why
from certtui.widgets.fields import Item, blank, heading, sentence

if TYPE_CHECKING:
    from certtui.model.consumer import Consumer
    from certtui.model.container import Container, ContainerCheck, ContainerVersion

Label = Callable[[str], str]
"""The key of an act, by its id."""


def container_items(
    container: Container, where: str, check: ContainerCheck | None, unchecked: str, label: Label
) -> list[Item]:
    """Everything of one container; the first line under the cursor is its reference."""
    row = container.row
    items = [
        sentence(_opening(container, label), STATUS_LOOK[row.status][1] or "ok"),
        blank(),
        Item("Reference", f"{where}  ({label('page.copy')} copies it)", copies=where),
        *_facts(container),
        blank(),
        heading("What is in it"),
        *_parts(container, check),
        *_check(check, unchecked, label),
        blank(),
        heading("Who fetches it"),
    ]
    if not container.consumers:
        items.append(
            sentence(f"No consumer is registered. {label('container.consumer')} adds one; who fetches may register.")
        )
    items += [_consumer(each, row.number) for each in container.consumers]
    items += [blank(), heading("Versions")]
    items += [_version(each, row.number) for each in container.versions]
    return items


def _opening(container: Container, label: Label) -> str:
    """The state, and what to do next."""
    row = container.row
    said = container.status_reason
    if row.status in (ContainerStatus.ACTIVE, ContainerStatus.NOT_YET_VALID):
        return said
    if row.status is ContainerStatus.INCOMPLETE:
        said = f"{said} Whoever fetches it gets nothing."
    if row.status is ContainerStatus.EXPIRING and row.follows:
        return f"{said} Once that is renewed, consumers get the new one from here."
    back = f", {label('container.rollback')} steps back" if any(not each.why_not for each in container.versions) else ""
    what = "certificate" if row.type is ContainerType.CERTIFICATE else "content"
    return f"{said} {label('container.update')} gives it another {what}{back}."


def _facts(container: Container) -> list[Item]:
    row = container.row
    word, style = STATUS_LOOK[row.status]
    items = [
        Item("Name", row.name),
        Item("Type", row.type.value),
        Item("Status", word.strip(), style, copies=row.status.value),
    ]
    if row.certificate_id is not None:
        text = f"{row.certificate}, until {until(row.not_after, row.days_remaining)}  (enter opens it)"
        items.append(Item("Certificate", text, copies=row.certificate, target=("certificate", row.certificate_id)))
    elif row.not_after is not None:
        items.append(Item("Good until", until(row.not_after, row.days_remaining)))
    if row.type is ContainerType.CERTIFICATE:
        items.append(
            Item("Renewal", "moves it on to the new certificate" if row.follows else "leaves it at this certificate")
        )
    items += [
        Item("Group", row.business_group or "none", copies=row.business_group),
        Item("Made", f"{rfc3339(row.created_at)} by {row.created_by}"),
        Item("Id", str(row.id)),
    ]
    return items


def _parts(container: Container, check: ContainerCheck | None) -> list[Item]:
    """A line for each part: ok, or what is wrong with it."""
    problems: dict[str, list[str]] = {}
    for each in check.problems if check is not None else ():
        problems.setdefault(each.part, []).append(each.problem)
    width = max([len(part.name) for part in container.parts] + [len(name) for name in problems], default=0)
    items = []
    for part in container.parts:
        wrong = problems.pop(part.name, [])
        word = ("! wrong" if wrong else "ok") if check is not None else "-"
        about = part.about + (f", stored as {part.secret}" if part.secret else "")
        items.append(
            Item(
                value=f"{part.name:<{width}}  {word:<7}  {about}",
                style="bad" if wrong else "",
                copies=part.name,
                target=None if part.secret_id is None or not part.secret else ("secret", part.secret_id),
                whole=True,
            )
        )
        items += [sentence(f"  {each}", "bad") for each in wrong]
    for name, wrong in problems.items():
        items.append(Item(value=f"{name:<{width}}  ! missing", style="bad", copies=name, whole=True))
        items += [sentence(f"  {each}", "bad") for each in wrong]
    if not items:
        items.append(sentence("Nothing.", "bad"))
    return items


def _check(check: ContainerCheck | None, unchecked: str, label: Label) -> list[Item]:
    if check is not None:
        return [sentence(check.summary, "ok" if check.ok else "bad")]
    key = label("container.check")
    return [sentence(f"{unchecked}: not checked. {key} checks it." if unchecked else "Checking …", "dim")]


def _consumer(each: Consumer, current: int) -> Item:
    at = f"  ({each.fetched_at:%Y-%m-%d %H:%M})" if each.fetched_at else ""
    return Item(
        value=f"{consumer_line(each, current)}{at}",
        style="warn" if each.behind else "",
        copies=each.resource or each.service,
        target=("consumer", each.id),
        whole=True,
    )


def _version(each: ContainerVersion, current: int) -> Item:
    now = each.number == current
    text = f"{version_holds(each)}\n{why(each.reason)}, {each.created_at:%Y-%m-%d %H:%M} by {each.created_by}"
    if not now and each.why_not:
        text += f"\nNo way back: {each.why_not}"
    return Item(
        f"{each.number} {'now' if now else ''}".strip(),
        text,
        "" if now or not each.why_not else "dim",
        copies=version_holds(each),
        target=None if now or each.why_not else ("version", each.number),
    )
