"""A charter's life: written, started, amended, decided. Each denial stands beside what is allowed."""

from datetime import timedelta

import pytest

from graftwork.apps.actors import Actor, operator
from graftwork.apps.audit.models import AuditEntry
from graftwork.apps.pilots.actions.charters import amend, create, decide, discard, pause, resume, save, start
from graftwork.apps.pilots.models import Amendment, Decision, Pilot
from graftwork.apps.pilots.queries import access_pilot, charter_at_start, pilot_under_way, running_pilot, visible_pilots
from graftwork.core.appraisal.planning import planned_sample
from graftwork.core.charter.schema import Charter
from graftwork.core.errors import (
    AmendmentRefused,
    CharterExists,
    CharterFixed,
    CharterInvalid,
    ExtensionsUsed,
    NotAllowed,
    NotFound,
    NothingAmended,
    PilotRunning,
    PilotStateWrong,
    RequestInvalid,
    UseCaseNotFound,
)
from support.charters import charter as charter_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("note_reply")]
WEEK = timedelta(weeks=1)
USE_CASE = """\
name = "note_reply"
title = "Reply to a note"

[input.fields.text]
label = "Note"

[instructions]
system = "Answer in one sentence."

[engine]
echo = true
"""
UNITS = planned_sample(charter_of()).units  # as the start computes it


def charter(**changes):
    """As somebody writes it who leaves the sample size to the start."""
    return charter_of(**changes)


def fixed(**changes):
    return charter_of(**{**changes, "plan": {"units": UNITS, **changes.get("plan", {})}})


def person(*roles):
    return Actor("user:0", None, frozenset(roles))


@pytest.fixture
def running(now):
    create(operator(), charter(), now)
    return start(operator(), "faster_replies", now)


# --- writing ----------------------------------------------------------------------------------------------------------


def test_a_draft_is_stored_changed_and_thrown_away(now):
    create(operator(), charter(), now)
    save(operator(), "faster_replies", charter(title="Even faster"), now)
    assert Pilot.objects.get().as_charter.title == "Even faster"
    discard(operator(), "faster_replies", now)
    assert not Pilot.objects.exists()
    actions = list(AuditEntry.objects.order_by("sequence").values_list("action", flat=True))
    assert actions == ["pilot.created", "pilot.saved", "pilot.discarded"]


def test_a_name_is_given_once(now):
    create(operator(), charter(), now)
    with pytest.raises(CharterExists):
        create(operator(), charter(), now)
    assert Pilot.objects.count() == 1


def test_a_draft_keeps_its_name(now):
    create(operator(), charter(), now)
    with pytest.raises(CharterInvalid, match="`name`"):
        save(operator(), "faster_replies", charter(name="slower"), now)


@pytest.mark.parametrize("role", ["ops", "owner", "admin"])
def test_who_leads_may_write(now, role):
    assert create(person(role), charter(), now).state == "draft"


@pytest.mark.parametrize("roles", [("reviewer",), ("compliance",), ()])
def test_others_may_not_write(now, roles):
    with pytest.raises(NotAllowed):
        create(person(*roles), charter(), now)


def test_a_token_leads_no_pilot(now):
    reading = Actor("token:1", 1, frozenset(("owner",)), frozenset(("pilots:read",)))
    with pytest.raises(NotAllowed):
        create(reading, charter(), now)
    assert list(visible_pilots(reading)) == []


def test_compliance_reads_and_reviewers_do_not(running):
    assert access_pilot(person("compliance"), "faster_replies") == running
    with pytest.raises(NotAllowed):
        access_pilot(person("reviewer"), "faster_replies")
    with pytest.raises(NotFound):
        access_pilot(person("compliance"), "faster")


# --- starting ---------------------------------------------------------------------------------------------------------


def test_the_start_fixes_the_charter(running, now):
    assert (running.state, running.charter_sha256) == ("running", fixed().sha256)
    assert (running.started_at, running.ends_at) == (now, now + 8 * WEEK)
    assert len(running.salt) == 64
    assert running_pilot("note_reply") == running
    assert Pilot.objects.get().as_charter.canonical == fixed().canonical


def test_a_sample_size_that_was_said_stays(now):
    create(operator(), charter(plan={"units": 5_000}), now)
    assert start(operator(), "faster_replies", now).as_charter.plan.units == 5_000


