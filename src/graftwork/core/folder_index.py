"""A folder as a small index in memory, for evaluations and benchmarks: nothing is stored."""

from collections.abc import Callable, Iterator
from pathlib import Path

from graftwork.core.document import Document
from graftwork.core.documents.errors import DocumentError
from graftwork.core.documents.reading import SUFFIXES, read_document
from graftwork.core.knowledge.chunking import chunks_of
from graftwork.core.knowledge.embedding import Embedder
from graftwork.core.knowledge.index import IndexedChunk, KnowledgeIndex
from graftwork.core.knowledge.parts import parts_of

Read = Callable[[Path], Document]


def read_file(path: Path) -> Document:
    """The document at `path`. In this process, so for files of one's own. Raises `DocumentError`."""
    return read_document(path.read_bytes(), path.name)


def index_folder(folder: Path, source: str, embedder: Embedder, read: Read = read_file) -> KnowledgeIndex:
    """All documents under `folder` that can be read, as `source`; a document is named by its path in the folder.

    Files of other kinds, hidden ones and what cannot be read are left out.
    """
    index = KnowledgeIndex(embedder)
    chunks: list[IndexedChunk] = []
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        if path.is_file() and path.suffix.lower() in SUFFIXES and not any(part.startswith(".") for part in parts):
            try:
                document = read(path)
            except DocumentError:
                continue
            chunks.extend(indexed(document, source, "/".join(parts)))
    index.add(chunks)
    return index


def indexed(document: Document, source: str, name: str) -> Iterator[IndexedChunk]:
    """The passages of `document`, and of what is attached to it, as entries of an index, named as the store does."""
    for _, own_name, part in parts_of(name, document):
        for chunk in chunks_of(part):
            yield IndexedChunk(
                id=f"{source}/{own_name}#{chunk.number}",
                source=source,
                document=own_name,
                title=part.title,
                text=chunk.text,
                start=chunk.start,
                end=chunk.end,
                page=chunk.page,
                headings=chunk.headings,
                document_sha256=part.sha256,
                table_head=chunk.table_head,
            )
