"""From rows to figures: labels against scikit-learn, intervals over threads, unknown kept apart from 0."""

from typing import get_args

import pytest

from graftwork.core.scoring.expected import Expected
from graftwork.core.scoring.labels import score as score_label
from graftwork.core.scoring.registry import SCORERS, badness, chosen, row_values, score_case, scores
from graftwork.core.scoring.tally import Case
from graftwork.core.usecase_tables import Scorer


def test_every_scorer_of_a_use_case_file_is_there_and_names_its_metrics_once():
    assert set(SCORERS) == set(get_args(Scorer))
    for scoring in SCORERS.values():
        names = [metric.name for metric in scoring.metrics]
        assert len(set(names)) == len(names)
        assert any(metric.shown for metric in scoring.metrics)


def test_the_named_scorers_are_taken_and_all_where_none_is_named():
    assert chosen(("rouge", "fields")) == ("fields", "rouge")
    assert chosen(()) == tuple(SCORERS)


def test_a_row_without_anything_expected_has_no_value_at_all():
    found = row_values(score_case(Case(Expected(), "A draft."), chosen(())))
    assert found
    assert set(found.values()) == {None}
    assert badness(found) is None


def label_tallies(pairs):
    return [
        score_label(Case(Expected(label=gold), "", {"verdict": said}, label_field="verdict")) for gold, said in pairs
    ]


PAIRS = [("fair", "fair")] * 9 + [("unfair", "fair")] * 4 + [("unfair", "unfair")] * 5 + [("fair", "unclear")] * 2


def by_name(found):
    return {one.metric.name: one for one in found}


def test_labels_agree_with_scikit_learn():
    metrics = pytest.importorskip("sklearn.metrics", reason="scikit-learn is not installed")
    gold, said = zip(*PAIRS, strict=True)
    found = by_name(scores("labels", label_tallies(PAIRS), [str(n) for n in range(len(PAIRS))]))
    assert found["accuracy"].estimate.value == pytest.approx(metrics.accuracy_score(gold, said))
    assert found["kappa"].estimate.value == pytest.approx(metrics.cohen_kappa_score(gold, said))
    f1 = metrics.f1_score(gold, said, labels=["fair", "unfair"], average="macro", zero_division=0)
    assert found["f1_macro"].estimate.value == pytest.approx(f1)


def test_a_draft_without_a_label_is_wrong_and_a_row_without_one_unknown():
    assert by_name(scores("labels", label_tallies([("fair", None)]), ["1"]))["accuracy"].estimate.value == 0
    assert score_label(Case(Expected(), "", {"verdict": "fair"}, label_field="verdict")) is None
    assert score_label(Case(Expected(fields={"verdict": "Fair"}), "", {"verdict": "fair"}, label_field="verdict"))


def test_kappa_of_one_label_alone_is_not_defined():
    found = by_name(scores("labels", label_tallies([("fair", "fair")] * 4), list("1234")))
    assert found["kappa"].estimate is None
    assert found["accuracy"].estimate.value == 1


def fields_tallies(drafts, gold):
    return [score_case(Case(Expected(fields=gold), "", draft), ("fields",))["fields"] for draft in drafts]


def test_the_figure_of_all_rows_is_over_values_and_its_interval_over_threads():
    gold = {"a": "x", "b": "y"}
    drafts = [gold, {"a": "x"}, {"a": "x"}, {"b": "z"}, gold, {"b": "z"}]
    found = by_name(scores("fields", fields_tallies(drafts, gold), ["t1", "t2", "t2", "t3", "t4", "t5"]))
    assert found["recall"].estimate.value == pytest.approx(6 / 12)
    assert found["recall"].estimate.n == 5
    assert (found["recall"].rows, found["recall"].unscored) == (6, 0)
    assert found["recall"].estimate.low < 0.5 < found["recall"].estimate.high


def test_rows_that_are_not_scored_are_counted_and_change_nothing():
    gold = {"a": "x"}
    some = fields_tallies([gold, {"a": "y"}], gold)
    alone = by_name(scores("fields", some, ["1", "2"]))["f1"]
    among = by_name(scores("fields", [*some, None, None], ["1", "2", "3", "4"]))["f1"]
    assert among.estimate == alone.estimate
    assert (among.rows, among.unscored) == (2, 2)


def test_the_worst_row_has_low_scores_and_high_errors():
    assert badness({"fields.f1": 1.0, "slots.missing": 0.0, "length.ratio": 9.0}) == 0
    assert badness({"fields.f1": 0.0, "slots.missing": 1.0, "rouge.rouge1_f1": None}) == 1
    assert badness({"slots.error_rate": 3.0}) == 1
