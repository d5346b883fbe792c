"""Markdown (CommonMark with tables) as the text that it renders to, not as its markup."""

import re
from typing import TYPE_CHECKING

from graftwork.core.documents import html
from graftwork.core.documents.building import Builder
from graftwork.core.documents.cleaning import normalised, one_line
from graftwork.core.documents.decoding import decode

if TYPE_CHECKING:
    from markdown_it.token import Token

# The parser leaves out what nests more deeply; people stop at four or five.
_DEEPEST_NESTING = 100
_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?\n)(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
# Site generators write `[words]({% link page %})`, which is no link for CommonMark.
_TEMPLATE_LINK = re.compile(r"\]\(\s*\{[%{][^\n{}]{0,300}[%}]\}[^\s()]{0,300}\s*\)")
_TITLE = re.compile(r"^title[ \t]*:[ \t]*(.+)$", re.MULTILINE)


def fill(builder: Builder, content: bytes) -> None:
    """Front matter is left out but for its title; links and pictures are read by their words."""
    from markdown_it import MarkdownIt  # noqa: PLC0415 - only where Markdown is read

    text = normalised(decode(content))
    if front := _FRONT_MATTER.match(text):
        title = _TITLE.search(front[1])
        builder.title = title[1].strip().strip("\"'") if title else ""
        text = text[front.end() :]
    text = _TEMPLATE_LINK.sub("](#)", text)
    parser = MarkdownIt("commonmark", {"maxNesting": _DEEPEST_NESTING}).enable(["table", "strikethrough"])
    _Reader(builder).read(parser.parse(text))


class _Reader:
    def __init__(self, builder: Builder) -> None:
        self._builder = builder
        self._heading_level = 0
        self._item_depth = 0
        self._cells: list[str] | None = None

    def read(self, tokens: "list[Token]") -> None:
        for token in tokens:
            self._read(token)

    def _read(self, token: "Token") -> None:
        kind = token.type
        if kind == "inline":
            self._inline(_words(token.children or []))
        elif kind == "heading_open":
            self._heading_level = int(token.tag[1])
        elif kind == "heading_close":
            self._heading_level = 0
        elif kind in ("list_item_open", "list_item_close"):
            self._item_depth += token.nesting
        elif kind == "tr_open":
            self._cells = []
        elif kind == "tr_close":
            self._builder.block("table_row", " | ".join(self._cells or []))
            self._cells = None
        elif kind in ("fence", "code_block"):
            self._builder.block("code", token.content)
        elif kind == "html_block":
            html.fill_markup(self._builder, token.content)

    def _inline(self, words: str) -> None:
        if self._cells is not None:
            self._cells.append(one_line(words))
        elif self._heading_level:
            self._builder.heading(words, self._heading_level)
        else:
            self._builder.block("list_item" if self._item_depth else "paragraph", words)


def _words(children: "list[Token]") -> str:
    """What a line says. Raw tags are dropped, their words stay; of a picture its description."""
    pieces: list[str] = []
    for child in children:
        if child.type in ("text", "code_inline", "image"):
            pieces.append(child.content)
        elif child.type == "softbreak":
            pieces.append(" ")
        elif child.type == "hardbreak" or (child.type == "html_inline" and child.content.lower().startswith("<br")):
            pieces.append("\n")
    return "".join(pieces)