def test_what_cannot_be_planned_starts_without_a_sample_size(now):
    create(operator(), charter(plan={"standard_deviation": None}), now)
    assert start(operator(), "faster_replies", now).as_charter.plan.units is None


def test_each_pilot_draws_its_own_salt(running, now):
    decide(operator(), "faster_replies", "stop", "enough", now)
    create(operator(), charter(name="again"), now)
    assert start(operator(), "again", now).salt != running.salt


def test_a_use_case_has_one_pilot_at_a_time(running, now):
    create(operator(), charter(name="second"), now)
    with pytest.raises(PilotRunning, match="faster_replies"):
        start(operator(), "second", now)
    pause(operator(), "faster_replies", "summer", now)
    with pytest.raises(PilotRunning):
        start(operator(), "second", now)
    decide(operator(), "faster_replies", "go", "it pays", now)
    assert start(operator(), "second", now).state == "running"


def test_what_runs_is_not_started_again_nor_thrown_away(running, now):
    for act in (start, discard):
        with pytest.raises(PilotStateWrong, match="is running"):
            act(operator(), "faster_replies", now)


def test_the_use_case_has_to_be_there(now):
    create(operator(), charter(use_case="note_replies"), now)
    with pytest.raises(UseCaseNotFound, match="note_reply"):
        start(operator(), "faster_replies", now)


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"arms": {"unit": "customer", "customer_field": "txt"}}, "arms.customer_field"),
        ({"population": {"only": {"field": "txt", "values": ["a"]}}}, "population.only.field"),
        ({"item_types": {"field": "txt", "values": ["a"]}}, "item_types.field"),
        ({"primary": {"covariate": "field:txt"}}, "primary.covariate"),
    ],
)
def test_a_field_that_is_not_there_is_named_with_the_nearest(now, changes, key):
    create(operator(), charter(**changes), now)
    with pytest.raises(CharterInvalid) as raised:
        start(operator(), "faster_replies", now)
    assert raised.value.key == key
    assert "did you mean `text`?" in raised.value.message
    assert Pilot.objects.get().state == "draft"


def test_a_field_that_is_there_starts(now):
    create(operator(), charter(arms={"unit": "customer", "customer_field": "text"}), now)
    assert start(operator(), "faster_replies", now).state == "running"


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"primary": {"covariate": "field:text"}}, "primary.covariate"),
        ({"population": {"share": 0.0001}}, "population.share"),
        (
            {"arms": {"design": "before_after"}, "primary": {"metric": "csat", "winsorise_above": None}},
            "primary.metric",
        ),
        ({"change": {"required_modules": ["basics"]}}, "change.required_modules"),
    ],
)
def test_what_could_not_be_measured_does_not_start(now, changes, key):
    create(operator(), charter(**changes), now)
    with pytest.raises(CharterInvalid) as raised:
        start(operator(), "faster_replies", now)
    assert raised.value.key == key


# --- amending ---------------------------------------------------------------------------------------------------------


def test_a_charter_changed_after_the_start_is_refused_with_its_keys(running, now):
    with pytest.raises(CharterFixed) as raised:
        save(operator(), "faster_replies", charter(plan={"weeks": 12}, title="Other"), now)
    assert raised.value.keys == "title, plan.weeks"
    assert "graftwork pilot amend faster_replies" in raised.value.hint
    assert save(operator(), "faster_replies", charter(), now) == running


def test_an_amendment_keeps_what_was_and_says_why(running, now):
    later = fixed(plan={"weeks": 10}, money={"horizon_months": 48})
    made = amend(operator(), "faster_replies", later, " holidays ", now + WEEK)
    assert (made.number, made.reason, made.charter_sha256) == (1, "holidays", later.sha256)
    assert made.changes == [
        {"key": "plan.weeks", "before": 8.0, "after": 10.0},
        {"key": "money.horizon_months", "before": 36, "after": 48},
    ]
    pilot = Pilot.objects.get()
    assert (pilot.as_charter, pilot.charter_sha256) == (later, fixed().sha256)
    assert pilot.ends_at == now + 10 * WEEK


def test_the_charter_of_the_start_can_be_had_back(running, now):
    amend(operator(), "faster_replies", fixed(plan={"weeks": 10}, risks=[]), "holidays", now)
    pilot_now = fixed(plan={"weeks": 12}, money={"horizon_months": 48})
    amend(operator(), "faster_replies", pilot_now, "more holidays", now)
    pilot = Pilot.objects.get()
    assert charter_at_start(pilot) == fixed()
    assert charter_at_start(pilot).sha256 == pilot.charter_sha256


