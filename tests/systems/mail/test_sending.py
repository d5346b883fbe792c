import email.policy
import logging
import threading
import time
from collections.abc import Callable
from email import message_from_bytes
from email.message import Message
from typing import Any

import pytest

from graftwork.systems.contract import Delivery
from graftwork.systems.errors import Rejected, TargetDenied, TargetDown, TryFailed, Unsure
from graftwork.systems.mail.system import MailSystem
from support.mailserver import MailServer, small_mail
from support.systems import delivery

Connect = Callable[..., MailSystem]

CUSTOMER = "a@customers.example"


def question(mail: MailServer, system: MailSystem, **headers: str) -> Any:
    mail.put(small_mail(CUSTOMER, **headers))
    return system.pull(None, 10).records[-1]


def answer(record: Any, **changes: object) -> Delivery:
    return delivery(external_id=record.key, thread=record.thread, origin=record.origin, **changes)


def text_of(message: Message) -> str:
    content = message.get_payload(decode=True)
    assert isinstance(content, bytes)
    return content.decode()


def test_a_reply_goes_to_the_customer_in_the_same_thread(mail: MailServer, connect: Connect) -> None:
    system = connect(push={"name": "Pellandine Support"})
    record = question(mail, system, References="<root@customers.example> <mid@example.org>", Subject="Wo ist es?")
    receipt = system.push(answer(record))
    (sent,) = mail.sent()
    assert (sent.sender, sent.recipients) == (mail.user, (CUSTOMER,))
    assert sent.message["From"] == f'"Pellandine Support" <{mail.user}>'
    assert sent.message["To"] == f'"Customer" <{CUSTOMER}>'
    assert sent.message["Subject"] == "Re: Wo ist es?"
    assert sent.message["In-Reply-To"] == f"<{CUSTOMER}>"
    assert str(sent.message["References"]).split() == [
        "<root@customers.example>",
        "<mid@example.org>",
        f"<{CUSTOMER}>",
    ]
    assert sent.message["Message-ID"] == f"<{receipt.reference}>"
    assert "Auto-Submitted" not in sent.message
    assert text_of(sent.message) == "Your parcel left on Monday.\r\n"


def test_an_answer_to_our_reply_comes_into_the_thread_though_it_names_only_the_reply(
    mail: MailServer, connect: Connect
) -> None:
    system = connect()
    record = question(mail, system, References="<root@customers.example>")
    reference = system.push(answer(record)).reference
    mail.put(small_mail("again@customers.example", In_Reply_To=f"<{reference}>", From=CUSTOMER))
    assert system.pull(None, 10).records[-1].thread == "root@customers.example"


def test_our_own_reply_never_becomes_an_item(mail: MailServer, connect: Connect) -> None:
    system = connect()
    system.push(answer(question(mail, system)))
    (sent,) = mail.sent()
    mail.put(sent.message.as_bytes())
    pulled = system.pull(None, 10)
    assert [record.key for record in pulled.records] == [CUSTOMER]
    assert pulled.cursor["skipped"] == {"own_delivery": 1}


def test_umlauts_long_subjects_and_lines_of_dots_arrive_as_they_are(mail: MailServer, connect: Connect) -> None:
    system = connect(push={"name": "Müller, Söhne", "signature": "Ihre Müllers\nTel. 1"})
    subject = "Ärger mit dem Paket " * 20
    record = question(mail, system, Subject="=?utf-8?b?" + _base64(subject) + "?=")
    text = "Liebe Grüße\n.\n..\nFrom here on\n" + "ein sehr langes Wort " * 100
    system.push(answer(record, text=text))
    (sent,) = mail.sent()
    assert text_of(sent.message).replace("\r\n", "\n") == f"{text.strip()}\n\n-- \nIhre Müllers\nTel. 1\n"
    read = message_from_bytes(sent.message.as_bytes(), policy=email.policy.default)
    assert read["Subject"] == f"Re: {subject.strip()}"
    assert read["From"].addresses[0].display_name == "Müller, Söhne"
    assert max(map(len, sent.message.as_bytes().splitlines())) < 500


