"""Whatever is sent, the answer has one shape, a stable code, and never what was sent."""

import json

import pytest
from django.db import OperationalError
from django.http import HttpRequest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graftwork.api import rows
from graftwork.api.parsing import JsonParser
from graftwork.apps.work.models import Item
from graftwork.core.errors import RequestTooLarge

pytestmark = pytest.mark.django_db

SECRET = "Zanzibar-4711"
GOOD = {"use_case": "note_reply", "item": {"id": "a", "text": "Where is it?"}}


def assert_our_shape(answer, status, code):
    body = answer.json()
    assert (answer.status_code, body["error"]["code"]) == (status, code), answer.content
    assert set(body) == {"error"}
    assert set(body["error"]) == {"code", "message", "next_step", "details"}
    assert all(set(detail) == {"field", "reason"} for detail in body["error"]["details"])
    assert body["error"]["message"]
    assert body["error"]["next_step"]
    assert SECRET not in answer.content.decode()
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"


def _with(**changes):
    return json.dumps(GOOD | changes).encode()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"", "body"),
        (b"{", "body"),
        (b'{"use_case": "%s"' % SECRET.encode(), "body"),
        (b"\xff\xfe{}", "body"),
        (b"null", "body"),
        (b"[]", "body"),
        (b'"%s"' % SECRET.encode(), "body"),
        (b"[" * 100_000, "body"),
        (b'{"a":' * 100_000, "body"),
        (b'{"use_case": "note_reply", "item": {"id": "a", "text": NaN}}', "body"),
        (b'{"use_case": "note_reply", "item": {"id": "a", "text": -Infinity}}', "body"),
        (b'{"use_case": "note_reply", "item": {"id": "a", "text": 1e999}}', "body"),
        (b'{"use_case": "note_reply", "item": {"id": "a", "text": %s}}' % (b"9" * 5000), "body"),
        (b"{}", "use_case"),
        (_with(use_case=7), "use_case"),
        (_with(use_case=SECRET), "use_case"),
        (_with(use_case="note\x00"), "use_case"),
        (_with(use_case="\ud800"), "use_case"),
        (_with(more=SECRET), "more"),
        (_with(item=SECRET), "item"),
        (_with(item=None), "item"),
        (_with(item={"text": SECRET}), "item"),
        (_with(item={"id": SECRET}), "item"),
        (_with(item={"id": "a", "text": SECRET + "\x00"}), "item"),
        (_with(item={"id": "a", "text": SECRET + "\udfff"}), "item"),
        (_with(item={"id": SECRET + "\ud800", "text": "b"}), "item"),
        (_with(item={"id": "a", "text": "b", "thread": SECRET + "\ud800"}), "item"),
        (_with(item={"id": [SECRET], "text": "b"}), "item"),
        (_with(item={"id": SECRET * 50, "text": "b"}), "item"),
        (_with(item={"id": "a", "text": SECRET * 20_000}), "item"),
    ],
)
def test_a_body_that_is_no_item_is_refused_with_the_field_and_the_reason(api, note_reply, body, field):
    answer = api.post("/items", body)
    assert_our_shape(answer, 422, "input.request")
    assert answer.json()["error"]["details"][0]["field"] == field
    assert not Item.objects.exists()


@pytest.mark.parametrize(
    ("path", "query", "field"),
    [
        ("/items", {"limit": 0}, "limit"),
        ("/items", {"limit": 201}, "limit"),
        ("/items", {"limit": SECRET}, "limit"),
        ("/items", {"cursor": SECRET}, "cursor"),
        ("/items", {"cursor": "WyJhIl0"}, "cursor"),
        ("/items", {"cursor": "ÿ"}, "cursor"),
        ("/items", {"cursor": "W1tbWw"}, "cursor"),
        ("/items", {"state": SECRET}, "state"),
        ("/items", {"external_id": "a\x00"}, "external_id"),
        ("/items", {"use_case": "a\x00"}, "use_case"),
        ("/items", {"page": 2}, "page"),
        ("/items/" + SECRET, {}, "item_id"),
        ("/reviews", {"since": SECRET}, "since"),
        ("/reviews", {"since": "2026-11-22"}, "since"),
        ("/reviews", {"until": "0001-01-01T00:00:00+14:00"}, "until"),
        ("/reviews", {"decision": SECRET}, "decision"),
        ("/reviews", {"cursor": "WyJhIl0"}, "cursor"),
    ],
)
def test_a_parameter_that_cannot_be_is_refused_by_name(api, path, query, field):
    answer = api.get(path, **query)
    assert_our_shape(answer, 422, "input.request")
    assert answer.json()["error"]["details"][0]["field"] == field


