"""Many orders from a CSV file: read line by line, each ordered once, resumed where it was interrupted.

Each line is an order with a reference of its own (the file's digest and the line's number), so a store never has a line
twice, whatever happens. A journal in the state folder says beside that which lines are done, so that a file of ten
thousand lines goes on where it stopped.
"""

from __future__ import annotations

import contextlib
import csv
import hashlib
import io
import json
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from certtui import paths
from certtui.errors import CerttuiError, Interrupted, Invalid, Locked, NotFound, Unreachable
from certtui.model.authority import AuthorityType
from certtui.model.order import Order, OrderForm
from certtui.record import dataclass

if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor

    from certtui.backend.base import Backend

MAX_BYTES = 32 * 1024 * 1024
MAX_LINES = 100_000
AT_ONCE = 100
"""Lines that a store completes in one transaction: others get their turn, and a stop is heard."""
SENT_AT_ONCE = 16
"""Orders to an authority elsewhere that are under way at a time."""
FEW = 20
"""Fewer lines than these go one by one: whoever looks on sees them go, and can stop after each."""

COLUMNS = {
    "common_name": "the common name",
    "sans": "names, separated by blanks or semicolons: host names, IP:, EMAIL:, URI:",
    "authority": "the authority's name",
    "template": "one of its templates",
    "days": "how many days it shall be valid",
    "key_type": "the key to make: ec-256, rsa-3072 …",
    "organization": "O of the subject",
    "organizational_unit": "OU",
    "country": "C, two letters",
    "state": "ST",
    "locality": "L",
    "email": "the e-mail address in the subject",
    "name": "what to call it",
    "business_group": "who owns it",
    "description": "what it is for",
    "contact_email": "whom to ask about it",
    "auto_renew_days": "renew so many days before it expires",
    "resources": "names of resources to associate, separated by semicolons",
    "renews": "the certificate that it replaces: id or name",
    "reason": "why it may pass a soft policy",
}
"""The columns that a file may have, and what stands in them."""

_ALIASES = {
    "cn": "common_name",
    "san": "sans",
    "names": "sans",
    "ca": "authority",
    "key": "key_type",
    "o": "organization",
    "ou": "organizational_unit",
    "unit": "organizational_unit",
    "c": "country",
    "st": "state",
    "l": "locality",
    "group": "business_group",
    "contact": "contact_email",
    "auto_renew": "auto_renew_days",
    "resource": "resources",
}
_SUBJECT = ("common_name", "organization", "organizational_unit", "country", "state", "locality", "email")
_LABELS = ("name", "business_group", "description", "contact_email")
_NUMBERS = ("days", "auto_renew_days")


@dataclass(frozen=True, slots=True)
class CsvLine:
    """One line of a file: its number, and its values by column."""

    number: int
    values: dict[str, str]

    @property
    def label(self) -> str:
        """What to call it in a report."""
        return self.values.get("common_name") or self.values.get("name") or self.values.get("sans", "")[:80]


@dataclass(frozen=True, slots=True)
class CsvPlan:
    """A file that could be read: its lines, and the digest by which it is known again."""

    digest: str
    lines: tuple[CsvLine, ...]


@dataclass(frozen=True, slots=True)
class CsvOutcome:
    """What became of one line: the order's number and status, or (status `refused`) why there is none."""

    number: int
    label: str
    status: str
    text: str = ""
    order_id: int | None = None
    before: bool = False
    """It was done in an earlier run."""


def read(data: bytes) -> CsvPlan:
    """The lines of a file. Raises `Invalid` for a file that is no such table."""
    if len(data) > MAX_BYTES:
        raise Invalid("The file is too large for a list of orders.", "Split it.", field="file")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Invalid("The file is not UTF-8 text.", "Save it as CSV in UTF-8.", field="file") from None
    first = text.lstrip("\r\n").partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    lines: list[CsvLine] = []
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        header: list[str] = []
        for row in reader:
            if not any(value.strip() for value in row):
                continue
            if not header:
                header = _header(row)
                continue
            if len(lines) == MAX_LINES:
                raise Invalid(f"More than {MAX_LINES:,} lines are too many.", "Split the file.", field="file")
            lines.append(_line(reader.line_num, header, row))
    except csv.Error as error:
        raise Invalid(f"Line {reader.line_num} is no CSV: {error}.", "Check its quotes.", field="file") from None
    if not lines:
        raise Invalid(
            "There are no orders in the file.", f"Its first line names columns: {', '.join(COLUMNS)}.", field="file"
        )
    return CsvPlan(hashlib.sha256(data).hexdigest(), tuple(lines))


def _header(row: Sequence[str]) -> list[str]:
    from difflib import get_close_matches

    names: list[str] = []
    for typed in row:
        word = typed.strip().lower().replace(" ", "_").replace("-", "_")
        name = _ALIASES.get(word, word)
        if name not in COLUMNS:
            near = get_close_matches(word, [*COLUMNS, *_ALIASES], n=1)
            more = f"; the nearest is {near[0]}" if near else ""
            raise Invalid(
                f"The column “{typed.strip()[:80]}” is not known{more}.",
                f"There are {', '.join(COLUMNS)}.",
                field="file",
            )
        if name in names:
            raise Invalid(f"The column {name} comes twice.", "Leave one of them away.", field="file")
        names.append(name)
    return names


