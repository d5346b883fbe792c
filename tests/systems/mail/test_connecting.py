import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from graftwork.systems.errors import TargetDenied, TargetDown, TargetError
from graftwork.systems.mail import imap
from graftwork.systems.mail.system import MailSystem
from support.mailserver import MailServer, put_many, small_mail
from support.systems import delivery

Connect = Callable[..., MailSystem]


def servers(mail: MailServer, **both: object) -> dict[str, Any]:
    """Both servers by the name that their certificate is of."""
    return {"imap": {"host": "localhost", **both}, "smtp": {"host": "localhost", **both}}


def test_tls_from_the_first_byte_and_starttls_check_the_certificate(mail: MailServer, connect: Connect) -> None:
    put_many(mail, 1)
    ca_file = str(mail.ca_file)
    trusted = servers(mail, tls="starttls", ca_file=ca_file)
    assert connect(**trusted).check()[-1] == "SMTP: signed in"
    implicit = {"host": "localhost", "port": mail.imaps_port, "tls": "implicit", "ca_file": ca_file}
    assert len(connect(imap=implicit).pull(None, 10).records) == 1
    for unknown in ({"host": "localhost"}, {"host": "127.0.0.1", "ca_file": ca_file}):
        for tls, port in (("starttls", mail.imap_port), ("implicit", mail.imaps_port)):
            with pytest.raises(TargetDenied, match="certificate"):
                connect(imap={"port": port, "tls": tls, **unknown}).pull(None, 10)
        with pytest.raises(TargetDenied, match="certificate"):
            connect(smtp={"tls": "starttls", **unknown}).push(_answer())


def test_a_ca_file_that_is_not_there_is_said(mail: MailServer, connect: Connect) -> None:
    with pytest.raises(TargetDenied, match="ca_file"):
        connect(imap={"tls": "starttls", "ca_file": "no-such.pem"}).pull(None, 10)


@pytest.mark.parametrize("auth", ["xoauth2", "oauthbearer"])
def test_a_mailbox_is_read_with_an_access_token(mail: MailServer, connect: Connect, auth: str) -> None:
    put_many(mail, 1)
    system = connect(imap={"auth": auth}, oauth2=_oauth2(mail), push=None, smtp=None)
    assert len(system.pull(None, 10).records) == 1
    assert mail.tokens.handed_out > 0


def test_mail_is_sent_with_an_access_token_and_one_taken_back_is_replaced(mail: MailServer, connect: Connect) -> None:
    mail.put(small_mail("a@customers.example"))
    system = connect(imap={"auth": "xoauth2"}, oauth2=_oauth2(mail))
    (record,) = system.pull(None, 10).records
    before = mail.tokens.handed_out
    mail.tokens.good.clear()
    system.close()
    system.push(delivery(origin=record.origin, thread=record.thread))
    assert len(mail.sent()) == 1
    assert mail.tokens.handed_out == before + 1


def test_a_token_that_is_never_taken_is_denied(mail: MailServer, connect: Connect) -> None:
    system = connect(imap={"auth": "xoauth2", "user": "other@example.com"}, oauth2=_oauth2(mail), push=None, smtp=None)
    with pytest.raises(TargetDenied, match="token is not taken"):
        system.pull(None, 10)


def test_news_are_told_of_at_once(mail: MailServer, connect: Connect) -> None:
    system, told, stop = connect(), threading.Event(), threading.Event()
    watching = threading.Thread(target=system.watch, args=(stop.is_set, told.set))
    watching.start()
    time.sleep(0.5)
    assert not told.is_set()
    put_many(mail, 1)
    assert told.wait(10)
    stop.set()
    watching.join(10)
    assert not watching.is_alive()


