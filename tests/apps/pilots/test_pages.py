"""The pages of pilots, as a browser without script asks for them."""

import html
import re
from datetime import UTC, datetime

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from graftwork.apps.actors import operator
from graftwork.apps.adoption.models import Streak
from graftwork.apps.audit.models import AuditEntry
from graftwork.apps.pilots import figures
from graftwork.apps.pilots.actions.charters import create, start
from graftwork.apps.pilots.actions.deciding import decide
from graftwork.apps.pilots.models import Enrolment, Pilot
from graftwork.apps.pilots.pages import items as items_of
from graftwork.apps.pilots.pages.charter_form import values_of
from graftwork.apps.pilots.simulating import simulate
from graftwork.core.charter.file import parse_toml
from support.charters import charter

pytestmark = pytest.mark.django_db
MACHINE = {"machine_hours_per_month": 10, "cost_per_machine_hour": 2}
PILOT = "/pilots/faster_replies"
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


@pytest.fixture
def sign_in(make_user, note_reply):
    def sign(username="olga", *roles):
        client = Client()
        client.force_login(make_user(username, *(roles or ("owner",))))
        return client

    return sign


@pytest.fixture
def running(note_reply):
    create(operator(), charter(), NOW)
    return start(operator(), "faster_replies", NOW)


@pytest.fixture
def filled(note_reply):
    pilot = create(operator(), charter(), NOW, simulated=True)
    return simulate(operator(), pilot, items=160, now=NOW, effect_seconds=90)


def text_of(response, status=200):
    assert response.status_code == status, response.content[:500]
    return html.unescape(re.sub(r"\s+", " ", response.content.decode()))


# --- who may see what -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", ["", "faster_replies", "faster_replies/charter", "faster_replies/items", "new"])
def test_pages_are_for_those_who_answer_for_the_whole(sign_in, running, page):
    assert sign_in("olga", "owner").get(f"/pilots/{page}").status_code == 200
    assert sign_in("rita", "reviewer").get(f"/pilots/{page}").status_code == 403
    assert Client().get(f"/pilots/{page}").url.startswith("/sign-in")


def test_the_menu_names_pilots_only_where_they_open(sign_in, running):
    assert 'href="/pilots/"' in text_of(sign_in("olga", "owner").get("/desk/"))
    assert 'href="/pilots/"' not in text_of(sign_in("rita", "reviewer").get("/desk/"))


def test_compliance_reads_and_does_not_lead(sign_in, running):
    client = sign_in("cora", "compliance")
    shown = text_of(client.get(PILOT))
    assert "Decide" not in shown
    assert client.get("/pilots/new").status_code == 403
    assert client.get(f"{PILOT}/amend").status_code == 403
    for verb in ("pause", "decide", "start", "discard"):
        assert client.post(f"{PILOT}/{verb}", {"reason": "because", "kind": "stop"}).status_code == 403, verb
    assert Pilot.objects.get().state == "running"


def test_a_script_whose_sign_in_has_ended_is_told_in_place(running):
    told = Client().get(PILOT, headers={"HX-Request": "true"})
    assert told.status_code == 401
    assert "Sign in again" in told.content.decode()


def test_of_the_package_plotly_one_file_is_served_and_nothing_else(client):
    served = client.get("/static/plotly/plotly.min.js")
    assert served.status_code == 200
    served.close()
    for other in ("widgetbundle.js", "datasets/iris.csv.gz", "", "../plotly.min.js"):
        assert client.get(f"/static/plotly/{other}").status_code == 404, other
    assert finders.find("plotly/plotly.min.js").endswith("package_data/plotly.min.js")
    assert finders.find("plotly/widgetbundle.js") is None


# --- all pilots -------------------------------------------------------------------------------------------------------


def test_without_pilots_the_page_says_what_one_is(sign_in):
    shown = text_of(sign_in().get("/pilots/"))
    assert "There is no pilot yet." in shown
    assert "Write a charter" in shown


