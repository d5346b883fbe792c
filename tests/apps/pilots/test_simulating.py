"""Pilots that nobody took part in: as real ones are stored, and mixed with nothing that is real."""

from statistics import fmean

import pytest

from graftwork.apps.accounts.models import User
from graftwork.apps.actors import Actor, operator
from graftwork.apps.audit.models import AuditEntry
from graftwork.apps.connectors.models import Delivery
from graftwork.apps.desk.queries import tally
from graftwork.apps.pilots.actions.charters import create, start
from graftwork.apps.pilots.figures import appraised, freshness, pilot_data
from graftwork.apps.pilots.folding.actions import rebuild
from graftwork.apps.pilots.models import Enrolment, Pilot
from graftwork.apps.pilots.simulating import REVIEWER, Recipe, simulate
from graftwork.apps.work.exporting import Wanted, count_simulated, wanted_reviews
from graftwork.apps.work.models import Draft, Item, ItemState, Outcome, Review
from graftwork.apps.work.queries import draft_text, item_content, open_for_review, review_texts
from graftwork.core.charter.arms import allocate, unit_digest
from graftwork.core.errors import NotAllowed, RequestInvalid
from support.appraisals import charter

pytestmark = pytest.mark.django_db


@pytest.fixture
def make(now):
    def made(items=200, recipe=None, effect_seconds=150.0, seed=7, **changes):
        pilot = create(operator(), charter(**changes), now, simulated=True)
        return simulate(
            operator(), pilot, items=items, now=now, effect_seconds=effect_seconds, seed=seed, recipe=recipe
        )

    return made


def test_both_arms_are_there_and_the_effect_is_the_one_that_was_asked_for(make, now):
    pilot = make(items=600)
    found = appraised(pilot, now)
    planned = found.primary.planned
    assert abs(planned.difference + 150) < 3 * planned.standard_error
    assert planned.high < 0
    assert found.verdict.sentence.startswith("Simulated: ")
    assert not found.balance.alarms
    assert pilot_data(pilot, now).simulated
    assert freshness(pilot, now).waiting == 0
    assert found.money.minutes_saved_per_item is not None


def test_everything_about_it_is_marked(make):
    pilot = make()
    assert pilot.simulated
    assert set(Review.objects.values_list("simulated", flat=True)) == {True}
    assert set(Draft.objects.values_list("engine", "model", "release__manifest__simulated")) == {
        ("simulated", "simulated", True)
    }
    assert all(name.startswith("simulated-replies-") for name in Item.objects.values_list("external_id", flat=True))
    assert AuditEntry.objects.filter(action="pilot.simulated").count() == 1


def test_items_never_wait_are_never_delivered_and_are_nobodys_work(make, now):
    make()
    assert set(Item.objects.values_list("state", flat=True)) == {ItemState.DECIDED}
    assert not open_for_review(operator()).exists()
    assert not Delivery.objects.exists()
    someone = User.objects.get(username=REVIEWER.format(number=1))
    actor = Actor(f"user:{someone.pk}", someone.pk, frozenset(("reviewer",)))
    assert tally(actor, now, None).startswith("0 decided today")
    assert not wanted_reviews(Wanted(None), now).exists()
    assert count_simulated(Wanted(None), now) == Review.objects.count()


def test_its_reviewers_are_nobody_who_could_sign_in(make, client):
    make()
    people = User.objects.filter(username__startswith="simulated-")
    assert people.count() == 8
    for one in people:
        assert not one.is_active
        assert not one.has_usable_password()
        assert not one.role_grants.exists()
    assert len({one.date_joined for one in people}) > 4


def test_arms_are_drawn_as_real_ones_are(make):
    pilot = make(arms={"unit": "thread", "assisted": 0.3}, population={"share": 0.5})
    held = pilot.as_charter
    rows = Enrolment.objects.select_related("item")
    assert rows.count() == 200
    for row in rows:
        assert (row.bucket, row.arm) == allocate(held, pilot.salt, row.item.thread)
        assert row.unit == unit_digest(pilot.salt, row.item.thread)
        assert row.item.arm == row.arm
        assert row.item.drafts.exists() == (row.arm == "assisted")
    assert 30 < rows.filter(arm="assisted").count() < 90


