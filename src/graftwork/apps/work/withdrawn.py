"""Whether a draft may still draw on what was looked up for it: a model takes its time, and groups change meanwhile."""

from collections.abc import Sequence
from uuid import UUID

from graftwork.apps.knowledge.models import DocumentState, IndexRevision, Source, SourceDocument
from graftwork.apps.knowledge.queries import source_uses
from graftwork.core.types import DraftResult, Excerpt
from graftwork.core.usecase import UseCase


def withdrawn_meanwhile(use_case: UseCase, results: Sequence[DraftResult]) -> list[str]:
    """For each draft the source that it must not draw on any more, or from which a document is gone; else empty.

    Call it in the transaction that saves the drafts. Until that ends nothing can be withdrawn, so whoever withdraws
    something finds the drafts that were saved before.
    """
    drawn = [_drawn(result) for result in results]
    if not any(drawn):
        return [""] * len(results)
    list(IndexRevision.objects.select_for_update().filter(pk=1))
    names = {one.source for excerpts in drawn for one in excerpts}
    list(Source.objects.select_for_update().filter(name__in=names).order_by("pk").only("pk"))
    closed = {use.name for use in source_uses(use_case) if use.state != "used"}
    wanted = {pk for excerpts in drawn for one in excerpts if (pk := _document(one))}
    rows = SourceDocument.objects.filter(pk__in=wanted, state=DocumentState.READY)
    gone = wanted - set(rows.values_list("pk", flat=True))
    return [_withdrawn(excerpts, closed, gone) for excerpts in drawn]


def _drawn(result: DraftResult) -> list[Excerpt]:
    return [one for one in result.grounds.excerpts if not one.of_item] if result.grounds else []


def _withdrawn(excerpts: Sequence[Excerpt], closed: set[str], gone: set[UUID]) -> str:
    return next((one.source for one in excerpts if one.source in closed or _document(one) in gone), "")


def _document(excerpt: Excerpt) -> UUID | None:
    """The key of its document, with which that of a passage begins; passages of other indexes have none."""
    try:
        return UUID(excerpt.chunk.partition(":")[0])
    except ValueError:
        return None