def _line(number: int, header: Sequence[str], row: Sequence[str]) -> CsvLine:
    if len(row) > len(header) and any(value.strip() for value in row[len(header) :]):
        raise Invalid(
            f"Line {number} has {len(row)} values for {len(header)} columns.",
            "Put values with commas in quotes.",
            field="file",
        )
    return CsvLine(number, {name: value.strip() for name, value in zip(header, row, strict=False) if value.strip()})


def form_of(backend: Backend, plan: CsvPlan, line: CsvLine, defaults: OrderForm, mark: str = "") -> OrderForm:
    """The order of a line; what it does not say is as in `defaults`. Raises `Invalid`, `NotFound`, `Ambiguous`."""
    from dataclasses import replace

    values = line.values
    found: dict[str, object] = {
        name: values[name] for name in ("authority", "template", "key_type", "reason") if name in values
    }
    for name in _NUMBERS:
        if name in values:
            found[name] = _number(values[name], name)
    subject = {name: values[name] for name in _SUBJECT if name in values}
    labels = {name: values[name] for name in _LABELS if name in values}
    found["subject"] = replace(defaults.subject, **subject) if subject else defaults.subject
    found["labels"] = replace(defaults.labels, **labels) if labels else defaults.labels
    if "sans" in values:
        found["sans"] = tuple(values["sans"].replace(";", " ").split())
    if "resources" in values:
        names = [name.strip() for name in values["resources"].split(";") if name.strip()]
        found["resource_ids"] = tuple(backend.resources.resolve(name) for name in names)
    if "renews" in values:
        found["renews_id"] = backend.certificates.resolve(values["renews"])
    reference = f"csv:{plan.digest[:32]}:{line.number}" + (f":{mark}" if mark else "")
    return replace(defaults, **found, reference=reference)  # type: ignore[arg-type]  # each value is of its field's type


def _number(text: str, name: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 7):
        raise Invalid(f"“{text[:40]}” is no number of days.", "Write it in digits.", field=name)
    return int(text)


class Journal:
    """Which lines of a file are done in a store: JSON lines in the state folder, one file for each pair."""

    def __init__(self, place: str, plan: CsvPlan, mark: str = "", folder: Path | None = None) -> None:
        key = hashlib.sha256("\0".join((place, plan.digest, mark)).encode()).hexdigest()[:32]
        self._path = (folder or paths.state_folder()) / "orders" / f"{key}.jsonl"

    def done(self) -> dict[int, CsvOutcome]:
        """What an earlier run did, by line; a last line that was cut off by a crash does not count."""
        found: dict[int, CsvOutcome] = {}
        with contextlib.suppress(OSError):
            for text in self._path.read_text("utf-8", "replace").splitlines():
                with contextlib.suppress(ValueError, TypeError, KeyError):
                    kept = json.loads(text)
                    outcome = CsvOutcome(
                        int(kept["number"]),
                        str(kept["label"]),
                        str(kept["status"]),
                        str(kept["text"]),
                        kept["order_id"],
                        True,
                    )
                    found[outcome.number] = outcome
        return found

    def add(self, outcome: CsvOutcome) -> None:
        """Write down that a line is done. Raises `Unreachable` where that can't be written."""
        kept = {
            "number": outcome.number,
            "label": outcome.label,
            "status": outcome.status,
            "text": outcome.text,
            "order_id": outcome.order_id,
        }
        try:
            paths.made_private(self._path.parent)
            with self._path.open("a", encoding="utf-8") as file:
                self._path.chmod(0o600)
                file.write(json.dumps(kept) + "\n")
        except OSError as error:
            raise Unreachable(
                f"The journal {self._path} can't be written: {error.strerror}.", "Make room, then run it again."
            ) from None


