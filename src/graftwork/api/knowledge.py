"""Knowledge: searching it, and feeding sources with documents from other systems."""

from typing import Annotated, Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router, Status
from pydantic import BaseModel, ConfigDict, Field

from graftwork.api.auth import actor_of
from graftwork.api.errors import answers, refuse_unknown
from graftwork.api.schemas.common import Text
from graftwork.api.schemas.knowledge import (
    DocumentStored,
    Failure,
    Passage,
    PassageList,
    Removed,
    SourceDetail,
    SourceIn,
    SourceList,
    SourceName,
    SourceOut,
)
from graftwork.apps.actors import Actor
from graftwork.apps.knowledge import models
from graftwork.apps.knowledge.queries import (
    Counts,
    access_source,
    counts_by_source,
    failed_documents,
    visible_sources,
)
from graftwork.core.errors import RequestTooLarge

router = Router(tags=["Knowledge"])

MOST_FAILURES = 100


class SearchQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    q: Text = Field(min_length=1, max_length=2_000, description="what to look for, in words")
    source: list[SourceName] = Field([], max_length=50, description="search this source only; can be repeated")
    limit: Annotated[int, Field(ge=1, le=100, description="most passages")] = 10


@router.get(
    "/knowledge/search",
    response={200: PassageList, **answers(401, 403, 404, 422)},
    summary="Search documents",
)
def search_knowledge(request: HttpRequest, filters: Query[SearchQuery]) -> PassageList:
    """The passages that answer best, from the sources that you may read. Scope: `knowledge:read`.

    A source that is kept to groups is searched for their members only, whatever their role.
    """
    # Loads numpy, which a process that is never asked does without.
    from graftwork.apps.knowledge.searching import search  # noqa: PLC0415 - as above

    refuse_unknown(request.GET, list(SearchQuery.model_fields))
    found = search(actor_of(request), filters.q, sources=filters.source, limit=filters.limit)
    return PassageList(
        passages=[Passage(**{name: getattr(one, name) for name in Passage.model_fields}) for one in found.passages],
        sources=list(found.sources),
        snapshot=found.snapshot,
    )


@router.get("/knowledge/sources", response={200: SourceList, **answers(401, 403)}, summary="List sources")
def list_sources(request: HttpRequest) -> SourceList:
    """The sources that you may read, by name. Scope: `knowledge:read`."""
    actor = _reader(request)
    counts = counts_by_source()
    sources = [SourceOut(**_shown(one, counts.get(one.pk, Counts()))) for one in visible_sources(actor)]
    return SourceList(sources=sources)


@router.get(
    "/knowledge/sources/{name}", response={200: SourceDetail, **answers(401, 403, 404)}, summary="Read a source"
)
def read_source(request: HttpRequest, name: str) -> SourceDetail:
    """One source, with the files that could not be read and why. Scope: `knowledge:read`."""
    return _detail(access_source(_reader(request), name))


@router.put(
    "/knowledge/sources/{name}",
    response={201: SourceOut, 200: SourceOut, **answers(401, 403, 404, 413, 415, 422)},
    summary="Make a feed",
)
def put_source(request: HttpRequest, name: str, body: SourceIn) -> Status[Any]:
    """Make a source that programs fill, or set the groups of one that is there. Scope: `knowledge:write`.

    Needs the role `ops`. Folders are added on the command line, on the machine that they lie on.
    """
    from graftwork.apps.knowledge.actions.sources import add_source, set_groups  # noqa: PLC0415 - loads numpy

    actor, now = actor_of(request), timezone.now()
    source, new = add_source(actor, name, None, now, groups=body.groups)
    if not new:
        source = set_groups(actor, name, body.groups, now)
    return Status(201 if new else 200, SourceOut(**_shown(source, counts_by_source().get(source.pk, Counts()))))


@router.delete(
    "/knowledge/sources/{name}", response={200: Removed, **answers(401, 403, 404)}, summary="Remove a source"
)
def delete_source(request: HttpRequest, name: str) -> Removed:
    """Delete a source with its documents: they are gone from answers at once. Scope: `knowledge:write`.

    Needs the role `ops`. Files on a disk stay as they are.
    """
    from graftwork.apps.knowledge.actions.sources import remove_source  # noqa: PLC0415 - loads numpy

    return Removed(documents=remove_source(actor_of(request), name, timezone.now()))


@router.put(
    "/knowledge/sources/{name}/documents/{path:path}",
    response={201: DocumentStored, 200: DocumentStored, **answers(401, 403, 404, 413, 422)},
    summary="Store a document",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/octet-stream": {
                    "schema": {"type": "string", "format": "binary", "example": "# Returns\n\nWithin 30 days."}
                }
            },
        }
    },
)
def put_document(request: HttpRequest, name: str, path: str) -> Status[Any]:
    """Store the bytes of a document in a feed, in place of what was there. Scope: `knowledge:write`.

    Needs the role `ops`. The end of `path` says how it is read: .md, .pdf, .docx, .eml and others. Answers once it can
    be found: 200 where it was there before, with `changed` false where these very bytes were. What cannot be read
    answers 422 with its reason, and changes nothing.
    """
    from graftwork.apps.knowledge.actions import documents  # noqa: PLC0415 - loads numpy and readers
    from graftwork.apps.knowledge.actions.sources import require_manager  # noqa: PLC0415 - as above
    from graftwork.apps.knowledge.embedding import embedding_of_settings  # noqa: PLC0415 - as above
    from graftwork.apps.knowledge.reading import reader_of_settings  # noqa: PLC0415 - as above

    actor = actor_of(request)
    require_manager(actor)  # before the body is read
    stored = documents.put_document(
        actor, name, path, _bytes(request), timezone.now(),
        reader=reader_of_settings(), embedding=embedding_of_settings(),
    )  # fmt: skip
    row = stored.row
    shown = {name: getattr(row, name) for name in ("path", "format", "sha256", "passages")}
    return Status(201 if stored.new else 200, DocumentStored(id=row.pk, changed=stored.changed, **shown))


@router.delete(
    "/knowledge/sources/{name}/documents/{path:path}",
    response={200: Removed, **answers(401, 403, 404, 422)},
    summary="Remove a document",
)
def delete_document(request: HttpRequest, name: str, path: str) -> Removed:
    """Delete a document, with what was attached to it: it is gone from answers at once. Scope: `knowledge:write`.

    Needs the role `ops`.
    """
    from graftwork.apps.knowledge.actions import documents  # noqa: PLC0415 - loads numpy and readers

    return Removed(documents=documents.remove_document(actor_of(request), name, path, timezone.now()))


def _reader(request: HttpRequest) -> Actor:
    actor = actor_of(request)
    actor.require_scope("knowledge:read")
    return actor


def _bytes(request: HttpRequest) -> bytes:
    # Django compares the announced length only, and a chunked request announces none.
    limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    if len(request.body) > limit:
        raise RequestTooLarge(limit)
    return request.body


def _detail(source: models.Source) -> SourceDetail:
    failures = [
        Failure(path=row.path, code=row.error_code, reason=row.error_message)
        for row in failed_documents(source)[:MOST_FAILURES]
    ]
    return SourceDetail(**_shown(source, counts_by_source().get(source.pk, Counts())), failures=failures)


def _shown(source: models.Source, counts: Counts) -> dict[str, Any]:
    fields = {name: getattr(source, name) for name in ("name", "kind", "groups", "created_at", "refreshed_at")}
    return {**fields, "documents": counts.documents, "passages": counts.passages, "failed": counts.failed}
