"""`graftwork pilot`: from the template to the decision, as people type it, and what they are refused."""

import json
from pathlib import Path

import pytest

from graftwork.apps.actors import operator
from graftwork.apps.pilots.actions.charters import create
from graftwork.apps.pilots.models import BaselineTime, Decision, Pilot
from graftwork.cli import pilot_figures
from graftwork.core.appraisal.planning import planned_sample
from graftwork.core.charter.file import template, to_toml
from support.charters import charter

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("note_reply")]


@pytest.fixture
def folder(workspace_folder, monkeypatch):
    monkeypatch.chdir(workspace_folder)
    pilots = workspace_folder / "pilots"
    pilots.mkdir(exist_ok=True)
    yield pilots
    for file in pilots.iterdir():
        file.unlink()
    pilots.rmdir()


@pytest.fixture
def write(folder):
    def one(**changes) -> Path:
        held = charter(**changes)
        file = folder / f"{held.name}.toml"
        file.write_text(to_toml(held), encoding="utf-8")
        return file

    return one


@pytest.fixture
def running(write, graftwork):
    write()
    assert graftwork("pilot", "start", "faster_replies").exit_code == 0
    return Pilot.objects.get()


# --- new --------------------------------------------------------------------------------------------------------------


def test_new_writes_a_charter_that_check_refuses_until_it_is_filled_in(folder, graftwork):
    made = graftwork("pilot", "new", "quick", "--use-case", "note_reply", "--title", 'Say "quick"')
    assert "pilots/quick.toml is written" in made.stdout
    assert (folder / "quick.toml").read_text(encoding="utf-8") == template("quick", 'Say "quick"', "note_reply")
    refused = graftwork("pilot", "check", "quick")
    assert refused.exit_code == 2
    assert "pilots/quick.toml: `primary.minimum_effect`: is required; to be filled in too: " in refused.stderr


def test_new_leaves_a_file_that_is_there(folder, graftwork):
    (folder / "quick.toml").write_text("mine", encoding="utf-8")
    refused = graftwork("pilot", "new", "quick", "--use-case", "note_reply")
    assert (refused.exit_code, "is there already" in refused.stderr) == (2, True)
    assert (folder / "quick.toml").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize(
    ("name", "use_case", "words"),
    [("Quick one", "note_reply", "`quick_one` would do"), ("quick", "note_replie", "did you mean `note_reply`?")],
)
def test_new_proposes_what_would_do(folder, graftwork, name, use_case, words):
    assert words in graftwork("pilot", "new", name, "--use-case", use_case).stderr


# --- check ------------------------------------------------------------------------------------------------------------


def test_check_tells_the_sample_and_has_nothing_against_a_whole_charter(write, graftwork):
    write()
    shown = graftwork("pilot", "check", "faster_replies", "--strict")
    assert shown.exit_code == 0
    assert "ok: pilots/faster_replies.toml" in shown.stdout
    assert planned_sample(charter()).sentence in shown.stdout
    assert "warning" not in shown.stdout


def test_check_warns_with_a_reason_and_strict_makes_it_count(write, graftwork):
    file = write(population={"reviewers_department": "claims"}, plan={"weeks": 3})
    shown = graftwork("pilot", "check", file)
    assert shown.exit_code == 0
    assert "Nobody on the team is from claims" in shown.stdout
    assert " weeks; the plan has 3 weeks." in shown.stdout
    assert graftwork("pilot", "check", file, "--strict").exit_code == 1


def test_check_names_a_field_that_the_use_case_does_not_have(write, graftwork):
    write(item_types={"field": "txt", "values": ["a"]})
    refused = graftwork("pilot", "check", "faster_replies")
    assert refused.exit_code == 2
    assert "`item_types.field`: note_reply has no input field `txt`; did you mean `text`?" in refused.stderr


