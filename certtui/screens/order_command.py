"""The command line that orders the same as a form."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from certtui.text import shown

if TYPE_CHECKING:
    from certtui.model.order import OrderForm

MOST = 6
"""Names that are written out."""


def command_of(form: OrderForm, act: str = "submit") -> str:
    """As somebody would type it, `act` being `submit` or `generate`; values with control characters as they are shown."""
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
    words = [f"{option} {shlex.quote(shown(value))}" for option, value in options if value]
    more = " …" if len(form.sans) > MOST or len(form.resource_ids) > MOST else ""
    return f"certtui order create {' '.join(words)}{more} --{act}"
