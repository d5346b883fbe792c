"""Downloads of reviews: as a workbook and as CSV, streamed, of those that a person may see, without formulas."""

import csv
import io
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import openpyxl
import pytest

from graftwork.apps.accounts.queries import actor_for_user
from graftwork.apps.actors import Actor, operator
from graftwork.apps.audit.models import AuditEntry
from graftwork.apps.work import export_formats, export_xlsx
from graftwork.apps.work.actions.reviewing import Verdict, claim_next, decide
from graftwork.apps.work.exporting import COLUMNS, Wanted, download_reviews
from graftwork.core.errors import NotAllowed

TEXTS = [
    "=1+1",
    "+49 30 1234",
    "@SUM(A1)",
    "-5",
    "'quoted",
    "00123",
    "two\nlines\tand <tags> & ümläuts ]]>",
    "  kept  ",
    "a\rb",
    "",
    "1e5",
]


def sheet(content):
    return openpyxl.load_workbook(io.BytesIO(content)).active


def written(*rows, columns=("a",)):
    stream = io.BytesIO()
    export_xlsx.write_sheets("reviews", columns, rows, stream)
    return stream.getvalue()


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_in_a_workbook_is_that_text_and_never_a_formula(text):
    cell = sheet(written([text]))["A2"]
    assert (cell.value or "") == text
    assert cell.data_type in ("s", "n" if not text else "s")
    if text:
        assert cell.quotePrefix


def test_numbers_times_and_truths_are_what_they_are():
    moment = datetime(2026, 11, 22, 9, 30, 15, tzinfo=UTC)
    row = sheet(written([1.5, 7, True, moment, None], columns=tuple("abcde")))[2]
    assert [cell.value for cell in row][:3] == [1.5, 7, True]
    assert row[3].value == moment.replace(tzinfo=None)
    assert row[4].value is None


def test_what_xml_cannot_say_is_replaced_and_what_no_cell_holds_is_cut_and_says_so():
    assert sheet(written(["a\x00b\x1fc\ud800d"]))["A2"].value == "a\ufffdb\ufffdc\ufffdd"
    value = sheet(written(["x" * 40_000]))["A2"].value
    assert len(value) == export_xlsx.LONGEST_CELL
    assert "cut here" in value


def test_a_further_sheet_begins_where_one_is_full(monkeypatch):
    monkeypatch.setattr(export_xlsx, "ROWS_OF_A_SHEET", 2)
    book = openpyxl.load_workbook(io.BytesIO(written(*[[f"r{n}"] for n in range(5)])))
    found = [[cell.value for cell in book[name]["A"]] for name in book.sheetnames]
    assert found == [["a", "r0", "r1"], ["a", "r2", "r3"], ["a", "r4"]]
    assert len(openpyxl.load_workbook(io.BytesIO(written())).sheetnames) == 1


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_pieces_come_as_the_rows_do_and_are_the_whole_file(form, monkeypatch):
    monkeypatch.setattr(export_formats, "_PIECE_BYTES", 200)
    asked = []

    def rows():
        for number in range(5_000):
            asked.append(number)
            yield {"a": sha256(b"%d" % number).hexdigest()}

    pieces = export_formats.pieces(form, rows(), ("a",))
    first = next(pieces)
    assert 0 < len(asked) < 5_000
    content = first + b"".join(pieces)
    if form == "csv":
        assert content.startswith(b"\xef\xbb\xbfa\r\n")
        assert len(list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))) == 5_001
    else:
        assert sheet(content).max_row == 5_001


@pytest.fixture
def decided(make_items, make_user, now):
    rita = actor_for_user(make_user("rita"))
    made = []
    for verdict in (
        Verdict("approve", "Answer note-1."),
        Verdict("approve", "=other"),
        Verdict("reject", reason="other"),
    ):
        make_items(1)
        item = claim_next(rita, now)
        made.append(decide(rita, item.pk, verdict, now))
    return made


@pytest.mark.django_db
def test_a_download_has_the_columns_of_every_export_and_is_recorded_before_it_leaves(decided, make_user, now):
    olga, later = actor_for_user(make_user("olga", "ops")), now + timedelta(hours=1)
    count, pieces = download_reviews(olga, Wanted("note_reply"), "csv", later)
    entry = AuditEntry.objects.order_by("-sequence").first()
    assert (entry.action, entry.actor, count) == ("reviews.exported", olga.name, 3)
    rows = list(csv.DictReader(io.StringIO(b"".join(pieces).decode("utf-8-sig"))))
    assert tuple(rows[0]) == COLUMNS
    assert [row["final"] for row in rows] == ["Answer note-1.", "'=other", ""]
    _, pieces = download_reviews(olga, Wanted("note_reply"), "xlsx", later)
    finals = [cell.value for cell in sheet(b"".join(pieces))["I"]]
    assert finals == ["final", "Answer note-1.", "=other", None]


@pytest.mark.django_db
def test_a_download_is_narrowed(decided, make_user, now):
    olga, later = actor_for_user(make_user("olga", "ops")), now + timedelta(hours=1)
    for wanted, number in (
        (Wanted(decision="edited"), 1),
        (Wanted(decision="rejected"), 1),
        (Wanted(since=later), 0),
        (Wanted(until=later), 3),
        (Wanted("other"), 0),
    ):
        count, pieces = download_reviews(olga, wanted, "csv", later)
        content = b"".join(pieces).decode("utf-8-sig")
        assert (count, len(list(csv.reader(io.StringIO(content)))) - 1) == (number, number), wanted


@pytest.mark.django_db
def test_who_may_download_and_what_of_other_groups_stays_away(decided, make_user, now, workspace_folder):
    later = now + timedelta(hours=1)
    for roles, may in ((("ops",), True), (("owner",), True), (("compliance",), True), (("reviewer",), False)):
        actor = actor_for_user(make_user("-".join(roles), *roles))
        if may:
            assert download_reviews(actor, Wanted(), "csv", later)[0] == 3
        else:
            with pytest.raises(NotAllowed):
                download_reviews(actor, Wanted(), "csv", later)
    file = workspace_folder / "usecases" / "note_reply.toml"
    file.write_text(file.read_text() + '\n[review]\ngroup = "board"\n', encoding="utf-8")
    for actor, number in (
        (Actor("user:1", 1, frozenset(["ops"])), 0),
        (Actor("user:1", 1, frozenset(["ops"]), groups=frozenset(["board"])), 3),
        (operator(), 3),
    ):
        count, pieces = download_reviews(actor, Wanted(), "csv", later)
        assert (count, b"Answer" in b"".join(pieces)) == (number, number > 0)
