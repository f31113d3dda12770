"""Channels: written, tested, removed; and what goes along them, once, later or not at all."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from datetime import timedelta

import pytest

from certtui.backend.base import Backend
from certtui.errors import Conflict, Denied, Invalid, NotFound
from certtui.model.alert import Severity
from certtui.model.channel import (
    CalendarSettings,
    ChannelForm,
    CommandSettings,
    DeliveryState,
    SmtpSettings,
    WebhookSettings,
)
from certtui.model.query import Query, Sort
from certtui.model.secret import Secret
from tests.backend.entries import add, cert, events
from tests.backend.harness import Harness, LocalPostgres, LocalSqlite
from tests.certs import NOW
from tests.channels.sinks import HttpSink, http_sink, smtp_sink

KEY = Secret("a signing key that is long enough")


def webhook(url: str, name: str = "hook", **more: object) -> ChannelForm:
    return ChannelForm(name=name, settings=WebhookSettings(url), **more)


def deliver(harness: Harness, backend: Backend) -> int:
    """What a worker does beside the store."""
    from certtui.backend.local.channels_deliver import deliver_due

    return deliver_due(_store(harness, backend))


def sweep_due(harness: Harness, backend: Backend) -> None:
    from certtui.backend.local.alerts_sweep import sweep_due

    sweep_due(_store(harness, backend))


def _store(harness: Harness, backend: Backend):
    behind = backend if isinstance(harness, (LocalSqlite, LocalPostgres)) else harness.store
    return behind._store


def expiring(backend: Backend, harness: Harness, *names: str, days: int = 10, **labels: str) -> None:
    """Certificates with so many days left by the clock."""
    for name in names:
        until = harness.clock.now() + timedelta(days=days)
        add(backend, cert(name, not_before=NOW - timedelta(days=400), not_after=until, number=ord(name[0])), **labels)


@pytest.fixture
def sink():
    with http_sink() as made:
        yield made


def told(sink: HttpSink) -> list[list[tuple[str, str]]]:
    """(event, name) of the alerts of each request."""
    bodies = [json.loads(request.body)["data"]["alerts"] for request in sink.requests]
    return [sorted((each["event"], each["object"]["name"]) for each in alerts) for alerts in bodies]


def test_a_channel_is_there_as_it_was_written_without_its_secret(backend) -> None:
    form = webhook(
        "https://hooks.example.com/x", secret=KEY, min_severity=Severity.CRITICAL, groups=("a",), on_resolve=True
    )
    made = backend.channels.add(form)
    assert backend.channels.get(made.id) == made
    assert (made.name, made.type, made.settings) == ("hook", "webhook", WebhookSettings("https://hooks.example.com/x"))
    assert (made.min_severity, made.groups, made.on_resolve, made.enabled) == (Severity.CRITICAL, ("a",), True, True)
    assert made.has_secret
    assert "signing key" not in repr(made) + repr(form)
    assert [each.id for each in backend.channels.list()] == [made.id]
    assert backend.channels.resolve("HOOK") == backend.channels.resolve(str(made.id)) == made.id
    assert events(backend)[-1] == "channel.create.success"


def test_names_are_taken_once(backend) -> None:
    backend.channels.add(webhook("https://hooks.example.com/x"))
    with pytest.raises(Conflict):
        backend.channels.add(webhook("https://hooks.example.com/y", "HOOK"))


SMTP = SmtpSettings("mail.example.com", 587, "starttls", "", "certtui@example.com", ("ops@example.com",))


@pytest.mark.parametrize(
    ("form", "field"),
    [
        (webhook("https://x.example.com", ""), "name"),
        (webhook("ftp://x.example.com"), "url"),
        (webhook("http://x.example.com"), "url"),
        (webhook("https://ada:pw@x.example.com"), "url"),
        (webhook("https://x.example.com:99999"), "url"),
        (webhook("https://x.example.com/\nX: y"), "url"),
        (webhook("https://x.example.com", secret=Secret("short")), "secret"),
        (webhook("https://x.example.com", kinds=("party",)), "kinds"),
        (ChannelForm("m", replace(SMTP, host="")), "host"),
        (ChannelForm("m", replace(SMTP, port=0)), "port"),
        (ChannelForm("m", replace(SMTP, security="ssl")), "security"),
        (ChannelForm("m", replace(SMTP, sender="a@b\nBcc: c@d")), "sender"),
        (ChannelForm("m", replace(SMTP, recipients=())), "recipients"),
        (ChannelForm("m", replace(SMTP, recipients=("ops",))), "recipients"),
        (ChannelForm("m", replace(SMTP, username="ada")), "secret"),
        (ChannelForm("m", SMTP, secret=Secret("x")), "username"),
        (ChannelForm("m", replace(SMTP, username="ada", security="none"), secret=Secret("x")), "security"),
    ],
)
def test_a_form_that_cannot_be_is_refused_by_field(backend, form: ChannelForm, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        backend.channels.add(form)
    assert refused.value.field == field
    assert backend.channels.list() == []


def test_an_edit_keeps_the_secret_unless_it_says_otherwise(backend, sink) -> None:
    made = backend.channels.add(webhook(sink.url, secret=KEY))
    after = backend.channels.edit(made.id, made.version, webhook(sink.url, "renamed"))
    assert (after.name, after.has_secret, after.version) == ("renamed", True, 2)
    with pytest.raises(Conflict):
        backend.channels.edit(made.id, made.version, webhook(sink.url, "late"))
    backend.channels.test(made.id)
    without = backend.channels.edit(made.id, after.version, webhook(sink.url, secret=Secret("")))
    backend.channels.test(made.id)
    assert not without.has_secret
    assert ["webhook-signature" in request.headers for request in sink.requests] == [True, False]


def test_a_password_that_is_kept_goes_to_the_server_it_was_given_for(backend) -> None:
    settings = replace(SMTP, username="ada")
    made = backend.channels.add(ChannelForm("m", settings, secret=Secret("pw")))
    with pytest.raises(Invalid) as refused:
        backend.channels.edit(made.id, made.version, ChannelForm("m", replace(settings, host="evil.example.com")))
    assert refused.value.field == "secret"


def test_the_type_of_a_channel_stays(backend) -> None:
    made = backend.channels.add(webhook("https://x.example.com"))
    with pytest.raises(Conflict):
        backend.channels.edit(made.id, made.version, ChannelForm("hook", SMTP))


def test_a_removed_channel_is_gone_with_what_waited(backend, harness, sink) -> None:
    made = backend.channels.add(webhook(sink.url))
    expiring(backend, harness, "a.example.com")
    backend.alerts.sweep()
    backend.channels.remove(made.id, made.version)
    with pytest.raises(NotFound):
        backend.channels.get(made.id)
    assert deliver(harness, backend) == 0
    assert sink.requests == []


def test_a_test_sends_one_message_now_and_keeps_it(backend, sink) -> None:
    made = backend.channels.add(webhook(sink.url))
    result = backend.channels.test(made.id)
    assert result.ok, result.message
    assert json.loads(sink.requests[0].body)["type"] == "certtui.test"
    (kept,) = backend.channels.deliveries(made.id)
    assert (kept.event, kept.state, kept.attempts, kept.answer) == ("test", DeliveryState.SENT, 1, result.message)


def test_a_test_that_fails_says_why_and_is_not_tried_again(backend, harness, sink) -> None:
    made = backend.channels.add(webhook(sink.url))
    sink.answers.append((500, {}, b"out of order"))
    result = backend.channels.test(made.id)
    assert (result.ok, "out of order" in result.message) == (False, True)
    assert backend.channels.deliveries(made.id)[0].state is DeliveryState.FAILED
    assert backend.channels.get(made.id).last_error == result.message
    assert deliver(harness, backend) == 0


def test_what_a_sweep_finds_is_one_message(backend, harness, sink) -> None:
    backend.channels.add(webhook(sink.url))
    expiring(backend, harness, "a.example.com", "b.example.com", "c.example.com")
    backend.alerts.sweep()
    assert deliver(harness, backend) == 1
    assert told(sink) == [[("opened", f"{name}.example.com") for name in "abc"]]
    assert deliver(harness, backend) == 0


def test_a_thousand_alerts_are_one_message_that_names_the_most_urgent(backend, harness, sink) -> None:
    made = backend.channels.add(webhook(sink.url, min_severity=Severity.INFO))
    key = cert("0.example.com").key
    from certtui.model.certificate import Labels, NewCertificate
    from tests.certs import make_cert

    until = NOW + timedelta(days=20)
    batch = [
        make_cert(
            f"{n}.example.com", key=key, not_before=NOW - timedelta(days=400), not_after=until - timedelta(hours=n % 7)
        )
        for n in range(120)
    ]
    backend.certificates.add([NewCertificate(one.facts, labels=Labels()) for one in batch])
    backend.alerts.sweep()
    assert deliver(harness, backend) == 1
    data = json.loads(sink.requests[0].body)["data"]
    assert (data["counts"], len(data["alerts"])) == ({"opened": 121}, 50)  # and the key that they share
    assert backend.channels.deliveries(made.id)[0].alert_count == 121


def test_only_what_a_channel_asks_for_goes_along_it(backend, harness, sink) -> None:
    backend.channels.add(webhook(sink.url, min_severity=Severity.CRITICAL))
    backend.channels.add(webhook(sink.url, "groups", groups=("payments",)))
    backend.channels.add(webhook(sink.url, "kinds", kinds=("weak_key",)))
    backend.channels.add(webhook(sink.url, "off", enabled=False))
    expiring(backend, harness, "a.example.com", business_group="payments")
    expiring(backend, harness, "b.example.com", business_group="web")
    backend.alerts.sweep()
    deliver(harness, backend)
    assert told(sink) == [[("opened", "a.example.com")]]


def test_an_escalation_is_told_and_an_acknowledgement_is_not(backend, harness, sink) -> None:
    backend.channels.add(webhook(sink.url))
    expiring(backend, harness, "a.example.com")
    backend.alerts.sweep()
    (row,) = backend.alerts.search(Query("", Sort("id"))).rows(0, 5)
    backend.alerts.acknowledge(row.id, row.version)
    harness.clock.advance(days=5)
    backend.alerts.sweep()
    deliver(harness, backend)
    assert told(sink) == [[("opened", "a.example.com")], [("escalated", "a.example.com")]]


def test_a_resolution_is_told_where_it_is_asked_for_and_running_out_is_none(backend, harness, sink) -> None:
    backend.channels.add(webhook(sink.url, on_resolve=True))
    expiring(backend, harness, "a.example.com")
    backend.alerts.sweep()
    harness.clock.advance(days=11)
    backend.alerts.sweep()
    page = backend.certificates.get(1)
    backend.certificates.delete(page.id, page.version)
    backend.alerts.sweep()
    deliver(harness, backend)
    assert told(sink) == [[("opened", "a.example.com")], [("opened", "a.example.com")], [("resolved", "a.example.com")]]


def test_a_message_that_fails_is_tried_again_later_with_the_same_id(backend, harness, sink) -> None:
    made = backend.channels.add(webhook(sink.url))
    expiring(backend, harness, "a.example.com")
    backend.alerts.sweep()
    sink.answers += [(500, {}, b"no"), (503, {"retry-after": "3600"}, b"")]
    assert deliver(harness, backend) == 1
    (waits,) = backend.channels.deliveries(made.id)
    assert (waits.state, waits.attempts) == (DeliveryState.WAITING, 1)
    assert timedelta(seconds=10) <= waits.next_try_at - harness.clock.now() <= timedelta(seconds=13)
    assert deliver(harness, backend) == 0
    harness.clock.advance(seconds=20)
    assert deliver(harness, backend) == 1
    (waits,) = backend.channels.deliveries(made.id)
    assert waits.next_try_at - harness.clock.now() == timedelta(hours=1)
    harness.clock.advance(hours=1)
    assert deliver(harness, backend) == 1
    assert backend.channels.deliveries(made.id)[0].state is DeliveryState.SENT
    assert len({request.headers["webhook-id"] for request in sink.requests}) == 1
    assert len({request.body for request in sink.requests}) == 1


def test_a_channel_that_fails_is_tried_once_a_round_and_others_go_on(backend, harness, sink) -> None:
    with http_sink() as broken:
        broken.answers = [(500, {}, b"")] * 9
        channel = backend.channels.add(webhook(broken.url, "broken"))
        backend.channels.add(webhook(sink.url, "fine"))
        for name in ("a.example.com", "b.example.com", "c.example.com"):
            expiring(backend, harness, name)
            sweep_due(harness, backend)
        assert deliver(harness, backend) == 4
        assert (len(broken.requests), len(sink.requests)) == (1, 3)
        assert deliver(harness, backend) == 0
        harness.clock.advance(seconds=61)
        broken.answers = []
        assert deliver(harness, backend) == 3
    assert {each.state for each in backend.channels.deliveries(channel.id)} == {DeliveryState.SENT}


def test_a_message_that_never_arrives_is_an_alert_and_not_told_along_itself(backend, harness, sink) -> None:
    from certtui.backend.local.channels_deliver import RETRY_SECONDS

    failing = backend.channels.add(webhook("http://127.0.0.1:1/", "failing", min_severity=Severity.INFO))
    expiring(backend, harness, "a.example.com")
    backend.alerts.sweep()
    for wait in (0, *RETRY_SECONDS):
        harness.clock.advance(seconds=wait * 1.25 + 1)
        assert deliver(harness, backend) == 1
    assert backend.channels.deliveries(failing.id)[0].state is DeliveryState.FAILED
    (row,) = backend.alerts.search(Query("kind:delivery_failed", Sort("id"))).rows(0, 5)
    assert (row.object_kind, row.object_id, row.object_name, row.certificate_id) == (
        "channel", failing.id, "failing", None,
    )  # fmt: skip
    assert deliver(harness, backend) == 0
    assert len(backend.channels.deliveries(failing.id)) == 1
    now = backend.channels.get(failing.id)
    backend.channels.edit(now.id, now.version, webhook(sink.url, "failing"))
    backend.channels.test(failing.id)
    backend.alerts.sweep()
    assert backend.alerts.get(row.id).row.state == "resolved"


def test_a_failing_channel_is_told_along_another(backend, harness, sink) -> None:
    backend.channels.add(webhook(sink.url, "good"))
    bad = backend.channels.add(webhook("http://127.0.0.1:1/", "bad"))
    backend.channels.test(bad.id)
    backend.alerts.sweep()
    deliver(harness, backend)
    assert told(sink) == [[("opened", "bad")]]


def test_a_mail_really_arrives(backend, harness) -> None:
    with smtp_sink() as server:
        settings = SmtpSettings("127.0.0.1", server.port, "none", "", "certtui@example.com", ("ops@example.com",))
        backend.channels.add(ChannelForm("mail", settings))
        expiring(backend, harness, "a.example.com")
        backend.alerts.sweep()
        assert deliver(harness, backend) == 1
    assert b"a.example.com" in server.mails[0].data


def test_a_command_runs_where_it_was_written(harness, backend, tmp_path) -> None:
    out = tmp_path / "out"
    code = "import sys; open(sys.argv[1], 'a').write(sys.stdin.read())"
    form = ChannelForm("run", CommandSettings((sys.executable, "-c", code, str(out))))
    if not isinstance(harness, (LocalSqlite, LocalPostgres)):
        with pytest.raises(Denied):
            backend.channels.add(form)
        return
    made = backend.channels.add(form)
    expiring(backend, harness, "a.example.com")
    backend.alerts.sweep()
    assert deliver(harness, backend) == 1
    assert json.loads(out.read_text())["data"]["total"] == 1
    _sql(harness, "UPDATE channel SET place = 'eve@elsewhere'")
    backend.certificates.delete(1, backend.certificates.get(1).version)
    expiring(backend, harness, "b.example.com")
    backend.alerts.sweep()
    assert deliver(harness, backend) == 0
    assert backend.channels.get(made.id).waiting == 1


def test_a_calendar_file_is_written_and_written_anew_when_something_changes(harness, backend, tmp_path) -> None:
    path = tmp_path / "expiries.ics"
    form = ChannelForm("calendar", CalendarSettings(str(path)))
    if not isinstance(harness, (LocalSqlite, LocalPostgres)):
        with pytest.raises(Denied):
            backend.channels.add(form)
        return
    made = backend.channels.add(form)
    expiring(backend, harness, "a.example.com", days=200)
    sweep_due(harness, backend)
    assert deliver(harness, backend) == 1
    assert path.read_bytes().decode() == backend.channels.calendar().text
    sweep_due(harness, backend)
    assert deliver(harness, backend) == 0
    expiring(backend, harness, "b.example.com", days=100)
    sweep_due(harness, backend)
    deliver(harness, backend)
    assert "SUMMARY:b.example.com expires" in path.read_text()
    assert {each.event for each in backend.channels.deliveries(made.id)} == {"calendar"}


def test_the_calendar_has_what_expires_and_not_what_was_replaced(backend, harness) -> None:
    expiring(backend, harness, "a.example.com", days=30)
    expiring(backend, harness, "b.example.com", days=500)
    made = backend.channels.calendar()
    assert (made.events, made.left_out) == (1, 0)
    assert "SUMMARY:a.example.com expires" in made.text


def test_what_the_database_says_is_not_believed_without_the_store_key(local, sink) -> None:
    from certtui.backend.local.channels_deliver import deliver_due

    backend = local.open(create=True)
    made = backend.channels.add(webhook("http://127.0.0.1:1/", secret=KEY))
    _sql(local, f"UPDATE channel SET settings = '{json.dumps({'url': sink.url, 'ca_file': ''})}'")
    expiring(backend, local, "a.example.com")
    backend.alerts.sweep()
    deliver_due(backend._store)
    (kept,) = backend.channels.deliveries(made.id)
    assert (kept.state, sink.requests) == (DeliveryState.FAILED, [])
    assert "changed from outside" in kept.answer


def _sql(harness: LocalSqlite | LocalPostgres, statement: str) -> None:
    """What only somebody with the database could do."""
    if isinstance(harness, LocalPostgres):
        harness.sql(statement.replace("%", "%%"))
        return
    import sqlite3

    with sqlite3.connect(harness.file) as connection:
        connection.execute(statement)
    connection.close()


def test_two_workers_send_one_message_once(harness, backend, sink) -> None:
    backend.channels.add(webhook(sink.url))
    expiring(backend, harness, "a.example.com")
    backend.alerts.sweep()
    from certtui.backend.local import channels_deliver as work

    other = harness.open()
    claimed = work._claim(_store(harness, backend), "one:1")
    assert claimed is not None
    assert deliver(harness, other) == 0
    harness.clock.advance(seconds=601)
    assert deliver(harness, other) == 1
    late = work._write(_store(harness, backend), claimed, "one:1", work.DeliveryResult(False, "late", permanent=True))
    assert late is False
    assert backend.channels.deliveries(claimed.channel_id)[0].state is DeliveryState.SENT


def test_a_locked_store_keeps_its_messages(tmp_path, local, sink) -> None:
    from certtui.backend.local.channels_deliver import deliver_due
    from certtui.errors import Locked

    backend = local.open(create=True, passphrase="open sesame")
    backend.channels.add(webhook(sink.url))
    expiring(backend, local, "a.example.com")
    backend.alerts.sweep()
    backend.store.lock()
    with pytest.raises(Locked):
        deliver_due(backend._store)
    assert backend.channels.deliveries(1)[0].attempts == 0


def test_a_new_store_key_opens_the_channels_too(local, sink) -> None:
    backend = local.open(create=True)
    made = backend.channels.add(webhook(sink.url, secret=KEY))
    backend.store.rekey()
    assert backend.channels.test(made.id).ok
    assert "webhook-signature" in sink.requests[0].headers
