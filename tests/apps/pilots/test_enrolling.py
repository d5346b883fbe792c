"""Items go to their arms as they come in, and nothing of that is undone later."""

from collections import Counter
from datetime import timedelta

import pytest

from graftwork.apps.accounts.queries import actor_for_user
from graftwork.apps.actors import operator
from graftwork.apps.pilots.actions.enrolling import withholds
from graftwork.apps.pilots.models import BaselineTime, Decision, Due, Enrolment, Oddity, Pilot, PilotState
from graftwork.apps.work.actions.items import create_items
from graftwork.apps.work.actions.leasing import lease_items, redraft
from graftwork.apps.work.actions.outcomes import record_outcome
from graftwork.apps.work.actions.reviewing import Verdict, claim, decide, undo
from graftwork.apps.work.leases import Lease
from graftwork.apps.work.models import Item, ItemState
from graftwork.apps.work.queries import draft_for, open_drafts
from graftwork.core.charter.arms import allocate
from graftwork.core.charter.schema import Charter
from graftwork.core.items import read_row

pytestmark = pytest.mark.django_db

CHARTER = {
    "name": "notes",
    "title": "Notes",
    "use_case": "note_reply",
    "problem": "Answers take long.",
    "owner": {"name": "Owner"},
    "primary": {"minimum_effect": 30},
    "plan": {"units_per_week": 100, "control_mean": 300},
}


@pytest.fixture
def start_pilot(note_reply, now):
    def start(*, simulated=False, state=PilotState.RUNNING, **changes):
        charter = Charter.model_validate(CHARTER | changes)
        return Pilot.objects.create(
            name=charter.name, use_case=charter.use_case, state=state, charter=charter.model_dump(mode="json"),
            charter_sha256=charter.sha256, salt="ab" * 32, simulated=simulated, created_at=now, started_at=now,
        )  # fmt: skip

    return start


@pytest.fixture
def bring_in(note_reply, now):
    def bring(rows, *, at=now, lease=None):
        new = [read_row(note_reply, row, line=n) for n, row in enumerate(rows, 1)]
        create_items(operator(), note_reply, new, at, lease=lease)
        return list(Item.objects.order_by("pk"))

    return bring


def numbered(count, **fields):
    return [{"id": f"n-{n}", "text": f"Question {n}?", **fields} for n in range(count)]


def test_without_a_pilot_nothing_is_said_about_an_item(bring_in):
    items = bring_in(numbered(3))
    assert {item.arm for item in items} == {""}
    assert not Enrolment.objects.exists()


def test_half_of_the_items_are_ready_at_once_and_get_no_draft(start_pilot, bring_in, note_reply, now):
    start_pilot()
    items = bring_in(numbered(400))
    arms = Counter(item.arm for item in items)
    assert arms["assisted"] + arms["control"] == 400
    assert 150 < arms["control"] < 250
    assert {item.state for item in items if item.arm == "control"} == {ItemState.READY}
    assert {item.state for item in items if item.arm == "assisted"} == {ItemState.WAITING}
    leased = lease_items(note_reply.name, Lease("test/1", 60), now, at_most=500)
    assert len(leased) == arms["assisted"]
    assert Enrolment.objects.count() == Due.objects.count() == 400


def test_a_control_item_is_not_drafted_on_demand_either(start_pilot, bring_in, note_reply, now):
    start_pilot()
    control = [item.pk for item in bring_in(numbered(40)) if item.arm == "control"]
    assert redraft(operator(), note_reply, control, now) == 0


def test_all_items_of_a_thread_are_in_one_arm_where_threads_are_drawn(start_pilot, bring_in):
    start_pilot(arms={"unit": "thread"})
    items = bring_in([row | {"thread": f"t-{n % 10}"} for n, row in enumerate(numbered(60))])
    arms = {item.thread: {other.arm for other in items if other.thread == item.thread} for item in items}
    assert {len(found) for found in arms.values()} == {1}
    assert {arm for found in arms.values() for arm in found} == {"assisted", "control"}
    assert len(set(Enrolment.objects.values_list("unit", flat=True))) == 10


def test_a_unit_is_kept_as_a_digest_and_never_by_its_name(start_pilot, bring_in):
    start_pilot(arms={"unit": "thread"})
    bring_in([{"id": "1", "thread": "anna@example.com", "text": "Hello?"}])
    row = Enrolment.objects.get()
    assert len(row.unit) == 64
    assert "anna" not in str(vars(row))


def test_an_item_that_comes_again_under_another_thread_stays_in_its_arm_and_is_counted(start_pilot, bring_in):
    start_pilot(arms={"unit": "thread"})
    [before] = bring_in([{"id": "1", "thread": "a", "text": "One?"}])
    [after] = bring_in([{"id": "1", "thread": "b", "text": "One, again?"}])
    bring_in([{"id": "1", "thread": "c", "text": "And again?"}])
    assert (after.arm, after.thread) == (before.arm, "a")
    assert Oddity.objects.get(code="moved").count == 1
    assert Enrolment.objects.get().moved_at is not None


