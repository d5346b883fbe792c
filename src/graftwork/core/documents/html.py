"""HTML as a person would read it: headings, paragraphs, lists, and tables row by row.

Parsed by lexbor (selectolax), which builds the tree that a browser would and does so without recursion: libxml2, behind
lxml, knows no HTML 5 and drops what lies deeper than its limit. The tree is walked by its links for the same reason.
"""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from graftwork.core.document import BlockKind, DocumentNotice
from graftwork.core.documents.building import Builder
from graftwork.core.documents.cleaning import one_line, single_spaced
from graftwork.core.documents.decoding import decode
from graftwork.core.documents.html_hidden import hidden_by_style, is_hidden

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

_DROPPED = frozenset(
    (
        *("script", "style", "head", "template", "noscript", "nav", "svg", "iframe", "object", "embed", "canvas"),
        *("audio", "video", "select", "textarea", "button"),
    )
)
_INLINE = frozenset(
    (
        *("a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i"),
        *("ins", "kbd", "label", "mark", "meter", "output", "q", "ruby", "rb", "rt", "rp", "s", "samp", "small"),
        *("span", "strike", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr"),
    )
)
# How far up a block looks for what it stands in: pages may nest without end.
_NEAREST = 12
_CELLS = frozenset(("td", "th"))
_CHARSET = re.compile(rb"<meta[^>]{0,300}?charset\s*=\s*[\"']?\s*([\w:.-]{1,40})", re.IGNORECASE)

Step = tuple[Literal["enter", "leave"], "LexborNode"]


def fill(builder: Builder, content: bytes, charset: str = "") -> None:
    """`charset` is what the transport said; a meta element is asked only without it (HTML 5, 13.2.3)."""
    if not charset and (found := _CHARSET.search(content[:4_096])):
        charset = found[1].decode("ascii", "replace")
        charset = "utf-8" if charset.lower().startswith("utf-16") else charset  # it could not have been read as ASCII
    fill_markup(builder, decode(content, charset))


def fill_markup(builder: Builder, markup: str) -> None:
    from selectolax.lexbor import LexborHTMLParser  # noqa: PLC0415 - only where HTML is read

    tree = LexborHTMLParser(markup.encode(errors="replace").decode())
    title = tree.css_first("head > title")
    if title is not None and not builder.title and not builder.depth:
        builder.title = title.text()
    if tree.body is not None:
        _Reader(builder, hidden_by_style(tree)).read(tree.body)


class _Reader:
    def __init__(self, builder: Builder, hidden: frozenset[int]) -> None:
        self._builder, self._hidden = builder, hidden
        self._pieces: list[str] = []
        self._cells: list[str] | None = None  # of the row that is being read
        self._within: list[str] = []  # the open elements that say what kind of block text is
        self._hidden_characters = 0

    def read(self, body: "LexborNode") -> None:
        for step, node in self._steps(body):
            if step == "enter":
                self._enter(node)
            else:
                self._leave(node)
        self._flush()
        if self._hidden_characters:
            text = f"Text that is not shown to people ({self._hidden_characters:,} characters) was left out."
            self._builder.notice(DocumentNotice("hidden_text", text))

    def _steps(self, root: "LexborNode") -> Iterator[Step]:
        """Depth first, without recursion: pages nest as deeply as they like."""
        node: LexborNode = root
        while True:
            yield "enter", node
            child = None if self._is_left_out(node) else node.child
            if child is not None:
                node = child
                continue
            yield "leave", node
            while node.next is None or node.mem_id == root.mem_id:
                parent = node.parent
                if node.mem_id == root.mem_id or parent is None:
                    return
                node = parent
                yield "leave", node
            node = node.next

    def _is_left_out(self, node: "LexborNode") -> bool:
        if node.tag in _DROPPED:
            return True
        if not node.is_element_node or not is_hidden(node, self._hidden):
            return False
        self._hidden_characters += len(one_line(node.text()))
        return True

    def _enter(self, node: "LexborNode") -> None:
        tag = node.tag
        if node.is_text_node:
            self._text(node.text_content or "")
        elif tag == "img":
            self._text(f" {(node.attributes.get('alt') or '').strip()} ")
        elif tag == "br":
            self._pieces.append(" " if self._cells is not None else "\n")
        elif tag == "tr" and self._cells is None and _is_data_row(node):
            self._flush()
            self._cells = []
        elif tag not in _INLINE and node.is_element_node:
            self._boundary()
            self._within.append(tag or "")

    def _leave(self, node: "LexborNode") -> None:
        tag = node.tag
        if tag in _INLINE or tag in ("br", "img") or not node.is_element_node:
            return None
        if self._cells is not None:
            if tag == "tr" and not (self._within and self._within[-1] == "tr"):
                return self._finish_row()
            if tag in _CELLS:
                self._cells.append(one_line("".join(self._pieces)))
                self._pieces.clear()
        else:
            self._flush()
        self._pieces.append(" ")
        if self._within and self._within[-1] == tag:
            self._within.pop()
        return None

    def _text(self, text: str) -> None:
        self._pieces.append(text if "pre" in self._within[-_NEAREST:] else re.sub(r"\s+", " ", text))

    def _boundary(self) -> None:
        if self._cells is None:
            self._flush()
        else:
            self._pieces.append(" ")

    def _finish_row(self) -> None:
        cells, self._cells = self._cells or [], None
        self._pieces.clear()
        if any(cells):
            self._builder.block("table_row" if len(cells) > 1 else "paragraph", " | ".join(cells))

    def _flush(self) -> None:
        text = "".join(self._pieces)
        self._pieces.clear()
        if not text.strip():
            return None
        heading = next((tag for tag in reversed(self._within[-_NEAREST:]) if re.fullmatch("h[1-6]", tag)), None)
        if heading:
            return self._builder.heading(text, int(heading[1]))
        kind = self._kind()
        return self._builder.block(kind, text if kind == "code" else single_spaced(text))

    def _kind(self) -> BlockKind:
        for tag in reversed(self._within[-_NEAREST:]):
            if tag == "pre":
                return "code"
            if tag in ("li", "dt", "dd"):
                return "list_item"
        return "paragraph"


def _is_data_row(row: "LexborNode") -> bool:
    """Whether a row holds values, and not the layout of a page: mails are laid out in tables within tables."""
    return row.css_first("table, h1, h2, h3, p + p, ul, ol, pre") is None
