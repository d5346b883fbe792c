"""The what-if panel, as a browser without script and as one with script asks for it."""

import html
import re
from datetime import date, timedelta

import numpy as np
import pytest
from django.test import Client

from graftwork.apps.actors import operator
from graftwork.apps.pilots.actions.charters import create, start
from graftwork.apps.pilots.models import Cell, Pilot
from graftwork.core.value.moments import NAMES
from support.charters import charter
from support.pilots import moments

pytestmark = pytest.mark.django_db
PAGE = "/pilots/faster_replies/what-if"


@pytest.fixture
def pilot(note_reply, now):
    """A pilot whose 400 assisted items take 200 s instead of 300 s; half its drafts are accepted, 10 % rejected."""
    made = charter(money={"months_to_full_use": 3}, budget=[{"title": "Set-up", "kind": "build", "amount": 8_000}])
    create(operator(), made, now - timedelta(days=20))
    start(operator(), "faster_replies", now - timedelta(days=20))
    kept = Pilot.objects.get()
    rng = np.random.default_rng(1)
    for arm, mean in (("assisted", 200), ("control", 300)):
        seconds = rng.normal(mean, 60, 400).clip(20)
        _cell(kept, "handling_time", arm, moments(seconds))
        _cell(kept, "enrolled", arm, moments(np.ones(400)))
    for metric, ones in (("acceptance", 200), ("rejections", 40), ("share_rewritten", 36)):
        _cell(kept, metric, "assisted", moments(np.repeat([1.0, 0.0], [ones, 400 - ones])))
    _cell(kept, "drafts", "assisted", moments(np.ones(400)))
    _cell(kept, "draft_cost", "assisted", moments(np.full(400, 0.01)))
    return kept


def _cell(pilot, metric, arm, sums):
    terms = {name: getattr(sums, name) for name in NAMES}
    Cell.objects.create(pilot=pilot, metric=metric, arm=arm, day=date(2026, 11, 10), **terms)


@pytest.fixture
def owner(make_user):
    client = Client()
    client.force_login(make_user("olga", "owner"))
    return client


def text_of(response):
    assert response.status_code == 200
    return html.unescape(re.sub(r"\s+", " ", response.content.decode()))


def row(text, what):
    found = re.search(rf'<th scope="row">{re.escape(what)}</th>((?: ?<td>.*?</td>)+)', text)
    assert found, what
    return [re.sub(r"<.*?>", "", cell) for cell in re.findall(r"<td>(.*?)</td>", found[1])]


def field(text, name):
    found = re.search(rf'<input id="wi-{re.escape(name)}"[^>]*>', text)
    assert found, name
    return found[0]


def test_the_panel_shows_every_assumption_with_the_charter_s_value(owner, pilot):
    text = text_of(owner.get(PAGE))
    assert re.search(r"Saves \d\.\d to \d\.\d minutes per item; .* chance of paying back within 12 months\.", text)
    assert 'value="38"' in field(text, "wage_per_hour.likely")
    assert 'value="60"' in field(text, "realisation.likely")
    assert 'value="0.01"' in field(text, "cost_per_draft")
    assert 'value="8000"' in field(text, "build_cost")
    assert row(text, "One-off cost") == ["EUR 16,000"]
    assert "As asked" not in text
    assert "Set-up" not in text


def test_another_wage_stands_beside_the_charter_s(owner, pilot):
    asked = {"wage_per_hour.low": "60", "wage_per_hour.likely": "76", "wage_per_hour.high": "92"}
    text = text_of(owner.get(PAGE, asked))
    before, after = row(text, "Benefit a month, once all use it")
    assert before != after
    assert row(text, "One-off cost") == ["EUR 16,000", "EUR 16,000"]
    assert f"{PAGE}?wage_per_hour.low=60&wage_per_hour.likely=76&wage_per_hour.high=92" in text
    assert row(text, "Full cost of an hour of work") == ["60 to 92 EUR, most likely 76", "what if"]


def test_shares_are_asked_in_per_cent(owner, pilot):
    text = text_of(owner.get(PAGE, {"governance_share": "0", "change_share": "20 %"}))
    assert row(text, "One-off cost") == ["EUR 16,000", "EUR 10,000"]


def test_what_stays_as_it_is_is_not_asked(owner, pilot):
    text = text_of(owner.get(PAGE, {"wage_per_hour.likely": "38", "governance_share": "", "seconds_saved": "5"}))
    assert "As asked" not in text
    assert "Link to these figures" not in text


