"""What a person approved, as the policy of its use case lets an assistant of a third party see it."""

from datetime import timedelta

import pytest

from graftwork.apps.accounts.queries import actor_for_user
from graftwork.apps.work.actions.reviewing import Verdict, claim, decide
from graftwork.apps.work.models import Item
from graftwork.mcp import masking

pytestmark = pytest.mark.django_db

TEXT_CASE = """\
name = "private_reply"
title = "Reply"

[input.fields.message]
label = "Message"

[instructions]
system = "Answer."

[engine]
echo = true

[privacy]
timeout_seconds = 120
{privacy}
"""
JSON_CASE = (
    TEXT_CASE
    + """
[output]
type = "json"

[output.schema]
type = "object"
required = ["who"]

[output.schema.properties.who]
type = "string"

[output.schema.properties.paid]
type = "number"
"""
)
MESSAGE = "I am Robin Ashdown. My parcel is late."


@pytest.fixture
def approved(assistant_of, make_user, write_usecase, now):
    """What an assistant of a third party reads of a text that was approved under some `[privacy]`."""
    user = make_user("rita", "reviewer")
    assistant = assistant_of(user)

    def read(privacy, text, *, message=MESSAGE, case=TEXT_CASE):
        write_usecase(case.format(privacy=privacy), "private_reply")
        made = assistant("submit_item", use_case="private_reply", id="p-1", fields={"message": message})
        item = Item.objects.get(pk=made["item_id"])
        Item.objects.filter(pk=item.pk).update(state="failed")
        claim(actor_for_user(user), item.pk, now)
        decide(actor_for_user(user), item.pk, Verdict("approve", text), now)
        assistant.now = now + timedelta(minutes=1)
        return assistant.answer("read_result", item_id=str(item.pk))

    return read


def test_a_policy_of_never_keeps_the_text_and_tells_the_decision(approved):
    answer = approved('managed = "never"', "Dear Robin Ashdown, it comes on Friday.")
    assert (answer.content["decided"], answer.content["decision"], answer.content["text"]) == (True, "edited", None)
    assert 'privacy.managed is "never"' in answer.content["message"]
    assert "Friday" not in answer.text


def test_a_policy_of_masked_shows_placeholders(approved):
    answer = approved('managed = "masked"', "Dear Robin Ashdown, write to robin@example.com on Friday.")
    assert answer.content["text"] == "Dear [PERSON_1], write to [MAIL_1] on Friday."
    assert answer.content["masked"] == {"person": 1, "mail": 1}


def test_a_name_that_only_the_item_tells_is_masked_in_the_text(approved):
    answer = approved('managed = "masked"', "ashdown will get it tomorrow.")
    assert "ashdown" not in answer.text.lower()


def test_a_policy_of_allowed_shows_the_text_unless_a_class_of_data_forbids_it(approved):
    assert approved('managed = "allowed"', "Dear Robin Ashdown.").content["text"] == "Dear Robin Ashdown."


def test_a_class_of_data_in_the_item_keeps_the_text_in_the_house(approved):
    privacy = 'managed = "allowed"\nclasses = {health = "local"}'
    answer = approved(privacy, "Dear Robin Ashdown.", message="My insulin is late.")
    assert answer.content["text"] is None
    assert "class health" in answer.content["message"]


def test_json_stays_json_and_hides_no_name_behind_an_escape(approved):
    answer = approved('managed = "masked"', '{"who": "Robin \\u0041shdown", "paid": 12.5}', case=JSON_CASE)
    assert answer.content["text"] == '{"who": "[PERSON_1]", "paid": 12.5}'


def test_where_masking_cannot_run_the_text_stays(approved, monkeypatch):
    def broken(use_case):
        raise RuntimeError("Robin Ashdown")

    monkeypatch.setattr(masking, "detector_of", broken)
    answer = approved('managed = "masked"', "Dear Robin Ashdown.")
    assert answer.content is None
    assert "Ashdown" not in answer.text


def test_on_our_own_machines_the_text_is_shown_whatever_the_policy(approved, zone):
    zone("local")
    assert approved('managed = "never"', "Dear Robin Ashdown.").content["text"] == "Dear Robin Ashdown."
