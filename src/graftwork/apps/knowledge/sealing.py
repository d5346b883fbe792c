"""Documents, their passages and vectors as stored bytes, and back. Passages are JSON, vectors float16 (little-endian).

Half precision costs the cosine of two unit vectors of 384 dimensions under .001, and halves what is stored and loaded.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from graftwork.apps.keyring import keyring
from graftwork.apps.knowledge.models import Source, SourceDocument
from graftwork.apps.vault.sealing import DataKey, unwrap
from graftwork.core.document import Block, Document, DocumentNotice, Page
from graftwork.core.knowledge.chunking import Chunk

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, repr=False)
class Sealed:
    content: bytes
    chunks: bytes
    vectors: bytes


def key_of(source: Source) -> DataKey:
    return unwrap(source.scope_key, keyring())


def seal(
    key: DataKey, row: SourceDocument, document: Document, chunks: Sequence[Chunk], vectors: "NDArray[np.float32]"
) -> Sealed:
    return Sealed(
        key.seal(_dump_document(document), row.label("content")),
        key.seal(_dump_chunks(document.title, chunks), row.label("chunks")),
        key.seal_bytes(vectors.astype("<f2").tobytes(), row.label("vectors")),
    )


def unseal_document(key: DataKey, row: SourceDocument) -> Document:
    """Raises `SealBroken` where the row was changed."""
    return _parse_document(key.unseal(row.content_sealed or b"", row.label("content")), row)


def unseal_chunks(key: DataKey, row: SourceDocument) -> "tuple[str, list[Chunk], NDArray[np.float32]]":
    """The title of a document, its passages, and their vectors, one row each. Raises `SealBroken` as above."""
    import numpy as np  # noqa: PLC0415 - the web process loads it with the first search, not at its start

    data = json.loads(key.unseal(row.chunks_sealed or b"", row.label("chunks")))
    raw = key.unseal_bytes(row.vectors_sealed or b"", row.label("vectors"))
    vectors = np.frombuffer(raw, dtype="<f2").astype(np.float32)
    chunks = [_chunk(one) for one in data["chunks"]]
    return data["title"], chunks, vectors.reshape(len(chunks), -1) if chunks else vectors.reshape(0, 0)


def _dump_document(document: Document) -> str:
    data = {
        "title": document.title,
        "text": document.text,
        "blocks": [
            [block.kind, block.start, block.end, block.number, block.headings, block.page] for block in document.blocks
        ],
        "pages": [[page.number, page.start, page.end, page.label] for page in document.pages],
        "notices": [[notice.code, notice.text] for notice in document.notices],
    }
    return json.dumps(data, ensure_ascii=False)


def _parse_document(text: str, row: SourceDocument) -> Document:
    data: dict[str, Any] = json.loads(text)
    return Document(
        name=row.name,
        format=row.format,  # type: ignore[arg-type] # as it was stored
        title=data["title"],
        text=data["text"],
        blocks=tuple(
            Block(kind, start, end, number, tuple(headings), page)
            for kind, start, end, number, headings, page in data["blocks"]
        ),
        sha256=row.sha256,
        pages=tuple(Page(*page) for page in data["pages"]),
        notices=tuple(DocumentNotice(*notice) for notice in data["notices"]),
    )


def _dump_chunks(title: str, chunks: Sequence[Chunk]) -> str:
    rows = [
        [chunk.number, chunk.start, chunk.end, chunk.text, chunk.page, chunk.headings, chunk.table_head]
        for chunk in chunks
    ]
    return json.dumps({"title": title, "chunks": rows}, ensure_ascii=False)


def _chunk(row: list[Any]) -> Chunk:
    number, start, end, text, page, headings, table_head = row
    return Chunk(number, start, end, text, page, tuple(headings), table_head)
