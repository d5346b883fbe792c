"""An export asked for after a busy day: it brings in what it can while somebody waits, and tells of the rest."""

import json

import pytest

from graftwork.apps.actors import operator
from graftwork.apps.pilots.exports import actions
from support.pilots import NOW, enrol, make_pilot, review

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("seconds", "all_in"), [(60.0, True), (-1.0, False)])
def test_an_export_folds_for_some_seconds_and_tells_what_waits(monkeypatch, seconds, all_in) -> None:
    fold = actions.fold
    monkeypatch.setattr(actions, "fold", lambda pilot, now: fold(pilot, now, 1))
    monkeypatch.setattr(actions, "MOST_SECONDS", seconds)
    pilot = make_pilot()
    for item in enrol(pilot, ["assisted", "control", "assisted", "control", "control"]):
        review(item, at=NOW)
    made = actions.export(operator(), pilot.name, "json", NOW)
    assert (json.loads(made.content)["items_waiting"] == 0) is all_in
