"""What a pilot's charter asks of people holds as long as the pilot runs."""

import pytest
from django.urls import reverse

from graftwork.apps.adoption.actions.training import ModuleText, save_module
from graftwork.apps.adoption.queries import adoption, unused_in_a_row
from graftwork.apps.adoption.training import hindrance
from graftwork.apps.pilots.actions.charters import amend, create, decide, pause, resume, start
from graftwork.apps.pilots.simulating import simulate
from graftwork.core.charter.schema import BudgetLine, Charter

pytestmark = pytest.mark.django_db
NAME = "note_reply"


def charter(*modules):
    return Charter.model_validate(
        {
            "name": "notes", "title": "Notes", "use_case": NAME, "problem": "Notes take long.",
            "owner": {"name": "Olga"},
            "primary": {"metric": "handling_time", "minimum_effect": 30.0},
            "plan": {"weeks": 6, "units_per_week": 100, "control_mean": 300, "standard_deviation": 150},
            "change": {"required_modules": list(modules)},
        }
    )  # fmt: skip


@pytest.fixture
def owner(actor, note_reply, now):
    olga = actor("olga", "owner")
    for code in ("first_steps", "privacy"):
        save_module(olga, code, ModuleText(code, "Read."), now, new=True)
    return olga


def test_training_is_asked_for_from_the_start_to_the_end(owner, actor, now):
    rita = actor("rita", "reviewer")
    create(owner, charter("first_steps"), now)
    assert hindrance(rita, NAME) == ""
    start(owner, "notes", now)
    assert "“first_steps”" in hindrance(rita, NAME)
    amend(owner, "notes", charter("privacy"), "another course", now)
    assert hindrance(rita, NAME).endswith("“privacy”")
    decide(owner, "notes", "stop", "enough", now)
    assert hindrance(rita, NAME) == ""


def test_a_simulated_pilot_asks_nobody_for_training(owner, actor, now):
    create(owner, charter("first_steps"), now, simulated=True)
    start(owner, "notes", now)
    assert hindrance(actor("rita", "reviewer"), NAME) == ""


def test_after_a_pause_unused_drafts_are_counted_anew(owner, review, now):
    create(owner, charter(), now)
    start(owner, "notes", now)
    review("rita", "reject")
    pause(owner, "notes", "too many rejected", now)
    assert unused_in_a_row(NAME) in (0, 1)  # the item may have been drawn for the control arm
    resume(owner, "notes", "mended", now)
    assert unused_in_a_row(NAME) == 0


def test_amounts_stand_against_the_budget_of_the_pilot(owner, client_of, now):
    one = charter().model_copy(update={"budget": (BudgetLine(title="Course", kind="training", amount=500),)})
    create(owner, one, now)
    url = reverse("adoption:spend", args=["notes"])
    client = client_of("olga")
    fields = {"kind": "training", "amount": "600", "spent_on": "2026-11-20"}
    assert client.post(url, fields).status_code == 302
    page = client.get(url).content.decode()
    assert "EUR 500<" in page
    assert "over budget" in page
    assert '<a href="/pilots/notes">← Notes</a>' in page
    assert "Simulated." not in page
    assert client.get(reverse("adoption:spend", args=["others"])).status_code == 404


def test_a_simulated_pilot_shows_the_adoption_of_its_made_up_reviewers(owner, actor, client_of, now):
    made = create(owner, charter(), now, simulated=True)
    simulate(actor("ada", "admin"), made, items=60, now=now, effect_seconds=60)
    page = client_of("olga").get(reverse("pilots:pilot", args=["notes"])).content.decode()
    assert "made-up reviewers, each counted as invited from their first day" in page
    assert "Nobody is invited yet" not in page
    assert adoption(NAME, now).invited == 0
    assert (
        "<strong>Simulated.</strong>"
        in client_of("olga").get(reverse("adoption:spend", args=["notes"])).content.decode()
    )
