"""How often a verdict is wrong, on our own tables of sentences.

`pairs.tsv` was used to set thresholds and word lists; `pairs_kept.tsv` was written afterwards. What the second one gave
at its first run stands in docs/explanation/citations.md.
"""

import csv
from pathlib import Path

import pytest

from graftwork.core.citing.checking import check_claims
from graftwork.core.types import Excerpt

HERE = Path(__file__).parent


def rows(name: str) -> list[tuple[str, str, str]]:
    with (HERE / name).open(encoding="utf-8", newline="") as lines:
        read = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [(row["verdict"], row["sentence"], row["excerpt"].replace("\\n", "\n")) for row in read]


def verdict(sentence: str, text: str) -> tuple[str, tuple[str, ...]]:
    claims = check_claims(f"{sentence} [1]", [Excerpt(1, "s", "d", "", text, 0, len(text))]).claims
    kinds = {claim.support for claim in claims}
    missing = tuple(part for claim in claims for part in claim.missing)
    return ("unsupported" if "unsupported" in kinds else claims[0].support), missing


@pytest.mark.parametrize(("name", "at_most"), [("pairs.tsv", 0.1), ("pairs_kept.tsv", 0.15)])
def test_few_supported_sentences_are_marked_and_few_invented_ones_pass(name, at_most):
    found = [(expected, *verdict(sentence, text), sentence) for expected, sentence, text in rows(name)]
    fine = [row for row in found if row[0] != "unsupported"]
    bad = [row for row in found if row[0] == "unsupported"]
    alarms = [row for row in fine if row[1] == "unsupported"]
    misses = [row for row in bad if row[1] != "unsupported"]
    assert len(alarms) / len(fine) <= at_most, alarms
    assert len(misses) / len(bad) <= at_most, misses


def test_what_states_nothing_is_told_from_what_is_supported():
    wrong = [row for row in rows("pairs.tsv") if row[0] == "states_nothing" != verdict(row[1], row[2])[0]]
    assert not wrong