def test_an_item_that_comes_again_with_another_text_alone_has_not_moved(start_pilot, bring_in):
    start_pilot(arms={"unit": "thread"})
    bring_in([{"id": "1", "thread": "a", "text": "One?"}])
    bring_in([{"id": "1", "thread": "a", "text": "One, again?"}])
    assert not Oddity.objects.exists()


def test_what_a_caller_drafts_itself_takes_no_part(start_pilot, bring_in):
    start_pilot()
    items = bring_in(numbered(20), lease=Lease("run/1", 60))
    assert {item.arm for item in items} == {""}
    assert not Enrolment.objects.exists()


def test_a_simulated_pilot_says_nothing_about_real_items(start_pilot, bring_in):
    start_pilot(simulated=True)
    assert {item.arm for item in bring_in(numbered(20))} == {""}


@pytest.mark.parametrize(("ending", "arm"), [("stop", "control"), ("go", "")])
def test_after_a_stop_no_drafts_are_made_and_after_a_go_they_are(start_pilot, bring_in, now, ending, arm):
    pilot = start_pilot(state=PilotState.ENDED)
    Decision.objects.create(pilot=pilot, kind=ending, reason="As the rule says.", decided_at=now)
    assert {item.arm for item in bring_in(numbered(10))} == {arm}
    assert not Enrolment.objects.exists()


def test_while_a_pilot_is_paused_items_come_in_without_drafts_and_take_no_part(start_pilot, bring_in):
    start_pilot(state=PilotState.PAUSED)
    assert {item.arm for item in bring_in(numbered(10))} == {"control"}
    assert not Enrolment.objects.exists()


def test_the_share_of_the_population_leaves_the_others_as_they_were(start_pilot, bring_in):
    start_pilot(population={"share": 0.2})
    items = bring_in(numbered(400))
    arms = Counter(item.arm for item in items)
    assert 40 < arms["assisted"] + arms["control"] < 130
    assert Enrolment.objects.count() == 400 - arms[""]


def test_a_baseline_covariate_is_the_mean_of_what_was_imported(start_pilot, bring_in):
    pilot = start_pilot(primary={"minimum_effect": 30, "covariate": "baseline"})
    BaselineTime.objects.bulk_create([BaselineTime(pilot=pilot, seconds=one) for one in (100, 200)])
    bring_in(numbered(2))
    assert set(Enrolment.objects.values_list("covariate", flat=True)) == {150}


def test_a_decision_is_due_when_it_can_no_longer_be_undone_and_an_undo_at_once(start_pilot, bring_in, make_user, now):
    start_pilot(arms={"assisted": 0.01})
    item = next(item for item in bring_in(numbered(30)) if item.arm == "control")
    rita = actor_for_user(make_user())
    Due.objects.all().delete()
    claim(rita, item.pk, now)
    review = decide(rita, item.pk, Verdict("approve", "Yes."), now)
    assert Due.objects.get().due_at == review.effective_at > now
    undo(rita, review.pk, now + timedelta(seconds=2))
    assert Due.objects.order_by("due_at").first().due_at == now + timedelta(seconds=2)


def test_an_outcome_is_due_and_one_of_an_item_that_takes_no_part_is_not(start_pilot, bring_in, now):
    bring_in(numbered(1))
    start_pilot()
    items = bring_in([{"id": "in", "text": "Mine?"}])
    Due.objects.all().delete()
    for item in items:
        record_outcome(operator(), item.pk, "csat", 5, now, now)
    assert [due.item.external_id for due in Due.objects.select_related("item")] == ["in"]


def test_where_reviewers_are_drawn_a_control_reviewer_works_without_the_draft(start_pilot, make_items, make_user, now):
    start_pilot(arms={"unit": "reviewer"})
    [item] = make_items(1)
    people = [make_user(f"person-{n}") for n in range(12)]
    seen = {user.pk: draft_for(item, user.pk) for user in people}
    assert {draft is None for draft in seen.values()} == {True, False}
    assert Enrolment.objects.get().arm == ""
    control = next(user for user in people if seen[user.pk] is None)
    assert open_drafts(actor_for_user(control), item) == []
    actor = actor_for_user(control)
    claim(actor, item.pk, now)
    review = decide(actor, item.pk, Verdict("approve", "Answer note-1."), now)
    assert (review.draft_id, review.decision, review.share_rewritten) == (None, "edited", None)


@pytest.mark.parametrize("state", ["running", "paused", "ended"])
def test_a_control_reviewer_gets_no_draft_of_an_item_that_takes_part_whatever_became_of_the_pilot(
    start_pilot, make_items, make_user, state
):
    pilot = start_pilot(arms={"unit": "reviewer"})
    [item] = make_items(1)
    Pilot.objects.update(state=state)
    people = [make_user(f"person{number}") for number in range(12)]
    for person in people:
        arm = allocate(pilot.as_charter, pilot.salt, str(person.pk))[1]
        assert withholds(item, person.pk) is (arm == "control")
