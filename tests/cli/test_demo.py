"""The pilot that the demo ends with."""

import pytest
from django.utils import timezone

from graftwork.apps.actors import operator
from graftwork.apps.pilots.actions.charters import create, start
from graftwork.apps.pilots.models import Enrolment, Pilot
from graftwork.apps.pilots.queries import latest_pilot
from graftwork.cli import demo_pilot
from graftwork.config.workspace import open_workspace
from graftwork.core.appraisal.planning import planned_sample
from graftwork.core.charter.advice import advice
from graftwork.core.charter.file import read_charter

pytestmark = pytest.mark.django_db


def test_its_charter_is_one_to_learn_from():
    charter = read_charter(demo_pilot.CHARTER)
    assert list(advice(charter)) == []
    planned = planned_sample(charter)
    assert planned.units is not None
    assert planned.units <= demo_pilot.ITEMS
    assert planned.weeks is not None
    assert planned.weeks <= charter.plan.weeks
    for name, field in type(charter).model_fields.items():
        if name not in ("outcomes", "seeds", "rules"):
            assert name in charter.model_fields_set, (name, field.description)


def test_it_has_both_arms_a_verdict_and_an_address_and_says_that_nobody_made_it(capsys):
    workspace = open_workspace()
    demo_pilot.show_simulated_pilot(workspace)
    first = capsys.readouterr().out
    pilot = Pilot.objects.get()
    assert (pilot.name, pilot.simulated, pilot.state) == ("drafts_in_support", True, "running")
    assert {Enrolment.objects.filter(arm=arm).count() > 600 for arm in ("assisted", "control")} == {True}
    assert "(simulated: its 1,500 reviews were made up" in first
    assert "\n  Simulated: " in first
    assert first.rstrip().endswith(": go.\n  " + f"{workspace.base_url}/pilots/drafts_in_support")
    demo_pilot.show_simulated_pilot(workspace)
    again = capsys.readouterr().out
    assert Pilot.objects.count() == 1
    assert first.endswith(again)


def test_a_pilot_of_ones_own_goes_on_beside_it(capsys):
    charter = read_charter(demo_pilot.CHARTER)
    now = timezone.now()
    mine = create(operator(), charter.model_copy(update={"name": "mine"}), now)
    start(operator(), mine.name, now)
    demo_pilot.show_simulated_pilot(open_workspace())
    assert "Simulated: " in capsys.readouterr().out
    assert latest_pilot(charter.use_case) == mine
    assert not Enrolment.objects.filter(pilot=mine).exists()


def test_a_real_pilot_of_that_name_is_not_shown_as_the_demos(capsys):
    create(operator(), read_charter(demo_pilot.CHARTER), timezone.now())
    demo_pilot.show_simulated_pilot(open_workspace())
    assert capsys.readouterr().out == ""
