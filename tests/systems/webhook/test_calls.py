"""Calls that come in: what becomes a record, and what is refused with which status."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from graftwork.systems.errors import CallRefused, ConnectorInvalid, SecretMissing
from graftwork.systems.webhook.file import WebhookConnector
from graftwork.systems.webhook.signing import SCHEMES, key_bytes, signature
from graftwork.systems.webhook.system import WebhookSystem
from support.systems import NOW, surroundings

SECRET = "whsec_Z3JhZnR3b3JrLXRlc3RzLXNlY3JldC0xNw=="
FIELDS = {"conversation": "ticket.description", "language": "ticket.locale"}


def system(tmp_path, monkeypatch, **receive):
    monkeypatch.setenv("HOOK", SECRET)
    data = {
        "name": "tickets", "use_case": "support_reply", "system": "webhook",
        "receive": {
            "secrets": ["env:HOOK"], "fields": FIELDS, "key": "ticket.id", "thread": "ticket.thread", **receive
        },
    }  # fmt: skip
    return WebhookSystem(WebhookConnector.model_validate(data), surroundings(tmp_path))


def call(body, *, call_id="msg_1", secret=SECRET):
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    timestamp = str(int(NOW.timestamp()))
    signed = signature(SCHEMES["standard"], key_bytes(secret, "whsec"), content, call_id=call_id, timestamp=timestamp)
    return {"webhook-id": call_id, "webhook-timestamp": timestamp, "webhook-signature": signed}, content


TICKET = {"ticket": {"id": 17, "thread": "T-9", "description": "Where is it?", "locale": "en", "secret": "no"}}


def test_a_call_becomes_the_record_that_the_file_describes(tmp_path, monkeypatch):
    (record,) = system(tmp_path, monkeypatch).receive(*call(TICKET))
    assert (record.key, record.thread) == ("17", "T-9")
    assert record.row == {"conversation": "Where is it?", "language": "en"}
    assert record.problem == ""


def test_without_expressions_the_call_itself_is_the_row_and_its_id_the_key(tmp_path, monkeypatch):
    bare = system(tmp_path, monkeypatch, key="", thread="", fields={})
    (record,) = bare.receive(*call({"text": "Hello"}, call_id="msg_42"))
    assert (record.key, record.thread, record.row) == ("msg_42", "msg_42", {"text": "Hello"})
    assert bare.receive(*call({"text": "Hello"}, call_id="msg_42"))[0].key == record.key


def test_a_list_brings_one_record_each_and_only_what_is_wanted(tmp_path, monkeypatch):
    many = system(
        tmp_path, monkeypatch, each="events", when="type == 'created'", key="id", thread="", fields={"text": "body"}
    )
    events = [
        {"id": "a", "type": "created", "body": "One"},
        {"id": "b", "type": "closed", "body": "Two"},
        {"id": "c", "type": "created", "body": "Three"},
    ]
    assert [(one.key, one.row["text"]) for one in many.receive(*call({"events": events}))] == [
        ("a", "One"),
        ("c", "Three"),
    ]
    assert many.receive(*call({"other": 1})) == []


def test_records_of_one_call_without_a_key_are_numbered(tmp_path, monkeypatch):
    many = system(tmp_path, monkeypatch, each="@", key="", thread="", fields={})
    records = many.receive(*call([{"text": "a"}, {"text": "b"}], call_id="m"))
    assert [record.key for record in records] == ["m#1", "m#2"]
    assert [record.key for record in many.receive(*call([{"text": "a"}], call_id="m"))] == ["m#1"]


@pytest.mark.parametrize("bad", [None, True, [], {}, " ", 1.5])
def test_a_record_without_its_key_is_shown_as_a_problem_and_the_others_come(tmp_path, monkeypatch, bad):
    many = system(tmp_path, monkeypatch, each="@", key="id", thread="", fields={"text": "body"})
    first, second = many.receive(*call([{"id": bad, "body": "a"}, {"id": "2", "body": "b"}]))
    assert first.problem == "`key` finds no text and no whole number in it"
    assert (second.key, second.problem) == ("2", "")


def test_an_expression_that_does_not_fit_a_record_is_a_problem_that_quotes_nothing(tmp_path, monkeypatch):
    one = system(tmp_path, monkeypatch, fields={"text": "join(', ', ticket.tags)"})
    ticket = {"ticket": {**TICKET["ticket"], "tags": "secret-tag"}}
    (record,) = one.receive(*call(ticket))
    assert record.problem == "the expression of the field `text` does not fit it"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "no JSON"),
        (b"{", "no JSON at character 2"),
        (b'{"a": 1, "a": 2}', "twice"),
        (b'{"a": NaN}', "no numbers"),
        (b'{"a": -Infinity}', "no numbers"),
        (b'{"a": 1e999}', "too large"),
        (b'{"a": "\xff"}', "not UTF-8 at byte 8"),
        (b"[" * 60 + b"]" * 60, "deeper than 40"),
        (b"[" * 100_000 + b"]" * 100_000, "deeper than 40"),
        (b'{"a": ' + b"9" * 6_000 + b"}", "no JSON"),
    ],
)
def test_json_that_two_readers_would_understand_differently_is_refused(tmp_path, monkeypatch, body, words):
    with pytest.raises(CallRefused) as refused:
        system(tmp_path, monkeypatch).receive(*call(body))
    assert words in refused.value.reason
    assert refused.value.answer == 400


def test_json_just_within_the_depth_is_taken(tmp_path, monkeypatch):
    assert system(tmp_path, monkeypatch).receive(*call(b"[" * 40 + b"]" * 40))[0].problem


def test_a_large_call_is_refused_before_anything_of_it_is_read(tmp_path, monkeypatch):
    with pytest.raises(CallRefused) as refused:
        system(tmp_path, monkeypatch, max_bytes=100).receive({}, b"x" * 101)
    assert refused.value.answer == 413


def test_too_many_records_and_a_list_that_is_none_are_refused(tmp_path, monkeypatch):
    with pytest.raises(CallRefused) as refused:
        system(tmp_path, monkeypatch, each="@", max_records=2).receive(*call([1, 2, 3]))
    assert refused.value.answer == 413
    with pytest.raises(CallRefused) as refused:
        system(tmp_path, monkeypatch, each="ticket").receive(*call(TICKET))
    assert refused.value.answer == 400


def test_a_forged_call_is_refused_before_its_json_is_read(tmp_path, monkeypatch):
    headers, _ = call(TICKET)
    with pytest.raises(CallRefused) as refused:
        system(tmp_path, monkeypatch).receive(headers, b"{no json")
    assert refused.value.answer == 401


def test_a_changed_secret_holds_at_once_and_a_missing_one_is_named(tmp_path, monkeypatch):
    hook = system(tmp_path, monkeypatch)
    hook.receive(*call(TICKET))
    monkeypatch.setenv("HOOK", "whsec_" + "QUFB" * 8)
    with pytest.raises(CallRefused):
        hook.receive(*call(TICKET))
    monkeypatch.setenv("HOOK", "whsec_not base64")
    with pytest.raises(ConnectorInvalid) as invalid:
        hook.receive(*call(TICKET))
    assert "not base64" not in str(invalid.value).replace("that is not base64", "")
    monkeypatch.delenv("HOOK")
    with pytest.raises(SecretMissing):
        hook.receive(*call(TICKET))


def test_a_scheme_of_its_own(tmp_path, monkeypatch):
    own = {
        "header": "X-Acme-Sign", "signed": "{id}|{timestamp}|{body}", "encoding": "hex", "prefix": "h:",
        "timestamp_header": "X-Acme-Time", "id_header": "X-Acme-Id",
    }  # fmt: skip
    hook = system(tmp_path, monkeypatch, scheme="own", own=own)
    timestamp, body = str(int(NOW.timestamp())), json.dumps(TICKET).encode()
    signed = signature(hook._file.receive.signing(), SECRET.encode(), body, call_id="i", timestamp=timestamp)
    headers = {"x-acme-sign": signed, "x-acme-time": timestamp, "x-acme-id": "i"}
    assert hook.receive(headers, body)[0].key == "17"
    with pytest.raises(CallRefused):
        hook.receive({**headers, "x-acme-id": "j"}, body)


@pytest.mark.parametrize(
    ("receive", "words"),
    [
        ({"secrets": []}, "at least 1"),
        ({"secrets": ["planted-secret"]}, "env:NAME"),
        ({"key": "ticket.["}, "not JMESPath"),
        ({"fields": {"text": "a b"}}, "not JMESPath"),
        ({"fields": {"text": ""}}, "not JMESPath"),
        ({"scheme": "md5"}, "must be one of"),
        ({"scheme": "own"}, "belong together"),
        ({"scheme": "own", "own": {"header": "x", "signed": "{timestamp}"}}, "must hold {body}"),
        ({"scheme": "own", "own": {"header": "x", "signed": "{id}{body}"}}, "`id_header` must name"),
    ],
)
def test_a_file_that_does_not_hang_together_is_refused(tmp_path, monkeypatch, receive, words):
    with pytest.raises(ValidationError, match=None) as error:
        system(tmp_path, monkeypatch, **receive)
    assert words in str(error.value)


def test_a_webhook_has_no_pull_and_does_something():
    plain = {"name": "a", "use_case": "b", "system": "webhook"}
    with pytest.raises(ValidationError, match=r"use `\[receive\]`"):
        WebhookConnector.model_validate({**plain, "pull": {}})
    with pytest.raises(ValidationError, match="needs a table"):
        WebhookConnector.model_validate(plain)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(JSON)
def test_signed_json_of_any_form_gives_records_or_problems_and_no_failure(tmp_path_factory, data):
    with pytest.MonkeyPatch.context() as patch:
        hook = system(tmp_path_factory.getbasetemp(), patch)
        (record,) = hook.receive(*call(data))
        assert record.key
        assert len(record.key) <= 200


@given(st.binary(max_size=60))
def test_signed_bytes_of_any_form_are_taken_or_refused(tmp_path_factory, body):
    with pytest.MonkeyPatch.context() as patch:
        hook = system(tmp_path_factory.getbasetemp(), patch)
        try:
            hook.receive(*call(body))
        except CallRefused as refused:
            assert refused.answer == 400  # noqa: PT017 - either is right
