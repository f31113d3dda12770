"""Many orders from a CSV: what is read, what is refused, and that an import goes on where it was interrupted."""

from __future__ import annotations

from pathlib import Path
from threading import Barrier

import pytest

from certtui import order_csv
from certtui.authorities.base import Waiting
from certtui.backend.local import orders_send
from certtui.errors import Interrupted, Invalid
from certtui.model.authority import AuthorityForm, AuthorityType
from certtui.model.order import OrderForm
from certtui.model.query import Query
from tests.backend.harness import LocalSqlite
from tests.backend.issuing import local_authority

CSV = (
    "common_name,sans,days,Business Group,resources\n"
    'a.example.com,"a.example.com; IP:10.0.0.1",30,web,\n'
    "\n"
    "b.example.com,,,,\n"
    "c.example.com,,,pay,\n"
)


@pytest.fixture
def backend(tmp_path: Path):
    harness = LocalSqlite(tmp_path / "store")
    made = harness.open(create=True)
    local_authority(made)
    yield made
    harness.close()


def test_lines_are_numbered_as_in_the_file_and_empty_ones_left_out() -> None:
    plan = order_csv.read(CSV.encode())
    assert [line.number for line in plan.lines] == [2, 4, 5]
    assert plan.lines[0].values == {
        "common_name": "a.example.com",
        "sans": "a.example.com; IP:10.0.0.1",
        "days": "30",
        "business_group": "web",
    }


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_delimiter_is_that_of_the_heading(delimiter: str) -> None:
    text = f"cn{delimiter}group\r\na.example.com{delimiter}web\r\n"
    [line] = order_csv.read(b"\xef\xbb\xbf" + text.encode()).lines
    assert line.values == {"common_name": "a.example.com", "business_group": "web"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "no orders"),
        (b"cn\n", "no orders"),
        (b"colour\nblue\n", "colour"),
        (b"cn,common_name\na,b\n", "twice"),
        (b"cn\na.example.com,b.example.com\n", "2 values"),
        (b'cn\n"a.example.com\n', "no CSV"),
        (b"cn\n\xff\xfe\n", "UTF-8"),
        (b"cn\n" + b"x" * 200_000 + b"\n", "no CSV"),
    ],
)
def test_a_file_that_is_no_table_of_orders_gets_one_sentence(text: bytes, said: str) -> None:
    with pytest.raises(Invalid) as refused:
        order_csv.read(text)
    assert said in refused.value.message


def test_every_column_reaches_its_field(backend) -> None:
    from certtui.model.resource import ResourceForm

    resource = backend.resources.add(ResourceForm(name="lb, west", type="host"))
    text = (
        "cn;san;authority;template;days;key;o;ou;c;st;l;email;name;group;description;contact;auto_renew;resources;reason\n"
        "a.example.com;b.example.com;internal;both;9;ec-384;Example;Web;DE;Berlin;Mitte;a@example.com;kiosk;web;till;"
        "ops@example.com;5;lb, west;because\n"
    )
    plan = order_csv.read(text.encode())
    form = order_csv.form_of(backend, plan, plan.lines[0], OrderForm())
    assert (form.authority, form.template, form.days, form.key_type) == ("internal", "both", 9, "ec-384")
    assert (form.subject.organizational_unit, form.subject.country, form.sans) == ("Web", "DE", ("b.example.com",))
    assert (form.labels.name, form.labels.contact_email, form.auto_renew_days) == ("kiosk", "ops@example.com", 5)
    assert (form.resource_ids, form.reason) == ((resource.row.id,), "because")
    assert backend.orders.save(form).form.sans == ("b.example.com",)


def test_what_a_line_does_not_say_is_as_in_the_defaults(backend) -> None:
    plan = order_csv.read(CSV.encode())
    forms = [order_csv.form_of(backend, plan, line, OrderForm(authority="internal", days=7)) for line in plan.lines]
    assert [(form.authority, form.days) for form in forms] == [("internal", 30), ("internal", 7), ("internal", 7)]
    assert len({form.reference for form in forms}) == 3


def run(backend, plan, folder: Path, **more):
    journal = order_csv.Journal("here", plan, folder=folder)
    return order_csv.run(backend, plan, defaults=OrderForm(authority="internal"), journal=journal, **more)


def orders(backend) -> int:
    return len(backend.orders.search(Query()).rows(0, 100))


@pytest.mark.parametrize("killed_after", [0, 1, 2])
def test_an_import_that_was_killed_goes_on_and_doubles_nothing(backend, tmp_path: Path, killed_after: int) -> None:
    plan = order_csv.read(CSV.encode())
    running = run(backend, plan, tmp_path)
    for _ in range(killed_after):
        next(running)
    # The line that was under way is saved and sent, and nothing of it in the journal.
    form = order_csv.form_of(backend, plan, plan.lines[killed_after], OrderForm(authority="internal"))
    saved = backend.orders.save(form)
    backend.orders.submit(saved.id, saved.version)
    running.close()
    outcomes = list(run(backend, plan, tmp_path))
    assert [one.status for one in outcomes] == ["complete"] * 3
    assert [one.before for one in outcomes] == [number < killed_after for number in range(3)]
    assert orders(backend) == 3


