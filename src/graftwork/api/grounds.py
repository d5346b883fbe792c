"""What a draft was written from, as the interface tells it."""

from collections.abc import Collection

from graftwork.api.schemas.grounds import CitationOut, ClaimOut, EvidenceOut, ExcerptOut, GroundsOut
from graftwork.core.types import Claim, Excerpt, FieldEvidence, Grounds


def grounds_out(grounds: Grounds | None, readable: Collection[str]) -> GroundsOut | None:
    """`readable` names the sources whose passages this caller may read."""
    if grounds is None:
        return None
    return GroundsOut(
        snapshot=grounds.snapshot or None,
        excerpts=[_excerpt(one, readable) for one in grounds.excerpts],
        claims=[_claim(one) for one in grounds.claims],
        evidence=[_evidence(one) for one in grounds.evidence],
        removed=list(grounds.removed),
    )


def _excerpt(one: Excerpt, readable: Collection[str]) -> ExcerptOut:
    may_read = one.of_item or one.source in readable
    return ExcerptOut(
        number=one.number,
        source=one.source or None,
        document=one.document if may_read else "",
        title=one.title if may_read else None,
        text=one.text if may_read else None,
        start=one.start,
        end=one.end,
        page=one.page,
        headings=list(one.headings) if may_read else [],
        relevance=one.relevance,
    )


def _claim(one: Claim) -> ClaimOut:
    return ClaimOut(
        start=one.start,
        end=one.end,
        support=one.support,
        citations=[CitationOut(excerpt=c.excerpt, start=c.start, end=c.end) for c in one.citations],
        missing=list(one.missing),
    )


def _evidence(one: FieldEvidence) -> EvidenceOut:
    return EvidenceOut(
        path=one.path,
        field=one.field,
        excerpt=one.excerpt,
        start=one.start,
        end=one.end,
        reason=one.reason,
        others=list(one.others),
    )
