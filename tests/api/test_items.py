"""Sending items in and reading them."""

from uuid import uuid4

import pytest

from graftwork.apps.work.actions.leasing import postpone
from graftwork.apps.work.models import Item
from graftwork.core.errors import EngineUnavailable

pytestmark = pytest.mark.django_db

OTHER = """\
name = "hr_reply"
title = "Answer from HR"

[input.fields.text]

[instructions]
system = "Answer."

[engine]
echo = true

[review]
role = "compliance"
"""


def _item(number=1, **more):
    return {"use_case": "note_reply", "item": {"id": f"n-{number}", "text": "Where is it?", **more}}


def test_a_new_item_is_stored_and_the_same_one_again_is_named_and_left_alone(api, note_reply):
    first = api.post("/items", _item())
    assert (first.status_code, first.json()["result"], first.json()["differs"]) == (201, "created", False)
    again = api.post("/items", _item(text="Something else"))
    assert (again.status_code, again.json()["result"], again.json()["differs"]) == (200, "exists", True)
    assert again.json()["id"] == first.json()["id"]
    assert api.get(f"/items/{first.json()['id']}").json()["fields"] == {"text": "Where is it?"}


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("POST", "/items", "items:write"),
        ("POST", "/items/batch", "items:write"),
        ("GET", "/items", "items:read"),
        ("GET", "/items/{id}", "items:read"),
        ("GET", "/items/{id}/drafts", "items:read"),
        ("GET", "/items/{id}/outcomes", "items:read"),
        ("GET", "/items/{id}/reviews", "reviews:read"),
        ("GET", "/reviews", "reviews:read"),
        ("GET", "/use-cases", "items:read"),
        ("POST", "/items/{id}/review", "reviews:write"),
        ("POST", "/reviews/{id}/undo", "reviews:write"),
        ("POST", "/items/{id}/outcomes", "outcomes:write"),
    ],
)
def test_every_operation_asks_for_a_token_and_its_scope(
    method, path, scope, api_of, anonymous, make_user, make_items, error_code
):
    [item] = make_items(1)
    path = path.format(id=item.pk)
    bodies = {
        "/items": _item(),
        "/items/batch": {"use_case": "note_reply", "items": [{"id": "a", "text": "b"}]},
        "/review": {"decision": "escalated", "note": "help"},
        "/outcomes": {"kind": "reopened", "value": 1, "occurred_at": "2026-11-22T09:00:00Z"},
    }
    body = next((body for end, body in bodies.items() if path.endswith(end)), None)

    def ask(api):
        return api.post(path, body) if method == "POST" else api.get(path)

    rita = make_user("rita")
    others = {"items:read", "items:write", "reviews:read", "reviews:write", "outcomes:write"} - {scope}
    nobody = ask(anonymous)
    assert (nobody.status_code, error_code(nobody)) == (401, "access.not_signed_in")
    assert nobody.headers["WWW-Authenticate"] == "Bearer"
    denied = ask(api_of(rita, *others))
    assert (denied.status_code, error_code(denied)) == (403, "access.denied")
    assert scope in denied.json()["error"]["message"]
    allowed = ask(api_of(rita, scope))
    assert allowed.status_code in (200, 201, 409), allowed.content


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Bearer gw_wrong", "Basic cml0YQ==", "Token x", "Bearer é"]
)
def test_a_header_without_a_valid_token_is_refused(client, db, header):
    answer = client.get("/api/v1/items", headers={"Authorization": header})
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "access.not_signed_in")


def test_a_session_of_the_desk_is_no_token(client, make_user, error_code):
    client.force_login(make_user())
    assert client.get("/api/v1/items").status_code == 401


def test_a_batch_keeps_the_good_rows_and_says_what_is_wrong_with_the_others(api, note_reply):
    rows = [
        {"id": "a", "text": "One"},
        {"id": "b"},
        "no object",
        {"text": "No id"},
        {"id": "a", "text": "Same id"},
        {"id": "c\x00", "text": "NUL"},
        {"id": "d", "text": "half \ud800"},
        {"id": "half \udc00", "text": "e"},
        {"id": "f", "text": ["list"]},
        {"id": "g", "text": "Two", "unknown": {"deep": []}},
    ]
    answer = api.post("/items/batch", {"use_case": "note_reply", "items": rows})
    body = answer.json()
    assert answer.status_code == 200
    assert {name: body[name] for name in ("created", "exists", "rejected")} == {
        "created": 2,
        "exists": 1,
        "rejected": 7,
    }
    assert [row["row"] for row in body["rows"]] == list(range(1, 11))
    results = "created rejected rejected rejected exists rejected rejected rejected rejected created"
    assert [row["result"] for row in body["rows"]] == results.split()
    assert body["rows"][1]["reason"] == "the field `text` is missing or empty"
    assert body["rows"][4]["differs"] is True
    assert sorted(Item.objects.values_list("external_id", flat=True)) == ["a", "g"]


def test_a_batch_of_a_thousand_rows_takes_as_many_queries_as_one_of_ten(api, note_reply, django_assert_max_num_queries):
    def batch(start, count):
        return {"use_case": "note_reply", "items": [{"id": str(n), "text": "Hi"} for n in range(start, start + count)]}

    with django_assert_max_num_queries(25):
        assert api.post("/items/batch", batch(0, 10)).json()["created"] == 10
    with django_assert_max_num_queries(60):  # SQLite takes its rows in portions
        assert api.post("/items/batch", batch(10, 1000)).json()["created"] == 1000
    refused = api.post("/items/batch", batch(2000, 1001))
    assert refused.status_code == 422
    assert refused.json()["error"]["details"][0]["field"] == "items"