def test_waiting_is_renewed(mail: MailServer, connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("graftwork.systems.mail.system.RENEW_SECONDS", 0.2)
    monkeypatch.setattr("graftwork.systems.mail.system.LOOK_UP_SECONDS", 0.1)
    system, told = connect(), threading.Event()
    until = time.monotonic() + 2
    threading.Timer(1, put_many, (mail, 1)).start()
    system.watch(lambda: told.is_set() or time.monotonic() > until + 8, told.set)
    assert told.is_set()


def test_a_server_that_cannot_tell_of_news_is_left_to_the_schedule(
    mail: MailServer, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imap.ImapSession, "can_idle", lambda _: False)
    connect().watch(lambda: False, lambda: None)


GREETING = b"* OK [CAPABILITY IMAP4rev1 IDLE AUTH=PLAIN] ready\r\n"


def _idle_then_close(connection: socket.socket) -> None:
    for answer in (
        b"%s OK [CAPABILITY IMAP4rev1 IDLE] in\r\n",
        b"* OK [UIDVALIDITY 1] v\r\n* 0 EXISTS\r\n%s OK done\r\n",
    ):
        tag = _line(connection).split()[0]
        if b"OK [CAP" in answer:
            connection.sendall(b"+ \r\n")
            _line(connection)
        connection.sendall(answer % tag)
    _line(connection)
    connection.sendall(b"+ idling\r\n")


def _drip(connection: socket.socket) -> None:
    for _ in range(200):
        connection.sendall(b" ")
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("greeting", "then", "reason"),
    [
        (b"", None, "no answer in time"),
        (b"* OK half", None, "no answer in time"),
        (GREETING, None, "no answer in time"),
        (b"* BYE go away\r\n", None, "mailbox"),
        (b"\xff\xfe nonsense\r\n", None, "mailbox"),
        (GREETING, lambda connection: connection.close(), "the connection broke"),
        (GREETING, lambda connection: connection.sendall(b"planted nonsense\r\n" * 9), "mailbox"),
        (GREETING, _drip, "the connection broke"),
    ],
)
def test_a_half_dead_mailbox_ends_the_call(
    mail: MailServer, connect: Connect, greeting: bytes, then: Callable[[socket.socket], None] | None, reason: str
) -> None:
    with _half_dead(greeting, then) as port:
        system = connect(imap={"port": port, "timeout_seconds": 1}, push=None, smtp=None)
        begun = time.monotonic()
        with pytest.raises(TargetDown, match=reason) as raised:
            system.pull(None, 10)
        assert "planted" not in str(raised.value)
        assert time.monotonic() - begun < 6


def test_a_server_that_goes_while_we_wait_for_news_ends_the_waiting(mail: MailServer, connect: Connect) -> None:
    with _half_dead(GREETING, _idle_then_close) as port:
        system = connect(imap={"port": port, "timeout_seconds": 3}, push=None, smtp=None)
        begun = time.monotonic()
        with pytest.raises(TargetError):
            system.watch(lambda: time.monotonic() - begun > 8, lambda: None)
        assert time.monotonic() - begun < 5


@pytest.mark.parametrize(
    ("greeting", "then"),
    [
        (b"", None),
        (b"220 half", None),
        (b"220 half", _drip),
        (b"220 here\r\n", None),
        (b"554 planted no service\r\n", None),
        (b"220 here\r\n", lambda connection: connection.close()),
        (b"220 here\r\n", _drip),
    ],
)
def test_a_half_dead_smtp_server_ends_the_call_and_nothing_was_sent(
    mail: MailServer, connect: Connect, greeting: bytes, then: Callable[[socket.socket], None] | None
) -> None:
    with _half_dead(greeting, then) as port:
        system = connect(smtp={"port": port, "timeout_seconds": 1})
        begun = time.monotonic()
        with pytest.raises(TargetDown) as raised:
            system.push(_answer())
        assert "planted" not in str(raised.value)
        assert time.monotonic() - begun < 9


def test_a_connection_that_broke_while_idle_is_replaced(mail: MailServer, connect: Connect) -> None:
    put_many(mail, 1)
    system = connect()
    system.pull(None, 10)
    for session, _ in system._mailboxes._kept:
        session._client.socket().shutdown(socket.SHUT_RDWR)
    assert len(system.pull(None, 10).records) == 1


def test_a_mailbox_that_is_down_makes_all_wait_and_nothing_is_missed(mail: MailServer, connect: Connect) -> None:
    ids = put_many(mail, 2)
    system = connect()
    first = system.pull(None, 10)
    mail.imap_down()
    try:
        ids += put_many(mail, 2, first=3)
        with pytest.raises(TargetDown, match="the mailbox"):
            system.pull(first.cursor, 10)
    finally:
        mail.imap_up()
    second = system.pull(first.cursor, 10)
    assert [record.key for record in (*first.records, *second.records)] == ids


@contextmanager
def _half_dead(greeting: bytes, then: Callable[[socket.socket], None] | None) -> Iterator[int]:
    """A server that greets, does one thing, and is silent from then on."""
    listener = socket.create_server(("127.0.0.1", 0))
    open_ones: list[socket.socket] = []

    def serve() -> None:
        try:
            connection, _ = listener.accept()
            open_ones.append(connection)
            connection.sendall(greeting)
            if then is not None:
                then(connection)
                if then is _idle_then_close:
                    connection.close()
        except OSError:
            return

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.close()
        for connection in open_ones:
            connection.close()


def _line(connection: socket.socket) -> bytes:
    line = b""
    while not line.endswith(b"\n"):
        line += connection.recv(1)
    return line


def _oauth2(mail: MailServer) -> dict[str, str]:
    return {"token_url": mail.tokens.token_url, "client_id": "us", "client_secret": "env:MAIL_TEST_CLIENT_SECRET"}


def _answer() -> Any:
    origin = {"from": [["Anna", "anna@customers.example"]], "message_id": "a@customers.example", "subject": "x"}
    return delivery(origin=origin)
