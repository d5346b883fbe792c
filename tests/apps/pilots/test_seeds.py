"""Planted drafts are shown once, and nothing of them leaves."""

import pytest
from django.urls import reverse

from graftwork.apps.accounts.queries import actor_for_user
from graftwork.apps.audit.models import AuditEntry
from graftwork.apps.pilots.models import Enrolment
from graftwork.apps.work.actions.reviewing import Verdict, claim, decide
from graftwork.apps.work.actions.seeding import with_statement
from graftwork.apps.work.models import Review, SeededDraft
from graftwork.core.errors import DraftWasSeeded

pytestmark = pytest.mark.django_db
WRONG = "We pay back twice the price."


@pytest.fixture
def start_pilot(note_reply, now):
    from graftwork.apps.pilots.models import Pilot, PilotState
    from graftwork.core.charter.schema import Charter

    def start(**changes):
        charter = Charter.model_validate(
            {
                "name": "notes", "title": "Notes", "use_case": "note_reply", "problem": "Slow.",
                "owner": {"name": "Owner"}, "primary": {"minimum_effect": 30},
                "plan": {"units_per_week": 100, "control_mean": 300}, "arms": {"assisted": 0.99},
            } | changes
        )  # fmt: skip
        return Pilot.objects.create(
            name=charter.name, use_case=charter.use_case, state=PilotState.RUNNING,
            charter=charter.model_dump(mode="json"), charter_sha256=charter.sha256, salt="cd" * 32, created_at=now,
            started_at=now,
        )  # fmt: skip

    return start


@pytest.fixture
def seeded(start_pilot, make_items):
    """An item whose page shows a planted draft."""
    start_pilot(seeds={"share": 0.1, "statements": [WRONG]})
    items = {item.pk: item for item in make_items(150)}
    return items[SeededDraft.objects.values_list("item", flat=True).order_by("item").first()]


@pytest.fixture
def rita(make_user, client):
    client.force_login(user := make_user())
    client.user = user
    return client


@pytest.mark.parametrize(
    ("text", "planted"),
    [
        ("Hello,\n\nyes.\n\nYours", f"Hello,\n\nyes. {WRONG}\n\nYours"),
        ("Hello,\nYours", f"Hello, {WRONG}\nYours"),
        ("Yes.", f"Yes. {WRONG}"),
    ],
)
def test_the_statement_stands_inside_the_text_and_not_at_its_end(text, planted):
    assert with_statement(text, WRONG) == planted


def test_about_the_charters_share_of_the_drafts_is_planted_and_none_without_seeds(seeded):
    assert 4 <= SeededDraft.objects.count() <= 30
    assert Enrolment.objects.count() == 150


def test_without_seeds_in_the_charter_nothing_is_planted(start_pilot, make_items):
    start_pilot()
    make_items(60)
    assert not SeededDraft.objects.exists()


@pytest.mark.parametrize(
    ("posted", "noticed"),
    [
        ({"kind": "approve", "final_text": f"Answer. {WRONG.upper()}"}, False),
        ({"kind": "approve", "final_text": "Answer."}, True),
        ({"kind": "reject", "reason": "wrong"}, True),
        ({"kind": "escalate", "note": "Is that so?"}, True),
    ],
)
def test_a_decision_on_a_planted_draft_is_no_review_and_then_the_items_own_is_shown(seeded, rita, now, posted, noticed):
    claim(actor_for_user(rita.user), seeded.pk, now)
    from unittest.mock import patch

    with patch("django.utils.timezone.now", return_value=now):
        page = rita.get(reverse("desk:item", args=[seeded.pk])).content.decode()
        assert WRONG in page
        answer = rita.post(reverse("desk:decide", args=[seeded.pk]), posted)
        assert "known to be wrong" in answer.content.decode()
        assert not Review.objects.exists()
        assert SeededDraft.objects.get(item=seeded).noticed is noticed
        assert WRONG not in rita.get(reverse("desk:item", args=[seeded.pk])).content.decode()
        claim(actor_for_user(rita.user), seeded.pk, now)
        rita.post(reverse("desk:decide", args=[seeded.pk]), {"kind": "approve", "final_text": "Answer."})
    assert Review.objects.count() == 1


def test_the_pages_script_is_told_in_place(seeded, rita, now):
    from unittest.mock import patch

    with patch("django.utils.timezone.now", return_value=now):
        claim(actor_for_user(rita.user), seeded.pk, now)
        posted = {"kind": "approve", "final_text": WRONG}
        answer = rita.post(reverse("desk:decide", args=[seeded.pk]), posted, headers={"HX-Request": "true"})
    assert answer.status_code == 409
    assert 'data-code="review.seeded"' in answer.content.decode()


def test_who_has_not_claimed_the_item_settles_nothing(seeded, rita):
    rita.post(reverse("desk:decide", args=[seeded.pk]), {"kind": "approve", "final_text": "Answer."})
    assert SeededDraft.objects.get(item=seeded).settled_at is None


def test_the_log_says_that_a_draft_was_noticed_and_not_by_whom(seeded, rita, now):
    actor = actor_for_user(rita.user)
    claim(actor, seeded.pk, now)
    with pytest.raises(DraftWasSeeded):
        decide(actor, seeded.pk, Verdict("reject", reason="wrong"), now)
    entry = AuditEntry.objects.get(action="seed.settled")
    assert (entry.actor, entry.detail) == ("pilot", '{"noticed":true}')
