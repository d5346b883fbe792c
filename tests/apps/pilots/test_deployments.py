"""The comparison of deployments, over drafts as they are stored."""

import html
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from graftwork.apps.actors import operator
from graftwork.apps.pilots.actions.charters import create
from graftwork.apps.pilots.deployments import WINDOW_DAYS, managed_share, use_history
from graftwork.apps.pilots.simulating import simulate
from graftwork.apps.work.models import Draft
from graftwork.core.ids import first_uuid7
from support.charters import charter

pytestmark = pytest.mark.django_db
PAGE = "/pilots/use-cases/note_reply/deployments"
PRICES = {"prompt_per_million": "1000", "answer_per_million": "10000"}


@pytest.fixture
def owner(make_user):
    client = Client()
    client.force_login(make_user("olga", "owner"))
    return client


@pytest.fixture
def drafts(make_items, now, monkeypatch):
    """Two drafts a day for twelve days, the last of them today; every fourth was written by a managed service."""
    make_items(24)
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)
    rows = list(Draft.objects.order_by("pk"))
    for number, row in enumerate(rows):
        row.created_at = now - timedelta(days=11 - number // 2, hours=number % 2)
        row.total_ms, row.prompt_tokens, row.completion_tokens = 2_000.0, 1_000, 100
        if number % 4 == 0:
            row.zone, row.model, row.masked = "managed", "large", {"person": 1}
    Draft.objects.bulk_update(
        rows, ["created_at", "total_ms", "prompt_tokens", "completion_tokens", "zone", "model", "masked"]
    )
    return rows


def text_of(response):
    assert response.status_code == 200
    return re.sub(r"<[^>]*>|\s+", " ", html.unescape(response.content.decode())).replace("  ", " ")


def test_history_counts_whole_days_and_zones(drafts, now):
    found = use_history("note_reply", now)
    # The first day may have begun before what is read, and today is not over.
    assert [day.drafts for day in found.days] == [2] * 10
    assert found.days[0].prompt_tokens == 2_000
    assert (found.zone("local").drafts, found.zone("managed").drafts, found.zone("managed").masked) == (18, 6, 6)
    assert found.zone("managed").mean_seconds.value == 2
    assert managed_share(found) == 0.25


def test_a_day_without_drafts_is_a_day(drafts, now):
    Draft.objects.filter(created_at__date=(now - timedelta(days=5)).date()).delete()
    assert [day.drafts for day in use_history("note_reply", now).days] == [2] * 5 + [0] + [2] * 4


def test_drafts_of_another_use_case_and_old_ones_do_not_count(drafts, now):
    assert use_history("other", now).drafts == 0
    assert use_history("note_reply", now + timedelta(days=100)).drafts == 0


def test_only_the_newest_are_read(drafts, now):
    found = use_history("note_reply", now, most_drafts=10)
    assert found.drafts == 10
    assert [day.drafts for day in found.days] == [2] * 3


def test_counts_that_were_not_told_are_unknown_and_not_zero(drafts, now):
    Draft.objects.update(prompt_tokens=None)
    assert all(day.counted == 0 and day.drafts == 2 for day in use_history("note_reply", now).days)


def test_the_page_holds_the_three_side_by_side(owner, drafts):
    text = text_of(owner.get(PAGE, PRICES))
    for words in ("In-house", "Managed service", "Hybrid", "Data control", "Customisation", "Cost predictability"):
        assert words in text
    # 2 drafts a day: 2 in prompt tokens, 2 in answer tokens, for 30 days
    assert "EUR 120 a month n = 10" in text
    assert "75 % (55 to 88 %) of drafts were written on own machines n = 24" in text
    assert "judgement" in text


def test_without_a_price_the_month_is_unknown(owner, drafts):
    text = text_of(owner.get(PAGE))
    assert "a month's spend; missing: what a million prompt tokens cost, what a million answer tokens cost" in text
    assert "a month's spend; missing: the machine hours a month, what a machine hour costs" in text


def test_a_price_that_is_no_number_is_said_beside_its_field(owner, drafts):
    answer = owner.get(PAGE, {"cost_per_machine_hour": "cheap"})
    assert 'id="dp-cost_per_machine_hour-problem" class="problem">Write a number' in answer.content.decode()
    assert "nothing was compared" in text_of(answer)


def test_prices_of_the_use_case_are_there_from_the_start(owner, write_usecase, workspace_folder, drafts):
    written = (workspace_folder / "usecases" / "note_reply.toml").read_text(encoding="utf-8")
    engine = 'url = "https://llm.example.com/v1"\ninput_price_per_million = 1000\noutput_price_per_million = 10000\n'
    write_usecase(written.replace("echo = true\n", engine))
    text = text_of(owner.get(PAGE))
    assert "EUR 120 a month n = 10" in text
    assert "From the use case's file." in text


def test_without_drafts_only_judgement_is_left(owner, note_reply):
    text = text_of(owner.get(PAGE))
    assert "No draft was written in the last 90 days" in text
    assert "measured" not in text


def test_drafts_of_a_simulated_pilot_stand_only_where_there_are_no_others(owner, make_user, note_reply, drafts, now):
    Draft.objects.all().delete()
    made = create(operator(), charter(), now, simulated=True)
    simulate(operator(), made, items=60, now=now, effect_seconds=30)
    found = use_history("note_reply", now)
    assert (found.is_made_up, found.drafts > 0) == (True, True)
    text = text_of(owner.get(PAGE, PRICES))
    assert "Simulated." in text
    assert "made up" in text
    assert "measured" not in text.partition("<table")[0].partition("Aspect")[2]


def test_where_there_are_real_drafts_simulated_ones_are_left_out(owner, drafts, now):
    before = use_history("note_reply", now)
    made = create(operator(), charter(), now, simulated=True)
    simulate(operator(), made, items=60, now=now, effect_seconds=30)
    assert use_history("note_reply", now) == before
    text = text_of(owner.get(PAGE, PRICES))
    assert "Simulated." not in text
    assert "made up" not in text


def test_the_search_ends_at_the_number_of_the_oldest_day(drafts, now):
    with CaptureQueriesContext(connection) as asked:
        use_history("note_reply", now)
    bound = first_uuid7(now - timedelta(days=WINDOW_DAYS + 1))
    assert any(bound.hex in one["sql"] or str(bound) in one["sql"] for one in asked)


def test_a_script_gets_the_table_alone_and_the_address_to_show(owner, drafts):
    answer = owner.get(PAGE, PRICES, headers={"HX-Request": "true", "HX-Target": "deployments"})
    assert answer.content.strip().startswith(b'<div id="deployments"')
    assert answer.headers["HX-Replace-Url"] == f"{PAGE}?prompt_per_million=1000&answer_per_million=10000"


def test_it_is_for_those_who_may_see_pilots(make_user, note_reply):
    client = Client()
    assert client.get(PAGE).status_code == 302
    client.force_login(make_user("rita", "reviewer"))
    assert client.get(PAGE).status_code == 403
    client.force_login(make_user("carl", "compliance"))
    assert client.get(PAGE).status_code == 200


def test_an_unknown_use_case_is_not_found(owner, note_reply):
    assert owner.get("/pilots/use-cases/other/deployments").status_code == 404
