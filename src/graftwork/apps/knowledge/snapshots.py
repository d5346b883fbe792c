"""The state of what is searched, named by a digest so that a draft and a release can name it."""

from collections.abc import Collection, Sequence
from datetime import datetime

from graftwork.apps.knowledge.embedding import Embedding
from graftwork.apps.knowledge.models import DocumentState, Snapshot, SourceDocument
from graftwork.core.knowledge.snapshot import snapshot_digest


def stored_snapshot(embedding: Embedding, sources: Collection[str]) -> str:
    """The digest of what these sources hold in the database; empty where that is nothing."""
    rows = SourceDocument.objects.filter(
        source__name__in=sources, state=DocumentState.READY, made_with=embedding.made_with
    )
    documents = [(source, name, sha256) for source, name, sha256 in rows.values_list("source__name", "name", "sha256")]
    return snapshot_digest(documents, embedding.name) if documents else ""


def keep_snapshot(digest: str, embedding: Embedding, sources: Sequence[str], now: datetime) -> None:
    """Remember what a digest names: which sources, how many documents and passages, which embedder."""
    if not digest or Snapshot.objects.filter(pk=digest).exists():
        return
    rows = SourceDocument.objects.filter(
        source__name__in=sources, state=DocumentState.READY, made_with=embedding.made_with
    )
    passages = sum(rows.values_list("passages", flat=True))
    manifest = {
        "sources": sorted(sources), "documents": rows.count(), "passages": passages, "embedder": embedding.name
    }  # fmt: skip
    Snapshot.objects.get_or_create(digest=digest, defaults={"manifest": manifest, "created_at": now})