def run(
    backend: Backend,
    plan: CsvPlan,
    *,
    defaults: OrderForm | None = None,
    submit: bool = True,
    mark: str = "",
    journal: Journal | None = None,
    stopped: Callable[[], bool] = lambda: False,
) -> Iterator[CsvOutcome]:
    """Order line by line, and tell of each. What is refused does not stop the rest, and is tried again by the next run.

    Raises `Interrupted` where `stopped` says so, `Locked` and `Unreachable`: then the next run goes on from here.
    """
    from concurrent.futures import Future, ThreadPoolExecutor

    before = journal.done() if journal is not None else {}
    form = defaults or OrderForm()
    coming: deque[CsvOutcome | Future[CsvOutcome]] = deque()

    def ready(most: int) -> Iterator[CsvOutcome]:
        """The next ones in the file's order, until no more than `most` are still under way."""
        while coming and (len(coming) > most or isinstance(coming[0], CsvOutcome) or coming[0].done()):
            found = coming.popleft()
            outcome = found
            if isinstance(outcome, Future):
                outcome = outcome.result()
                if journal is not None and outcome.status != "refused":
                    journal.add(outcome)
            yield outcome

    pool = ThreadPoolExecutor(SENT_AT_ONCE, thread_name_prefix="certtui-lines")
    try:
        for start in range(0, len(plan.lines), AT_ONCE):
            lines = plan.lines[start : start + AT_ONCE]
            _heard(stopped)
            placed = (
                _placed(backend, plan, [one for one in lines if one.number not in before], form, mark) if submit else {}
            )
            if journal is not None:
                for outcome in placed.values():
                    journal.add(outcome)
            for position, line in enumerate(lines):
                there = before.get(line.number) or placed.get(line.number)
                if there is not None and not (there.before and submit and there.status == "draft"):
                    coming.append(there)
                else:
                    if position:
                        _heard(stopped)
                    coming.append(_ordered(backend, plan, line, form, mark, pool if submit else None))
                yield from ready(SENT_AT_ONCE)
        yield from ready(0)
    finally:
        # What was begun is let come to its end; the next run finds it by its reference.
        pool.shutdown(cancel_futures=True)


def _heard(stopped: Callable[[], bool]) -> None:
    if stopped():
        raise Interrupted("The import was stopped.", "Run it again: it goes on where it stopped.")


def preview(backend: Backend, plan: CsvPlan, *, defaults: OrderForm | None = None) -> Iterator[CsvOutcome]:
    """What each line would come to, as far as that can be told; changes nothing."""
    for line in plan.lines:
        try:
            said = backend.orders.preview(form_of(backend, plan, line, defaults or OrderForm()))
        except (Locked, Unreachable, Interrupted):
            raise
        except CerttuiError as error:
            yield CsvOutcome(line.number, line.label, "refused", str(error))
            continue
        hard = [finding.message for finding in said.findings if finding.outcome == "hard"]
        problems = (*said.problems, *hard)
        soft = " ".join(finding.message for finding in said.findings if finding.needs_reason)
        if problems:
            yield CsvOutcome(line.number, line.label, "refused", " ".join(problems))
        else:
            yield CsvOutcome(line.number, line.label, "fine", soft)


def _placed(
    backend: Backend, plan: CsvPlan, lines: Sequence[CsvLine], defaults: OrderForm, mark: str
) -> dict[int, CsvOutcome]:
    """What a store that is here completes at once; the rest, and all of a server's, goes line by line."""
    place_many = getattr(backend.orders, "place_many", None)
    if place_many is None or len(lines) < FEW:
        return {}
    forms: dict[int, OrderForm] = {}
    for line in lines:
        # What is wrong with a line is said when it comes to it.
        with contextlib.suppress(NotFound, Invalid):
            forms[line.number] = form_of(backend, plan, line, defaults, mark)
    labels = {line.number: line.label for line in lines}
    try:
        placed = place_many(list(forms.values()))
    except (Locked, Unreachable, Interrupted):
        raise
    except CerttuiError:
        return {}
    return {
        number: CsvOutcome(number, labels[number] or one.name, "complete", "", one.id)
        for number, one in zip(forms, placed, strict=True)
        if one is not None
    }


def _ordered(
    backend: Backend, plan: CsvPlan, line: CsvLine, defaults: OrderForm, mark: str, pool: ThreadPoolExecutor | None
) -> Future[CsvOutcome]:
    """Save a line's order, and send it where there is a pool: elsewhere side by side, since most of that is waiting."""
    from concurrent.futures import Future

    done: Future[CsvOutcome] = Future()
    try:
        form = form_of(backend, plan, line, defaults, mark)
        order = backend.orders.save(form)
        if pool is not None and order.row.status.open and order.row.submitted_at is None:
            if order.row.type is AuthorityType.ACME:
                return pool.submit(_sent, backend, line, order, form)
            done.set_result(_sent(backend, line, order, form))
        else:
            done.set_result(_told(line, order))
    except (Locked, Unreachable, Interrupted):
        raise
    except CerttuiError as error:
        done.set_result(CsvOutcome(line.number, line.label, "refused", str(error)))
    return done


def _sent(backend: Backend, line: CsvLine, order: Order, form: OrderForm) -> CsvOutcome:
    try:
        # What an earlier run saved is corrected by what the line's defaults are now, and then sent.
        if order.form != form and order.row.status.value == "draft":
            order = backend.orders.edit(order.id, order.version, form)
        order = backend.orders.submit(order.id, order.version)
    except (Locked, Unreachable, Interrupted):
        raise
    except CerttuiError as error:
        return CsvOutcome(line.number, line.label, "refused", str(error))
    return _told(line, order)


def _told(line: CsvLine, order: Order) -> CsvOutcome:
    said = f"{order.error.message} {order.error.words}".strip() if order.error is not None else ""
    return CsvOutcome(line.number, line.label or order.row.name, order.row.status.value, said, order.id)
