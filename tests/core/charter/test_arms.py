"""The draw: the same unit is always in the same arm, buckets are even, and no share moves anybody between arms."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2_contingency, chisquare

from graftwork.core.charter.arms import BUCKETS, allocate, bucket, ranges, unit_digest
from support.charters import charter

SHARES = st.integers(1, 10_000).map(lambda n: n / 10_000)
UNITS = 100_000


@given(st.text(), st.text(min_size=1), SHARES, st.floats(0.01, 0.99))
def test_the_same_unit_is_always_in_the_same_arm(unit, salt, share, assisted):
    one = charter(population={"share": share}, arms={"assisted": assisted})
    again = charter(population={"share": share}, arms={"assisted": assisted})
    assert allocate(one, salt, unit) == allocate(again, salt, unit)


@given(st.text(), SHARES, SHARES, st.floats(0.01, 0.99))
def test_a_larger_share_of_the_population_moves_nobody(unit, one, other, assisted):
    small, large = sorted((one, other))
    _, before = allocate(charter(population={"share": small}, arms={"assisted": assisted}), "salt", unit)
    _, after = allocate(charter(population={"share": large}, arms={"assisted": assisted}), "salt", unit)
    assert before in ("", after)


@given(st.integers(1, 9_999), st.floats(0.001, 0.999))
def test_one_bucket_more_shrinks_no_arm(enrolled, assisted):
    less = ranges(charter(population={"share": enrolled / BUCKETS}, arms={"assisted": assisted}))
    more = ranges(charter(population={"share": (enrolled + 1) / BUCKETS}, arms={"assisted": assisted}))
    assert sum(less) == enrolled
    assert sum(more) == enrolled + 1
    assert more[0] >= less[0]
    assert more[1] >= less[1]


def test_buckets_are_even():
    counts = Counter(bucket("a" * 64, f"unit-{n}") for n in range(UNITS))
    assert min(counts) >= 0
    assert max(counts) < BUCKETS
    even = chisquare([sum(counts[n] for n in range(first, first + 100)) for first in range(0, BUCKETS, 100)])
    assert even.pvalue > 0.001


def test_two_pilots_draw_independently():
    whole = charter()
    pairs = Counter(
        (allocate(whole, "a" * 64, f"unit-{n}")[1], allocate(whole, "b" * 64, f"unit-{n}")[1]) for n in range(UNITS)
    )
    table = [[pairs[one, other] for other in ("assisted", "control")] for one in ("assisted", "control")]
    assert sum(map(sum, table)) == UNITS
    assert chi2_contingency(table).pvalue > 0.001


@pytest.mark.parametrize(
    ("share", "assisted", "expected"),
    [(1.0, 0.5, (5_000, 5_000)), (0.5, 0.5, (2_500, 2_500)), (1.0, 0.9, (9_000, 1_000)), (0.0001, 0.5, (1, 0))],
)
def test_shares_are_counted_in_buckets(share, assisted, expected):
    assert ranges(charter(population={"share": share}, arms={"assisted": assisted})) == expected


def test_without_a_control_arm_everybody_who_takes_part_is_assisted():
    one = charter(arms={"design": "before_after"}, population={"share": 0.4})
    assert ranges(one) == (4_000, 0)
    assert {allocate(one, "salt", f"unit-{n}")[1] for n in range(200)} == {"assisted", ""}


def test_a_digest_says_nothing_without_the_salt():
    assert unit_digest("a", "customer 7") != unit_digest("b", "customer 7")
    assert len(unit_digest("a", "customer 7")) == 64
    assert unit_digest("a", "\ud800") != unit_digest("a", "?")