def test_several_mistakes_are_told_at_once(api, db):
    details = api.post("/items", {"item": {}, "usecase": "x"}).json()["error"]["details"]
    assert {detail["field"]: detail["reason"] for detail in details} == {
        "use_case": "is required",
        "usecase": "is not known here",
    }


@pytest.mark.parametrize("path", ["/", "/nope", "/items/", "/items/a/nope", "/a%0Ab", "/docs/../x", "/docs/nope"])
def test_a_path_that_is_not_there_says_so_as_json(api, path):
    assert_our_shape(api.get(path), 404, "input.path")


def test_an_unknown_use_case_names_the_nearest(api, note_reply):
    answer = api.post("/items", GOOD | {"use_case": "note_repli"})
    assert_our_shape(answer, 404, "usecase.not_found")
    assert "did you mean `note_reply`" in answer.json()["error"]["message"]


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"])
def test_a_method_that_a_path_does_not_take_is_refused_with_those_it_takes(api, method):
    answer = api.call(method, "/items")
    assert_our_shape(answer, 405, "input.method")
    assert answer.headers["Allow"] == "GET, POST"


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_a_body_that_is_not_announced_as_json_is_refused(api, note_reply, content_type):
    assert_our_shape(api.post("/items", _with(), content_type=content_type), 415, "input.content_type")


def test_a_body_over_the_limit_is_refused_whether_its_length_is_announced_or_not(api, note_reply, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000
    big = _with(item={"id": "a", "text": "x" * 1_000})
    assert_our_shape(api.post("/items", big), 413, "input.request_too_large")
    chunked = HttpRequest()
    chunked.content_type, chunked._body = "application/json", big
    with pytest.raises(RequestTooLarge):
        JsonParser().parse_body(chunked)
    assert api.post("/items", _with()).status_code == 201


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (OperationalError("database is locked"), 503, "store.busy"),
        (OperationalError("canceling statement due to lock timeout"), 503, "store.busy"),
        (OperationalError(f"could not connect to {SECRET}"), 503, "store.unavailable"),
        (OSError(28, "No space left on device"), 507, "store.disk_full"),
        (ValueError(f"a bug with {SECRET}"), 500, "internal"),
        (KeyError(SECRET), 500, "internal"),
    ],
)
def test_trouble_inside_has_its_code_and_tells_nothing_else(api, note_reply, monkeypatch, caplog, error, status, code):
    def fail(*args, **kwargs):
        raise error

    monkeypatch.setattr(rows, "create_items", fail)
    answer = api.post("/items", GOOD)
    assert_our_shape(answer, status, code)
    assert ("Retry-After" in answer.headers) == (status == 503)
    assert SECRET not in caplog.text
    if code == "internal":
        request_id = answer.headers["X-Request-Id"]
        assert request_id in answer.json()["error"]["message"]
        assert f"request {request_id}: {type(error).__name__} at" in caplog.text
        assert "rows.py" in caplog.text


_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**400), 10**400) | st.floats() | st.text(st.characters(), max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
_items = _values | st.fixed_dictionaries(
    {}, optional={"id": _values | st.text(st.characters(), max_size=5), "text": _values, "thread": _values}
)
_bodies = st.one_of(
    st.binary(max_size=40),
    _values.map(lambda value: json.dumps(value).encode()),
    st.fixed_dictionaries({"use_case": st.just("note_reply") | _values, "item": _items}).map(
        lambda value: json.dumps(value).encode()
    ),
)


@settings(
    max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(body=_bodies)
def test_no_body_at_all_makes_it_fail(api, note_reply, body):
    answer = api.post("/items", body)
    assert answer.status_code in (200, 201, 404, 422), answer.content
    if answer.status_code in (200, 201):
        stored = api.get(f"/items/{answer.json()['id']}")
        assert stored.status_code == 200
        assert set(stored.json()["fields"]) == {"text"}
    else:
        assert set(answer.json()["error"]) == {"code", "message", "next_step", "details"}
