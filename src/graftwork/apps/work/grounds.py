"""What a draft was written from, as stored text, and back."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from graftwork.core.types import Citation, Claim, Excerpt, FieldEvidence, Grounds


def dump(grounds: Grounds) -> str:
    return json.dumps(asdict(grounds), ensure_ascii=False)


def drew_on(grounds: Grounds) -> str:
    """The sources of the passages, for the store to be searched by: `,handbook,prices,`."""
    sources = sorted({one.source for one in grounds.excerpts if not one.of_item})
    return f",{','.join(sources)}," if sources else ""


def summary(grounds: Grounds | None) -> dict[str, Any]:
    """What a line of a run says of it; nothing where the draft was not checked. The passages' texts are left out."""
    if grounds is None:
        return {}
    places = ("number", "source", "document", "page", "start", "end")
    return {
        "passages": [{name: getattr(one, name) for name in places} for one in grounds.excerpts],
        "claims": [asdict(claim) for claim in grounds.claims],
        "evidence": [asdict(one) for one in grounds.evidence],
    }


def mentions(source: str) -> str:
    """What `drew_on` of a draft contains that draws on `source`."""
    return f",{source},"


def parse(text: str) -> Grounds:
    stored = json.loads(text)
    return Grounds(
        excerpts=tuple(_excerpt(one) for one in stored["excerpts"]),
        claims=tuple(_claim(one) for one in stored["claims"]),
        evidence=tuple(FieldEvidence(**{**one, "others": tuple(one["others"])}) for one in stored["evidence"]),
        snapshot=stored["snapshot"],
        removed=tuple(stored.get("removed", ())),
    )


def _excerpt(stored: Mapping[str, Any]) -> Excerpt:
    return Excerpt(**{**stored, "headings": tuple(stored["headings"])})


def _claim(stored: Mapping[str, Any]) -> Claim:
    citations = tuple(Citation(**one) for one in stored["citations"])
    return Claim(**{**stored, "citations": citations, "missing": tuple(stored["missing"])})
