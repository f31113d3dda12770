"""Mails: to a real mail server on loopback, with STARTTLS, a login, and refusals."""

from __future__ import annotations

import email
from dataclasses import replace
from email.policy import default

import pytest

from certtui.channels.smtp import compose, mail
from certtui.model.channel import SmtpSettings
from certtui.model.secret import Secret
from tests.certs import NOW
from tests.channels.messages import alert, message
from tests.channels.sinks import smtp_sink, tls_for, trickle

PLAIN = SmtpSettings("127.0.0.1", 25, "none", "", "certtui@example.com", ("ops@example.com",))


@pytest.fixture
def tls(tmp_path):
    return tls_for("IP:127.0.0.1", tmp_path)


def test_a_mail_goes_over_starttls_with_a_login(tls) -> None:
    context, trusted = tls
    with smtp_sink(tls=context, users={"ada": "pa ss"}) as sink:
        settings = replace(PLAIN, port=sink.port, security="starttls", username="ada", ca_file=str(trusted))
        result = mail(settings, Secret("pa ss"), message(), NOW)
    assert result.ok, result.message
    (taken,) = sink.mails
    assert (taken.protected, taken.login, taken.recipients) == (True, ("ada", "pa ss"), ["ops@example.com"])
    read = email.message_from_bytes(taken.data, policy=default)
    assert read["Subject"] == "certtui: [warning] expires soon: api-gateway"
    assert read["Auto-Submitted"] == "auto-generated"
    assert "Expires 2026-06-25, in 10 days." in read.get_content()


def test_where_starttls_is_not_offered_nothing_is_sent(tls) -> None:
    context, trusted = tls
    with smtp_sink(tls=context, offers_starttls=False, users={"ada": "x"}) as sink:
        settings = replace(PLAIN, port=sink.port, security="starttls", username="ada", ca_file=str(trusted))
        result = mail(settings, Secret("x"), message(), NOW)
    assert not result.ok
    assert "STARTTLS" in result.message
    assert sink.mails == []
    assert not any(line.startswith("AUTH") for line in sink.commands)


def test_a_mail_server_that_nobody_vouches_for_gets_neither_password_nor_mail(tls) -> None:
    context, _ = tls
    with smtp_sink(tls=context, users={"ada": "x"}) as sink:
        settings = replace(PLAIN, port=sink.port, security="starttls", username="ada")
        result = mail(settings, Secret("x"), message(), NOW)
    assert not result.ok
    assert "not trusted" in result.message
    assert not any(line.startswith("AUTH") for line in sink.commands)


def test_a_wrong_password_is_said_and_not_shown(tls) -> None:
    context, trusted = tls
    with smtp_sink(tls=context, users={"ada": "right"}) as sink:
        settings = replace(PLAIN, port=sink.port, security="starttls", username="ada", ca_file=str(trusted))
        result = mail(settings, Secret("wrong-canary"), message(), NOW)
    assert (result.ok, result.permanent) == (False, True)
    assert "password" in result.message
    assert "canary" not in result.message


@pytest.mark.parametrize(("answer", "permanent"), [("550 no such user", True), ("451 later", False)])
def test_a_refusal_for_good_ends_it_and_another_is_tried_again(answer: str, permanent: bool) -> None:
    with smtp_sink(refuses={"ops@example.com": answer}) as sink:
        result = mail(replace(PLAIN, port=sink.port), None, message(), NOW)
    assert (result.ok, result.permanent) == (False, permanent)


def test_who_did_not_get_it_is_named() -> None:
    with smtp_sink(refuses={"ops@example.com": "550 no"}) as sink:
        settings = replace(PLAIN, port=sink.port, recipients=("ops@example.com", "eve@example.com"))
        result = mail(settings, None, message(), NOW)
    assert result.ok
    assert "not to ops@example.com" in result.message


def test_a_server_that_is_not_there_is_a_sentence() -> None:
    with smtp_sink() as sink:
        pass
    result = mail(replace(PLAIN, port=sink.port), None, message(), NOW)
    assert (result.ok, result.permanent) == (False, False)


def test_a_mail_server_that_never_ends_its_greeting_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("certtui.channels.smtp.ALTOGETHER", 0.3)
    with trickle(b"", b"220-hello\r\n") as port:
        result = mail(replace(PLAIN, port=port), None, message(), NOW)
    assert (result.ok, result.permanent, result.message) == (False, False, "The mail server did not answer in time.")


def test_no_name_breaks_out_of_a_header() -> None:
    hostile = "x\r\nBcc: eve@example.com\r\n\r\nhello\x1b[2J\u202e"
    written = compose(PLAIN, message(alert(hostile)), NOW)
    read = email.message_from_bytes(written.as_bytes(), policy=default)
    assert read["Bcc"] is None
    assert read.keys() == [
        "Subject", "From", "To", "Date", "Message-ID", "Auto-Submitted", "Content-Type", "Content-Transfer-Encoding",
        "MIME-Version",
    ]  # fmt: skip
    assert "\x1b" not in read.get_content()


def test_the_same_message_has_the_same_id_on_every_attempt() -> None:
    assert compose(PLAIN, message(), NOW)["Message-ID"] == "<msg_0123456789abcdef@example.com>"


def test_many_alerts_are_one_mail_that_says_how_many() -> None:
    written = compose(PLAIN, message(alert("a"), alert("b", severity=3), total=90_000), NOW)
    assert written["Subject"] == "certtui: 90000 alerts, critical at most"
    assert "And 89998 more" in written.get_content()


def test_a_test_message_says_that_it_is_one() -> None:
    assert "test" in compose(PLAIN, message(event="test"), NOW)["Subject"]