def test_a_quote_stands_under_the_reply(mail: MailServer, connect: Connect) -> None:
    system = connect(push={"quote": True})
    mail.put(small_mail(CUSTOMER, "First line\n> older"))
    (record,) = system.pull(None, 10).records
    system.push(answer(record))
    assert text_of(mail.sent()[0].message).replace("\r\n", "\n") == (
        "Your parcel left on Monday.\n\nCustomer, 2026-11-20:\n> First line\n>> older\n"
    )


@pytest.mark.parametrize(
    ("headers", "rules", "recipients"),
    [
        ({"Reply_To": "desk@customers.example"}, {}, ("desk@customers.example",)),
        ({"Reply_To": "desk@customers.example"}, {"reply_to": "ignore"}, (CUSTOMER,)),
        ({"Cc": "boss@customers.example"}, {}, (CUSTOMER,)),
        ({"Cc": "boss@customers.example"}, {"cc": "all"}, (CUSTOMER, "boss@customers.example")),
        ({"Cc": f"{CUSTOMER}, SUPPORT@example.com"}, {"cc": "all"}, (CUSTOMER,)),
        ({"From": "Anna <anna@b\u00fccher.example>"}, {}, ("anna@xn--bcher-kva.example",)),
    ],
)
def test_recipients_come_from_the_headers_of_the_mail_and_are_never_ourselves(
    mail: MailServer, connect: Connect, headers: dict[str, str], rules: dict[str, object], recipients: tuple[str, ...]
) -> None:
    system = connect(push=rules)
    system.push(answer(question(mail, system, **headers)))
    assert mail.sent()[0].recipients == recipients


@pytest.mark.parametrize(
    ("headers", "rules", "reason"),
    [
        ({"From": "no address here"}, {}, "names no address"),
        ({"From": '"a b"@customers.example'}, {}, "names no address"),
        ({"Cc": ", ".join(f"c{n}@example.org" for n in range(12))}, {"cc": "all"}, "over the limit of 10"),
    ],
)
def test_a_mail_that_cannot_be_answered_is_refused(
    mail: MailServer, connect: Connect, headers: dict[str, str], rules: dict[str, object], reason: str
) -> None:
    system = connect(push=rules)
    with pytest.raises(Rejected, match=reason):
        system.push(answer(question(mail, system, **headers)))
    assert mail.sent() == []


def test_an_empty_text_and_a_foreign_item_are_refused(mail: MailServer, connect: Connect) -> None:
    system = connect()
    with pytest.raises(Rejected, match="no text"):
        system.push(answer(question(mail, system), text=" \n"))
    with pytest.raises(Rejected, match="did not come from this mailbox"):
        system.push(delivery())


