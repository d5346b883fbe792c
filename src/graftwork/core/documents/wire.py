"""Documents as bytes, from the child process that read them to its parent.

The child reads hostile files, so nothing that it says is believed: no pickle, every length and every offset is checked,
and what does not fit is a `ValueError`. One document is a head in JSON, its text in UTF-8 and its blocks in binary;
those of its attachments follow it, in the order of the tree.
"""

import json
import struct
from dataclasses import dataclass
from typing import Any, get_args

from graftwork.core.document import Block, BlockKind, Document, DocumentFormat, DocumentNotice, Page

_LENGTHS = struct.Struct("<III")
# kind, start, end, page (0 for none), place in the table of heading paths
_BLOCK = struct.Struct("<BIIII")
_KINDS: tuple[BlockKind, ...] = get_args(BlockKind)
_FORMATS: tuple[DocumentFormat, ...] = get_args(DocumentFormat)
_NOTICES: tuple[str, ...] = get_args(DocumentNotice.__annotations__["code"])
_LARGEST_HEAD_BYTES = 32_000_000
_DEEPEST = 64


def largest_bytes(most_characters: int, most_blocks: int) -> int:
    """What a document within these limits takes at most."""
    return 4 * most_characters + _BLOCK.size * most_blocks + 2 * _LARGEST_HEAD_BYTES


def encode(document: Document) -> bytes:
    pieces: list[bytes] = []
    _encode(document, pieces)
    return b"".join(pieces)


def decode(content: bytes) -> Document:
    """Raises `ValueError` for anything that `encode` does not write."""
    document, end = _decode(memoryview(content), 0, _DEEPEST)
    if end != len(content):
        raise ValueError("bytes behind the document")
    return document


def _encode(document: Document, pieces: list[bytes]) -> None:
    paths = {path: place for place, path in enumerate(dict.fromkeys(block.headings for block in document.blocks))}
    head = json.dumps(
        {
            "name": document.name,
            "format": document.format,
            "title": document.title,
            "sha256": document.sha256,
            "paths": list(paths),
            "pages": [[page.start, page.end, page.label] for page in document.pages],
            "notices": [[notice.code, notice.text] for notice in document.notices],
            "attachments": len(document.attachments),
        }
    ).encode()
    text = document.text.encode()
    blocks = b"".join(
        _BLOCK.pack(_KINDS.index(one.kind), one.start, one.end, one.page or 0, paths[one.headings])
        for one in document.blocks
    )
    pieces += [_LENGTHS.pack(len(head), len(text), len(blocks)), head, text, blocks]
    for attachment in document.attachments:
        _encode(attachment, pieces)


def _decode(content: memoryview, at: int, depth: int) -> tuple[Document, int]:
    if not depth or len(content) < at + _LENGTHS.size:
        raise ValueError("cut off, or too deep")
    head_bytes, text_bytes, block_bytes = _LENGTHS.unpack_from(content, at)
    head_at = at + _LENGTHS.size
    text_at, blocks_at = head_at + head_bytes, head_at + head_bytes + text_bytes
    end = blocks_at + block_bytes
    if head_bytes > _LARGEST_HEAD_BYTES or end > len(content) or block_bytes % _BLOCK.size:
        raise ValueError("lengths that do not fit")
    head = _Head(_parsed(bytes(content[head_at:text_at])))
    text = str(content[text_at:blocks_at], "utf-8")
    pages = head.pages(len(text))
    blocks = _blocks(content[blocks_at:end], head.paths(), len(text), len(pages))
    attachments: list[Document] = []
    for _ in range(head.number("attachments")):
        attachment, end = _decode(content, end, depth - 1)
        attachments.append(attachment)
    return head.document(text, blocks, pages, tuple(attachments)), end


def _parsed(content: bytes) -> dict[str, Any]:
    try:
        head = json.loads(content)
    except RecursionError:
        raise ValueError("nested without end") from None
    if not isinstance(head, dict):
        raise ValueError("no object")
    return head


def _blocks(content: memoryview, paths: list[tuple[str, ...]], length: int, pages: int) -> tuple[Block, ...]:
    blocks: list[Block] = []
    last = 0
    for kind, start, end, page, path in _BLOCK.iter_unpack(content):
        if not last <= start < end <= length or page > pages or path >= len(paths) or kind >= len(_KINDS):
            raise ValueError("a block that is nowhere")
        blocks.append(Block(_KINDS[kind], start, end, len(blocks) + 1, paths[path], page or None))
        last = end
    return tuple(blocks)


@dataclass(frozen=True, slots=True)
class _Head:
    """The head of a document as it came, each part checked as it is asked for."""

    parts: dict[str, Any]

    def document(
        self, text: str, blocks: tuple[Block, ...], pages: tuple[Page, ...], attachments: tuple[Document, ...]
    ) -> Document:
        form = self._text(self.parts.get("format"))
        if form not in _FORMATS:
            raise ValueError("an unknown format")
        name, title, sha256 = (self._text(self.parts.get(key)) for key in ("name", "title", "sha256"))
        return Document(name, form, title, text, blocks, sha256, pages, self._notices(), attachments)

    def number(self, key: str) -> int:
        return self._number(self.parts.get(key))

    def paths(self) -> list[tuple[str, ...]]:
        return [tuple(self._text(part) for part in self._list(path)) for path in self._list(self.parts.get("paths"))]

    def pages(self, length: int) -> tuple[Page, ...]:
        pages: list[Page] = []
        for page in self._list(self.parts.get("pages")):
            start, end, label = self._list(page)
            if not 0 <= self._number(start) <= self._number(end) <= length:
                raise ValueError("a page that is nowhere")
            pages.append(Page(len(pages) + 1, start, end, self._text(label)))
        return tuple(pages)

    def _notices(self) -> tuple[DocumentNotice, ...]:
        notices: list[DocumentNotice] = []
        for notice in self._list(self.parts.get("notices")):
            code, text = self._list(notice)
            if code not in _NOTICES:
                raise ValueError("an unknown notice")
            notices.append(DocumentNotice(code, self._text(text)))
        return tuple(notices)

    @staticmethod
    def _text(value: object) -> str:
        if not isinstance(value, str):
            raise ValueError("no text")
        return value.encode(errors="replace").decode()

    @staticmethod
    def _number(value: object) -> int:
        if type(value) is not int or value < 0:
            raise ValueError("no count")
        return value

    @staticmethod
    def _list(value: object) -> list[Any]:
        if not isinstance(value, list):
            raise ValueError("no list")
        return value