def test_check_reads_a_draft_of_the_console(graftwork, now):
    create(operator(), charter(), now)
    assert "ok: faster_replies (in the console)" in graftwork("pilot", "check", "faster_replies").stdout
    assert "did you mean `faster_replies`?" in graftwork("pilot", "check", "faster_reply").stderr


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"plan": {"weeks": 10}}, "`graftwork pilot amend faster_replies --reason WHY` puts it in force"),
        ({"primary": {"minimum_effect": 5}}, "`primary.minimum_effect` cannot change while the pilot runs"),
    ],
)
def test_check_tells_what_differs_from_the_charter_in_force(running, write, graftwork, changes, words):
    assert "differs" not in graftwork("pilot", "check", "faster_replies").stdout
    write(**changes)
    shown = graftwork("pilot", "check", "faster_replies")
    assert f"It differs from the charter that was fixed on {running.started_at:%Y-%m-%d} in: " in shown.stdout
    assert words in shown.stdout
    assert graftwork("pilot", "check", "faster_replies", "--strict").exit_code == 1


# --- start ------------------------------------------------------------------------------------------------------------


def test_start_fixes_the_file(write, graftwork):
    write()
    shown = graftwork("pilot", "start", "faster_replies")
    pilot = Pilot.objects.get()
    assert f"its charter is fixed: {pilot.charter_sha256}" in shown.stdout
    assert pilot.as_charter == charter(plan={"units": planned_sample(charter()).units})


def test_start_asks_for_a_baseline_where_there_is_no_control_arm(write, graftwork):
    write(arms={"design": "before_after"})
    shown = graftwork("pilot", "start", "faster_replies").stdout
    assert "graftwork pilot baseline faster_replies FILE.csv" in shown
    assert "has 2 warnings about it" in shown


def test_start_takes_a_draft_of_the_console(graftwork, now):
    create(operator(), charter(), now)
    assert graftwork("pilot", "start", "faster_replies").exit_code == 0
    assert Pilot.objects.get().state == "running"


@pytest.mark.parametrize(("origin", "title"), [("file", "From the file"), ("console", "Faster replies")])
def test_a_file_and_a_draft_that_differ_need_a_word(write, graftwork, now, origin, title):
    create(operator(), charter(), now)
    write(title="From the file")
    refused = graftwork("pilot", "start", "faster_replies")
    assert "differ in title" in refused.stderr
    assert Pilot.objects.get().state == "draft"
    assert graftwork("pilot", "start", "faster_replies", "--from", origin).exit_code == 0
    assert Pilot.objects.get().as_charter.title == title


def test_a_start_that_is_refused_stores_nothing(write, graftwork):
    write(item_types={"field": "txt", "values": ["a"]})
    assert graftwork("pilot", "start", "faster_replies").exit_code == 2
    assert not Pilot.objects.exists()


def test_start_of_a_running_pilot_tells_what_differs(running, write, graftwork):
    assert "it has to be a draft" in graftwork("pilot", "start", "faster_replies").stderr
    write(plan={"weeks": 20}, title="Other")
    refused = graftwork("pilot", "start", "faster_replies")
    assert "this one differs from it in title, plan.weeks" in refused.stderr
    assert "graftwork pilot amend faster_replies" in refused.stderr


def test_a_pilot_that_is_not_there_is_told_with_the_nearest(running, graftwork):
    for verb in (("start",), ("amend", "--reason", "x")):
        assert "did you mean `faster_replies`?" in graftwork("pilot", verb[0], "faster_reply", *verb[1:]).stderr


# --- under way --------------------------------------------------------------------------------------------------------


def test_amend_shows_each_change(running, write, graftwork):
    write(plan={"weeks": 10}, risks=[])
    shown = graftwork("pilot", "amend", "faster_replies", "--reason", "holidays")
    assert "amendment 1 of faster_replies" in shown.stdout
    assert "plan.weeks: 8.0 -> 10.0" in shown.stdout
    assert "-> nothing" in shown.stdout
    assert Pilot.objects.get().amendments.get().reason == "holidays"


def test_list_shows_pilots_and_files(running, write, graftwork):
    write(name="idea", title="An idea")
    shown = graftwork("pilot", "list").stdout
    assert "faster_replies  running  note_reply" in shown
    assert "idea            a file" in shown


