import imaplib
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

import graftwork.usecases
from graftwork.core.document import Document
from graftwork.core.documents.errors import DocumentFormatUnknown
from graftwork.core.intake.mail import parse
from graftwork.core.items import read_row
from graftwork.core.usecase_file import load
from graftwork.systems.contract import Record
from graftwork.systems.errors import TargetDenied
from graftwork.systems.mail import pulling
from graftwork.systems.mail.attachments import Limits, read_attachments
from graftwork.systems.mail.system import MailSystem
from support.mailserver import MailServer, put_many, small_mail

Connect = Callable[..., MailSystem]


def keys(records: Any) -> list[str]:
    return [record.key for record in records]


@contextmanager
def signed_in(mail: MailServer) -> Iterator[imaplib.IMAP4]:
    with imaplib.IMAP4("127.0.0.1", mail.imap_port, timeout=20) as client:
        client.login(mail.user, mail.password)
        yield client


def fill_folder(mail: MailServer, folder: str, ids: Sequence[str]) -> None:
    with signed_in(mail) as client:
        client.create(folder)
        for message_id in ids:
            client.append(folder, "", "", small_mail(message_id))


def test_mail_comes_in_batches_oldest_first_and_nothing_twice(mail: MailServer, connect: Connect) -> None:
    ids = put_many(mail, 7)
    system, cursor, found = connect(), None, []
    for expected, more in ((3, True), (3, True), (1, False), (0, False)):
        pulled = system.pull(cursor, 3)
        assert (len(pulled.records), pulled.more) == (expected, more)
        cursor, found = pulled.cursor, found + keys(pulled.records)
    assert found == ids
    later = put_many(mail, 2, first=8)
    assert keys(system.pull(cursor, 3).records) == later


def test_a_row_is_the_same_as_from_an_mbox_file(mail: MailServer, connect: Connect) -> None:
    content = small_mail("a@customers.example", Subject="=?utf-8?q?Gr=C3=BC=C3=9Fe?=")
    mail.put(content)
    (record,) = connect().pull(None, 10).records
    assert record.row == parse(content)
    assert (record.key, record.thread, record.problem) == ("a@customers.example", "a@customers.example", "")


def test_nothing_is_marked_by_reading(mail: MailServer, connect: Connect) -> None:
    put_many(mail, 2)
    connect().pull(None, 10)
    assert all("S" not in flags for _, flags in mail.mails_in("INBOX"))


def test_a_changed_uid_validity_begins_again_with_the_same_keys(mail: MailServer, connect: Connect) -> None:
    ids = [f"{letter}@customers.example" for letter in "abc"]
    fill_folder(mail, "Orders", ids)
    system = connect(pull={"folders": ["Orders"]})
    first = system.pull(None, 10)
    with signed_in(mail) as client:
        client.delete("Orders")
    fill_folder(mail, "Orders", ids)
    again = system.pull(first.cursor, 10)
    assert again.cursor["folders"]["Orders"] != first.cursor["folders"]["Orders"]
    assert keys(again.records) == keys(first.records) == ids


def test_several_folders_are_read_one_after_the_other(mail: MailServer, connect: Connect) -> None:
    put_many(mail, 2)
    fill_folder(mail, "Orders", ["order@customers.example"])
    system = connect(pull={"folders": ["INBOX", "Orders"]})
    first = system.pull(None, 2)
    assert (len(first.records), first.more) == (2, True)
    second = system.pull(first.cursor, 2)
    assert (keys(second.records), second.more) == (["order@customers.example"], False)


def test_a_folder_that_is_not_there_is_named(connect: Connect) -> None:
    with pytest.raises(TargetDenied, match="there is no folder Ordres"):
        connect(pull={"folders": ["Ordres"]}).pull(None, 10)


