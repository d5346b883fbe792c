"""Our own labelled texts in four languages about invented people, and how a detector does on them."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SAMPLES = Path(__file__).parents[1] / "core" / "privacy" / "samples"
LANGUAGES = ("de", "en", "es", "fr")
LEAK_LIMIT = 0.05
"""Stated level: of 100 direct identifiers at most this share keeps a letter or digit uncovered."""
OVER_MASKING_LIMIT = 0.03
"""Stated level: of all other letters and digits at most this share is covered."""

_NARROWS_ONLY = frozenset(("GPE", "ORGANIZATION", "DATE_TIME", "AGE", "NRP"))

Detect = Callable[[str], Iterable[tuple[int, int]]]


@dataclass(frozen=True)
class Level:
    direct: int
    leaked: int
    outside: int
    over: int

    @property
    def leak(self) -> float:
        return self.leaked / self.direct

    @property
    def over_masking(self) -> float:
        return self.over / self.outside


def samples(language: str) -> list[dict[str, Any]]:
    lines = (SAMPLES / f"{language}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def level(language: str, detect: Detect) -> Level:
    """What `detect`, which gives spans, leaks and covers without need."""
    direct = leaked = outside = over = 0
    for row in samples(language):
        text, spans = row["text"], row["spans"]
        covered = {at for start, end in detect(text) for at in range(start, end)}
        for span in spans:
            if span["label"] not in _NARROWS_ONLY:
                direct += 1
                leaked += any(text[at].isalnum() and at not in covered for at in range(span["start"], span["end"]))
        gold = {at for span in spans for at in range(span["start"], span["end"])}
        others = [at for at, letter in enumerate(text) if letter.isalnum() and at not in gold]
        outside += len(others)
        over += sum(at in covered for at in others)
    return Level(direct, leaked, outside, over)
