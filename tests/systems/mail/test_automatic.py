from email import message_from_string

import pytest

from graftwork.systems.mail.automatic import Ours, Rules, why_skipped
from graftwork.systems.mail.headers import own_id

OURS = Ours(frozenset(("support@example.com", "help@example.com")))
PERSON = {
    "Return-Path": "<anna@customers.example>",
    "From": "Anna <anna@customers.example>",
    "To": "support@example.com",
    "Subject": "Where is it?",
}
OWN_ID = f"<{own_id('gw-1', 'thread', 'support@example.com')}>"
OTHERS_ID = f"<{own_id('gw-1', 'thread', 'desk@example.com')}>"


RULES = Rules(OURS)


def judged(rules: Rules = RULES, **headers: str) -> str:
    named = {**PERSON, **{name.replace("_", "-"): value for name, value in headers.items()}}
    return why_skipped(message_from_string("".join(f"{n}: {v}\n" for n, v in named.items()) + "\ntext\n"), rules)


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({}, ""),
        ({"Auto_Submitted": "auto-replied"}, "auto_submitted"),
        ({"Auto_Submitted": "auto-generated; owner-email=x@example.org"}, "auto_submitted"),
        ({"Auto_Submitted": "AUTO-NOTIFIED"}, "auto_submitted"),
        ({"Auto_Submitted": "no"}, ""),
        ({"Auto_Submitted": "No (a person)"}, ""),
        ({"Precedence": "bulk"}, "bulk"),
        ({"Precedence": "junk"}, "bulk"),
        ({"Precedence": "auto_reply"}, "auto_reply"),
        ({"Precedence": "list"}, "list"),
        ({"Precedence": "first-class"}, ""),
        ({"List_Unsubscribe": "<mailto:off@news.example.org>"}, "list"),
        ({"List_Id": "News <news.example.org>"}, "list"),
        ({"X_Autoreply": "yes"}, "auto_reply"),
        ({"X_Auto_Response_Suppress": "All"}, "auto_response_suppress"),
        ({"X_Auto_Response_Suppress": "DR, OOF, AutoReply"}, "auto_response_suppress"),
        ({"X_Auto_Response_Suppress": "DR, RN, NRN"}, ""),
        ({"Return_Path": "<>"}, "empty_return_path"),
        ({"Return_Path": "< >"}, "empty_return_path"),
        ({"Content_Type": 'multipart/report; report-type=delivery-status; boundary="x"'}, "report"),
        ({"Content_Type": 'multipart/report; report-type=disposition-notification; boundary="x"'}, "report"),
        ({"Content_Type": 'multipart/mixed; boundary="x"'}, ""),
        ({"From": "Mail Delivery <MAILER-DAEMON@mx.example.net>"}, "mail_server"),
        ({"From": "MAILER-DAEMON"}, "mail_server"),
        ({"From": "postmaster@customers.example"}, "mail_server"),
        ({"From": "postmaster.smith@customers.example"}, ""),
        ({"From": "Support@Example.com"}, "own_address"),
        ({"From": "support@example.com", "Reply_To": "anna@customers.example"}, ""),
        ({"From": "support@example.com", "Reply_To": "help@example.com"}, "own_address"),
        ({"From": "boss@example.com"}, ""),
        ({"X_Loop": "support@example.com"}, "loop"),
        ({"X_Loop": "bugs@customers.example"}, ""),
        ({"X_Graftwork_Delivery": "gw-1 support@example.com"}, "own_delivery"),
        ({"X_Graftwork_Delivery": "gw-1 desk@customers.example"}, ""),
        ({"Message_ID": OWN_ID}, "own_delivery"),
        ({"Message_ID": OTHERS_ID}, ""),
        ({"In_Reply_To": OWN_ID}, ""),
    ],
)
def test_what_no_person_wrote_to_us_is_left_out(headers: dict[str, str], reason: str) -> None:
    assert judged(**headers) == reason


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({"Auto_Submitted": "auto-generated"}, ""),
        ({"Precedence": "bulk"}, ""),
        ({"List_Id": "<news.example.org>"}, ""),
        ({"Return_Path": "<>"}, "empty_return_path"),
        ({"Content_Type": "multipart/report; boundary=x"}, "report"),
        ({"From": "support@example.com"}, "own_address"),
        ({"X_Graftwork_Delivery": "gw-1 help@example.com"}, "own_delivery"),
    ],
)
def test_where_automatic_mail_is_work_bounces_and_our_own_still_are_not(headers: dict[str, str], reason: str) -> None:
    assert judged(Rules(OURS, take_automatic=True), **headers) == reason


@pytest.mark.parametrize(
    ("lists", "reason"), [(("help.example.com",), ""), (("*",), ""), (("other.example.com",), "list")]
)
def test_a_shared_group_is_people_where_the_file_says_so(lists: tuple[str, ...], reason: str) -> None:
    group = {"List_Id": "Help <help.example.com>", "Precedence": "list", "List_Unsubscribe": "<mailto:x@example.com>"}
    assert judged(Rules(OURS, lists=frozenset(lists)), **group) == reason


def test_mail_that_went_through_a_hundred_servers_is_in_a_circle() -> None:
    hops = "Received: from a by b\n" * 101
    assert why_skipped(message_from_string(f"{hops}From: anna@customers.example\n\nx"), Rules(OURS)) == "loop"
    assert why_skipped(message_from_string(f"{hops[22:]}From: anna@customers.example\n\nx"), Rules(OURS)) == ""