def test_a_conversation_says_no_kind(now, write_usecase):
    write_usecase(USE_CASE.replace("[input.fields.text]", '[input.fields.talk]\ntype = "thread"\n[input.fields.text]'))
    create(operator(), charter(item_types={"field": "talk", "values": ["a"]}), now)
    with pytest.raises(CharterInvalid, match="is a conversation"):
        start(operator(), "faster_replies", now)


def test_the_audit_log_has_keys_and_digests_but_no_reason(running, now):
    amend(operator(), "faster_replies", charter(title="Secret plans"), "because of Ada", now)
    pause(operator(), "faster_replies", "because of Ada", now)
    told = " ".join(AuditEntry.objects.values_list("detail", flat=True))
    assert fixed(title="Secret plans").sha256 in told
    assert '"title"' in told
    assert "Ada" not in told
    assert "Secret" not in told


def test_nothing_changed_is_no_amendment(running, now):
    with pytest.raises(NothingAmended):
        amend(operator(), "faster_replies", charter(), "why not", now)
    with pytest.raises(RequestInvalid):
        amend(operator(), "faster_replies", charter(title="Other"), "  ", now)
    with pytest.raises(AmendmentRefused):
        amend(operator(), "faster_replies", charter(primary={"minimum_effect": 5}), "it looks good", now)
    assert not Amendment.objects.exists()


def test_what_has_ended_or_not_begun_is_not_amended(running, now):
    create(operator(), charter(name="draft"), now)
    with pytest.raises(PilotStateWrong):
        amend(operator(), "draft", charter(name="draft", title="Other"), "why", now)
    decide(operator(), "faster_replies", "stop", "enough", now)
    with pytest.raises(PilotStateWrong):
        amend(operator(), "faster_replies", charter(title="Other"), "why", now)


# --- deciding ---------------------------------------------------------------------------------------------------------


def test_a_pause_takes_nothing_in_and_moves_the_end(running, now):
    pause(operator(), "faster_replies", "engine moves house", now + WEEK)
    assert running_pilot("note_reply") is None
    assert pilot_under_way("note_reply") == running
    resume(operator(), "faster_replies", "it is back", now + 3 * WEEK)
    assert running_pilot("note_reply") == running
    assert Pilot.objects.get().ends_at == now + 10 * WEEK


def test_only_what_runs_is_paused_and_only_what_is_paused_goes_on(running, now):
    with pytest.raises(PilotStateWrong):
        resume(operator(), "faster_replies", "on", now)
    pause(operator(), "faster_replies", "off", now)
    with pytest.raises(PilotStateWrong):
        pause(operator(), "faster_replies", "off", now)


@pytest.mark.parametrize("kind", ["go", "stop"])
def test_a_decision_ends_it_and_keeps_the_figures(running, now, kind):
    decision = decide(operator(), "faster_replies", kind, "the figures", now + WEEK, {"saved": 41.0})
    pilot = Pilot.objects.get()
    assert (pilot.state, pilot.ended_at) == ("ended", now + WEEK)
    assert (decision.kind, decision.figures) == (kind, {"saved": 41.0})
    with pytest.raises(PilotStateWrong):
        decide(operator(), "faster_replies", kind, "again", now)


def test_an_extension_is_counted(running, now):
    decide(operator(), "faster_replies", "extend", "too early to say", now + 7 * WEEK)
    assert Pilot.objects.get().ends_at == now + 12 * WEEK
    with pytest.raises(ExtensionsUsed):
        decide(operator(), "faster_replies", "extend", "still", now + 11 * WEEK)
    assert Decision.objects.count() == 1


def test_an_extension_after_the_end_begins_when_it_is_decided(running, now):
    decide(operator(), "faster_replies", "extend", "forgotten", now + 20 * WEEK)
    assert Pilot.objects.get().ends_at == now + 24 * WEEK


@pytest.mark.parametrize(("kind", "reason"), [("perhaps", "why"), ("go", " "), ("go", "x" * 1_001)])
def test_a_decision_has_a_kind_and_a_reason(running, now, kind, reason):
    with pytest.raises(RequestInvalid):
        decide(operator(), "faster_replies", kind, reason, now)
    assert Pilot.objects.get().state == "running"


