"""Planted drafts are shown once, and nothing of them leaves."""

from unittest.mock import patch

import pytest
from django.urls import reverse

from graftwork.apps.accounts.queries import actor_for_user
from graftwork.apps.audit.models import AuditEntry
from graftwork.apps.keyring import keyring
from graftwork.apps.pilots.actions.charters import amend
from graftwork.apps.pilots.actions.charters import decide as decide_pilot
from graftwork.apps.pilots.models import Enrolment, Pilot
from graftwork.apps.vault.sealing import unwrap
from graftwork.apps.work.actions.leasing import redraft
from graftwork.apps.work.actions.reviewing import Verdict, claim, decide
from graftwork.apps.work.actions.seeding import plant, with_statement
from graftwork.apps.work.models import Draft, Item, ItemState, Release, Review, SeededDraft
from graftwork.apps.work.queries import review_texts, shown_text
from graftwork.apps.work.usecases import get_usecase
from graftwork.core.charter.arms import allocate
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


def post(rita, item, text):
    return rita.post(reverse("desk:decide", args=[item.pk]), {"kind": "approve", "final_text": text})


def stored_texts():
    return [review_texts(one).final for one in Review.objects.select_related("item__scope_key", "draft")]


def test_a_double_click_sends_nothing(seeded, rita, now):
    claim(actor_for_user(rita.user), seeded.pk, now)
    with patch("django.utils.timezone.now", return_value=now):
        first, second = (post(rita, seeded, f"Answer. {WRONG}") for _ in range(2))
    assert (first.status_code, second.status_code) == (200, 409)
    assert not Review.objects.exists()
    assert SeededDraft.objects.get(item=seeded).noticed is False


def test_a_second_click_on_reject_does_not_reject_the_items_own_draft_unseen(seeded, rita, now):
    claim(actor_for_user(rita.user), seeded.pk, now)
    with patch("django.utils.timezone.now", return_value=now):
        for _ in range(2):
            rita.post(reverse("desk:decide", args=[seeded.pk]), {"kind": "reject", "reason": "wrong"})
    assert not Review.objects.exists()


@pytest.mark.parametrize(
    ("text", "is_sent"),
    [
        (f"Answer. {WRONG}", False),
        ("Answer. WE PAY  BACK\ntwice the price!", False),
        ("Answer. We pay back **twice** the\u00ad price", False),
        ("Answer. We pay back the price.", True),
        ("Answer. We repay back twice the price.", True),
    ],
)
def test_a_stale_tab_with_the_planted_statement_sends_nothing_even_under_a_new_claim(seeded, rita, now, text, is_sent):
    actor = actor_for_user(rita.user)
    claim(actor, seeded.pk, now)
    with patch("django.utils.timezone.now", return_value=now):
        post(rita, seeded, "Noticed.")
        claim(actor, seeded.pk, now)
        answer = post(rita, seeded, text)
    assert stored_texts() == ([text] if is_sent else [])
    assert ("known to be wrong" in answer.content.decode()) is not is_sent
    assert SeededDraft.objects.get(item=seeded).noticed is True


@pytest.fixture
def remake(make_user, now):
    """Have an item's draft made again, as after a change of the release; returns the new draft."""

    def again(item):
        latest = item.drafts.get()
        Release.objects.filter(pk=latest.release_id).update(base="an earlier one")
        redraft(actor_for_user(make_user("otto", "ops")), get_usecase(item.use_case), [item.pk], now)
        assert Item.objects.get(pk=item.pk).state == ItemState.WAITING
        made = Draft(
            item=item, number=2, release=latest.release, engine="echo", model="echo", zone="local",
            finish_reason="stop", total_ms=1.0, created_at=now,
        )  # fmt: skip
        made.text_sealed = unwrap(item.scope_key, keyring()).seal("A new draft.", made.text_label)
        made.save(force_insert=True)
        Item.objects.filter(pk=item.pk).update(state=ItemState.READY)
        return made

    return again


def test_a_planted_draft_goes_with_the_draft_it_stands_for_and_its_stale_tab_sends_nothing(seeded, rita, now, remake):
    remake(seeded)
    actor = actor_for_user(rita.user)
    claim(actor, seeded.pk, now)
    with patch("django.utils.timezone.now", return_value=now):
        page = rita.get(reverse("desk:item", args=[seeded.pk])).content.decode()
        assert "A new draft." in page
        assert WRONG not in page
        post(rita, seeded, f"Answer. {WRONG}")
        assert not Review.objects.exists()
        claim(actor, seeded.pk, now)
        post(rita, seeded, "A new draft.")
    assert stored_texts() == ["A new draft."]
    assert SeededDraft.objects.get(item=seeded).settled_at is None


def test_a_draft_that_is_made_again_may_be_planted_again(seeded, rita, now, remake):
    plant(remake(seeded), WRONG, now)
    with patch("django.utils.timezone.now", return_value=now):
        claim(actor_for_user(rita.user), seeded.pk, now)
        assert f"A new draft. {WRONG}" in rita.get(reverse("desk:item", args=[seeded.pk])).content.decode()
    assert SeededDraft.objects.filter(item=seeded).count() == 2


def test_a_draft_that_says_the_statement_by_itself_is_not_planted(start_pilot, make_items, now):
    start_pilot()
    [item] = make_items(1, draft=f"Dear Ann, {WRONG.lower()}")
    assert plant(item.drafts.get(), WRONG, now) is False
    assert not SeededDraft.objects.exists()


def test_a_control_reviewer_never_saw_what_was_planted_and_decides_as_ever(start_pilot, make_items, make_user, now):
    pilot = start_pilot(arms={"unit": "reviewer", "assisted": 0.5}, seeds={"share": 0.1, "statements": [WRONG]})
    make_items(80)
    seed = SeededDraft.objects.order_by("item").first()
    people = [make_user(f"person{number}") for number in range(20)]
    arm_of = {person: allocate(pilot.as_charter, pilot.salt, str(person.pk))[1] for person in people}
    control = actor_for_user(next(person for person in people if arm_of[person] == "control"))
    claim(control, seed.item_id, now)
    assert decide(control, seed.item_id, Verdict("approve", "By hand."), now).draft is None
    assert SeededDraft.objects.get(pk=seed.pk).settled_at is None


@pytest.mark.parametrize("kind", ["go", "stop"])
def test_the_end_of_a_pilot_takes_out_what_nobody_has_met(seeded, make_user, now, kind):
    decide_pilot(actor_for_user(make_user("olga", "owner")), "notes", kind, "Enough.", now)
    assert not SeededDraft.objects.filter(withdrawn_at=None).exists()
    reader = actor_for_user(make_user())
    assert WRONG not in shown_text(reader, seeded, seeded.drafts.get())


def test_an_extension_takes_out_nothing(seeded, make_user, now):
    decide_pilot(actor_for_user(make_user("olga", "owner")), "notes", "extend", "More.", now)
    assert not SeededDraft.objects.filter(withdrawn_at__isnull=False).exists()


@pytest.mark.parametrize(("share", "left"), [(0.05, True), (0.0, False)])
def test_an_amendment_without_seeds_takes_out_what_nobody_has_met(seeded, make_user, now, share, left):
    charter = Pilot.objects.get().as_charter
    changed = charter.model_copy(update={"seeds": charter.seeds.model_copy(update={"share": share})})
    amend(actor_for_user(make_user("olga", "owner")), "notes", changed, "They annoy people.", now)
    assert SeededDraft.objects.filter(withdrawn_at=None).exists() is left
