"""Single documents of a feed: what a connector or another program puts in and takes out."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath

from graftwork.apps.actors import Actor
from graftwork.apps.knowledge.actions.sources import require_manager
from graftwork.apps.knowledge.actions.storing import reading_of, remove_paths, store
from graftwork.apps.knowledge.embedding import BATCH_PASSAGES, Embedding
from graftwork.apps.knowledge.models import MAX_PATH_CHARACTERS, DocumentState, Source, SourceDocument, SourceKind
from graftwork.apps.knowledge.queries import documents_of, source_by_name
from graftwork.core.documents.reading import SUFFIXES
from graftwork.core.documents.sandbox import DocumentReader
from graftwork.core.errors import NotFound, RequestInvalid
from graftwork.core.intake.row import clean

MAX_NAME_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class Stored:
    """`new` is whether nothing was there before, `changed` whether it differs from what was."""

    row: SourceDocument
    new: bool
    changed: bool


def put_document(
    actor: Actor,
    source_name: str,
    path: str,
    content: bytes,
    now: datetime,
    *,
    reader: DocumentReader,
    embedding: Embedding,
) -> Stored:
    """Store `content` as the document `path` of a feed.

    Raises `RequestInvalid` for a source that is no feed or a path that cannot be one, and a `DocumentError` where the
    content cannot be read: what was stored before stays then.
    """
    require_manager(actor)
    source = source_by_name(source_name)
    if source.kind != SourceKind.FEED:
        raise RequestInvalid("source", f"{source.name} is read from {source.get_kind_display()}; put the file there")
    _check_path(path)
    known = documents_of(source).filter(path=path, part="").first()
    if known is not None and _is_same(known, content, embedding):
        return Stored(known, new=False, changed=False)
    # Of a long name, its end: the suffix says how it is read.
    document = reader.read_bytes(content, PurePosixPath(path).name[-MAX_NAME_CHARACTERS:])
    reading = reading_of(path, len(content), "", document)
    vectors = embedding.joined(list(embedding.in_pieces(reading.indexed_texts, BATCH_PASSAGES)))
    row = store(actor, source.name, reading, vectors, embedding.made_with, now)[0]
    return Stored(row, new=known is None, changed=True)


def remove_document(actor: Actor, source_name: str, path: str, now: datetime) -> int:
    """Delete one document, with what was attached to it: gone from answers at once. Returns how many documents.

    Raises `NotFound` where there is none, and `RequestInvalid` where its file is still there and would bring it back.
    """
    require_manager(actor)
    source = source_by_name(source_name)
    if _file_of(source, path) is not None:
        raise RequestInvalid("path", "is still a file of the source; move that away, and the document goes with it")
    count = 0 if "\x00" in path else remove_paths(actor, source.name, [path], now)
    if not count:
        raise NotFound("document", clean(path))
    return count


def _check_path(path: str) -> None:
    pure = PurePosixPath(path)
    if not path or len(path) > MAX_PATH_CHARACTERS or clean(path) != path:
        raise RequestInvalid("path", f"must be 1 to {MAX_PATH_CHARACTERS} characters of text")
    if pure.is_absolute() or str(pure) != path or ".." in pure.parts:
        raise RequestInvalid("path", "must be a plain relative path, such as policies/returns.md")
    if pure.suffix.lower() not in SUFFIXES:
        raise RequestInvalid("path", f"must end in one of {', '.join(sorted(SUFFIXES))}")


def _is_same(known: SourceDocument, content: bytes, embedding: Embedding) -> bool:
    return (
        known.state == DocumentState.READY
        and known.sha256 == hashlib.sha256(content).hexdigest()
        and known.made_with == embedding.made_with
    )


def _file_of(source: Source, path: str) -> Path | None:
    if source.kind == SourceKind.FEED or "\x00" in path:
        return None
    place = Path(source.location)
    file = place if source.kind == SourceKind.FILE and path == place.name else place / path
    return file if file.is_file() and file.resolve().is_relative_to(place.resolve()) else None
