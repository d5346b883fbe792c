"""From rows of a file to scored rows."""

import hashlib
import json

import pytest

from graftwork.core.errors import EngineTimeout, InputEmpty
from graftwork.core.evaluating import all_scores, read_data, score_row, scorers_of, worst_first
from graftwork.core.scoring.registry import SCORERS
from graftwork.core.types import Claim, DraftResult, Excerpt, Generation, Grounds, Notice
from graftwork.core.usecase import UseCase

USE_CASE = {
    "name": "answer",
    "title": "Answer",
    "input": {"fields": {"text": {}}},
    "instructions": {"system": "Answer."},
    "engine": {"echo": True},
}
SCHEMA = {"type": "object", "properties": {"verdict": {"type": "string"}}}


@pytest.fixture
def use_case():
    return UseCase.model_validate(USE_CASE)


@pytest.fixture
def data_of(use_case, tmp_path):
    def read(*rows, limit=None, use_case=use_case):
        file = tmp_path / "data.jsonl"
        file.write_text("".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows))
        return read_data(use_case, file, limit)

    return read


def draft(text, *notices, grounds=None):
    generation = Generation(text, "echo", "echo", "local", "stop", 1, 1, None, 1.0, 2.0, None, None)
    return DraftResult(generation, text, tuple(Notice(code, "") for code in notices), grounds=grounds)


def test_rows_are_read_with_what_is_expected_of_them(data_of, tmp_path):
    data = data_of({"id": "a", "thread": "t", "text": "x", "expected": {"text": "y"}}, {"text": "z"})
    first, second = data.rows
    assert (first.external_id, first.thread, first.expected.text) == ("a", "t", "y")
    assert (second.external_id, second.thread, second.expected.text) == ("row-2", "row-2", None)
    assert data.sha256 == hashlib.sha256((tmp_path / "data.jsonl").read_bytes()).hexdigest()


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("{", "not JSON"),
        ("[1]", "object"),
        ({"id": "a"}, "the field `text` is missing"),
        ({"text": "a", "expected": []}, "`expected` must be an object"),
        ({"text": "a", "expected": {"facts": "x"}}, "`expected.facts` must be"),
    ],
)
def test_a_bad_row_is_named_by_its_line_and_the_others_go_on(data_of, row, reason):
    data = data_of({"text": "a"}, row, {"text": "b"})
    assert [one.line for one in data.rows] == [1, 3]
    assert [one.line for one in data.rejected] == [2]
    assert reason in data.rejected[0].reason


def test_a_limit_counts_rows_of_the_file(data_of):
    data = data_of("{", {"text": "a"}, {"text": "b"}, limit=2)
    assert (len(data.rows), len(data.rejected)) == (1, 1)


def test_an_empty_file_is_refused(data_of):
    with pytest.raises(InputEmpty):
        data_of()


def test_an_item_without_a_draft_is_not_scored(use_case, data_of):
    data = data_of({"text": "a", "expected": {"text": "b", "facts": ["c"]}})
    scored = score_row(use_case, data.rows[0], EngineTimeout("echo", 3.0), {}, scorers_of(use_case))
    assert scored.error.code == "engine.timeout"
    assert set(scored.values.values()) == {None}


def test_the_scorers_of_the_use_case_are_used_and_all_where_it_names_none(use_case):
    assert scorers_of(use_case) == tuple(SCORERS)
    some = UseCase.model_validate({**USE_CASE, "evaluation": {"scorers": ["rouge", "facts"]}})
    assert scorers_of(some) == ("facts", "rouge")


def test_a_draft_is_scored_against_what_its_row_expects(use_case, data_of):
    data = data_of({"text": "a", "expected": {"facts": ["14 days"], "text": "Within 14 days."}})
    scored = score_row(use_case, data.rows[0], draft("Within 14 days."), {}, scorers_of(use_case))
    known = {name: value for name, value in scored.values.items() if value is not None}
    assert known["facts.kept"] == known["rouge.rougel_f1"] == known["edits.similarity"] == 1
    assert "fields.f1" not in known
    assert scored.badness == 0


@pytest.mark.parametrize(("text", "accuracy"), [('{"verdict": "Fair"}', 1), ('{"verdict": "unfair"}', 0), ("{", 0)])
def test_a_json_draft_is_read_and_one_that_is_broken_has_no_label(data_of, text, accuracy):
    use_case = UseCase.model_validate(
        {**USE_CASE, "output": {"type": "json", "schema": SCHEMA}, "evaluation": {"label_field": "verdict"}}
    )
    data = data_of({"text": "a", "expected": {"label": "fair"}}, use_case=use_case)
    scored = score_row(use_case, data.rows[0], draft(text), {}, scorers_of(use_case))
    assert scored.values["labels.accuracy"] == accuracy


@pytest.mark.parametrize(
    ("text", "codes", "recall"), [("Nothing.", (), 1), ("", ("nothing_found",), 1), ("Yes.", (), 0)]
)
def test_to_find_nothing_is_known_by_the_text_or_the_notice(data_of, text, codes, recall):
    use_case = UseCase.model_validate({**USE_CASE, "knowledge": {"sources": ["hb"], "nothing_found": "Nothing."}})
    data = data_of({"text": "a", "expected": {"answerable": False}}, use_case=use_case)
    scored = score_row(use_case, data.rows[0], draft(text, *codes), {}, scorers_of(use_case))
    assert scored.values["refusal.recall"] == recall


def test_passages_are_ranked_by_number_and_those_of_the_item_are_left_out(data_of):
    use_case = UseCase.model_validate({**USE_CASE, "knowledge": {"sources": ["hb"]}})
    data = data_of({"text": "a", "expected": {"documents": ["hb/b.md"]}}, use_case=use_case)
    excerpts = tuple(
        Excerpt(number, source, name, name, "x", 0, 1)
        for number, source, name in ((3, "hb", "b.md"), (1, "hb", "a.md"), (2, "", "text"))
    )
    grounds = Grounds(excerpts, (Claim(0, 1, "supported"),))
    scored = score_row(use_case, data.rows[0], draft("A", grounds=grounds), {}, scorers_of(use_case))
    assert scored.values["retrieval.mrr"] == 0.5
    assert scored.values["citations.recall"] == 0


def test_the_worst_come_first_and_what_is_not_scored_last(use_case, data_of):
    rows = [{"id": name, "text": "a", "expected": {"facts": ["x", "y"]}} for name in ("good", "bad", "failed")]
    data = data_of(*rows, {"id": "unknown", "text": "a"})
    outcomes = [draft("x y"), draft("x"), EngineTimeout("echo", 3.0), draft("x")]
    scored = [
        score_row(use_case, row, outcome, {}, scorers_of(use_case))
        for row, outcome in zip(data.rows, outcomes, strict=True)
    ]
    assert [one.row.external_id for one in worst_first(scored)] == ["failed", "bad", "good", "unknown"]
    [kept] = [one for one in all_scores(scored, ("facts",)) if one.metric.name == "kept"]
    assert (kept.estimate.value, kept.rows, kept.unscored) == (0.75, 2, 2)
