"""Labelled texts with invented people: `python build.py` writes `xx.jsonl` from `xx.txt`.

In the text files `{P:Anna Weber}` marks a span and a line of three dashes parts two texts, so nobody counts offsets.
"""

import json
import re
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
LABELS = {
    "P": "PERSON", "A": "STREET_ADDRESS", "L": "GPE", "O": "ORGANIZATION", "T": "PHONE_NUMBER", "M": "EMAIL_ADDRESS",
    "I": "IBAN_CODE", "N": "ID", "D": "DATE_TIME", "G": "AGE", "R": "NRP", "C": "CREDIT_CARD", "S": "PASSWORD",
    "U": "USERNAME",
}  # fmt: skip
_MARK = re.compile(r"\{([A-Z]):([^{}]+)\}")


def rows(language: str) -> list[dict[str, Any]]:
    """The texts of a language, as the shared sets write theirs."""
    texts = (HERE / f"{language}.txt").read_text(encoding="utf-8").strip("\n").split("\n---\n")
    return [{"id": f"{language}-{number:02}", **_row(text)} for number, text in enumerate(texts, 1)]


def _row(marked: str) -> dict[str, Any]:
    text, spans, position = "", [], 0
    for mark in _MARK.finditer(marked):
        text += marked[position : mark.start()]
        spans.append({"start": len(text), "end": len(text) + len(mark[2]), "label": LABELS[mark[1]]})
        text += mark[2]
        position = mark.end()
    return {"text": text + marked[position:], "spans": spans}


if __name__ == "__main__":
    for source in sorted(HERE.glob("*.txt")):
        lines = (json.dumps(row, ensure_ascii=False) for row in rows(source.stem))
        source.with_suffix(".jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
