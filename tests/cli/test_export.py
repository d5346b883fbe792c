"""`export reviews`: what leaves, in which shape, and that nothing half-written stays behind."""

import csv
import errno
import json
import sys
from datetime import UTC, datetime, timedelta

import openpyxl
import pyarrow.parquet
import pytest

from graftwork.apps.accounts.queries import actor_for_user
from graftwork.apps.actors import operator
from graftwork.apps.audit.models import AuditEntry
from graftwork.apps.work import exporting
from graftwork.apps.work.actions.reviewing import TimeOnTask, Verdict, claim_next, decide, undo
from graftwork.apps.work.export_formats import csv_cell
from graftwork.apps.work.models import Review

pytestmark = pytest.mark.django_db
DRAFT = "We sent it on Monday."


@pytest.fixture
def review(make_items, make_user, now):
    """Drafts one more item and has `rita` decide on it."""
    people = {}

    def make(verdict=None, at=now, *, simulated=False):
        make_items(1, draft=DRAFT)
        rita = people.setdefault("rita", None) or actor_for_user(make_user("rita"))
        people["rita"] = rita
        assert claim_next(rita, at) is not None
        item = claim_next(rita, at)
        return decide(rita, item.pk, verdict or Verdict("approve", DRAFT), at, simulated=simulated)

    return make


@pytest.fixture
def exported(graftwork, tmp_path):
    def run(*args):
        file = tmp_path / f"out-{len(list(tmp_path.iterdir()))}.jsonl"
        result = graftwork("export", "reviews", "--output", file, *args)
        assert result.exit_code == 0, result.output
        return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]

    return run


def test_a_review_carries_what_was_drafted_changed_and_measured(review, exported, now):
    time = TimeOnTask(12.5, wall_seconds=40.0, thinking_seconds=3.0, active_seconds_30=9.5, active_seconds_120=20.0)
    made = review(Verdict("approve", "We sent it on Tuesday.", note="checked", time=time))
    [row] = exported()
    runs = {(edit["operation"], edit["text"]) for edit in row["edit_script"]}
    assert runs == {("keep", "We sent it on "), ("delete", "Monday"), ("insert", "Tuesday"), ("keep", ".")}
    assert row == {
        "review_id": str(made.pk), "item": "note-1", "thread": "note-1", "use_case": "note_reply",
        "decision": "edited", "reason": None, "note": "checked", "draft": DRAFT, "final": "We sent it on Tuesday.",
        "edit_script": row["edit_script"], "field_changes": None, "share_rewritten": pytest.approx(1 / 6),
        "active_seconds": 12.5, "active_seconds_30": 9.5, "active_seconds_120": 20.0, "wall_seconds": 40.0,
        "thinking_seconds": 3.0,
        "reviewer": made.reviewer_id, "release": made.release_id, "model": "echo", "engine": "echo", "zone": "local",
        "simulated": False, "decided_at": now.isoformat(), "effective_at": (now + timedelta(seconds=10)).isoformat(),
    }  # fmt: skip


def test_what_is_not_known_is_null_and_not_zero(review, exported):
    review(Verdict("reject", reason="wrong"))
    [row] = exported()
    unknown = ("final", "edit_script", "share_rewritten", "active_seconds", "wall_seconds", "thinking_seconds", "note")
    assert {row[name] for name in unknown} == {None}
    assert row["reason"] == "wrong"


def test_only_reviews_in_effect_leave(review, exported, now):
    stays = review()
    undone = review()
    undo(actor_for_user(undone.reviewer), undone.pk, now + timedelta(seconds=5))
    pending = review()
    Review.objects.filter(pk=pending.pk).update(effective_at=datetime.now(UTC) + timedelta(hours=1))
    assert [row["review_id"] for row in exported()] == [str(stays.pk)]


def test_simulated_reviews_are_left_out_unless_asked_for_and_that_is_said(review, exported, graftwork):
    review()
    review(simulated=True)
    assert [row["simulated"] for row in exported()] == [False]
    assert [row["simulated"] for row in exported("--include-simulated")] == [False, True]
    said = graftwork("export", "reviews", "--output", "-")
    assert "1 simulated reviews are left out; --include-simulated adds them" in said.stderr


@pytest.mark.parametrize(
    ("args", "days"),
    [
        ([], [0, 1, 2]),
        (["--since", "2026-01-16"], [1, 2]),
        (["--until", "2026-01-16"], [0]),
        (["--since", "2026-01-16T09:00", "--until", "2026-01-17T09:00"], [1]),
        (["--since", "2026-01-16T10:00:00+0100"], [1, 2]),
        (["--use-case", "note_reply"], [0, 1, 2]),
        (["--use-case", "another"], []),
    ],
)
def test_time_and_use_case_choose_the_reviews(review, exported, now, args, days):
    made = [review(at=now + timedelta(days=day)) for day in range(3)]
    assert [row["review_id"] for row in exported(*args)] == [str(made[day].pk) for day in days]


def test_names_of_reviewers_leave_only_when_asked_for(review, exported):
    review()
    assert "rita" not in json.dumps(exported())
    assert exported("--names")[0]["reviewer_name"] == "rita"


def test_all_are_written_once_and_in_order_whatever_the_chunk(review, exported, monkeypatch):
    made = [str(review().pk) for _ in range(5)]
    for chunk in (1, 2, 5, 6):
        monkeypatch.setattr(exporting, "CHUNK_REVIEWS", chunk)
        assert [row["review_id"] for row in exported()] == made


def test_no_more_than_one_chunk_is_read_ahead(review, now, monkeypatch, django_assert_num_queries):
    for _ in range(4):
        review()
    monkeypatch.setattr(exporting, "CHUNK_REVIEWS", 2)
    with django_assert_num_queries(1):
        records = exporting._records(operator(), exporting.Wanted(), now + timedelta(days=1))
        next(records)
        next(records)


