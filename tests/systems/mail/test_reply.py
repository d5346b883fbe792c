"""What goes over the line, whatever stands in the text, the names and the headers of the mail."""

import email.policy
from email import message_from_bytes
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graftwork.systems.mail.automatic import Ours
from graftwork.systems.mail.file import MailPush
from graftwork.systems.mail.reply import Reply, compose
from support.systems import NOW, delivery

US = "support@example.com"
CUSTOMER = "anna@customers.example"
HEADERS = {
    "from", "to", "cc", "subject", "date", "message-id", "in-reply-to", "references", "mime-version", "content-type",
    "content-transfer-encoding", "x-auto-response-suppress", "x-graftwork-delivery",
}  # fmt: skip


def composed(origin: dict[str, Any], *, text: str = "Hello,\nit left.", **rules: object) -> Reply:
    plain = {"from": [["Anna", CUSTOMER]], "message_id": "a@customers.example", "subject": "Where?", **origin}
    push = MailPush.model_validate({"cc": "all", "max_recipients": 100, **rules})
    return compose(
        delivery(origin=plain, thread="a@customers.example", text=text), push, US, Ours(frozenset((US,))), NOW
    )


@given(st.text(), st.text(), st.text(max_size=100), st.lists(st.text(max_size=100), max_size=5))
def test_only_our_headers_stand_in_it_and_lines_are_short(
    text: str, subject: str, name: str, references: list[str]
) -> None:
    origin = {"subject": subject, "from": [[name, CUSTOMER]], "references": references, "text": text}
    reply = composed(origin, text=f"x{text}", quote=True)
    head, _, _ = reply.content.partition(b"\r\n\r\n")
    names = {line.partition(b":")[0].decode().lower() for line in head.split(b"\r\n") if line[:1] not in b" \t"}
    assert names <= HEADERS
    assert reply.content.isascii()
    assert b"\n" not in reply.content.replace(b"\r\n", b"")
    assert max(map(len, reply.content.split(b"\r\n"))) <= 998
    assert reply.recipients == (CUSTOMER,)
    read = message_from_bytes(reply.content, policy=email.policy.default)
    assert [address.addr_spec for address in read["To"].addresses] == [CUSTOMER]


@given(st.text(alphabet=st.characters(exclude_categories=("Cs", "Cc")), min_size=1).filter(str.strip))
def test_the_text_arrives_as_it_was_approved(text: str) -> None:
    read = message_from_bytes(composed({}, text=text).content)
    content = read.get_payload(decode=True)
    assert isinstance(content, bytes)
    assert content.decode().replace("\r\n", "\n") == text.strip().replace("\r", "\n") + "\n"


def test_the_message_id_stands_on_the_line_of_its_header() -> None:
    reply = composed({"references": [f"{'r' * 200}{number}@customers.example" for number in range(40)]})
    lines = reply.content.split(b"\r\n")
    assert any(line.startswith(b"Message-ID: <gw.") and line.endswith(b"@example.com>") for line in lines)
    assert any(line == b"In-Reply-To: <a@customers.example>" for line in lines)
    assert any(line.startswith(b"References: <rrr") for line in lines)


def test_the_same_delivery_has_the_same_id_and_another_one_has_another() -> None:
    push, ours = MailPush(), Ours(frozenset((US,)))
    origin = {"from": [["Anna", CUSTOMER]]}
    first, again, other = (
        compose(delivery(key=key, origin=origin, tries=tries), push, US, ours, NOW).message_id
        for key, tries in (("gw-1", 1), ("gw-1", 2), ("gw-2", 1))
    )
    assert first == again != other


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("Where?", "Re: Where?"),
        ("Re: Where?", "Re: Where?"),
        ("RE: Where?", "RE: Where?"),
        ("Return: Where?", "Re: Return: Where?"),
        ("", "Re:"),
    ],
)
def test_a_subject_is_prefixed_once(subject: str, expected: str) -> None:
    assert message_from_bytes(composed({"subject": subject}).content)["Subject"] == expected


def test_every_addressee_gets_it_once() -> None:
    origin = {
        "to": [["Us", US], ["Bo", "bo@customers.example"]],
        "cc": [["Bo again", "BO@customers.example"], ["Anna", CUSTOMER.upper()]],
    }
    assert composed(origin).recipients == (CUSTOMER, "bo@customers.example")
