"""What leaves the house of a pilot: figures as JSON and CSV, the report, and who may take them away."""

import csv
import io
import json
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from pypdf import PdfReader

from graftwork.api.schemas.pilots import PilotFigures
from graftwork.apps.actors import Actor, operator
from graftwork.apps.audit.models import AuditEntry
from graftwork.apps.pilots.actions.charters import create
from graftwork.apps.pilots.exports import words
from graftwork.apps.pilots.exports.actions import KINDS, export
from graftwork.apps.pilots.exports.csv import COLUMNS, figures_csv
from graftwork.apps.pilots.exports.json import figures_json
from graftwork.apps.pilots.exports.pdf import report
from graftwork.apps.pilots.models import Amendment, Decision, Pilot
from graftwork.apps.pilots.simulating import simulate
from graftwork.core.errors import NotAllowed, NotFound, PilotStateWrong, RequestInvalid
from graftwork.core.stats import Estimate
from support.appraisals import charter
from support.findings import appraisal, effect, history, money

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 4, 12, 9, tzinfo=UTC)


@pytest.fixture
def make_pilot():
    def make(*, simulated=False, **changes):
        held = charter(**changes)
        return Pilot.objects.create(
            name=held.name, use_case=held.use_case, state="ended", charter=held.model_dump(mode="json"),
            charter_sha256=held.sha256, salt="s", simulated=simulated, created_at=NOW,
            started_at=NOW - timedelta(weeks=6),
            ends_at=NOW, ended_at=NOW,
        )  # fmt: skip

    return make


@pytest.fixture
def simulated(now):
    """Sixty made-up items, drawn and added up as real ones are."""
    made = create(operator(), charter(), now, simulated=True)
    return simulate(operator(), made, items=60, now=now, effect_seconds=120)


# --- JSON -------------------------------------------------------------------------------------------------------------


def numbers_without_company(value, path=""):
    """Every figure with a `value` that lacks a unit, a method or, where it has an interval, its count."""
    if isinstance(value, dict):
        needed = {"unit", "low", "high", "n", "method"} if "low" in value else {"unit"}
        if isinstance(value.get("value"), float) and not needed <= value.keys():
            yield path
        for key, one in value.items():
            yield from numbers_without_company(one, f"{path}.{key}")
    elif isinstance(value, list):
        for at, one in enumerate(value):
            yield from numbers_without_company(one, f"{path}[{at}]")


def test_every_number_goes_with_its_unit_count_interval_and_method(make_pilot):
    told = figures_json(make_pilot(), appraisal(), NOW)
    assert list(numbers_without_company(told)) == []
    assert told["primary"]["now"] | {"relative": None} == {
        "value": -210.0, "low": pytest.approx(-245.7), "high": pytest.approx(-174.3), "unit": "s", "n": 1_500,
        "n_assisted": 741, "n_control": 759, "method": "sequence", "confidence": 0.95,
        "standard_error": pytest.approx(18.2, abs=0.1), "p_value": 0.00001, "assisted": 278.0, "control": 488.0,
        "relative": None, "variance_taken_away": 0.12, "trouble": "",
    }  # fmt: skip


def test_the_figures_fit_the_schema_that_rest_tells(make_pilot):
    told = figures_json(make_pilot(), appraisal(), NOW)
    assert PilotFigures.model_validate({**told, "items_waiting": 0}).verdict.ruling == "go"
    assert set(told) | {"items_waiting"} == {field.alias or name for name, field in PilotFigures.model_fields.items()}


def test_what_is_not_known_is_null_and_never_zero(make_pilot):
    endless = money(payback_months=Estimate(float("inf"), 40.0, float("inf"), 9, "months"), one_off_cost=None)
    told = figures_json(make_pilot(), appraisal(money=endless, history=[], planned_units=None), NOW)
    assert told["money"]["payback_months"] | {"low": None} == {
        "value": None, "low": None, "high": None, "unit": "months", "n": 9, "method": "simulation", "confidence": 0.95,
    }  # fmt: skip
    assert told["money"]["one_off_cost"]["value"] is None
    assert told["planned_units"] is None
    json.dumps(told, allow_nan=False)


def test_amendments_and_decisions_are_told_and_a_decision_names_its_figures(make_pilot):
    pilot = make_pilot()
    change = [{"key": "plan.weeks", "before": 8, "after": 10}]
    Amendment.objects.create(
        pilot=pilot, number=1, changes=change, reason="Holidays.", charter_sha256="a" * 64, amended_at=NOW
    )
    Decision.objects.create(pilot=pilot, kind="go", reason="It pays.", figures={"a": 1.0}, decided_at=NOW)
    told = figures_json(pilot, appraisal(), NOW)
    assert told["amendments"][0]["changes"] == change
    assert told["decisions"][0]["figures_sha256"] == "015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862"
    assert told["charter_sha256"] == pilot.charter_sha256