def test_search_keys_and_a_first_day_leave_mail_alone(mail: MailServer, connect: Connect) -> None:
    mail.put(small_mail("a@customers.example", Subject="Returns"), small_mail("b@customers.example", Subject="Other"))
    assert keys(connect(pull={"search": ["SUBJECT", "returns"]}).pull(None, 10).records) == ["a@customers.example"]
    tomorrow = datetime.now(UTC).date().replace(year=datetime.now(UTC).year + 1)
    assert keys(connect(pull={"since": tomorrow}).pull(None, 10).records) == []
    assert len(connect(pull={"search": ["SUBJECT", "Rückgabe"]}).pull(None, 10).records) == 0


def test_a_mail_over_the_limit_is_named_by_its_header(mail: MailServer, connect: Connect) -> None:
    mail.put(small_mail("big@customers.example", "x" * 20_000), small_mail("small@customers.example"))
    big, small = connect(pull={"max_mail_bytes": 10_000}).pull(None, 10).records
    assert big.key == "big@customers.example"
    assert "over the limit of 10,000" in big.problem
    assert small.problem == ""


def test_many_uids_are_searched_in_windows(mail: MailServer, connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulling, "WINDOW_UIDS", 3)
    ids = put_many(mail, 10)
    system = connect()
    first = system.pull(None, 8)
    assert first.more
    assert keys(first.records) + keys(system.pull(first.cursor, 8).records) == ids


def test_large_mails_end_a_batch_early(mail: MailServer, connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulling, "FETCH_BYTES", 1_000)
    monkeypatch.setattr(pulling, "BATCH_BYTES", 1_500)
    ids = put_many(mail, 12)
    system, cursor, found, turns, more = connect(), None, [], 0, True
    while more:
        pulled = system.pull(cursor, 100)
        cursor, found, turns, more = pulled.cursor, found + keys(pulled.records), turns + 1, pulled.more
    assert found == ids
    assert turns > 1