@pytest.mark.parametrize("place", ["subject", "from", "references", "message_id", "text"])
def test_no_value_becomes_a_header(mail: MailServer, connect: Connect, place: str) -> None:
    system = connect(push={"quote": True})
    record = question(mail, system)
    evil = "x\r\nBcc: victim@example.net\r\n\r\nbody\nRCPT TO:<victim@example.net>"
    lists: dict[str, object] = {"from": [[evil, CUSTOMER], ["n", f"{CUSTOMER}\r\nBcc: victim@example.net"]]}
    lists["references"] = [evil, "good@example.org"]
    record.origin[place] = lists.get(place, evil)
    system.push(answer(record, key=f"k\r\nBcc: victim@example.net{place}"))
    (sent,) = mail.sent()
    assert sent.recipients == (CUSTOMER,)
    assert sent.message["Bcc"] is None
    assert {name for name in sent.message if name.startswith("X-Test") is False} <= {
        "From", "To", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "MIME-Version", "Content-Type",
        "Content-Transfer-Encoding", "X-Auto-Response-Suppress", "X-Graftwork-Delivery", "X-Peer", "X-MailFrom",
        "X-RcptTo",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("fault", "error", "reason"),
    [
        ("refuse_now", TryFailed, r"answered 451 \(4.3.0\) to the mail"),
        ("refuse_ever", Rejected, r"answered 554 \(5.6.0\) to the mail"),
        ("refuse_address", Rejected, r"answered 550 \(5.1.1\) to RCPT"),
    ],
)
def test_a_refusal_is_certain_and_quotes_nothing(
    mail: MailServer, connect: Connect, fault: Any, error: type[TryFailed], reason: str
) -> None:
    system = connect()
    record = question(mail, system)
    mail.fault, mail.fault_times = fault, 1
    with pytest.raises(error, match=reason) as raised:
        system.push(answer(record))
    assert "customers" not in str(raised.value)
    assert not getattr(raised.value, "unsure", False)
    assert mail.sent() == []
    system.push(answer(record, tries=2))
    assert len(mail.sent()) == 1


@pytest.mark.parametrize(("fault", "arrived"), [("drop_after_storing", 1), ("drop_before_storing", 0)])
def test_an_answer_that_is_lost_is_shown_to_a_person_and_nothing_goes_twice(
    mail: MailServer, connect: Connect, fault: Any, arrived: int
) -> None:
    system = connect()
    record = question(mail, system)
    mail.fault, mail.fault_times = fault, 1
    with pytest.raises(Unsure):
        system.push(answer(record))
    with pytest.raises(Unsure):
        system.push(answer(record, tries=2, unsure=True))
    assert len(mail.sent()) == arrived


def test_a_sent_folder_tells_what_was_sent(mail: MailServer, connect: Connect) -> None:
    """As with providers that put what they send into it themselves."""
    system = connect(push={"sent_folder": "Sent"})
    record = question(mail, system)
    mail.fault, mail.fault_times = "drop_after_storing", 1
    with pytest.raises(TryFailed) as raised:
        system.push(answer(record))
    assert raised.value.unsure
    with pytest.raises(Unsure):
        system.push(answer(record, unsure=True))
    put_into_sent(mail, mail.sent()[0].message)
    assert system.push(answer(record, unsure=True)).already
    assert len(mail.sent()) == 1


def test_a_copy_is_put_among_the_sent_and_what_it_meets_changes_nothing(mail: MailServer, connect: Connect) -> None:
    system = connect(push={"sent_folder": "Sent", "copy_to_sent": True})
    record = question(mail, system)
    receipt = system.push(answer(record))
    ((copy, flags),) = mail.mails_in("Sent")
    assert message_from_bytes(copy)["Message-ID"] == f"<{receipt.reference}>"
    assert flags == "S"
    assert system.push(answer(record, unsure=True)).already
    lost = connect(push={"sent_folder": "Gone", "copy_to_sent": True})
    assert lost.push(answer(record, key="gw-other")).already is False
    assert len(mail.sent()) == 2


def test_a_server_that_is_down_makes_all_wait_and_is_used_again(mail: MailServer, connect: Connect) -> None:
    system = connect()
    record = question(mail, system)
    system.push(answer(record, key="gw-1"))
    mail.smtp_down()
    try:
        with pytest.raises(TargetDown, match="the SMTP server"):
            system.push(answer(record, key="gw-2"))
    finally:
        mail.smtp_up()
    system.push(answer(record, key="gw-2", tries=2))
    assert len(mail.sent()) == 2