def test_drafts_and_pilots_stand_apart_with_their_figures(sign_in, filled):
    create(operator(), charter(name="later", title="Later <b>one</b>"), NOW)
    shown = text_of(sign_in().get("/pilots/"))
    assert "Charters being written" in shown
    assert "Later <b>one</b>" in shown  # unescaped by this test; the page itself escapes it
    assert "<b>one" not in sign_in("otto", "owner").get("/pilots/").content.decode()
    assert "Simulated." in shown
    assert "EUR 0 of EUR 52,500" in shown
    assert "Units measured" in shown


# --- one pilot --------------------------------------------------------------------------------------------------------


def test_a_pilot_without_items_says_so_and_asks_for_no_chart(sign_in, running):
    shown = text_of(sign_in().get(PILOT))
    assert "Too early to say" in shown
    assert "One arm is empty." in shown
    assert "plotly" not in shown
    assert "Simulated" not in shown


def test_the_verdict_comes_first_then_what_it_rests_on(sign_in, filled):
    shown = text_of(sign_in().get(PILOT))
    places = [
        shown.index(mark)
        for mark in ('class="simulated"', 'id="h-verdict"', 'id="h-effect"', 'id="h-arms"', 'id="h-guards"',
                     'id="h-detail"', 'id="h-money"', 'id="h-adoption"', 'id="h-record"')
    ]  # fmt: skip
    assert places == sorted(places)
    for chart in ("effect-over-time", "sensitivity", "quantiles"):
        assert f'<script id="{chart}-figure" type="application/json">' in shown
        assert re.search(rf'id="{chart}" class="plot" data-chart role="img" aria-label="[^"]+\."', shown)
        assert f'id="{chart}-table"' in shown
    assert "style=" not in shown
    assert "onclick" not in shown
    assert filled.charter_sha256 in shown
    assert "All assumptions, and where they come from" in shown


def test_every_page_of_a_simulated_pilot_says_so_at_its_top(sign_in, filled):
    client = sign_in()
    for page in ("", "/charter", "/items", "/what-if"):
        shown = text_of(client.get(f"{PILOT}{page}"))
        following = "<section" if page in ("", "/charter") else "<form"
        assert shown.index("Simulated.") < shown.index(following, shown.index("<main")), page
    assert "yes" in b"".join(client.get(f"{PILOT}/items.csv").streaming_content).decode()


def test_what_was_decided_leads_and_the_rule_stands_second(sign_in, filled):
    kept = decide(operator(), "faster_replies", "stop", "The budget is gone.", NOW)
    assert kept.kind == "stop"
    shown = text_of(sign_in().get(PILOT))
    verdict = shown[shown.index('class="verdict') : shown.index('id="h-effect"')]
    assert 'class="verdict card is-stop"' in verdict
    assert '<span class="ruling is-stop">Stopped</span>' in verdict
    assert verdict.index("Stopped") < verdict.index("rule said on that day")
    portfolio = text_of(sign_in("otto", "owner").get("/pilots/"))
    assert 'pilot-row is-stop"' in portfolio
    assert "the rule said:" in portfolio


def test_figures_that_cannot_be_computed_are_one_row_and_one_page_that_say_so(sign_in, running, monkeypatch, caplog):
    def broken(*_):
        raise ZeroDivisionError("1e308")

    monkeypatch.setattr(figures, "appraised", broken)
    client = sign_in()
    assert "The figures of this pilot cannot be computed." in text_of(client.get("/pilots/"))
    assert "The figures of this pilot cannot be computed:" in text_of(client.get(PILOT))
    assert "1e308" not in caplog.text
    assert "ZeroDivisionError" in caplog.text


def test_a_slash_too_much_still_finds_the_pilot(sign_in, running):
    assert sign_in().get(f"{PILOT}/").url == PILOT


def test_where_a_draft_s_cost_is_unknown_the_page_names_what_would_tell_it(sign_in, running):
    shown = text_of(sign_in().get(PILOT))
    assert "<code>input_price_per_million</code>" in shown
    assert "<code>money.machine_hours_per_month</code>" in shown
    Pilot.objects.update(charter=charter(money=MACHINE).model_dump(mode="json"))
    assert "input_price_per_million" not in text_of(sign_in("otto", "owner").get(PILOT))