def test_what_is_skipped_is_counted_and_passed(
    mail: MailServer, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    mail.put(
        small_mail("away@customers.example", Auto_Submitted="auto-replied", Subject="planted subject"),
        small_mail("news@customers.example", List_Unsubscribe="<mailto:off@example.org>"),
        small_mail("person@customers.example"),
    )
    system = connect()
    with caplog.at_level(logging.INFO):
        pulled = system.pull(None, 10)
    assert keys(pulled.records) == ["person@customers.example"]
    assert pulled.cursor["skipped"] == {"auto_submitted": 1, "list": 1}
    assert "mail.skipped auto_submitted 1, list 1" in caplog.text
    assert "planted" not in caplog.text
    assert system.pull(pulled.cursor, 10).records == []


def test_replies_of_customers_come_into_the_thread(mail: MailServer, connect: Connect) -> None:
    mail.put(
        small_mail("a@customers.example"),
        small_mail("b@customers.example", References="<a@customers.example> <x@example.org>"),
        small_mail("c@customers.example", In_Reply_To="<a@customers.example>"),
        small_mail("d@customers.example", Subject="Re: Question a"),
    )
    records = connect().pull(None, 10).records
    assert [record.thread for record in records] == ["a@customers.example"] * 3 + ["d@customers.example"]


@pytest.mark.parametrize("attachments", ["append", "field", "names"])
def test_attachments_are_read_as_documents(mail: MailServer, connect: Connect, attachments: str) -> None:
    mail.put(_with_attachments())
    (record,) = connect(pull={"attachments": attachments}).pull(None, 10).records
    row = record.row
    assert row["attachments"] == ["list.csv", "photo.xyz", "image/png"]
    if attachments == "names":
        assert "attachments_text" not in row
        assert "blue" not in row["text"]
    elif attachments == "field":
        assert row["attachments_text"].startswith("[list.csv]\n")
        assert "blue" in row["attachments_text"]
        assert "[photo.xyz: not read, document.format]" in row["attachments_text"]
        assert row["text"] == "See the list."
    else:
        assert row["text"].startswith("See the list.\n\n[list.csv]\n")
        assert row["conversation"] == [{"from": "customer", "text": row["text"]}]
        assert "image/png" not in row["text"]


def test_the_pages_of_an_attachment_are_where_they_begin(mail: MailServer, connect: Connect) -> None:
    """A workbook's sheets are its pages."""
    import io

    import openpyxl

    book, out = openpyxl.Workbook(), io.BytesIO()
    book.active.append(["colour", "count"])
    book.create_sheet("Second").append(["red", 7])
    book.save(out)
    message = _message("See the book.")
    kind = "vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    message.add_attachment(out.getvalue(), maintype="application", subtype=kind, filename="../../book.xlsx")
    mail.put(message.as_bytes())
    (record,) = connect(pull={"attachments": "field"}).pull(None, 10).records
    text, pages = record.row["attachments_text"], record.row["attachments_text:pages"]
    assert text.startswith("[book.xlsx]\n")
    assert len(pages) == 2
    assert "red" in text[pages[1] :]
    assert "colour" in text[pages[0] : pages[1]]


def test_too_many_and_too_large_attachments_are_named(mail: MailServer, connect: Connect) -> None:
    message = _message("All of it.")
    for number in range(3):
        message.add_attachment(f"line {number}\n" * (400 if number == 0 else 2), filename=f"part{number}.txt")
    mail.put(message.as_bytes())
    limits = {"attachments": "field", "max_attachments": 2, "max_attachment_bytes": 1_000}
    (record,) = connect(pull=limits).pull(None, 10).records
    assert record.row["attachments_text"].split("\n\n") == [
        "[part0.txt: not read, document.too_large]",
        "[part1.txt]\nline 1\nline 1",
        "[part2.txt: not read, too many attachments]",
    ]


def test_a_mail_of_a_thousand_attachments_names_some_and_counts_the_rest() -> None:
    message = _message("All of it.")
    for number in range(1_000):
        message.add_attachment(b"x", maintype="application", subtype="zip", filename=f"{number}.zip")

    def refuse(_: bytes, name: str) -> Document:
        raise DocumentFormatUnknown(name, "it is a test")

    found = read_attachments(message_from_bytes(message.as_bytes()), refuse, Limits(20, 1_000, 1_000_000))
    assert len(found.text.split("\n\n")) == 41
    assert found.text.endswith("[960 further attachments: not read, too many attachments]")


def test_slow_attachments_do_not_hold_the_mailbox_for_ever() -> None:
    message, clock = _message("All of it."), iter(range(0, 1_000, 20))
    for name in ("a.txt", "b.txt", "c.txt"):
        message.add_attachment("text", filename=name)

    def read(content: bytes, name: str) -> Document:
        return Document(name, "text", "", content.decode(), (), "")

    found = read_attachments(
        message_from_bytes(message.as_bytes()), read, Limits(20, 1_000, 1_000), lambda: float(next(clock))
    )
    assert found.text.startswith("[a.txt]\ntext")
    assert found.text.endswith("[c.txt: not read, the others took too long]")


def test_a_batch_ends_when_its_time_is_over_and_goes_on_behind_it(
    mail: MailServer, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pulling, "BATCH_SECONDS", 0.0)
    ids = put_many(mail, 3)
    system, cursor, found = connect(), None, []
    for _ in range(4):
        pulled = system.pull(cursor, 10)
        cursor, found = pulled.cursor, found + keys(pulled.records)
    assert found == ids


def test_the_text_of_attachments_is_cut_at_its_limit(mail: MailServer, connect: Connect) -> None:
    message = _message("All of it.")
    message.add_attachment("word " * 200, filename="long.txt")
    mail.put(message.as_bytes())
    limits = {"attachments": "field", "max_attachment_characters": 100}
    (record,) = connect(pull=limits).pull(None, 10).records
    assert record.row["attachments_text"].endswith("\n[long.txt: cut here]")
    assert len(record.row["attachments_text"]) < 160


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"\n\nonly a body\n", "the message has no header"),
        (b"From: a@example.org\nSubject: \xff\xfe\xfd\n\n\xff\n", ""),
        (b"From: a@example.org\nContent-Type: text/plain; charset=no-such\n\ntext\n", ""),
        (b"From: a@example.org\nContent-Type: multipart/mixed; boundary=x\n\n--x\nbroken", ""),
        (b"From: a@example.org\nMessage-ID: no brackets\n\ntext\n", ""),
        (b"From: a@example.org\nSubject: " + b"long " * 60_000 + b"\n\ntext\n", ""),
        (b"From: a@example.org\nContent-Type: application/pdf; name*=no-such''x\n\ntext\n", ""),
    ],
)
def test_malformed_mail_is_never_lost(mail: MailServer, connect: Connect, content: bytes, problem: str) -> None:
    mail.put(content, small_mail("after@customers.example"))
    system = connect()
    first, second = system.pull(None, 10).records
    assert first.problem == problem
    assert first.key
    assert second.key == "after@customers.example"
    assert keys(system.pull(None, 10).records) == [first.key, second.key]


