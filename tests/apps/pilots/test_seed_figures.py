"""What became of planted drafts: counted with a Wilson interval, on the page and in every export."""

import csv
import io
from datetime import UTC, datetime

import pytest
from django.urls import reverse

from graftwork.apps.accounts.queries import actor_for_user
from graftwork.apps.pilots.exports.actions import export
from graftwork.apps.pilots.exports.adopted import seeds_rows
from graftwork.apps.pilots.exports.json import figures_json
from graftwork.apps.pilots.figures import appraised
from graftwork.apps.pilots.models import Enrolment
from graftwork.apps.pilots.seeds import seeds_of
from graftwork.apps.work.actions.seeding import plant
from graftwork.apps.work.models import SeededDraft
from support.pilots import make_pilot

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
WRONG = "We pay back twice the price."


@pytest.fixture
def pilot(note_reply):
    return make_pilot(arms={"assisted": 0.99}, seeds={"statements": [WRONG]})


@pytest.fixture
def planted(pilot, make_items):
    """`planted(4, noticed=2, missed=1)`: four planted drafts, of which one is still open."""

    def make(number, *, noticed=0, missed=0):
        items = make_items(number)
        for one in items:
            assert plant(one.drafts.get(), WRONG, NOW)
        met = SeededDraft.objects.order_by("pk").values_list("pk", flat=True)[: noticed + missed]
        for at, pk in enumerate(list(met)):
            SeededDraft.objects.filter(pk=pk).update(settled_at=NOW, noticed=at < noticed)

    return make


def test_the_share_noticed_is_of_those_decided_on_with_a_wilson_interval(pilot, planted):
    planted(12, noticed=8, missed=2)
    found = seeds_of(pilot)
    assert (found.planted, found.shown) == (12, 10)
    # Wilson 1927, by hand for 8 of 10 at 95 %: 0.490 to 0.943.
    assert (found.noticed.value, found.noticed.n) == (0.8, 10)
    assert (found.noticed.low, found.noticed.high) == (pytest.approx(0.490, abs=5e-4), pytest.approx(0.943, abs=5e-4))
    assert found.sentence == (
        "12 drafts with a statement known to be wrong, 10 of them decided on. 8 noticed: 80 % (95 % interval 49 % to "
        "94 %)."
    )


def test_before_anybody_met_one_the_share_is_unknown_and_not_zero(pilot, planted):
    planted(1)
    assert seeds_of(pilot).noticed is None
    assert seeds_of(pilot).sentence == "1 draft with a statement known to be wrong; nobody has decided on one yet."


def test_planted_drafts_of_other_items_are_not_counted(pilot, make_items):
    [item] = make_items(1)
    Enrolment.objects.all().delete()
    plant(item.drafts.get(), WRONG, NOW)
    assert seeds_of(pilot).planted == 0


@pytest.mark.parametrize("number", [0, 3])
def test_the_pilots_page_shows_them_under_adoption_where_there_are_any(pilot, planted, make_user, client, number):
    planted(number, noticed=min(number, 2))
    client.force_login(make_user("olga", "owner"))
    page = client.get(reverse("pilots:pilot", args=[pilot.name])).content.decode()
    assert ("<h3>Planted drafts</h3>" in page) is bool(number)
    assert ("2 noticed: 100 %" in page) is bool(number)


def test_every_export_tells_them(pilot, planted, make_user):
    planted(3, noticed=1, missed=1)
    told = figures_json(pilot, appraised(pilot, NOW), NOW)["seeds"]
    assert (told["planted"], told["shown"], told["noticed"]["value"]) == (3, 2, 0.5)
    assert (told["noticed"]["method"], told["noticed"]["n"]) == ("wilson", 2)
    actor = actor_for_user(make_user("olga", "owner"))
    rows = list(csv.DictReader(io.StringIO(export(actor, pilot.name, "csv", NOW).content.decode())))
    of_seeds = {row["comparison"]: row["value"] for row in rows if row["metric"] == "seeds"}
    assert {name: float(value) for name, value in of_seeds.items()} == {"planted": 3, "shown": 2, "noticed": 0.5}
    assert [row[0] for row in seeds_rows(seeds_of(pilot))] == [
        "Planted drafts that were decided on",
        "Noticed of these",
    ]
    assert export(actor, pilot.name, "report", NOW).content.startswith(b"%PDF")


def test_without_planted_drafts_the_report_has_no_row_of_them(pilot):
    assert seeds_rows(seeds_of(pilot)) == []
