"""Submitting an item and reading what a person decided on it, each with its refusal."""

from datetime import timedelta

import pytest

from graftwork.apps.accounts.actions import revoke_token
from graftwork.apps.accounts.queries import actor_for_user
from graftwork.apps.actors import operator
from graftwork.apps.audit.models import AuditEntry
from graftwork.apps.audit.queries import verify
from graftwork.apps.work.actions.reviewing import Verdict, claim, decide
from graftwork.apps.work.models import Item

pytestmark = pytest.mark.django_db

NOT_HIS_USE_CASE = """\
name = "audit_note"
title = "Note to the auditors"

[input.fields.text]
label = "Note"

[instructions]
system = "Answer."

[engine]
echo = true

[review]
group = "auditors"
"""


@pytest.fixture(autouse=True)
def own_machines(zone):
    zone("local")


@pytest.fixture
def rita(make_user):
    return make_user("rita", "reviewer")


@pytest.fixture
def hers(assistant_of, rita):
    return assistant_of(rita)


@pytest.fixture
def decided(make_items, rita, now):
    def make(kind="approve", text="It is on its way.", **more):
        [item] = make_items(1)
        actor = actor_for_user(rita)
        claim(actor, item.pk, now)
        decide(actor, item.pk, Verdict(kind, text, **more), now)
        return item

    return make


def test_an_item_is_submitted_once_by_its_id(hers, note_reply):
    first = hers("submit_item", use_case="note_reply", id="t-1", fields={"text": "Where is it?"})
    assert (first["created"], first["state"], first["id"]) == (True, "waiting", "t-1")
    again = hers("submit_item", use_case="note_reply", id="t-1", fields={"text": "Where is it?"})
    assert (again["item_id"], again["created"], again["differs"]) == (first["item_id"], False, False)
    other = hers("submit_item", use_case="note_reply", id="t-1", fields={"text": "Something else."})
    assert (other["item_id"], other["created"], other["differs"]) == (first["item_id"], False, True)
    assert "take another id" in other["message"]


def test_a_repeated_call_without_an_id_makes_no_second_item_within_a_day(hers, note_reply):
    first = hers("submit_item", use_case="note_reply", fields={"text": "Where is it?"})
    again = hers("submit_item", use_case="note_reply", fields={"text": "Where is it?"})
    assert (first["created"], again["created"], again["item_id"]) == (True, False, first["item_id"])
    other = hers("submit_item", use_case="note_reply", fields={"text": "Where is mine?"})
    assert other["item_id"] != first["item_id"]
    assert Item.objects.count() == 2


def test_the_same_words_from_another_assistant_are_another_item(hers, assistant_of, make_user, note_reply):
    first = hers("submit_item", use_case="note_reply", fields={"text": "Where is it?"})
    tom = assistant_of(make_user("tom", "reviewer"))
    assert tom("submit_item", use_case="note_reply", fields={"text": "Where is it?"})["item_id"] != first["item_id"]


def test_the_stored_name_of_an_item_says_nothing_of_its_text(hers, note_reply):
    made = hers("submit_item", use_case="note_reply", fields={"text": "Where is it?"})
    assert made["id"].startswith("mcp-")
    assert "Where" not in str(list(Item.objects.values()))


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"use_case": "note_reply", "fields": {"txt": "x"}}, "which takes text; did you mean `text`?"),
        ({"use_case": "note_reply", "fields": {}}, "the field `text` is missing or empty"),
        ({"use_case": "note_reply", "fields": {"text": ["secret"]}}, "the field `text` must be a text"),
        ({"use_case": "note_repl", "fields": {"text": "x"}}, "did you mean `note_reply`?"),
        ({"use_case": "note_reply", "fields": "secret"}, "`fields`: must be a valid dictionary"),
        ({"use_case": "../secret", "fields": {"text": "x"}}, "`use_case`: has a form that is not allowed here"),
        ({"use_case": "note_reply", "fields": {"text": "a\x00secret"}}, "holds a NUL character"),
        ({"use_case": "note_reply", "fields": {"text": "\ud800"}}, "half of a surrogate pair"),
        ({"use_case": "note_reply", "fields": {"text": "s" * 3_000_000}}, "has over"),
        ({"use_case": "note_reply", "id": "i" * 201, "fields": {"text": "x"}}, "at most 200 characters"),
        ({"use_case": "note_reply", "fields": {"text": "x"}, "roles": ["admin"]}, "`roles`: is not known here"),
        ({"fields": {"text": "x"}}, "`use_case`: is required"),
    ],
)
def test_what_cannot_be_an_item_is_refused_with_its_reason_and_without_its_value(hers, note_reply, arguments, told):
    answer = hers("submit_item", **arguments)
    assert told in answer
    assert "secret" not in answer
    assert Item.objects.count() == 0


def test_without_the_role_of_the_use_case_nothing_is_submitted(assistant_of, make_user, note_reply):
    clerk = assistant_of(make_user("clara", "editor"))
    assert clerk("submit_item", use_case="note_reply", fields={"text": "x"}).startswith("access.denied: ")
    assert Item.objects.count() == 0