def test_a_mail_is_an_item_of_the_use_case_that_ships(mail: MailServer, connect: Connect) -> None:
    put_many(mail, 1)
    (record,) = connect().pull(None, 10).records
    item = read_row(load(Path(graftwork.usecases.__path__[0]) / "support_reply.toml"), record.row, line=1)
    assert item.external_id == record.key
    assert item.content.fields["conversation"][0].text == "Where is my parcel?"  # type: ignore[index,union-attr]


def test_what_is_stored_can_be_marked_as_seen_or_by_a_keyword(mail: MailServer, connect: Connect) -> None:
    put_many(mail, 2)
    for after, mark in (("seen", "S"), ("flag", "a")):
        system = connect(pull={"after": after})
        system.settle(system.pull(None, 1).records)
        assert [mark in flags for _, flags in mail.mails_in("INBOX")].count(True) == 1
    assert "Graftwork" in (mail.maildir / "dovecot-keywords").read_text()


@pytest.mark.parametrize("has_move", [True, False])
def test_what_is_stored_can_be_moved_and_twice_is_once(
    mail: MailServer, connect: Connect, monkeypatch: pytest.MonkeyPatch, has_move: bool
) -> None:
    import imapclient

    known = imapclient.IMAPClient.has_capability
    monkeypatch.setattr(
        imapclient.IMAPClient, "has_capability", lambda self, name: (has_move or name != "MOVE") and known(self, name)
    )
    ids = put_many(mail, 2)
    system = connect(pull={"after": "move", "move_to": "Trash"})
    pulled = system.pull(None, 1)
    system.settle(pulled.records)
    system.settle(pulled.records)
    assert len(mail.mails_in("Trash")) == 1
    assert len(mail.mails_in("INBOX")) == 1
    assert keys(system.pull(pulled.cursor, 10).records) == ids[1:]


def test_a_mail_of_another_uid_validity_is_not_marked(mail: MailServer, connect: Connect) -> None:
    put_many(mail, 1)
    system = connect(pull={"after": "seen"})
    (record,) = system.pull(None, 1).records
    system.settle([Record(record.key, {}, origin={**record.origin, "validity": 1})])
    assert all("S" not in flags for _, flags in mail.mails_in("INBOX"))


def _message(text: str) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["Message-ID"] = "a@customers.example", "<a@customers.example>"
    message.set_content(text)
    return message


def _with_attachments() -> bytes:
    message = _message("See the list.")
    message.add_attachment(b"colour,count\nblue,3\n", maintype="text", subtype="csv", filename="list.csv")
    message.add_attachment(b"\x00\x01\x02", maintype="application", subtype="octet-stream", filename="photo.xyz")
    message.add_attachment(b"\x89PNG", maintype="image", subtype="png", disposition="inline", cid="<logo>")
    return message.as_bytes()