def test_an_owner_decides_and_compliance_does_not(running, now):
    with pytest.raises(NotAllowed):
        decide(person("compliance"), "faster_replies", "stop", "why", now)
    assert decide(person("owner"), "faster_replies", "stop", "why", now).kind == "stop"


# --- beside the pilot -------------------------------------------------------------------------------------------------


@pytest.fixture
def required(now):
    """A module that the running pilot asks for, and drafts that went unused."""
    from graftwork.apps.adoption.models import Module, Requirement, Streak

    Requirement.objects.create(use_case="note_reply", module=Module.objects.create(code="basics", title="B", text="t"))
    Streak.objects.create(use_case="note_reply", unused=40)
    return lambda: (Requirement.objects.count(), Streak.objects.count())


def test_what_is_simulated_leaves_the_rules_of_the_real_one_alone(running, required, now):
    create(operator(), charter(name="sim"), now, simulated=True)
    start(operator(), "sim", now)
    amend(operator(), "sim", charter(name="sim", title="Other"), "why", now)
    pause(operator(), "sim", "why", now)
    resume(operator(), "sim", "why", now)
    decide(operator(), "sim", "stop", "why", now)
    assert required() == (1, 1)
    pause(operator(), "faster_replies", "why", now)
    resume(operator(), "faster_replies", "why", now)
    assert required() == (1, 0)


@pytest.mark.parametrize(("kind", "asked_for"), [("go", 1), ("stop", 0)])
def test_modules_stay_required_after_a_go(running, required, now, kind, asked_for):
    decide(operator(), "faster_replies", kind, "why", now)
    assert required()[0] == asked_for


def test_a_use_case_closed_to_a_group_is_closed_by_its_pilot_too(running, write_usecase, now):
    write_usecase(USE_CASE + '\n[review]\ngroup = "board"\n')
    outside, inside = person("owner"), Actor("user:0", None, frozenset(("owner",)), groups=frozenset(("board",)))
    assert list(visible_pilots(outside)) == []
    for act in (
        lambda who: access_pilot(who, "faster_replies"),
        lambda who: pause(who, "faster_replies", "why", now),
        lambda who: create(who, charter(name="second"), now),
    ):
        with pytest.raises(NotFound):
            act(outside)
        act(inside)
    with pytest.raises(NotFound):
        save(outside, "second", charter(name="second", title="Other"), now)
    assert Pilot.objects.get(name="faster_replies").state == "paused"


def test_a_draft_for_a_use_case_that_is_not_there_yet_is_seen_by_who_leads(now):
    create(person("owner"), charter(use_case="not_yet"), now)
    assert access_pilot(person("owner"), "faster_replies").use_case == "not_yet"


def test_an_outcome_that_is_added_counts_where_it_was_told_before(now):
    from graftwork.apps.pilots.models import Due
    from support.pilots import enrol, make_pilot, outcome

    pilot = make_pilot()
    told, untold = enrol(pilot)
    outcome(told, "nps", 9.0)
    outcome(untold, "csat", 4.0)
    Due.objects.all().delete()
    own = [{"kind": "nps", "title": "Recommends us", "better": "higher"}]
    data = pilot.as_charter.model_dump(mode="json")
    amend(operator(), pilot.name, Charter.model_validate({**data, "outcomes": own}), "asked now", now)
    assert list(Due.objects.values_list("item_id", flat=True)) == [told.pk]


def test_what_was_spent_on_a_discarded_draft_is_not_handed_on_to_the_next_of_its_name(now):
    from graftwork.apps.adoption.models import Spend

    create(operator(), charter(), now)
    for name in ("faster_replies", "another"):
        Spend.objects.create(pilot=name, kind="build", amount=5, spent_on=now.date())
    discard(operator(), "faster_replies", now)
    assert list(Spend.objects.values_list("pilot", flat=True)) == ["another"]
    assert '"spend_rows":1' in AuditEntry.objects.order_by("sequence").last().detail.replace(" ", "")


def test_a_sample_that_nobody_ever_has_is_not_fixed_and_the_charter_can_be_read_again(now):
    create(operator(), charter(primary={"minimum_effect": 0.001}), now)
    start(operator(), "faster_replies", now)
    assert Pilot.objects.get().as_charter.plan.units is None
