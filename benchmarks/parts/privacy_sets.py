"""The labelled sets, and how a detector is scored on them: leak, over-masking, partial typed F1.

A direct identifier leaks when one letter or digit of it stays uncovered. Over-masking is the share of letters and
digits outside every gold span that are covered. The definitions are those beside the data.
"""

import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "privacy"

Span = tuple[int, int, str]
Detect = Callable[[str], Iterable[Span]]

_HONORIFIC = re.compile(
    r"^(?:mr|mrs|ms|miss|mx|dr|prof|sir|madam|herr|frau|sr|sra|dra?|don|doña|m|mme|mlle)\.?\s+", re.IGNORECASE
)

# Gold labels to ours. `None`: the label says nothing about type (a case number may be an id or an account).
TYPES: dict[str, frozenset[str]] = {
    label: frozenset(kinds.split())
    for label, kinds in {
        "PERSON": "person", "PER": "person", "STREET_ADDRESS": "address", "GPE": "location", "LOC": "location",
        "ORGANIZATION": "organisation", "ORG": "organisation", "PHONE_NUMBER": "phone", "CREDIT_CARD": "card",
        "AGE": "age", "DATE_TIME": "date date_of_birth", "EMAIL_ADDRESS": "mail", "EMAIL": "mail", "NRP": "group",
        "DOMAIN_NAME": "url", "IBAN_CODE": "iban", "IP_ADDRESS": "ip", "ZIP_CODE": "address location",
        "US_SSN": "national_id",
    }.items()
}  # fmt: skip
_NOT_DIRECT = frozenset(
    [
        "GPE",
        "LOC",
        "ORGANIZATION",
        "ORG",
        "AGE",
        "DATE_TIME",
        "NRP",
        "TITLE",
        "ZIP_CODE",
        "EVENT",
        "SYSTEM",
        "MISC",
        "TERRITORIO",
        "FECHAS",
        "PAIS",
        "EDAD_SUJETO_ASISTENCIA",
        "SEXO_SUJETO_ASISTENCIA",
        "HOSPITAL",
        "INSTITUCION",
        "CENTRO_SALUD",
        "PROFESION",
        "FAMILIARES_SUJETO_ASISTENCIA",
        "OTROS_SUJETO_ASISTENCIA",
    ]
)


@dataclass(frozen=True, slots=True)
class Row:
    text: str
    spans: Sequence[dict[str, Any]]

    def direct(self) -> list[dict[str, Any]]:
        return [span for span in self.spans if _is_direct(span)]


@dataclass
class Score:
    direct: int = 0
    leaked: int = 0
    outside: int = 0
    over: int = 0
    gold: int = 0
    gold_hit: int = 0
    found: int = 0
    found_right: int = 0
    leaks_by_label: dict[str, list[int]] = field(default_factory=dict)

    @property
    def leak(self) -> float:
        return self.leaked / self.direct

    @property
    def over_masking(self) -> float:
        return self.over / self.outside

    @property
    def f1(self) -> float:
        precision, recall = self.found_right / max(1, self.found), self.gold_hit / max(1, self.gold)
        return 2 * precision * recall / max(1e-9, precision + recall)


def load(name: str) -> list[Row]:
    with (FOLDER / f"{name}.jsonl").open(encoding="utf-8") as lines:
        return [Row(row["text"], row["spans"]) for row in map(json.loads, lines)]


def score(rows: Sequence[Row], detect: Detect, on_leak: Callable[[Row, dict[str, Any]], None] | None = None) -> Score:
    """Score `detect` on `rows`."""
    total = Score()
    for row in rows:
        found = list(detect(row.text))
        covered = bytearray(len(row.text))
        for start, end, _ in found:
            covered[start:end] = b"\1" * (end - start)
        _count_leaks(row, covered, total, on_leak)
        _count_over(row, covered, total)
        _count_types(row, found, total)
    return total


def _count_leaks(row: Row, covered: bytearray, total: Score, on_leak: Any) -> None:
    for span in row.direct():
        value = row.text[span["start"] : span["end"]]
        skip = match.end() if (match := _HONORIFIC.match(value)) else 0
        letters = [i for i in range(span["start"] + skip, span["end"]) if row.text[i].isalnum()]
        counts = total.leaks_by_label.setdefault(span["label"], [0, 0])
        total.direct += 1
        counts[0] += 1
        if not all(covered[i] for i in letters):
            total.leaked += 1
            counts[1] += 1
            if on_leak:
                on_leak(row, span)


def _count_over(row: Row, covered: bytearray, total: Score) -> None:
    gold = bytearray(len(row.text))
    for span in row.spans:
        if span.get("id_type") == "NO_MASK":
            continue
        gold[span["start"] : span["end"]] = b"\1" * (span["end"] - span["start"])
    for i, letter in enumerate(row.text):
        if not gold[i] and letter.isalnum():
            total.outside += 1
            total.over += covered[i]


def _count_types(row: Row, found: list[Span], total: Score) -> None:
    gold = [span for span in row.spans if span["label"] in TYPES]
    typed = [span for span in found if span[2] in _SCORED]
    total.gold += len(gold)
    total.found += len(typed)
    total.gold_hit += sum(any(_same(span, one) for one in typed) for span in gold)
    total.found_right += sum(any(_same(span, one) for span in gold) for one in typed)


_SCORED = frozenset().union(*TYPES.values())


def _same(gold: dict[str, Any], found: Span) -> bool:
    return found[0] < gold["end"] and gold["start"] < found[1] and found[2] in TYPES[gold["label"]]


def _is_direct(span: dict[str, Any]) -> bool:
    if "id_type" in span:
        return bool(span["id_type"] == "DIRECT")
    return span["label"] not in _NOT_DIRECT
