"""The text of an HTML mail, as a person would read it."""

import html
import re
from html.parser import HTMLParser

MAX_HTML_CHARACTERS = 500_000

_DROPPED = frozenset({"script", "style", "head", "title", "template"})
_BLOCKS = frozenset(
    (
        "address",
        "article",
        "aside",
        "blockquote",
        "br",
        "dd",
        "div",
        "dl",
        "dt",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "li",
        "main",
        "ol",
        "p",
        "pre",
        "section",
        "table",
        "tr",
        "ul",
    )
)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_DROPPED_ELEMENT = re.compile(r"<(script|style|head)\b.*?(?:</\1\s*>|\Z)", re.DOTALL | re.IGNORECASE)
# html.parser takes quadratic time on tags that never end (CVE-2025-6069), so what only looks like a tag is escaped.
_STRAY = re.compile(r"<(?![a-zA-Z/!?][^<>]*>)")
_TAG = re.compile(r"<[^<>]*>")
_SPACES = re.compile(r"[ \t\r\f\v\xa0]+")
_LINE_ENDS = re.compile(r" ?\n ?")
_EMPTY_LINES = re.compile(r"\n{3,}")


def html_to_text(markup: str) -> str:
    """Paragraphs become lines; scripts and styles are dropped. Broken markup loses its tags, never its words."""
    markup = _STRAY.sub("&lt;", _COMMENT.sub("", markup[:MAX_HTML_CHARACTERS]))
    reader = _TextReader()
    try:
        reader.feed(markup)
        reader.close()
        text = "".join(reader.pieces)
    except AssertionError:  # html.parser's answer to an unknown `<![...`
        text = html.unescape(_TAG.sub(" ", _DROPPED_ELEMENT.sub(" ", markup)))
    text = _LINE_ENDS.sub("\n", _SPACES.sub(" ", text))
    return _EMPTY_LINES.sub("\n\n", text).strip()


class _TextReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._dropping: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - the base's signature
        if tag == "body":  # a head that is never closed must not swallow the mail
            self._dropping.clear()
        if tag in _DROPPED:
            self._dropping.append(tag)
        elif tag in _BLOCKS:
            self.pieces.append("\n")
        elif tag in ("td", "th"):
            self.pieces.append(" ")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _DROPPED:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._dropping:
            del self._dropping[self._dropping.index(tag) :]
        elif tag in _BLOCKS:
            self.pieces.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._dropping:
            self.pieces.append(data.replace("\n", " "))
