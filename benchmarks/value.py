"""The statistics of pilots: the interval that decides, then its parts: false alarms, coverage, power and speed, each
beside the interval that is wrong there.
"""

from collections.abc import Iterator

import numpy as np

from benchmarks.bench import table, verdict
from benchmarks.parts import value_coverage as coverage
from benchmarks.parts import value_errors as errors
from benchmarks.parts import value_power as power
from benchmarks.parts import value_verdict as deciding
from benchmarks.parts.value_speed import from_rows, from_sums
from graftwork.core.value.planning import sequence_factor

SEED = 20261122
ERROR_GOAL, REVIEWER_GOAL = 0.05, 0.06
COVERAGE_GOAL = (0.93, 0.97)
POWER_GOAL = (0.78, 0.82)
RUNS = 2_000  # the goal speaks of 500; four times as many halve the noise
APPRAISAL_GOAL_MS = 200
Row = tuple[str, str, str, str, bool]


def main() -> bool:
    rows = [*_deciding(), *_errors(), *_coverage(), *_power(), *_speed()]
    table(
        [
            ("what", "measured", "reference", "goal", ""),
            *((*row[:4], verdict(row[4]) if row[3] != "-" else "") for row in rows),
        ]
    )
    return all(row[4] for row in rows)


def _deciding() -> Iterator[Row]:
    """Of whole pilots, by `finding`: what the verdict rests on."""
    whole = "20 days, the planned end, an extension of 4 days, its end"
    for what, runs in (("times", deciding.false_alarms(SEED)), ("yes or no", deciding.false_alarms_of_shares(SEED))):
        told = (
            f"the verdict's interval errs, A/A, {runs.runs:,} pilots, {what}: {whole}; reference: interval for one look"
        )
        yield told, f"{runs.ever:.1%}", f"{runs.one_look:.1%}", f"<= {ERROR_GOAL:.0%}", runs.ever <= ERROR_GOAL
        yield f"of these before the planned end, {what}", f"{runs.before:.1%}", "-", "<= 1%", runs.before <= 0.01
    low, high = POWER_GOAL
    for what, (planned, found, daily) in (
        ("a mean", deciding.power_of_means(SEED, RUNS)),
        ("60 % to 68 %", deciding.power_of_shares(SEED, RUNS)),
    ):
        told = f"the verdict's interval at the planned end, planned for 80 %: {planned:,} units, {what}"
        yield (f"{told}; reference: the sequence on that day", f"{found:.1%}", f"{daily:.1%}",
               f"{low:.0%} to {high:.0%}", low <= found <= high)  # fmt: skip


def _errors() -> Iterator[Row]:
    looked = "A/A, 1,000 pilots, 20 looks"
    for what, found in (
        (
            f"{looked}: the sequence errs; reference: interval for one look",
            errors.daily_looks(SEED, units=5_000, sigma=0.7),
        ),
        (
            f"{looked}, very skewed times, 80 % assisted",
            errors.daily_looks(SEED + 1, units=5_000, sigma=1.2, share=0.8),
        ),
        (f"{looked}, against a baseline", errors.daily_looks_after(SEED + 2)),
    ):
        yield what, f"{found.ours:.1%}", f"{found.naive:.1%}", f"<= {ERROR_GOAL:.0%}", found.ours <= ERROR_GOAL
    for what, found in (
        ("A/A, 10 + 10 reviewers, ICC .06: means of reviewers; reference: by item", errors.drawn_reviewers(SEED + 3)),
        ("A/A, 10 reviewers with both arms: by reviewer; reference: by item", errors.both_arms(SEED + 4)),
    ):
        yield (f"{what}, {found.runs:,} runs", f"{found.ours:.1%}", f"{found.naive:.1%}", f"<= {REVIEWER_GOAL:.0%}",
               found.ours <= REVIEWER_GOAL)  # fmt: skip


def _coverage() -> Iterator[Row]:
    gap = coverage.ASSISTED - coverage.CONTROL
    low, high = COVERAGE_GOAL
    rows: tuple[tuple[str, coverage.Replication, float], ...] = (
        ("Welch", coverage.means, gap),
        ("lift over control", coverage.lifts, gap / coverage.CONTROL),
        ("threads by the delta method; reference: items as if independent", coverage.threads, gap),
        ("CUPED; reference: without the covariate", coverage.adjusted, gap),
        ("difference of medians", coverage.quantiles(0.5), coverage.true_quantile(0.5)),
        ("difference of 90 % quantiles", coverage.quantiles(0.9), coverage.true_quantile(0.9)),
        ("6 % against 4 % of 200; reference: plain Welch", coverage.shares, 0.02),
        ("4 % of 200, Wilson; reference: t interval", coverage.one_share, 0.04),
    )
    for what, replication, truth in rows:
        ours, theirs = coverage.covered(replication, truth, runs=RUNS, seed=SEED)
        reference = "-" if theirs is None else f"{theirs:.1%}"
        yield f"95 % interval covers: {what}", f"{ours:.1%}", reference, f"{low:.0%} to {high:.0%}", low <= ours <= high
    ours, theirs = coverage.covered(coverage.one_look, gap, runs=RUNS, seed=SEED)
    yield ("the same at one look: the sequence, which covers more; reference: Welch", f"{ours:.1%}", f"{theirs:.1%}",
           f">= {low:.0%}", ours >= low)  # fmt: skip


def _power() -> Iterator[Row]:
    low, high = POWER_GOAL
    for what, (planned, found, daily) in (
        ("units, a mean; reference: the sequence within 20 looks", power.means(SEED, RUNS)),
        ("units, 60 % to 70 %", power.shares(SEED, RUNS, 0.6, 0.1, 0.5)),
        ("units, 8 % to 5 %, 70 % assisted", power.shares(SEED, RUNS, 0.08, -0.03, 0.7)),
        ("items in threads of five, alike by 0.2", power.threads(SEED, RUNS)),
        ("reviewers with 50 items, alike by 0.06", power.drawn_reviewers(SEED, RUNS)),
    ):
        reference = "-" if daily is None else f"{daily:.1%}"
        yield (f"planned for 80 %: {planned:,} {what}", f"{found:.1%}", reference, f"{low:.0%} to {high:.0%}",
               low <= found <= high)  # fmt: skip
    planned, once, daily = power.means(SEED + 2, RUNS, times_as_many=sequence_factor())
    yield (f"planned for 80 % by the sequence within 20 looks: {planned:,} units, a mean; reference: one look",
           f"{daily:.1%}", f"{once:.1%}", f">= {low:.0%}", daily >= low)  # fmt: skip
    planned, found, daily = power.means(SEED + 1, RUNS, in_proportion=True)
    yield (f"the same {planned:,} units where help shortens times in proportion, so that they spread less",
           f"{found:.1%}", f"{daily:.1%}", "-", True)  # fmt: skip


def _speed() -> Iterator[Row]:
    ours, theirs = from_sums(np.random.default_rng(SEED)), from_rows(np.random.default_rng(SEED))
    what = "one metric of a pilot of a year, from sums: effect, sequence at 365 days, 200 reviewers, 3 quantiles"
    yield (f"{what}; reference: scipy's Welch alone on 4 million rows", f"{ours:.0f} ms", f"{theirs:.0f} ms",
           f"<= {APPRAISAL_GOAL_MS} ms", ours <= APPRAISAL_GOAL_MS)  # fmt: skip