def test_an_extension_is_offered_only_while_one_is_left(sign_in, running):
    client = sign_in()
    assert "Extend the pilot" in text_of(client.get(PILOT))
    for _ in range(charter().decide.extensions):
        decide(operator(), "faster_replies", "extend", "More time.", NOW)
    assert "Extend the pilot" not in text_of(client.get(PILOT))


def test_a_draft_shows_its_charter(sign_in, note_reply):
    create(operator(), charter(), NOW)
    assert sign_in().get(PILOT).url == f"{PILOT}/charter"


def test_an_unknown_pilot_is_not_found(sign_in):
    assert sign_in().get("/pilots/nowhere").status_code == 404


# --- the charter ------------------------------------------------------------------------------------------------------


def form_of(one, **changes):
    return values_of(one) | changes


def test_a_charter_is_written_saved_and_started(sign_in):
    client = sign_in()
    sent = client.post("/pilots/new", form_of(charter(), name="", do="save"))
    assert sent.url == f"{PILOT}/charter"
    assert Pilot.objects.get().as_charter == charter()
    assert "The charter is saved." in text_of(client.get(sent.url))
    client.post(sent.url, form_of(charter(), title="Better replies", name="other", do="save"))
    kept = Pilot.objects.get()
    assert (kept.name, kept.as_charter.title) == ("faster_replies", "Better replies")
    assert client.post(f"{PILOT}/start").url == PILOT
    assert Pilot.objects.get().state == "running"
    assert "The pilot has started." in text_of(client.get(PILOT))


def test_what_is_wrong_is_said_at_its_field_and_nothing_is_stored(sign_in):
    shown = text_of(
        sign_in().post("/pilots/new", form_of(charter(), **{"plan.weeks": "1,5", "title": ""}, do="save")), 422
    )
    assert 'value="1,5"' in shown
    assert 'id="f-plan-weeks-problem" class="problem">Write a number' in shown
    assert 'aria-describedby="f-plan-weeks-problem" aria-invalid="true"' in shown
    assert '<a href="#f-plan-weeks">Length</a>' in shown
    assert not Pilot.objects.exists()


def test_without_a_title_no_name_is_made_up(sign_in):
    client = sign_in()
    shown = text_of(client.post("/pilots/new", form_of(charter(), name="", title="", do="save")), 422)
    assert re.search(r'id="f-name" name="name" value=""', shown)
    again = client.post("/pilots/new", form_of(charter(), name="", title="Faster replies", do="save"))
    assert again.url == f"{PILOT}/charter"


def test_rows_come_and_go_without_script_and_nothing_is_stored(sign_in):
    client = sign_in()
    more = text_of(client.post("/pilots/new", form_of(charter(), do="add:guards")))
    assert 'name="guards.1.metric"' in more
    less = text_of(client.post("/pilots/new", form_of(charter(), do="remove:guards.0")))
    assert 'name="guards.0.metric"' not in less
    assert not Pilot.objects.exists()
    for nonsense in ("add:nothing", "remove:guards.x", "remove:", "nonsense"):
        assert client.post("/pilots/new", form_of(charter(title=charter().title), do=nonsense)).status_code in (
            200,
            302,
        )


def test_the_sample_size_is_renewed_while_somebody_types(sign_in):
    part = text_of(
        sign_in().post(
            "/pilots/new", form_of(charter(), title=""), headers={"HX-Request": "true", "HX-Target": "plan-size"}
        )
    )
    assert part.startswith('<div id="plan-size"')
    assert "confidence takes" in part


def test_a_charter_goes_out_as_toml_and_comes_in_again(sign_in, running):
    client = sign_in()
    toml = client.get(f"{PILOT}/charter.toml").content.decode()
    assert 'filename="faster_replies.toml"' in client.get(f"{PILOT}/charter.toml").headers["Content-Disposition"]
    read_in = text_of(client.post("/pilots/new", {"toml": toml, "do": "read"}))
    assert 'value="Faster replies"' in read_in
    assert Pilot.objects.count() == 1
    wrong = text_of(client.post("/pilots/new", {"toml": toml.replace("title", "titel", 1), "do": "read"}))
    assert "titel" in wrong
    assert "nothing was stored" not in wrong
    from_form = client.post("/pilots/new", form_of(charter(), do="download"))
    assert parse_toml(from_form.content.decode(), "what came") == charter()