def test_reviewers_can_be_drawn_instead(make, now):
    pilot = make(arms={"unit": "reviewer"}, plan={"reviewers": 8})
    found = pilot_data(pilot, now)
    assert sum(found.enrolled.values()) == 8
    assert set(Enrolment.objects.values_list("arm", flat=True)) == {"assisted", "control"}


def test_a_baseline_design_has_one_arm(make):
    make(arms={"design": "before_after"})
    assert set(Enrolment.objects.values_list("arm", flat=True)) == {"assisted"}


def test_texts_are_sealed_and_open_again(make):
    make(items=40)
    for item in Item.objects.select_related("scope_key"):
        said = item_content(item).fields["conversation"][0].text
        assert said.encode() not in bytes(item.content_sealed)
        assert said.startswith("Hello,")
    review = (
        Review.objects.filter(decision="edited", draft__isnull=False).select_related("item__scope_key", "draft").first()
    )
    texts = review_texts(review)
    assert texts.draft == draft_text(review.item, review.draft)
    assert texts.final != texts.draft
    assert "".join(edit.text for edit in texts.edits if edit.operation != "insert") == texts.draft
    assert 0 < review.share_rewritten < 1


def test_decisions_and_later_events_are_of_every_kind(make):
    make(recipe=Recipe(480.0, 150.0, accepted=0.4, rejected=0.3, escalated=0.3, reopened=(0.5, 0.5)))
    assert set(Review.objects.values_list("decision", flat=True)) == {"accepted", "edited", "rejected", "escalated"}
    assert all(Review.objects.filter(decision="rejected").values_list("reason", flat=True))
    assert set(Outcome.objects.values_list("kind", flat=True)) == {"reopened", "csat"}
    assert set(Outcome.objects.filter(kind="reopened").values_list("value", flat=True)) == {0.0, 1.0}
    assert {1.0, 2.0, 3.0, 4.0, 5.0} >= set(Outcome.objects.filter(kind="csat").values_list("value", flat=True))


def test_it_lies_in_the_past_with_all_that_it_waits_for(make, now):
    pilot = make()
    assert pilot.state == "running"
    assert (now - pilot.ends_at).days >= 14
    first, last = (Review.objects.order_by(order).first().decided_at for order in ("decided_at", "-decided_at"))
    assert pilot.started_at < first < last < now
    assert Outcome.objects.order_by("-occurred_at").first().occurred_at < now


def test_times_are_skewed_and_longer_without_help(make):
    make(items=400)
    times = {
        arm: sorted(Review.objects.filter(item__arm=arm).values_list("active_seconds", flat=True))
        for arm in ("assisted", "control")
    }
    for seconds in times.values():
        assert seconds[0] > 0
        assert fmean(seconds) > seconds[len(seconds) // 2]
    assert fmean(times["control"]) > fmean(times["assisted"])


def test_a_rebuild_gives_the_same_figures(make, now):
    pilot = make(items=120)
    before = appraised(pilot, now)
    rebuild(pilot, now)
    assert appraised(pilot, now).primary == before.primary


def test_a_real_pilot_is_not_filled(now):
    pilot = create(operator(), charter(), now)
    with pytest.raises(RequestInvalid):
        simulate(operator(), pilot, items=10, now=now, effect_seconds=10)
    assert not Item.objects.exists()


def test_it_takes_an_admin_and_leaves_nothing_where_it_cannot_be_done(now):
    pilot = create(
        operator(), charter(population={"only": {"field": "subject", "values": ["Weddings"]}}), now, simulated=True
    )
    with pytest.raises(NotAllowed):
        simulate(Actor("user:1", 1, frozenset(("owner",))), pilot, items=10, now=now, effect_seconds=10)
    with pytest.raises(RequestInvalid):
        simulate(operator(), pilot, items=10, now=now, effect_seconds=10)
    assert Pilot.objects.get().state == "draft"
    assert not Item.objects.exists()
    assert not User.objects.exists()


def test_a_simulated_pilot_stands_in_nobodys_way(make, now):
    make()
    mine = create(operator(), charter(name="my_own"), now)
    assert start(operator(), mine.name, now).state == "running"
