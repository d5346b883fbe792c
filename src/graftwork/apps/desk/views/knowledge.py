"""Searching the documents that drafts draw on, and reading one of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers

from graftwork.apps.desk.document_page import document_shown
from graftwork.apps.desk.http import Visit, desk_view, query_text
from graftwork.apps.desk.queries import shortcuts_of
from graftwork.apps.desk.query_words import Stretch, lit_words
from graftwork.apps.knowledge.models import DocumentState
from graftwork.apps.knowledge.queries import access_document, document_text, visible_sources
from graftwork.core.errors import RequestInvalid

MOST_HITS = 20
MAX_OFFSET = 10**9


@dataclass(frozen=True, slots=True)
class HitShown:
    title: str
    place: str
    relevance: float
    relevance_words: str
    stretches: Sequence[Stretch]
    link: str


@desk_view("GET", "HEAD")
def knowledge(request: HttpRequest, visit: Visit) -> HttpResponse:
    query, source = query_text(request, "q"), query_text(request, "source")
    context = {
        "query": query,
        "chosen": source,
        "sources": [one.name for one in visible_sources(visit.actor)],
        "hits": _hits(visit, query, source) if query else None,
        "shortcuts": shortcuts_of(visit.actor),
    }
    fragment = request.headers.get("HX-Target") == "hits"
    response = render(request, "desk/_hits.html" if fragment else "desk/knowledge.html", context)
    patch_vary_headers(response, ["HX-Request", "HX-Target"])
    return response


@desk_view("GET", "HEAD")
def document(request: HttpRequest, visit: Visit, document_id: UUID) -> HttpResponse:
    row = access_document(visit.actor, document_id)
    start, end, at = (_offset(request, name) for name in ("start", "end", "at"))
    context: dict[str, Any] = {"row": row, "title": row.name, "shortcuts": shortcuts_of(visit.actor)}
    if row.state == DocumentState.READY:
        context["document"] = document_shown(document_text(row), start, end, at or 0)
        context["title"] = context["document"].title
    return render(request, "desk/document.html", context)


def _hits(visit: Visit, query: str, source: str) -> list[HitShown]:
    # Loads numpy and the embedding model, which a desk where nobody searches does without.
    from graftwork.apps.knowledge.searching import search  # noqa: PLC0415 - as above

    found = search(visit.actor, query, sources=[source] if source else [], limit=MOST_HITS)
    return [
        HitShown(
            title=one.title or one.document,
            place=one.place,
            relevance=one.relevance,
            relevance_words=_in_words(one.relevance),
            stretches=lit_words(one.text.strip(), query),
            link=_link(one.document_id, one.start, one.end),
        )
        for one in found.passages
    ]


def _link(document_id: UUID, start: int, end: int) -> str:
    return f"{reverse('desk:document', args=[document_id])}?{urlencode({'start': start, 'end': end})}#lit"


def _in_words(relevance: float) -> str:
    if relevance >= 0.7:
        return "strong match"
    return "fair match" if relevance >= 0.4 else "weak match"


def _offset(request: HttpRequest, name: str) -> int | None:
    text = query_text(request, name)
    if not text:
        return None
    if not (text.isascii() and text.isdigit()) or int(text[:12]) > MAX_OFFSET:
        raise RequestInvalid(name, "must be an offset in the text, a whole number")
    return int(text)