def test_a_wrong_password_is_denied_by_both_servers(
    mail: MailServer, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = question(mail, connect())
    monkeypatch.setenv("MAIL_TEST_PASSWORD", "planted wr\u00f6ng password")
    system = connect()
    with pytest.raises(TargetDenied, match="the mailbox: the user or the password is not taken"):
        system.pull(None, 10)
    with pytest.raises(TargetDenied, match="the SMTP server: the user or the password is not taken"):
        system.push(answer(record))


def test_a_slow_answer_is_waited_for_only_so_long(mail: MailServer, connect: Connect) -> None:
    system = connect(smtp={"sent_answer_seconds": 1})
    record = question(mail, system)
    mail.fault, mail.fault_times, mail.slow_seconds = "slow", 1, 3.0
    begun = time.monotonic()
    with pytest.raises(Unsure):
        system.push(answer(record))
    assert time.monotonic() - begun < 2.9


def test_many_threads_send_each_mail_once(mail: MailServer, connect: Connect) -> None:
    system = connect()
    record = question(mail, system)
    threads = [threading.Thread(target=system.push, args=(answer(record, key=f"gw-{number}"),)) for number in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ids = [sent.message["Message-ID"] for sent in mail.sent()]
    assert len(ids) == len(set(ids)) == 24


def test_a_draft_is_saved_once_and_sends_nothing(mail: MailServer, connect: Connect) -> None:
    system = connect(push={"mode": "draft"}, smtp=None)
    record = question(mail, system)
    assert system.push(answer(record)).already is False
    assert system.push(answer(record, tries=2, unsure=True)).already
    ((draft, flags),) = mail.mails_in("Drafts")
    assert set("DS") <= set(flags)
    assert message_from_bytes(draft)["In-Reply-To"] == f"<{CUSTOMER}>"
    assert mail.sent() == []


def test_a_draft_that_a_person_sent_meanwhile_is_not_saved_again(mail: MailServer, connect: Connect) -> None:
    system = connect(push={"mode": "draft", "sent_folder": "Sent"}, smtp=None)
    record = question(mail, system)
    system.push(answer(record))
    ((draft, _),) = mail.mails_in("Drafts")
    put_into_sent(mail, message_from_bytes(draft))
    for path in (mail.folder_of("Drafts") / "cur").iterdir():
        path.unlink()
    assert system.push(answer(record, unsure=True)).already


def test_nothing_of_a_mail_or_a_secret_is_logged(
    mail: MailServer, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        system = connect(push={"sent_folder": "Sent", "copy_to_sent": True})
        record = question(mail, system, Subject="planted subject")
        system.push(answer(record, text="planted text"))
        system.check()
    said = "\n".join(f"{entry.name} {entry.getMessage()}" for entry in caplog.records if "aiosmtpd" not in entry.name)
    said = "\n".join(line for line in said.split("\n") if not line.startswith("mail."))
    for planted in ("planted", mail.password, CUSTOMER, "parcel"):
        assert planted not in said


def test_check_reaches_both_and_changes_nothing(mail: MailServer, connect: Connect) -> None:
    mail.put(small_mail(CUSTOMER))
    assert connect(push={"sent_folder": "Sent"}).check() == [
        "folder INBOX: 1 mails",
        "folder Sent: 0 mails",
        "new mail is told of at once (IDLE): yes",
        "SMTP: signed in",
    ]


def put_into_sent(mail: MailServer, message: Message) -> None:
    folder = mail.folder_of("Sent") / "new"
    (folder / f"{time.time_ns()}.sent").write_bytes(message.as_bytes())
    for path in folder.iterdir():
        path.chmod(0o666)


def _base64(text: str) -> str:
    import base64

    return base64.b64encode(text.encode()).decode()


def test_a_try_whose_time_is_over_is_not_sent_and_the_next_one_is(mail: MailServer, connect: Connect) -> None:
    system = connect()
    record = question(mail, system)
    with pytest.raises(TryFailed) as late:
        system.push(answer(record, late_after=time.monotonic() - 1))
    assert (late.value.unsure, mail.sent()) == (False, [])
    system.push(answer(record, late_after=time.monotonic() + 60))
    assert len(mail.sent()) == 1