def test_list_and_report_show_what_was_decided(running, graftwork):
    assert "decided" in graftwork("pilot", "list").stdout
    assert graftwork("pilot", "decide", "faster_replies", "stop", "--reason", "no budget").exit_code == 0
    decision = Decision.objects.get()
    assert f"stop {decision.decided_at:%Y-%m-%d}" in graftwork("pilot", "list").stdout
    shown = graftwork("pilot", "report", "faster_replies").stdout
    assert shown.startswith("Stopped on ")
    assert shown.index("no budget") < shown.index("Effect")


def test_report_begins_with_an_extension_and_names_where_costs_are_said(running, graftwork):
    assert "input_price_per_million" in graftwork("pilot", "report", "faster_replies").stdout
    assert graftwork("pilot", "decide", "faster_replies", "extend", "--reason", "too few").exit_code == 0
    first, second, *_ = graftwork("pilot", "report", "faster_replies").stdout.splitlines()
    assert (first.startswith("Extended on "), first.endswith(": too few")) == (True, True)
    assert "Too early to say" in second


def test_without_pilots_list_says_how_to_begin(folder, graftwork):
    assert "graftwork pilot new NAME" in graftwork("pilot", "list").stderr


def test_pause_and_resume(running, graftwork):
    assert "is paused" in graftwork("pilot", "pause", "faster_replies", "--reason", "engine moves").stdout
    assert graftwork("pilot", "pause", "faster_replies", "--reason", "again").exit_code == 2
    assert "runs until" in graftwork("pilot", "resume", "faster_replies", "--reason", "back").stdout
    assert Pilot.objects.get().state == "running"


def test_decide_keeps_the_figures_and_says_where_the_rule_differs(running, graftwork):
    shown = graftwork("pilot", "decide", "faster_replies", "stop", "--reason", "no budget")
    assert "faster_replies has ended: stop" in shown.stdout
    assert "The charter's rule says otherwise" in shown.stdout
    decision = Decision.objects.get()
    assert (decision.kind, decision.reason) == ("stop", "no budget")
    assert decision.figures["verdict"]["ruling"] == "early"


def test_extend_moves_the_end(running, graftwork):
    assert "runs until" in graftwork("pilot", "decide", "faster_replies", "extend", "--reason", "early").stdout
    assert "all are used" in graftwork("pilot", "decide", "faster_replies", "extend", "--reason", "more").stderr


def test_a_reason_is_required(running, graftwork):
    for words in (("pause",), ("amend",), ("decide", "go")):
        refused = graftwork("pilot", words[0], "faster_replies", *words[1:])
        assert (refused.exit_code, "--reason" in refused.stderr) == (2, True)


# --- figures ----------------------------------------------------------------------------------------------------------


def test_report_begins_with_the_verdict(running, graftwork):
    shown = graftwork("pilot", "report", "faster_replies").stdout
    assert shown.startswith("Too early to say")
    for part in ("Effect", "Guards", "Money", "Handling time", f"Charter {running.charter_sha256[:12]}"):
        assert part in shown


def test_report_as_json_is_one_object(running, graftwork):
    told = json.loads(graftwork("pilot", "report", "faster_replies", "--json").stdout)
    assert told["pilot"]["name"] == "faster_replies"
    assert told["verdict"]["ruling"] == "early"


def test_a_draft_has_no_report(graftwork, now):
    create(operator(), charter(), now)
    refused = graftwork("pilot", "report", "faster_replies")
    assert (refused.exit_code, "has to be started" in refused.stderr) == (2, True)
    assert graftwork("pilot", "report", "faster").exit_code == 1


def test_a_baseline_is_imported_and_bad_lines_are_named(running, graftwork, tmp_path):
    file = tmp_path / "before.csv"
    file.write_text("seconds,date\n300,2026-01-02\nsoon,2026-01-02\n-5,2026-01-02\n240,2026-01-03\n", encoding="utf-8")
    refused = graftwork("pilot", "baseline", "faster_replies", file)
    assert (refused.exit_code, "`reason`" in refused.stderr) == (2, True)
    shown = graftwork("pilot", "baseline", "faster_replies", file, "--reason", "late")
    assert "2 times stored of 4 rows" in shown.stdout
    assert "line 3: " in shown.stderr
    assert "soon" not in shown.stderr
    assert BaselineTime.objects.count() == 2