def test_a_name_that_is_taken_is_said_and_the_form_stays(sign_in, running):
    shown = text_of(sign_in().post("/pilots/new", form_of(charter(), do="save")), 409)
    assert "a pilot called faster_replies is there already" in shown.lower()
    assert 'value="Faster replies"' in shown


def test_advice_stands_in_the_section_it_is_about(sign_in):
    shown = text_of(sign_in().post("/pilots/new", form_of(charter(llm_operations={"name": ""}), do="add:risks")))
    people = shown[shown.index('id="s-people"') : shown.index('id="s-population"')]
    assert "Nobody is named who runs models and updates." in people


def test_after_the_start_a_charter_is_only_read_and_amended(sign_in, running):
    client = sign_in()
    assert "<input" not in text_of(client.get(f"{PILOT}/charter")).split("<main")[1]
    form = form_of(charter(), **{"plan.weeks": "10", "primary.metric": "throughput"}, do="save")
    told = text_of(client.post(f"{PILOT}/amend", {**form, "reason": "Reviewers were ill."}), 409)
    assert "cannot change while the pilot runs" in told
    form["primary.metric"] = "handling_time"
    assert "reason" in text_of(client.post(f"{PILOT}/amend", form), 422).lower()
    assert client.post(f"{PILOT}/amend", {**form, "reason": "Reviewers were <ill>."}).url == PILOT
    shown = client.get(f"{PILOT}/charter").content.decode()
    assert "Reviewers were &lt;ill&gt;." in shown
    assert "plan.weeks" in shown
    assert Pilot.objects.get().as_charter.plan.weeks == 10


# --- its life ---------------------------------------------------------------------------------------------------------


def test_a_decision_needs_its_reason_and_shows_what_the_rule_said(sign_in, running):
    client = sign_in()
    assert client.post(f"{PILOT}/decide", {"kind": "go", "reason": " "}).url == f"{PILOT}#decide"
    assert "nothing was decided" in text_of(client.get(PILOT))
    client.post(f"{PILOT}/decide", {"kind": "go", "reason": "The board wants it."})
    shown = text_of(client.get(PILOT))
    assert "against the rule, which said: Too early to say" in shown
    assert "The board wants it." in shown
    assert 'id="decide"' not in shown
    kept = Pilot.objects.get()
    assert kept.state == "ended"
    assert kept.decisions.get().figures["verdict"]["ruling"] == "early"


def test_a_pilot_is_paused_and_goes_on(sign_in, running):
    client = sign_in()
    client.post(f"{PILOT}/pause", {"reason": "A fault."})
    assert Pilot.objects.get().state == "paused"
    paused = text_of(client.get(PILOT))
    assert "Resume the pilot" in paused
    assert "New items get no drafts: the pilot is paused." in paused
    client.post(f"{PILOT}/resume", {"reason": "Mended."})
    assert Pilot.objects.get().state == "running"
    assert "New items get no drafts:" not in text_of(client.get(PILOT))
    client.post(f"{PILOT}/resume", {"reason": "Again."})
    assert "has to be" in text_of(client.get(PILOT))


def test_a_pause_is_suggested_where_drafts_go_unused(sign_in, running):
    client = sign_in()
    Streak.objects.create(use_case="note_reply", simulated=False, unused=29)
    assert "drafts went unused" not in text_of(client.get(PILOT))
    Streak.objects.update(unused=30)
    assert "The last 30 drafts went unused." in text_of(client.get(PILOT))


def test_a_draft_is_discarded_and_a_pilot_is_not(sign_in, running):
    client = sign_in()
    client.post(f"{PILOT}/discard")
    assert Pilot.objects.filter(name="faster_replies").exists()
    create(operator(), charter(name="draft"), NOW)
    assert client.post("/pilots/draft/discard").url == "/pilots/"
    assert not Pilot.objects.filter(name="draft").exists()