# --- CSV --------------------------------------------------------------------------------------------------------------


def rows_of(content):
    return list(csv.DictReader(io.StringIO(content.decode())))


def test_the_rows_hold_one_number_each(make_pilot):
    pilot = make_pilot()
    rows = rows_of(figures_csv(figures_json(pilot, appraisal(), NOW)))
    assert tuple(rows[0]) == COLUMNS
    assert {row["charter_sha256"] for row in rows} == {pilot.charter_sha256}
    [now] = [row for row in rows if (row["metric"], row["comparison"]) == ("handling_time", "difference")]
    assert (now["value"], now["unit"], now["n"], now["method"]) == ("-210.0", "s", "1500", "sequence")
    days = [row for row in rows if row["day"]]
    assert (len(days), days[0]["day"], days[0]["comparison"]) == (40, "2026-03-02", "improvement")
    [unknown] = [row for row in rows if (row["metric"], row["comparison"]) == ("csat", "difference")]
    assert (unknown["value"], unknown["low"]) == ("", "")
    assert {row["simulated"] for row in rows} == {"false"}


@pytest.mark.parametrize(("kind", "starts"), [("=1+1", "difference"), ("Delivery", "difference")])
def test_a_kind_of_items_is_no_formula(make_pilot, kind, starts):
    part = appraisal().subgroups[0]
    told = figures_json(make_pilot(), appraisal(subgroups=[type(part)("item_type", kind, part.effect, False)]), NOW)
    assert f"{starts}, item_type: {kind}" in [row["comparison"] for row in rows_of(figures_csv(told))]


def test_a_simulated_pilot_says_so_in_every_row(make_pilot):
    rows = rows_of(figures_csv(figures_json(make_pilot(simulated=True), appraisal(), NOW)))
    assert {row["simulated"] for row in rows} == {"true"}


# --- PDF --------------------------------------------------------------------------------------------------------------


def read(content):
    return PdfReader(io.BytesIO(content))


def text_of(page):
    return " ".join(page.extract_text().split())


def test_the_report_begins_with_the_verdict_and_counts_its_pages(make_pilot):
    pages = read(report(make_pilot(), appraisal(), NOW, fingerprint="abcd")).pages
    first = text_of(pages[0])
    assert first.index("Go: help saves 2.9 to 4.1 minutes") < first.index("Handling time")
    for number, page in enumerate(pages, 1):
        assert f"{number} of {len(pages)}" in text_of(page)
        assert [round(float(side)) for side in page.mediabox[2:]] == [595, 842]


def test_every_page_of_a_simulated_pilot_says_so_and_no_page_of_a_real_one(make_pilot):
    told = [text_of(page) for page in read(report(make_pilot(simulated=True), appraisal(), NOW)).pages]
    assert len(told) > 2
    assert all("SIMULATED" in page for page in told)
    real = report(make_pilot(name="other"), appraisal(), NOW)
    assert not any("simulated" in text_of(page).lower() for page in read(real).pages)


def test_letters_of_many_languages_are_drawn_and_others_are_not_left_out_in_silence(make_pilot):
    pilot = make_pilot(title="Antworten für Łódź, 4 € je Größe", problem="Čeština, 漢字, a → b, done")
    document = read(report(pilot, appraisal(), NOW))
    assert "Antworten für Łódz, 4 € je Größe" in text_of(document.pages[0])
    assert "Čeština, ??, a to b" in " ".join(text_of(page) for page in document.pages)


def test_fonts_are_in_the_file_and_it_says_what_it_is(make_pilot):
    document = read(report(make_pilot(), appraisal(), NOW))
    assert document.metadata.title == "Faster replies: pilot report"
    assert document.metadata.author == "Head of support, Support"
    for page in document.pages:
        for font in page["/Resources"]["/Font"].values():
            assert "/FontFile2" in font.get_object()["/FontDescriptor"].get_object()


@pytest.mark.parametrize("text", ["word " * 790, "x" * 3_990, "<b>not bold</b> & <para>", "line\n" * 300])
def test_long_and_odd_texts_stay_on_the_page(make_pilot, text):
    pilot = make_pilot(problem=text, risks=[text], budget=[{"title": text[:190], "kind": "build", "amount": 1e12}])
    document = read(report(pilot, appraisal(notes=[text]), NOW))
    if "<b>" in text:
        assert "<b>not bold</b> & <para>" in " ".join(text_of(page) for page in document.pages)