def test_a_journal_that_was_cut_off_or_is_gone_doubles_nothing(backend, tmp_path: Path) -> None:
    plan = order_csv.read(CSV.encode())
    list(run(backend, plan, tmp_path))
    [journal] = (tmp_path / "orders").iterdir()
    assert journal.stat().st_mode & 0o777 == 0o600
    journal.write_bytes(journal.read_bytes()[:-20])
    assert [one.before for one in run(backend, plan, tmp_path)] == [True, True, False]
    journal.unlink()
    assert [one.status for one in run(backend, plan, tmp_path)] == ["complete"] * 3
    assert orders(backend) == 3


def test_a_line_that_is_refused_does_not_stop_the_rest_and_is_tried_again(backend, tmp_path: Path) -> None:
    text = "cn,days\na.example.com,9999\nb.example.com,\nc.example.com,soon\n"
    plan = order_csv.read(text.encode())
    first = list(run(backend, plan, tmp_path))
    assert [one.status for one in first] == ["refused", "complete", "refused"]
    assert "soon" in first[2].text
    assert [one.before for one in run(backend, plan, tmp_path)] == [False, True, False]


def test_drafts_are_sent_by_a_later_run(backend, tmp_path: Path) -> None:
    plan = order_csv.read(CSV.encode())
    assert [one.status for one in run(backend, plan, tmp_path, submit=False)] == ["draft"] * 3
    assert [one.status for one in run(backend, plan, tmp_path)] == ["complete"] * 3
    assert orders(backend) == 3


def test_a_mark_orders_the_same_file_once_more(backend, tmp_path: Path) -> None:
    plan = order_csv.read(CSV.encode())
    list(run(backend, plan, tmp_path))
    again = order_csv.Journal("here", plan, "second", folder=tmp_path)
    outcomes = order_csv.run(backend, plan, defaults=OrderForm(authority="internal"), journal=again, mark="second")
    assert [one.before for one in outcomes] == [False] * 3
    assert orders(backend) == 6


def test_stopping_is_between_two_lines(backend, tmp_path: Path) -> None:
    plan = order_csv.read(CSV.encode())
    asked = iter([False, True])
    running = run(backend, plan, tmp_path, stopped=lambda: next(asked))
    assert next(running).status == "complete"
    with pytest.raises(Interrupted):
        next(running)
    assert orders(backend) == 1


def test_a_preview_changes_nothing_and_says_what_would_be_refused(backend) -> None:
    plan = order_csv.read(b"cn,days\na.example.com,\nb.example.com,9999\n")
    outcomes = list(order_csv.preview(backend, plan, defaults=OrderForm(authority="internal")))
    assert [one.status for one in outcomes] == ["fine", "refused"]
    assert orders(backend) == 0


def test_a_long_file_goes_in_batches_and_each_line_is_ordered_once(backend, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(order_csv, "AT_ONCE", 25)
    hosts = [f"{number}.example.com" for number in range(60)]
    hosts[30] = "not a name at all"
    plan = order_csv.read(("cn\n" + "\n".join(hosts) + "\n").encode())
    asked = iter([False, True])
    running = run(backend, plan, tmp_path, stopped=lambda: next(asked))
    assert [next(running).status for _ in range(25)] == ["complete"] * 25
    with pytest.raises(Interrupted):
        next(running)
    assert orders(backend) == 25
    outcomes = list(run(backend, plan, tmp_path))
    assert [one.before for one in outcomes] == [number < 25 for number in range(60)]
    assert [one.number for one in outcomes if one.status != "complete"] == [32]
    # What was refused stays as a draft, to be corrected.
    assert orders(backend) == 60
    [journal] = (tmp_path / "orders").iterdir()
    journal.unlink()
    assert [one.status for one in run(backend, plan, tmp_path)] == [one.status for one in outcomes]
    assert orders(backend) == 60


def test_orders_to_an_acme_server_are_under_way_side_by_side_and_told_in_the_files_order(
    backend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = {
        "server": "other",
        "directory": "https://ca.example/dir",
        "agree": "yes",
        "tech_zone": "acme.example.net",
    }
    backend.authorities.add(AuthorityForm("far", AuthorityType.ACME, settings=settings))
    together = Barrier(order_csv.SENT_AT_ONCE, timeout=20)
    ask = orders_send.ask

    def waited(store: object, asked: orders_send.Asked, *more: object) -> object:
        if not asked.far:
            return ask(store, asked, *more)  # type: ignore[arg-type]  # as it was called
        together.wait()  # each of them only goes on once all are there
        return Waiting("The CA works on it.", None)

    monkeypatch.setattr(orders_send, "ask", waited)
    names = [f"h{number}.example.com" for number in range(2 * order_csv.SENT_AT_ONCE)]
    text = "cn,authority\n" + "".join(f"{name},far\n" for name in names) + "near.example.com,internal\n"
    plan = order_csv.read(text.encode())
    outcomes = list(run(backend, plan, tmp_path))
    assert [one.label for one in outcomes] == [*names, "near.example.com"]
    assert [one.status for one in outcomes] == ["processing"] * len(names) + ["complete"]
    far = [one.order_id for one in outcomes[:-1]]
    assert far == sorted(far)
    assert [one.before for one in run(backend, plan, tmp_path)] == [True] * len(outcomes)
