"""Which of overlapping findings stands."""

import itertools
import time

from hypothesis import given
from hypothesis import strategies as st

from graftwork.core.privacy.finding import Finding
from graftwork.core.privacy.overlaps import best


def finding(start, end, kind="person", score=0.5):
    return Finding(start, end, kind, "test", "because", score)


def test_the_more_certain_finding_stands():
    assert best([finding(0, 5, "location", 0.5), finding(0, 5, "person", 0.6)]) == [finding(0, 5, "person", 0.6)]


def test_what_a_direct_identifier_loses_keeps_its_rest():
    assert best([finding(0, 4, "phone", 0.9), finding(2, 10, "address", 0.5)]) == [
        finding(0, 4, "phone", 0.9),
        finding(4, 10, "address", 0.5),
    ]


def test_what_a_place_loses_is_gone():
    assert best([finding(0, 4, "phone", 0.9), finding(2, 10, "location", 0.5)]) == [finding(0, 4, "phone", 0.9)]


def test_persons_side_by_side_are_one():
    assert best([finding(0, 7), finding(8, 15)], "Charlie Douglas") == [finding(0, 15)]


def test_persons_with_a_comma_between_them_are_two():
    assert len(best([finding(0, 7), finding(9, 16)], "Charlie, Douglas")) == 2


def test_ten_thousand_findings_take_less_than_a_second():
    findings = [finding(at * 3, at * 3 + 5, score=at % 7 / 10) for at in range(10_000)]
    started = time.process_time()
    best(findings)
    assert time.process_time() - started < 1


spans = st.builds(
    lambda start, length, kind, score: finding(start, start + length, kind, score),
    st.integers(0, 60), st.integers(1, 20), st.sampled_from(["person", "phone", "location"]), st.floats(0, 1),
)  # fmt: skip


@given(st.lists(spans))
def test_nothing_overlaps_and_everything_stays_in_order(findings):
    chosen = best(findings)
    assert all(one.end <= two.start for one, two in itertools.pairwise(chosen))


@given(st.lists(spans))
def test_every_letter_of_a_direct_identifier_is_covered_but_for_single_signs(findings):
    covered = {at for one in best(findings) for at in range(one.start, one.end)}
    for found in findings:
        if found.kind != "location":
            missed = [at for at in range(found.start, found.end) if at not in covered]
            assert all(at + 1 not in missed for at in missed)