def test_a_number_too_large_for_any_computer_is_a_rejected_row_and_no_crash(api_of, make_user, write_usecase):
    write_usecase(OTHER.replace("[input.fields.text]", '[input.fields.size]\ntype = "number"'), "hr_reply")
    body = b'{"use_case": "hr_reply", "items": [{"id": "a", "size": 1%s}, {"id": "b", "size": 2}]}' % (b"0" * 400)
    answer = api_of(make_user("oda", "ops")).post("/items/batch", body).json()
    assert [row["result"] for row in answer["rows"]] == ["rejected", "created"]


def test_a_token_creates_items_only_where_its_user_reviews_or_runs_the_whole(api, api_of, make_user, write_usecase):
    write_usecase(OTHER, "hr_reply")
    body = {"use_case": "hr_reply", "item": {"id": "x", "text": "Mine?"}}
    assert api.post("/items", body).status_code == 403
    assert api_of(make_user("oda", "ops")).post("/items", body).status_code == 201


def test_items_of_another_use_case_are_not_there(api, api_of, make_user, make_items, write_usecase, error_code):
    write_usecase(OTHER, "hr_reply")
    ops = api_of(make_user("oda", "ops"))
    ops.post("/items", {"use_case": "hr_reply", "item": {"id": "secret", "text": "My salary"}})
    hidden = Item.objects.get(external_id="secret")
    for path in ("", "/drafts", "/reviews", "/outcomes"):
        answer = api.get(f"/items/{hidden.pk}{path}")
        absent = api.get(f"/items/{uuid4()}{path}")
        assert (
            (answer.status_code, error_code(answer))
            == (absent.status_code, error_code(absent))
            == (404, "access.not_found")
        )
    assert api.get("/items").json()["items"] == []
    assert "hr_reply" not in [one["name"] for one in api.get("/use-cases").json()["use_cases"]]

    officer = api_of(make_user("olga", "compliance"))
    assert officer.get(f"/items/{hidden.pk}").json()["fields"] == {"text": "My salary"}
    assert "hr_reply" in [one["name"] for one in officer.get("/use-cases").json()["use_cases"]]


def test_an_item_shows_its_content_its_error_and_where_the_rest_is(api, make_items, now, note_reply):
    [item] = make_items(1, drafted=False, text="Line <b>one</b>")
    postpone(note_reply.name, EngineUnavailable("embedded", "is starting"), now)
    shown = api.get(f"/items/{item.pk}").json()
    assert shown["fields"] == {"text": "Line <b>one</b>"}
    assert (shown["state"], shown["error"]["code"]) == ("waiting", "engine.unavailable")
    assert shown["created_at"] == "2026-11-22T09:00:00Z"
    assert api.get(shown["links"]["drafts"].removeprefix("/api/v1")).json() == {"drafts": []}
    assert all(api.get(link.removeprefix("/api/v1")).status_code == 200 for link in shown["links"].values())


def test_a_draft_shows_its_text_and_figures_with_their_units_and_unknown_is_null(api, make_items):
    [item] = make_items(1, draft="On its way.")
    [draft] = api.get(f"/items/{item.pk}/drafts").json()["drafts"]
    assert (draft["text"], draft["number"], draft["zone"]) == ("On its way.", 1, "local")
    assert (draft["first_token_ms"], draft["total_ms"]) == (1.0, 2.0)
    assert (draft["cached_tokens"], draft["cost"], draft["currency"]) == (None, None, None)
    assert len(draft["release"]) == 64


def test_filters_choose_and_an_unknown_one_is_refused(api, make_items):
    make_items(2)
    make_items(1, drafted=False)
    assert len(api.get("/items", use_case="note_reply").json()["items"]) == 3
    assert api.get("/items", use_case="support_reply").json()["items"] == []
    assert len(api.get("/items", state="waiting").json()["items"]) == 1
    assert [item["external_id"] for item in api.get("/items", external_id="note-2").json()["items"]] == ["note-2"]
    refused = api.get("/items", usecase="note_reply")
    assert refused.status_code == 422
    assert "did you mean `use_case`" in refused.json()["error"]["message"]


def test_paging_shows_each_item_once_even_while_others_come_in(api, make_items):
    expected = [str(item.pk) for item in make_items(25, drafted=False)]
    seen, cursor = [], None
    while True:
        body = api.get("/items", limit=7, **({"cursor": cursor} if cursor else {})).json()
        assert len(body["items"]) <= 7
        seen += [item["id"] for item in body["items"]]
        cursor = body["next_cursor"]
        if cursor is None:
            break
        make_items(1, drafted=False)
    assert seen[:25] == expected
    assert len(set(seen)) == len(seen)


def test_a_page_that_ends_with_the_last_item_has_no_next(api, make_items):
    make_items(4, drafted=False)
    first = api.get("/items", limit=2).json()
    assert api.get("/items", limit=2, cursor=first["next_cursor"]).json()["next_cursor"] is None


def test_listing_takes_the_same_few_queries_for_any_number_of_items(api, make_items, django_assert_num_queries):
    make_items(2)
    with django_assert_num_queries(4):  # token with user, roles, groups, items
        api.get("/items")
    make_items(40)
    with django_assert_num_queries(4):
        assert len(api.get("/items", limit=200).json()["items"]) == 42