def test_outcomes_of_unknown_items_are_named_by_line(running, graftwork, tmp_path):
    file = tmp_path / "later.csv"
    file.write_text("item,kind,value,occurred_at\nT-1,csat,5,2026-01-02T10:00:00Z\n", encoding="utf-8")
    shown = graftwork("pilot", "outcomes", "faster_replies", file)
    assert "0 outcomes stored of 1 row" in shown.stdout
    assert "line 2: names an item that does not take part" in shown.stderr


def test_rebuild_counts_items(running, graftwork):
    assert "made anew from 0 items" in graftwork("pilot", "rebuild", "faster_replies").stdout


@pytest.mark.parametrize(("form", "begins"), [("pdf", b"%PDF"), ("json", b"{"), ("csv", b""), ("evidence", b"{")])
def test_export_writes_a_file_and_does_not_replace_one(running, graftwork, tmp_path, form, begins):
    target = tmp_path / "out"
    assert graftwork("pilot", "export", "faster_replies", "--format", form, "-o", target).exit_code == 0
    assert target.read_bytes().startswith(begins)
    refused = graftwork("pilot", "export", "faster_replies", "--format", form, "-o", target)
    assert "--force" in refused.stderr
    assert graftwork("pilot", "export", "faster_replies", "--format", form, "-o", target, "--force").exit_code == 0


def test_export_into_a_folder_that_is_not_there_is_told(running, graftwork, tmp_path):
    refused = graftwork("pilot", "export", "faster_replies", "--format", "json", "-o", tmp_path / "no" / "out")
    assert (refused.exit_code, "cannot be written" in refused.stderr) == (2, True)


def test_evidence_is_verified_with_and_without_a_workspace(running, graftwork, tmp_path, monkeypatch):
    target = tmp_path / "evidence.json"
    graftwork("pilot", "export", "faster_replies", "--format", "evidence", "-o", target)
    shown = graftwork("pilot", "verify", target)
    assert (shown.exit_code, "by the key of this installation" in shown.stdout) == (0, True)
    assert running.charter_sha256 in shown.stdout
    monkeypatch.setattr(pilot_figures, "find_workspace", lambda: None)
    elsewhere = graftwork("pilot", "verify", target)
    assert (elsewhere.exit_code, "Compare the key's fingerprint" in elsewhere.stdout) == (0, True)


def test_evidence_that_was_changed_is_told(running, graftwork, tmp_path):
    target = tmp_path / "evidence.json"
    graftwork("pilot", "export", "faster_replies", "--format", "evidence", "-o", target)
    target.write_text(target.read_text(encoding="utf-8").replace("early", "go", 1), encoding="utf-8")
    shown = graftwork("pilot", "verify", target)
    assert (shown.exit_code, "was changed after it was signed" in shown.stdout) == (1, True)
    target.write_text("[]", encoding="utf-8")
    assert graftwork("pilot", "verify", target).exit_code == 1


def test_the_command_knows_the_schema_of_evidence():
    from graftwork.apps.pilots.exports.evidence import SCHEMA

    assert pilot_figures.EVIDENCE == SCHEMA


def test_times_of_before_are_imported_before_the_start_from_a_charter_that_is_only_a_file(write, graftwork, tmp_path):
    write(arms={"design": "before_after"})
    file = tmp_path / "before.csv"
    file.write_text("seconds\n300\n", encoding="utf-8")
    assert "1 time stored" in graftwork("pilot", "baseline", "faster_replies", file).stdout
    assert Pilot.objects.get().state == "draft"
    shown = graftwork("pilot", "start", "faster_replies").stdout
    assert "its charter is fixed" in shown
    assert "Import the times" not in shown
    assert BaselineTime.objects.count() == 1


def test_check_tells_the_digest_that_the_start_fixes(write, graftwork):
    write()
    before = graftwork("pilot", "check", "faster_replies").stdout
    graftwork("pilot", "start", "faster_replies")
    fixed = Pilot.objects.get().charter_sha256[:12]
    assert f"{fixed}, as a start would fix it" in before
    write(title="Other")
    assert f"{fixed}, fixed on " in graftwork("pilot", "check", "faster_replies").stdout