def test_a_get_changes_nothing(sign_in, running):
    client = sign_in()
    for verb in ("start", "pause", "resume", "decide", "discard"):
        assert client.get(f"{PILOT}/{verb}").status_code == 405


# --- its items --------------------------------------------------------------------------------------------------------


def rows_of(shown):
    return re.findall(r'<th scope="row" class="of-id">.*?</tr>', shown)


def test_items_are_narrowed_by_arm_and_share_rewritten_and_name_no_reviewer(sign_in, filled):
    client = sign_in()
    everything = text_of(client.get(f"{PILOT}/items"))
    assert len(rows_of(everything)) == items_of.PAGE
    assert "simulated-1" not in everything.replace("simulated-faster", "")
    control = rows_of(text_of(client.get(f"{PILOT}/items?arm=control")))
    assert control
    assert all("Control" in row for row in control)
    rewritten = rows_of(text_of(client.get(f"{PILOT}/items?rewritten=5")))
    shares = [float(re.search(r'data-what="rewritten">([0-9.]+) %', row)[1]) for row in rewritten]
    assert shares
    assert min(shares) > 5
    for nonsense in ("arm=x", "rewritten=x", "rewritten=900", "below=x", "item_type=%00"):
        assert client.get(f"{PILOT}/items?{nonsense}").status_code == 200, nonsense


def test_pages_of_items_follow_each_other_without_a_gap(sign_in, filled):
    client, seen, address = sign_in(), [], f"{PILOT}/items"
    while address:
        shown = text_of(client.get(address))
        seen += re.findall(r"/desk/items/([0-9a-f-]{36})", shown)
        following = re.search(r'href="(\?[^"]*below=[^"]+)"', shown)
        address = f"{PILOT}/items{html.unescape(following[1])}" if following else ""
    stored = [str(pk) for pk in Enrolment.objects.order_by("-item_id").values_list("item_id", flat=True)]
    assert seen == stored


def test_looking_for_what_is_rare_ends_after_a_bounded_number_of_items(sign_in, filled, monkeypatch):
    monkeypatch.setattr(items_of, "MOST_LOOKED_AT", 40)
    shown = text_of(sign_in().get(f"{PILOT}/items?rewritten=100"))
    assert "No item fits among the 40 looked at." in shown
    assert "Look further" in shown


def test_a_page_of_items_asks_the_store_as_often_whatever_there_is(sign_in, filled, django_assert_max_num_queries):
    client = sign_in()
    client.get(f"{PILOT}/items")
    with django_assert_max_num_queries(16):
        client.get(f"{PILOT}/items")


def test_items_tell_no_tenure(sign_in, filled):
    client = sign_in()
    every = rows_of(text_of(client.get(f"{PILOT}/items")))
    assert rows_of(text_of(client.get(f"{PILOT}/items?tenure=first+month"))) == every
    assert "Tenure" not in text_of(client.get(f"{PILOT}/items"))


def test_items_are_taken_away_as_csv_and_the_record_says_so(sign_in, filled):
    taken = b"".join(sign_in().get(f"{PILOT}/items.csv?arm=control").streaming_content).decode("utf-8-sig")
    lines = taken.strip().split("\r\n")
    assert lines[0] == "pilot,simulated,item,arm,item_type,day,decision,active_seconds,share_rewritten"
    assert len(lines) - 1 == Enrolment.objects.filter(arm="control").count()
    assert AuditEntry.objects.filter(action="pilot.items_exported").count() == 1


def test_an_item_of_the_control_arm_speaks_of_no_draft(sign_in, filled):
    client = sign_in("rosa", "owner", "reviewer")
    for arm, told in (("control", False), ("assisted", True)):
        item = Enrolment.objects.filter(arm=arm).order_by("item_id").first().item_id
        shown = text_of(client.get(f"/desk/items/{item}"))
        assert ('id="pane-sources"' in shown) == told, arm