@pytest.mark.parametrize(
    "changes",
    [
        {"history": []},
        {"history": history(1)},
        {"history": history(400)},
        {"guards": [], "others": [], "sensitivity": [], "quantiles": [], "subgroups": [], "notes": []},
        {"money": money(payback_months=None, monthly_benefit=None, payback_probability=None, assumptions=[])},
    ],
)
def test_a_report_is_written_whatever_is_not_known_yet(make_pilot, changes):
    nothing = effect(None, trouble="empty_arm", relative=None, assisted=None, control=None, units_assisted=0)
    primary = type(appraisal().primary)(
        appraisal().primary.metric, nothing, nothing, {"assisted": None, "control": None}
    )
    pilot = make_pilot()
    for found in (appraisal(**changes), appraisal(**changes, primary=primary)):
        pages = read(report(pilot, found, NOW)).pages
    assert "unknown" in text_of(pages[0])


@pytest.mark.parametrize(
    ("value", "unit", "difference", "told"),
    [
        (278.4, "s", False, "278 s"),
        (-210.0, "s", True, "\N{MINUS SIGN}210 s"),
        (12.34, "s", False, "12.3 s"),
        (0.002, "share", True, "+0.20 percentage points"),
        (0.41, "share", False, "41 %"),
        (0.0, "s", True, "0 s"),
        (-0.001, "s", True, "0 s"),
        (9.44, "months", False, "9.4 months"),
        (None, "s", False, "unknown"),
        (float("inf"), "months", False, "unknown"),
        (12_345.6, "EUR", False, "EUR 12,346"),
    ],
)
def test_numbers_are_written_with_the_digits_that_they_carry(value, unit, difference, told):
    assert words.quantity(value, unit, difference=difference) == told


def test_an_estimate_of_thousands_does_not_claim_single_units():
    assert words.estimate(Estimate(87_989.0, 52_195.0, 133_817.0, 9, "EUR")) == "EUR 88,000 (52,200 to 134,000)"


# --- the action, and its pages ----------------------------------------------------------------------------------------


def person(*roles):
    return Actor("user:7", 7, frozenset(roles))


@pytest.mark.parametrize("kind", KINDS)
def test_an_export_is_recorded_with_its_kind_and_without_content(simulated, now, kind):
    made = export(person("compliance"), simulated.name, kind, now)
    assert re.fullmatch(r"replies\.(report\.pdf|figures\.(csv|json)|evidence\.json)", made.file_name)
    assert made.content
    entry = AuditEntry.objects.order_by("-sequence").first()
    assert (entry.action, entry.actor, entry.subject) == ("pilot.exported", "user:7", f"pilot:{simulated.pk}")
    assert json.loads(entry.detail) == {
        "kind": kind, "charter_sha256": simulated.charter_sha256, "simulated": True,
    }  # fmt: skip


@pytest.mark.parametrize("roles", [("reviewer",), ("editor",), ()])
def test_who_may_not_see_the_page_gets_no_file_and_leaves_no_entry(simulated, now, roles):
    before = AuditEntry.objects.count()
    with pytest.raises(NotAllowed):
        export(person(*roles), simulated.name, "json", now)
    with pytest.raises(NotFound):
        export(person("owner"), "nothing_such", "json", now)
    with pytest.raises(RequestInvalid):
        export(person("owner"), simulated.name, "xlsx", now)
    assert AuditEntry.objects.count() == before


def test_evidence_needs_a_charter_that_is_fixed(now):
    create(operator(), charter(), now)
    with pytest.raises(PilotStateWrong):
        export(operator(), "replies", "evidence", now)
    assert json.loads(export(operator(), "replies", "json", now).content)["charter_sha256"] is None


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("report.pdf", "application/pdf"),
        ("figures.csv", "text/csv; charset=utf-8"),
        ("figures.json", "application/json"),
        ("evidence", "application/json"),
    ],
)
def test_the_pages_give_files(simulated, make_user, address, kind):
    client = Client()
    client.force_login(make_user("olga", "owner"))
    answer = client.get(f"/pilots/{simulated.name}/{address}")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, kind)
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="replies.')
    assert answer.headers["Cache-Control"] == "no-store, private"
    client.force_login(make_user("rita", "reviewer"))
    assert client.get(f"/pilots/{simulated.name}/{address}").status_code == 403
    assert Client().get(f"/pilots/{simulated.name}/{address}").status_code == 302


def test_a_process_that_writes_no_report_loads_none_of_what_a_report_needs():
    code = (
        "from graftwork.config.setup import load_django; from graftwork.config.workspace import open_workspace; "
        "load_django(open_workspace()); import graftwork.config.urls, sys; "
        "sys.exit(' '.join(one for one in ('reportlab', 'statsmodels', 'pandas') if one in sys.modules) or 0)"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)
    assert (found.returncode, found.stderr) == (0, "")
