"""How knowledge stands: what is stored, what could not be read, who may read it, and what draws on it."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from graftwork.apps.knowledge.embedding import Embedding
from graftwork.apps.knowledge.models import DocumentState, Source, SourceDocument
from graftwork.apps.knowledge.queries import (
    Counts,
    counts_by_source,
    failed_documents,
    source_by_name,
    source_uses,
)
from graftwork.apps.knowledge.snapshots import stored_snapshot
from graftwork.core.usecase import UseCase


@dataclass(frozen=True, slots=True)
class Failure:
    path: str
    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """`used_by` are the use cases whose drafts draw on it; `outdated` documents are not searched until a refresh.

    `notices` counts documents by what their reader had to say of them, such as `scanned`.
    """

    name: str
    kind: str
    location: str
    groups: Sequence[str]
    documents: int
    passages: int
    size_bytes: int
    outdated: int
    failures: Sequence[Failure]
    notices: Mapping[str, int]
    used_by: Sequence[str]
    refreshed_at: datetime | None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A source that a use case names and whose documents its drafts do not see."""

    use_case: str
    source: str
    reason: str
    is_missing: bool


@dataclass(frozen=True, slots=True)
class Status:
    sources: Sequence[SourceStatus]
    left_out: Sequence[LeftOut]
    embedded_by: str
    snapshot: str

    def as_json(self) -> dict[str, Any]:
        data = asdict(self)
        for source in data["sources"]:
            at = source["refreshed_at"]
            source["refreshed_at"] = at.isoformat() if at else None
        return data


def status(
    use_cases: Sequence[UseCase], embedding: Embedding, name: str | None = None, watched: Collection[str] | None = None
) -> Status:
    """Of every source, or of the one called `name`. Raises `NotFound`. For the operator: it asks nobody's groups.

    What is left out is told of the use cases in `watched` only, of all where that is absent. `snapshot` is the digest
    of what is searched in the sources shown. No model is loaded.
    """
    sources = [source_by_name(name)] if name else list(Source.objects.order_by("name"))
    counts = counts_by_source()
    made_with = embedding.made_with
    return Status(
        sources=[_source(source, counts.get(source.pk, Counts()), use_cases, made_with) for source in sources],
        left_out=[
            one
            for one in left_out(use_cases)
            if name in (None, one.source) and (watched is None or one.use_case in watched)
        ],
        embedded_by=embedding.name,
        snapshot=stored_snapshot(embedding, [source.name for source in sources]),
    )


def left_out(use_cases: Sequence[UseCase]) -> list[LeftOut]:
    """What use cases name and do not get: a source that is not there, or closed to some who review their items."""
    return [
        LeftOut(use_case.name, use.name, _reason(use_case, use.state), is_missing=use.state == "missing")
        for use_case in use_cases
        for use in source_uses(use_case)
        if use.state != "used"
    ]


def _reason(use_case: UseCase, state: str) -> str:
    if state == "missing":
        return "there is no such source"
    if use_case.review.group:
        return f"it is not open to the group {use_case.review.group}, which reviews"
    return "it is kept to groups, and `review.group` names none of them"


def _source(source: Source, counts: Counts, use_cases: Sequence[UseCase], made_with: str) -> SourceStatus:
    ready = SourceDocument.objects.filter(source=source, state=DocumentState.READY)
    return SourceStatus(
        name=source.name,
        kind=source.kind,
        location=source.location,
        groups=source.groups,
        documents=counts.documents,
        passages=counts.passages,
        size_bytes=counts.size_bytes,
        outdated=ready.exclude(made_with=made_with).count(),
        failures=[Failure(row.path, row.error_code, row.error_message) for row in failed_documents(source)],
        notices=dict(Counter(code for codes in ready.values_list("notices", flat=True) for code in codes)),
        used_by=[
            use_case.name
            for use_case in use_cases
            if any(use.name == source.name and use.state == "used" for use in source_uses(use_case))
        ],
        refreshed_at=source.refreshed_at,
    )
