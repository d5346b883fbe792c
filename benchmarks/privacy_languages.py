"""How well each language is recognised: texts of our own about invented people, and Spanish clinical cases."""

import time
from collections.abc import Iterable

from benchmarks.bench import table, verdict
from benchmarks.parts import privacy_sets
from graftwork.core.privacy.assembly import DEFAULT_LANGUAGES, detector_for

CLINICAL = "meddocan_es_dev"
CLINICAL_LEAK_LIMIT, CLINICAL_OVER_MASKING_LIMIT = 0.15, 0.05


def main() -> bool:
    """Prints leak and over-masking of each language; true if every limit holds. Rules only, languages by guess."""
    from support.privacy_samples import LEAK_LIMIT, OVER_MASKING_LIMIT, samples

    rows, holds = [], True
    for language in DEFAULT_LANGUAGES:
        texts = [privacy_sets.Row(row["text"], row["spans"]) for row in samples(language)]
        score = privacy_sets.score(texts, _detect)
        row, good = _row(f"{language}, own texts", texts, score, LEAK_LIMIT, OVER_MASKING_LIMIT)
        rows.append(row)
        holds = holds and good
    if (privacy_sets.FOLDER / f"{CLINICAL}.jsonl").is_file():
        texts = privacy_sets.load(CLINICAL)
        score = privacy_sets.score(texts, _detect)
        row, good = _row("es, clinical cases", texts, score, CLINICAL_LEAK_LIMIT, CLINICAL_OVER_MASKING_LIMIT)
        rows += [row, *_by_label(score)]
        holds = holds and good
    table([("what", "leak", "over-masking", "F1", "characters/s", "limits", ""), *rows])
    return holds


def _detect(text: str) -> Iterable[privacy_sets.Span]:
    detector = detector_for(languages=DEFAULT_LANGUAGES, ner=False)
    return [(found.start, found.end, found.kind) for found in detector.find(text).findings]


def _row(
    what: str, texts: list[privacy_sets.Row], score: privacy_sets.Score, leak: float, over: float
) -> tuple[tuple[str, ...], bool]:
    good = score.leak <= leak and score.over_masking <= over
    speed = f"{_characters_per_second(texts):,.0f}"
    found = f"{score.leak:.1%} of {score.direct}"
    return (
        what,
        found,
        f"{score.over_masking:.1%}",
        f"{score.f1:.2f}" if score.gold else "-",  # the clinical set has labels of its own
        speed,
        f"{leak:.0%}, {over:.0%}",
        verdict(good),
    ), good


def _by_label(score: privacy_sets.Score) -> list[tuple[str, ...]]:
    return [
        (f"  {label}", f"{leaked} of {count}", "", "", "", "", "")
        for label, (count, leaked) in sorted(score.leaks_by_label.items())
    ]


def _characters_per_second(texts: list[privacy_sets.Row]) -> float:
    """CPU time of the rules on one core; the vocabulary is loaded by then."""
    started = time.process_time()
    for row in texts:
        _detect(row.text)
    return sum(len(row.text) for row in texts) / (time.process_time() - started)
