"""What a draft was written from, as stored text, and back."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from graftwork.core.types import Citation, Claim, Excerpt, FieldEvidence, Grounds


def dump(grounds: Grounds) -> str:
    return json.dumps(asdict(grounds), ensure_ascii=False)


def parse(text: str) -> Grounds:
    stored = json.loads(text)
    return Grounds(
        excerpts=tuple(_excerpt(one) for one in stored["excerpts"]),
        claims=tuple(_claim(one) for one in stored["claims"]),
        evidence=tuple(FieldEvidence(**{**one, "others": tuple(one["others"])}) for one in stored["evidence"]),
        snapshot=stored["snapshot"],
    )


def _excerpt(stored: Mapping[str, Any]) -> Excerpt:
    return Excerpt(**{**stored, "headings": tuple(stored["headings"])})


def _claim(stored: Mapping[str, Any]) -> Claim:
    citations = tuple(Citation(**one) for one in stored["citations"])
    return Claim(**{**stored, "citations": citations, "missing": tuple(stored["missing"])})
