"""The command line that orders the same as a form."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from certtui.text import shown

if TYPE_CHECKING:
    from certtui.model.order import Order, OrderForm

MOST = 6
"""Names that are written out."""


def command_of(form: OrderForm, act: str = "submit") -> str:
    """As somebody would type it, `act` being `submit` or `generate`; values with control characters as they are shown."""
    return f"certtui order create {_words(_options(form))}{_key(form)}{_more(form)} --{act}"


def retry_of(form: OrderForm, order: Order) -> str:
    """What sends `order` again by `form`: what it says otherwise than the order did is written out."""
    before = _options(order.form)
    names = {option for option, value in _options(form) if value and (option, value) not in before}
    changed = [each for each in _options(form) if each[0] in names]
    key = " --new-key" if order.form.keep_key and not form.keep_key else ""
    if form.keep_key and not order.form.keep_key:
        key = _key(form)
    return " ".join(part for part in (f"certtui order retry {order.id}", _words(changed)) if part) + key


def with_reason(command: str, reason: str) -> str:
    """The same with the word that a policy asked for; `order generate` takes none."""
    if not command or not reason or command.startswith("certtui order generate"):
        return command
    return f"{command} --reason {shlex.quote(shown(reason))}"


def _options(form: OrderForm) -> list[tuple[str, str]]:
    options: list[tuple[str, str]] = [("--authority", form.authority)]
    if form.csr:
        options.append(("--csr", "FILE"))
    else:
        subject = form.subject
        options += [
            ("--cn", subject.common_name),
            *(("--san", san.removeprefix("DNS:")) for san in form.sans[:MOST]),
            ("--organization", subject.organization),
            ("--unit", subject.organizational_unit),
            ("--locality", subject.locality),
            ("--state", subject.state),
            ("--country", subject.country),
            ("--email", subject.email),
            ("--key", form.key_type),
        ]
    labels = form.labels
    options += [
        ("--template", form.template),
        ("--days", "" if form.days is None else str(form.days)),
        ("--auto-renew", "" if form.auto_renew_days is None else str(form.auto_renew_days)),
        ("--name", labels.name),
        ("--group", labels.business_group),
        ("--description", labels.description),
        ("--contact", labels.contact_email),
        *(("--resource", str(each)) for each in form.resource_ids[:MOST]),
        ("--renews", "" if form.renews_id is None else str(form.renews_id)),
    ]
    return options


def _key(form: OrderForm) -> str:
    return " --keep-key" if form.keep_key else ""


def _words(options: list[tuple[str, str]]) -> str:
    return " ".join(f"{option} {shlex.quote(shown(value))}" for option, value in options if value)


def _more(form: OrderForm) -> str:
    return " …" if len(form.sans) > MOST or len(form.resource_ids) > MOST else ""