def test_csv_and_parquet_say_the_same_as_json_lines(review, exported, graftwork, tmp_path):
    review(Verdict("approve", 'Zeile eins,\n"zwei"; ü 😀', note="n"))
    review(Verdict("reject", reason="tone"))
    rows = exported("--names")
    graftwork("export", "reviews", "--names", "--format", "csv", "--output", tmp_path / "r.csv")
    graftwork("export", "reviews", "--names", "--format", "parquet", "--output", tmp_path / "r.parquet")
    with (tmp_path / "r.csv").open(encoding="utf-8", newline="") as file:
        cells = list(csv.DictReader(file))
    assert list(cells[0]) == list(rows[0])
    assert cells == [{name: csv_cell(value) for name, value in row.items()} for row in rows]
    table = pyarrow.parquet.read_table(tmp_path / "r.parquet")
    assert str(table.schema.field("decided_at").type) == "timestamp[us, tz=UTC]"
    times = ("decided_at", "effective_at")
    from_parquet = [{**row, **{name: row[name].isoformat() for name in times}} for row in table.to_pylist()]
    assert from_parquet == rows


def test_an_export_of_nothing_has_its_header_in_every_format(graftwork, tmp_path, db):
    for form, check in (
        ("jsonl", lambda file: file.read_bytes() == b""),
        ("csv", lambda file: file.read_text(encoding="utf-8") == ",".join(exporting.COLUMNS) + "\n"),
        ("xlsx", lambda file: [c.value for c in openpyxl.load_workbook(file).active[1]] == list(exporting.COLUMNS)),
        ("parquet", lambda file: pyarrow.parquet.read_table(file).column_names == list(exporting.COLUMNS)),
    ):
        file = tmp_path / f"reviews.{form}"
        assert graftwork("export", "reviews", "--format", form, "--output", file).exit_code == 0
        assert check(file), form


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ('=HYPERLINK("http://x","y")', '\'=HYPERLINK("http://x","y")'),
        ("+49 30 1", "'+49 30 1"),
        ("-1+1", "'-1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("  =1", "'  =1"),
        ("\ufeff=1", "'\ufeff=1"),
        ("\uff1d1", "'\uff1d1"),
        ("'quoted", "''quoted"),
        ("Hello = you", "Hello = you"),
        ("a-b", "a-b"),
        ("-5", "-5"),
        ("-5.25", "-5.25"),
        ("+5", "'+5"),
        ("-5-1", "'-5-1"),
        ("", ""),
        (" ", " "),
        (None, ""),
        (-1.5, "-1.5"),
        (True, "true"),
    ],
)
def test_no_text_becomes_a_formula_and_every_text_can_be_had_back(text, cell):
    assert csv_cell(text) == cell
    if isinstance(text, str):
        assert cell.removeprefix("'") == text


def test_an_export_leaves_an_audit_entry_without_names_or_texts(review, exported):
    review()
    exported("--since", "2026-01-01")
    entry = AuditEntry.objects.order_by("-sequence").first()
    assert (entry.actor, entry.action) == ("cli", "reviews.exported")
    assert json.loads(entry.detail)["reviews"] == 1
    assert json.loads(entry.detail)["since"] == "2026-01-01T00:00:00+00:00"


# --- the file ---------------------------------------------------------------------------------------------------------


def test_a_file_that_is_there_is_kept_unless_forced(review, graftwork, tmp_path):
    review()
    file = tmp_path / "r.jsonl"
    file.write_text("mine", encoding="utf-8")
    refused = graftwork("export", "reviews", "--output", file)
    assert refused.exit_code == 2
    assert "export.exists" in refused.stderr
    assert "--force" in refused.stderr
    assert file.read_text(encoding="utf-8") == "mine"
    assert graftwork("export", "reviews", "--output", file, "--force").exit_code == 0
    assert DRAFT in file.read_text(encoding="utf-8")
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_full_disk_leaves_nothing_behind_and_the_old_file_as_it_was(review, graftwork, tmp_path, monkeypatch):
    review()
    file = tmp_path / "r.csv"
    file.write_text("mine", encoding="utf-8")

    def full(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(exporting.os, "fsync", full)
    result = graftwork("export", "reviews", "--format", "csv", "--output", file, "--force")
    assert result.exit_code == 1
    assert f"store.disk_full: {tmp_path}" in result.stderr
    assert [one.name for one in tmp_path.iterdir()] == ["r.csv"]
    assert file.read_text(encoding="utf-8") == "mine"


def test_a_folder_that_is_not_there_is_named_as_it_was_given(graftwork, tmp_path):
    result = graftwork("export", "reviews", "--output", tmp_path / "no" / "r.jsonl")
    assert result.exit_code == 1
    assert f"'{tmp_path / 'no' / 'r.jsonl'}'" in result.stderr
    assert "No such file or directory" in result.stderr


def test_standard_output_carries_rows_and_nothing_else(review, graftwork):
    review()
    result = graftwork("export", "reviews", "--output", "-")
    assert [json.loads(line)["item"] for line in result.stdout.splitlines()] == ["note-1"]
    assert "1 reviews written to standard output" in result.stderr
    assert graftwork("export", "reviews", "--output", "-", "--format", "parquet").exit_code == 2


def test_parquet_without_pyarrow_names_what_installs_it(graftwork, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    result = graftwork("export", "reviews", "--format", "parquet", "--output", tmp_path / "r.parquet")
    assert result.exit_code == 2
    assert "export.parquet_missing" in result.stderr
    assert "pip install 'graftwork[parquet]'" in result.stderr
    assert list(tmp_path.iterdir()) == []
