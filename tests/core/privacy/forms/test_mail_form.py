"""E-mail: headers, bodies in every transfer encoding, attachments by their form."""

import email
import email.policy
from email.message import EmailMessage

import pytest

from graftwork.core.errors import FormBroken

VALUES = ("Charlie", "Douglas", "charlie@", "Zoë", "Zo=C3=AB", "secret-host", "192.0.2.7", "abc123@")


def _mail(**parts):
    message = EmailMessage()
    message["From"] = "Zoë Müller <zoe@example.com>"
    message["To"] = '"Douglas, Charlie" <charlie@example.com>, sales@example.com'
    message["Subject"] = "Re: Zoë Müller"
    message["Message-ID"] = "<abc123@secret-host.example.com>"
    message["References"] = "<abc123@secret-host.example.com> <other@example.com>"
    message["Received"] = "from secret-host.example.com ([192.0.2.7]) by mx.example.com"
    message["X-Originating-IP"] = "192.0.2.7"
    message["Date"] = "Fri, 20 Nov 2026 10:00:00 +0000"
    message.set_content(parts.get("text", "Hello Charlie Douglas,\nZoë Müller\n"), cte=parts.get("cte"))
    return message


def _read(raw):
    return email.message_from_bytes(raw, policy=email.policy.default)


@pytest.mark.parametrize("cte", ["8bit", "quoted-printable", "base64"])
def test_headers_and_body_are_masked_and_nothing_is_left_in_the_bytes(rewrite, cte):
    done = rewrite(_mail(cte=cte).as_bytes(), "a.eml")
    message = _read(done.raw)
    assert message.get_content() == "Hello [PERSON_1],\n[PERSON_2]\n"
    assert str(message["Subject"]) == "Re: [PERSON_2]"
    assert str(message["Date"]).startswith("Fri, 20 Nov 2026")
    assert message["Received"] is None
    assert message["X-Originating-IP"] is None
    everything = done.raw.decode() + message.get_content()
    assert [value for value in VALUES if value in everything] == []
    assert done.notices["headers removed"] == 2


def test_ids_stay_joined_over_a_thread(rewrite):
    message = _read(rewrite(_mail().as_bytes(), "a.eml").raw)
    assert message["References"].split()[0] == message["Message-ID"]
    assert len(set(message["References"].split())) == 2


def test_html_and_text_of_one_mail_are_both_masked(rewrite):
    mail = _mail()
    mail.add_alternative("<p>Hello Char<b>lie</b> Douglas</p>", subtype="html")
    message = _read(rewrite(mail.as_bytes(), "a.eml").raw)
    assert message.get_body(("html",)).get_content().strip() == "<p>Hello [PERSON_1]<b></b></p>"
    assert "[PERSON_1]" in message.get_body(("plain",)).get_content()


def test_an_attachment_is_masked_by_its_form_or_left_out(rewrite):
    mail = _mail()
    mail.add_attachment("name\nCharlie Douglas\n", subtype="csv", filename="Charlie Douglas.csv")
    mail.add_attachment(b"\x89PNG\x00Charlie Douglas", maintype="image", subtype="png", filename="a.png")
    done = rewrite(mail.as_bytes(), "a.eml")
    table, picture = list(_read(done.raw).iter_attachments())
    assert table.get_content() == "name\n[PERSON_1]\n"
    assert table.get_filename() == "[PERSON_1].csv"
    assert "left out" in picture.get_content()
    assert done.notices["attachments removed"] == 1
    assert b"Charlie" not in done.raw


def test_a_mail_inside_a_mail_is_masked_too(rewrite):
    outer = EmailMessage()
    outer["From"], outer["Subject"] = "sales@example.com", "Fwd"
    outer.set_content("see below")
    outer.add_attachment(_mail())
    done = rewrite(outer.as_bytes(), "a.eml")
    inner = next(_read(done.raw).iter_attachments()).get_content()
    assert inner.get_content() == "Hello [PERSON_1],\n[PERSON_2]\n"
    assert b"charlie@" not in done.raw


def test_what_a_mail_says_comes_back(rewrite):
    done = rewrite(_mail().as_bytes(), "a.eml")
    message = _read(done.restored().raw)
    assert message.get_content() == "Hello Charlie Douglas,\nZoë Müller\n"
    assert "charlie@example.com" in str(message["To"])
    assert str(message["Message-ID"]) == "<abc123@secret-host.example.com>"


def test_a_broken_charset_and_a_missing_end_are_read(rewrite):
    head = b"From: charlie@example.com\nContent-Type: multipart/mixed; boundary=x\n\n--x\n"
    raw = head + b"Content-Type: text/plain; charset=no-such\n\nCharlie Douglas \xfc"
    done = rewrite(raw, "a.eml")
    assert b"Charlie" not in done.raw
    assert b"[PERSON_1]" in done.raw or b"PERSON_1" in done.raw


def test_what_has_no_header_is_no_mail(rewrite):
    with pytest.raises(FormBroken):
        rewrite(b"\n\nhello", "a.eml")
