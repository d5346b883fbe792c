"""Reading sources and documents. Whoever reads as a person comes through `access_source` or `access_document`."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum

from graftwork.apps.actors import Actor
from graftwork.apps.knowledge.models import DocumentState, IndexRevision, Source, SourceDocument
from graftwork.apps.knowledge.sealing import key_of, unseal_document
from graftwork.core.document import Document
from graftwork.core.errors import NotFound
from graftwork.core.usecase import UseCase
from graftwork.core.usecase_tables import Role

MANAGING_ROLES: tuple[Role, ...] = ("ops",)  # and an admin, who may act as anybody
SEALED_FIELDS = ("content_sealed", "chunks_sealed", "vectors_sealed")


@dataclass(frozen=True, slots=True)
class SourceUse:
    """What becomes of one source that a use case names: drawn on, not there, or closed to some of its reviewers."""

    name: str
    state: Literal["used", "missing", "closed"]


@dataclass(frozen=True, slots=True)
class Counts:
    documents: int = 0
    passages: int = 0
    failed: int = 0
    size_bytes: int = 0


def visible_sources(actor: Actor) -> list[Source]:
    """The sources that this actor may read, by name. No role opens one that is kept to groups."""
    sources = Source.objects.select_related("scope_key").order_by("name")
    return [source for source in sources if actor.belongs_to_any(source.groups)]


def access_source(actor: Actor, name: str) -> Source:
    """Raises `NotFound` where it is not there or not for this actor, without telling which."""
    source = source_by_name(name)
    if not actor.belongs_to_any(source.groups):
        raise NotFound("source", name)
    return source


def source_by_name(name: str) -> Source:
    """For those who manage sources, who need not read them. Raises `NotFound`."""
    # PostgreSQL refuses to compare with a NUL.
    source = None if "\x00" in name else Source.objects.select_related("scope_key").filter(name=name).first()
    if source is None:
        raise NotFound("source", name)
    return source


def access_document(actor: Actor, document_id: UUID) -> SourceDocument:
    """The one door to a document. Raises `NotFound` as `access_source` does."""
    rows = SourceDocument.objects.select_related("source__scope_key").defer("chunks_sealed", "vectors_sealed")
    row = rows.filter(pk=document_id).first()
    if row is None or not actor.belongs_to_any(row.source.groups):
        raise NotFound("document", str(document_id))
    return row


def document_text(row: SourceDocument) -> Document:
    """What a document that is ready says. Raises `SealBroken` where it was changed in the database."""
    return unseal_document(key_of(row.source), row)


def documents_of(source: Source) -> QuerySet[SourceDocument]:
    """Without what they say."""
    return source.documents.defer(*SEALED_FIELDS).order_by("path", "part")


def document_ids(wanted: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """The id of each document, given by the names of its source and its own; those that are gone are not there."""
    pairs = set(wanted)
    rows = SourceDocument.objects.filter(
        source__name__in={source for source, _ in pairs}, name__in={name for _, name in pairs}
    ).values_list("source__name", "name", "pk")
    return {(source, name): str(pk) for source, name, pk in rows if (source, name) in pairs}


def counts_by_source() -> dict[int, Counts]:
    """By the source's key; a source without documents is not there."""
    ready, failed = Q(state=DocumentState.READY), Q(state=DocumentState.FAILED)
    rows = (
        SourceDocument.objects.order_by()
        .values("source_id")
        .annotate(
            of_it=Count("pk", filter=ready),
            cut=Sum("passages", default=0),
            bad=Count("pk", filter=failed),
            size=Sum("size_bytes", filter=Q(part=""), default=0),
        )
    )
    return {row["source_id"]: Counts(row["of_it"], row["cut"], row["bad"], row["size"]) for row in rows}


def failed_documents(source: Source) -> QuerySet[SourceDocument]:
    """What could not be read, each with its reason."""
    return documents_of(source).filter(state=DocumentState.FAILED)


def source_uses(use_case: UseCase) -> list[SourceUse]:
    """What becomes of each source that `use_case` names, in its order.

    All who review its items must be able to read a source: it is open to everybody, or to the one group that reviews.
    """
    named = use_case.knowledge.sources
    groups = dict(Source.objects.filter(name__in=named).values_list("name", "groups"))
    return [SourceUse(name, _use(use_case, groups.get(name))) for name in named]


def _use(use_case: UseCase, groups: Sequence[str] | None) -> Literal["used", "missing", "closed"]:
    if groups is None:
        return "missing"
    return "used" if not groups or use_case.review.group in groups else "closed"


def sources_for(use_case: UseCase) -> list[str]:
    """The sources that drafts of `use_case` may draw on."""
    return [use.name for use in source_uses(use_case) if use.state == "used"]


def affected_usecases(source: str, use_cases: Iterable[UseCase]) -> list[str]:
    """Which of `use_cases` name `source`: their drafts may have drawn on it."""
    return [use_case.name for use_case in use_cases if source in use_case.knowledge.sources]


def current_mark() -> str:
    """Changes with every write to what is searched; empty before the first."""
    return IndexRevision.objects.filter(pk=1).values_list("mark", flat=True).first() or ""