def test_a_saving_of_one_s_own_is_reckoned_with(owner, pilot):
    text = text_of(owner.get(PAGE, {"saved_by": "own", "seconds_saved": "-60"}))
    assert "Would cost 1.0 minutes per item, as assumed" in text
    assert row(text, "Payback")[1] == "more likely never than ever"


def test_more_rejected_drafts_save_less_by_the_model(owner, pilot):
    text = text_of(owner.get(PAGE, {"saved_by": "model", "share_rejected": "30"}))
    measured, modelled = (float(one.split()[0]) for one in row(text, "Time saved per item"))
    assert modelled == pytest.approx(measured - 0.2 * 300 / 60, abs=0.05)


@pytest.mark.parametrize(
    ("asked", "name", "sentence"),
    [
        ({"cost_per_draft": "cheap"}, "cost_per_draft", "Write a number"),
        ({"governance_share": "120"}, "governance_share", "Must be 99 or less"),
        ({"months_to_full_use": "-1"}, "months_to_full_use", "Must be 0 or more"),
        ({"horizon_months": "12.5"}, "horizon_months", "whole number"),
        ({"wage_per_hour.low": "50"}, "wage_per_hour.likely", "below the low figure"),
        ({"governance_share": "90"}, "change_share", "leaves nothing to build with"),
        ({"realisation.high": "101"}, "realisation.high", "Must be 100 or less"),
        ({"saved_by": "model", "share_rejected": "80"}, "share_rejected", "more than all drafts"),
        ({"discount_rate": "1e3"}, "discount_rate", "Write a number"),
    ],
)
def test_what_cannot_be_read_is_said_beside_its_field_and_not_reckoned_with(owner, pilot, asked, name, sentence):
    text = text_of(owner.get(PAGE, asked))
    assert 'aria-invalid="true"' in field(text, name)
    problem = re.search(rf'<p id="wi-{re.escape(name)}-problem" class="problem">(.*?)</p>', text)
    assert problem
    assert sentence in problem[1]
    assert "As asked" not in text


def test_what_was_written_is_shown_as_text(owner, pilot):
    panel = owner.get(PAGE, {"cost_per_draft": '"><script>1</script>'}).content.decode().partition('id="what-if"')[2]
    assert "&lt;script&gt;1" in panel
    assert "<script" not in panel


def test_a_script_gets_the_panel_alone_and_the_address_to_show(owner, pilot):
    from_script = {"HX-Request": "true", "HX-Target": "what-if", "HX-Current-URL": f"http://testserver{PAGE}"}
    answer = owner.get(PAGE, {"discount_rate": "5", "wage_per_hour.likely": "38"}, headers=from_script)
    assert answer.content.strip().startswith(b'<div id="what-if"')
    assert answer.headers["HX-Replace-Url"] == f"{PAGE}?discount_rate=5"
    assert "HX-Request" in answer.headers["Vary"]


def test_on_the_pilot_s_page_the_address_stays(owner, pilot):
    from_script = {"HX-Request": "true", "HX-Current-URL": "http://testserver/pilots/faster_replies"}
    assert "HX-Replace-Url" not in owner.get(PAGE, headers=from_script).headers


def test_before_anything_was_measured_one_can_still_ask(owner, note_reply, now):
    create(operator(), charter(), now)
    assert "is not known yet" in text_of(owner.get(PAGE))
    nothing = text_of(owner.get(PAGE, {"saved_by": "own"}))
    assert "nothing was measured yet" in nothing
    asked = text_of(owner.get(PAGE, {"saved_by": "own", "seconds_saved": "90", "cost_per_draft": "0.01"}))
    assert "Would save 1.5 minutes per item, as assumed" in asked


def test_it_is_for_those_who_may_see_pilots(make_user, pilot):
    client = Client()
    assert client.get(PAGE).status_code == 302
    client.force_login(make_user("rita", "reviewer"))
    assert client.get(PAGE).status_code == 403
    client.force_login(make_user("carl", "compliance"))
    assert client.get(PAGE).status_code == 200


def test_nothing_is_changed_by_asking(owner, pilot):
    before = Pilot.objects.values().get()
    owner.get(PAGE, {"build_cost": "1"})
    assert owner.post(PAGE, {"build_cost": "1"}).status_code in (403, 405)
    assert Pilot.objects.values().get() == before


def test_an_unknown_pilot_is_not_found(owner, pilot):
    assert owner.get("/pilots/another/what-if").status_code == 404
