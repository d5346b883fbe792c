"""The words that stand where a draft says that it has a value from."""

from graftwork.core.scoring.tally import Case
from graftwork.core.types import Excerpt, FieldEvidence


def evidence_by_pointer(case: Case) -> dict[str, FieldEvidence]:
    return {one.path: one for one in case.grounds.evidence} if case.grounds else {}


def words_at(case: Case, evidence: FieldEvidence | None) -> str | None:
    """The words at the offsets of `evidence`, or `None` where they do not lead to any."""
    if evidence is None or evidence.start is None or evidence.end is None:
        return None
    text = _text(case, evidence)
    if text is None or not 0 <= evidence.start < evidence.end <= len(text):
        return None
    return text[evidence.start : evidence.end].strip() or None


def excerpts_by_number(case: Case) -> dict[int, Excerpt]:
    return {excerpt.number: excerpt for excerpt in case.grounds.excerpts} if case.grounds else {}


def document_of(excerpt: Excerpt) -> str | None:
    """`SOURCE/path`, or `None` for a passage of the item itself."""
    return None if excerpt.of_item else f"{excerpt.source}/{excerpt.document}"


def _text(case: Case, evidence: FieldEvidence) -> str | None:
    if evidence.excerpt is not None:
        excerpt = excerpts_by_number(case).get(evidence.excerpt)
        return excerpt.text if excerpt else None
    return case.fields.get(evidence.field or "")
