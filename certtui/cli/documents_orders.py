"""The JSON of orders, authorities and the worker, as docs/cli.md says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from certtui.clock import rfc3339

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from certtui.cli.output import Document, Value
    from certtui.model.authority import Authority, AuthorityRow, AuthorityTest, AuthorityTypeInfo
    from certtui.model.order import Order, OrderForm, OrderPreview, OrderRow, Preflight
    from certtui.model.panel import PanelLine
    from certtui.model.policy import PolicyFinding
    from certtui.model.renewal import Renewal
    from certtui.model.renewal_calendar import DayLoad, RenewalCalendar, RenewalRow
    from certtui.model.renewal_forecast import Simulation
    from certtui.model.work import WorkReport, WorkStatus

ORDER = (
    *("id", "name", "common_name", "san_count", "type", "authority", "status", "requester_kind", "requester"),
    *("business_group", "certificate_id", "created_at", "submitted_at", "finished_at", "duration_seconds", "error"),
)
RENEWAL = (
    *("id", "name", "common_name", "business_group", "authority", "not_after", "auto_renew_days", "due_at", "state"),
    *("why", "blocked", "order", "try_at", "cname"),
)
SCENARIO = (
    *("limit", "since", "renewed", "a_day", "peak", "uncovered", "by_hand", "by_hand_a_day", "no_authority"),
    *("disabled", "external", "external_a_day", "unfit_days"),
)
AUTHORITY = ("id", "name", "type", "enabled", "summary", "open_orders", "tested_at", "test_ok", "created_at")


def of_order(row: OrderRow) -> Document:
    """One order as `order list` gives it."""
    return {
        "id": row.id,
        "name": row.name,
        "common_name": row.common_name,
        "san_count": row.san_count,
        "type": "" if row.type is None else row.type.value,
        "authority": row.authority,
        "status": row.status.value,
        "requester_kind": row.requester_kind,
        "requester": row.requester,
        "business_group": row.business_group,
        "certificate_id": row.certificate_id,
        "created_at": rfc3339(row.created_at),
        "submitted_at": _time(row.submitted_at),
        "finished_at": _time(row.finished_at),
        "duration_seconds": row.duration_seconds,
        "error": row.error,
    }


def of_whole_order(order: Order) -> Document:
    """One order as `order show` gives it."""
    error = order.error
    return {
        **of_order(order.row),
        "version": order.version,
        "form": of_form(order.form),
        "csr_pem": order.csr_pem,
        "key_algorithm": order.key_algorithm,
        "spki_sha256": order.spki_sha256,
        "next": order.next,
        "looks_at": _time(order.looks_at),
        "failure": {"message": error.message, "words": error.words, "hint": error.hint} if error else None,
        "steps": [
            {"at": rfc3339(step.at), "name": step.name, "text": step.text, "outcome": step.outcome}
            for step in order.steps
        ],
        "findings": [_finding(each) for each in order.findings],
        "panel": [_line(each) for each in order.panel],
        "again_id": order.again_id,
        "archived_keys": order.archived_keys,
        "container_ref": order.container_ref,
    }


def of_form(form: OrderForm) -> Document:
    """What was asked for; an uploaded CSR is in `csr_pem`."""
    subject, labels = form.subject, form.labels
    return {
        "authority": form.authority,
        "subject": {
            "common_name": subject.common_name,
            "organization": subject.organization,
            "organizational_unit": subject.organizational_unit,
            "country": subject.country,
            "state": subject.state,
            "locality": subject.locality,
            "email": subject.email,
        },
        "sans": list(form.sans),
        "key_type": form.key_type,
        "uploaded_csr": bool(form.csr),
        "template": form.template,
        "days": form.days,
        "name": labels.name,
        "business_group": labels.business_group,
        "description": labels.description,
        "contact_email": labels.contact_email,
        "auto_renew_days": form.auto_renew_days,
        "keep_key": form.keep_key,
        "take_over": form.take_over,
        "resource_ids": list(form.resource_ids),
        "renews_id": form.renews_id,
        "reason": form.reason,
        "reference": form.reference,
    }


def of_preview(preview: OrderPreview) -> Document:
    """What `order create --preview` says."""
    return {
        "lines": [_line(each) for each in preview.lines],
        "findings": [_finding(each) for each in preview.findings],
        "problems": list(preview.problems),
        "why_no_preflight": preview.why_no_preflight,
    }


def of_authority(row: AuthorityRow) -> Document:
    """One profile as `authority list` gives it."""
    return {
        "id": row.id,
        "name": row.name,
        "type": row.type.value,
        "enabled": row.enabled,
        "summary": row.summary,
        "open_orders": row.open_orders,
        "tested_at": _time(row.tested_at),
        "test_ok": row.test_ok if row.tested_at else None,
        "created_at": rfc3339(row.created_at),
    }


def of_whole_authority(authority: Authority) -> Document:
    """One profile as `authority show` gives it."""
    able = authority.capabilities
    settings: dict[str, Value] = dict(authority.settings)
    return {
        **of_authority(authority.row),
        "version": authority.row.version,
        "description": authority.description,
        "auto_renew_days": authority.auto_renew_days,
        "settings": settings,
        "secrets_set": list(authority.secrets_set),
        "templates": list(able.templates),
        "default_template": able.default_template,
        "default_days": able.default_days,
        "needs_person": able.needs_person,
        "why_no_revoke": able.why_no_revoke,
        "panel": [_line(each) for each in authority.panel],
        "last_test": [{"label": each.label, "ok": each.ok, "text": each.text} for each in authority.last_test],
    }


def of_type(info: AuthorityTypeInfo) -> Document:
    """One type as `authority types` gives it."""
    return {
        "type": info.type.value,
        "title": info.title,
        "description": info.description,
        "settings": [
            {
                "key": each.key,
                "label": each.label,
                "kind": each.kind,
                "help": each.help,
                "choices": list(each.choices),
                "said": list(each.said),
                "default": each.default,
                "required": each.required,
                "when": [{"key": when.key, "values": list(when.values)} for when in each.when],
            }
            for each in info.fields
        ],
    }


def of_test(test: AuthorityTest | Preflight) -> Document:
    """What `authority test` or `order preflight` found."""
    return {
        "ok": test.ok,
        "lines": [{"label": each.label, "ok": each.ok, "text": each.text} for each in test.lines],
    }


def of_renewal(renewal: Renewal) -> Document:
    """What is due, or blocked."""
    return {
        "id": renewal.certificate_id,
        "name": renewal.name,
        "authority": renewal.authority,
        "not_after": rfc3339(renewal.not_after),
        "auto_renew_days": renewal.auto_renew_days,
        "revoked": renewal.revoked,
        "cname": renewal.cname,
        "due_at": rfc3339(renewal.due_at),
        "why": renewal.why,
        "blocked": renewal.blocked,
        "order": renewal.order_id,
        "try_at": _time(renewal.try_at),
    }


def of_renewal_row(row: RenewalRow) -> Document:
    """One certificate of the place Renewals."""
    return {
        "id": row.id,
        "name": row.name,
        "common_name": row.common_name,
        "business_group": row.business_group,
        "authority": row.authority,
        "not_after": rfc3339(row.not_after),
        "auto_renew_days": row.auto_renew_days,
        "due_at": rfc3339(row.due_at),
        "state": row.state,
        "why": row.why,
        "blocked": row.blocked,
        "order": row.order_id,
        "try_at": _time(row.try_at),
        "cname": row.cname,
    }


def of_calendar(calendar: RenewalCalendar) -> Document:
    """What renews when; days without anything are left out."""
    return {
        "as_of": rfc3339(calendar.as_of),
        "until": rfc3339(calendar.until),
        "states": dict(calendar.states),
        "now": {"count": calendar.now.count, "by": dict(calendar.now.by)},
        "days": [{"day": rfc3339(day.day)[:10], "count": day.count, "by": dict(day.by)} for day in calendar.days],
        "later": calendar.later,
        "total": calendar.total,
    }


def of_days(calendar: RenewalCalendar) -> Iterator[Document]:
    """The same as rows of a day and an authority; what is due already has the day of now."""

    def rows(load: DayLoad) -> Iterator[Document]:
        for authority, count in load.by:
            yield {"day": rfc3339(load.day)[:10], "count": count, "authority": authority}

    for load in (calendar.now, *calendar.days):
        yield from rows(load)


def of_simulation(simulation: Simulation) -> Document:
    """The estate as it is (`limit` 0) and under each limit."""
    return {
        "as_of": rfc3339(simulation.as_of),
        "certificates": simulation.certificates,
        "scenarios": list(of_scenarios(simulation, shares=True)),
    }


def of_scenarios(simulation: Simulation, *, shares: bool = False) -> Iterator[Document]:
    """One row for each; with each authority's renewals a day where asked for."""
    for one in simulation.scenarios:
        document: dict[str, Value] = {name: _rounded(getattr(one, name)) for name in SCENARIO}
        if shares:
            document["by"] = {name: _rounded(a_day) for name, a_day in one.by}
        yield document


# Any: a fraction is no `Value`, and goes into JSON as one
def _rounded(value: Any) -> Any:
    return round(value, 3) if isinstance(value, float) else value


def of_report(report: WorkReport) -> Document:
    """One round of the worker."""
    done: dict[str, Value] = dict(report.done)
    return {"done": done, "problems": list(report.problems), "next_due": _time(report.next_due)}


def of_work(status: WorkStatus) -> Document:
    """Whether anybody works."""
    return {
        "last_round": _time(status.last_round),
        "last_worker": status.last_worker,
        "due": status.due,
        "next_due": _time(status.next_due),
    }


def _finding(finding: PolicyFinding) -> Document:
    return {
        "policy_id": finding.policy_id,
        "policy": finding.policy_name,
        "rule": finding.rule,
        "outcome": finding.outcome,
        "message": finding.message,
        "description": finding.description,
        "waiver_id": finding.waiver_id,
    }


def _line(line: PanelLine) -> Document:
    return {"label": line.label, "text": line.text, "mark": line.mark, "copy": line.copy}


def _time(instant: datetime | None) -> str | None:
    return rfc3339(instant) if instant else None