@pytest.mark.parametrize(
    ("tool", "arguments", "without"),
    [
        ("submit_item", {"use_case": "note_reply", "fields": {"text": "x"}}, "items:write"),
        ("read_result", {"use_case": "note_reply", "id": "note-1"}, "items:read"),
        ("read_result", {"use_case": "note_reply", "id": "note-1"}, "reviews:read"),
        ("list_use_cases", {}, "items:read"),
        ("search_knowledge", {"question": "parcel"}, "knowledge:read"),
    ],
)
def test_a_tool_needs_its_scope(assistant_of, rita, make_items, embedder, tool, arguments, without):
    make_items(1)
    scopes = {"items:write", "items:read", "reviews:read", "knowledge:read"}
    assert assistant_of(rita, *scopes).answer(tool, **arguments).content is not None
    told = assistant_of(rita, *scopes - {without})(tool, **arguments)
    assert told.startswith(f"access.denied: this needs the scope {without}")


def test_a_draft_is_no_result(hers, make_items):
    [item] = make_items(1, draft="The unapproved answer.")
    answer = hers.answer("read_result", item_id=str(item.pk))
    assert (answer.content["state"], answer.content["decided"], answer.content["text"]) == ("ready", False, None)
    assert "a person has not decided yet" in answer.content["message"]
    assert "unapproved" not in answer.text


def test_a_decision_is_shown_once_it_can_no_longer_be_taken_back(hers, decided, now):
    item = decided()
    early = hers("read_result", item_id=str(item.pk))
    assert (early["state"], early["decided"], early["decision"], early["text"]) == ("decided", False, None, None)
    assert "can still take it back until 2026-11-22T09:00:10Z" in early["message"]
    hers.now = now + timedelta(seconds=10)
    late = hers("read_result", use_case="note_reply", id=item.external_id)
    assert (late["decided"], late["decision"], late["text"]) == (True, "edited", "It is on its way.")
    assert late["masked"] is None


def test_a_rejection_has_a_reason_and_no_text(hers, decided, now, note_reply):
    reason = note_reply.review.reasons[0].code
    item = decided("reject", "", reason=reason)
    hers.now = now + timedelta(minutes=1)
    told = hers("read_result", item_id=str(item.pk))
    assert (told["decided"], told["decision"], told["text"], told["reason"]) == (True, "rejected", None, reason)


def test_an_escalated_item_is_not_decided(hers, decided, now):
    item = decided("escalate", "", note="Is this covered?")
    hers.now = now + timedelta(minutes=1)
    answer = hers.answer("read_result", item_id=str(item.pk))
    assert (answer.content["state"], answer.content["decided"]) == ("escalated", False)
    assert "covered" not in answer.text


def test_an_item_of_a_group_is_not_there_for_others(hers, assistant_of, make_user, write_usecase, now):
    write_usecase(NOT_HIS_USE_CASE, "audit_note")
    olga = assistant_of(make_user("olga", "ops"))
    made = olga("submit_item", use_case="audit_note", id="a-1", fields={"text": "x"})
    for asked in ({"item_id": made["item_id"]}, {"use_case": "audit_note", "id": "a-1"}):
        assert hers("read_result", **asked).startswith("access.not_found: ")
    assert "audit_note" not in [one["name"] for one in hers("list_use_cases")["use_cases"]]


@pytest.mark.parametrize(
    "arguments",
    [{}, {"id": "note-1"}, {"use_case": "note_reply"}, {"item_id": "1", "use_case": "note_reply", "id": "note-1"}],
)
def test_a_result_is_asked_for_by_one_name(hers, arguments):
    assert hers("read_result", **arguments).startswith("input.request: ")


def test_a_revoked_token_holds_for_no_further_call(hers, note_reply, now):
    assert "use_cases" in hers("list_use_cases")
    revoke_token(operator(), "assistant 1", now)
    assert hers("list_use_cases").startswith("access.not_signed_in: ")
    assert hers("submit_item", use_case="note_reply", fields={"text": "x"}).startswith("access.not_signed_in: ")


def test_an_expired_token_and_a_person_who_left_are_refused(hers, rita, now):
    hers.now = now + timedelta(days=91)
    assert hers("list_use_cases").startswith("access.not_signed_in: ")
    hers.now = now
    rita.is_active = False
    rita.save()
    assert hers("list_use_cases").startswith("access.not_signed_in: ")


def test_every_call_leaves_a_trace_without_content(hers, decided, now, note_reply):
    item = decided()
    hers.now = now + timedelta(minutes=1)
    hers("read_result", item_id=str(item.pk))
    hers("submit_item", use_case="note_reply", fields={"text": "Where is Robin Ashdown?"})
    hers("submit_item", use_case="note_reply", fields={"surname": "Ashdown"})
    entries = list(AuditEntry.objects.filter(action="tool.called").order_by("sequence"))
    assert [(one.actor.partition(":")[0], one.subject.partition(":")[0]) for one in entries] == [
        ("token", "item"), ("token", "item"), ("token", "tool"),
    ]  # fmt: skip
    assert '"outcome":"input.request"' in entries[2].detail
    assert AuditEntry.objects.filter(action="item.created", actor=entries[1].actor, subject=entries[1].subject).exists()
    assert not any("Ashdown" in one.detail or "way" in one.detail for one in entries)
    verify()


def test_an_answer_without_its_trace_is_not_given(hers, decided, now, monkeypatch, caplog):
    item = decided(text="The secret answer.")
    hers.now = now + timedelta(minutes=1)
    monkeypatch.setattr("graftwork.mcp.calling.record", _broken)
    answer = hers("read_result", item_id=str(item.pk))
    assert answer.startswith("internal: ")
    assert "secret" not in answer
    assert "secret" not in caplog.text


def _broken(*args):
    raise RuntimeError("The secret answer.")
