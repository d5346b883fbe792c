"""HTML as its tokens, as written: nothing is parsed that is written back, so that what is not swapped stays."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from graftwork.core.privacy.forms.wordlist import words

LONGEST_TAG_CHARACTERS = 200_000
# Behind so many tags that never end, a page is not worth another long look: the time would grow with its square.
PATIENCE_TAGS = 20
_IMPATIENT_CHARACTERS = 500

_RAW_TEXT = ("script", "style", "textarea", "title", "xmp", "noscript", "iframe")
_TAG = re.compile(r"<(/?)([a-zA-Z][\w:.-]*+)(?=[\s/>])((?:[^>\"']|\"[^\"]*\"|'[^']*')*+)>")
_COMMENT = re.compile(r"<!--(.*?)(?:--!?>|\Z)", re.DOTALL)
_DECLARATION = re.compile(r"<[!?/][^>]*>?")
_TEXT = re.compile(r"[^<]+|<")
_ATTRIBUTE = re.compile(r"([^\s\"'>/=]+)(?:\s*=\s*(\"[^\"]*\"|'[^']*'|[^\s\"'>][^\s>]*))?")
_ENTITY = re.compile(r"&(?:#[0-9]{1,7};?|#[xX][0-9a-fA-F]{1,6};?|[A-Za-z][A-Za-z0-9]{1,31};)")
_BLOCKS = frozenset(
    words(
        "address article aside blockquote body br button caption center dd details dialog dir div dl dt fieldset "
        "figcaption figure footer form frame h1 h2 h3 h4 h5 h6 head header hr html iframe img input legend li link "
        "main menu meta nav ol optgroup option p pre script section select style summary table tbody td template "
        "textarea tfoot th thead title tr ul video audio object noscript"
    )
)

_KNOWN = _BLOCKS | frozenset(
    words(
        "a abbr acronym area audio b base basefont bdi bdo big blink canvas cite code col colgroup data datalist del "
        "dfn em embed font form i image ins kbd keygen label map mark marquee math meter output param picture progress "
        "q rp rt ruby s samp slot small source span strike strong sub sup svg template time track tt u var video wbr"
    )
)

TokenKind = Literal["text", "raw", "comment", "inline", "block", "other"]


@dataclass(frozen=True, slots=True, repr=False)
class Token:
    """`raw` stands for script and style, whose text has no entities."""

    raw: str
    kind: TokenKind
    name: str = ""


def tokens(source: str) -> Iterator[Token]:
    at = endless = 0
    inside = ""
    while at < len(source):
        token = _raw_text(source, at, inside) if inside else None
        inside = ""
        token = token or _one(source, at, LONGEST_TAG_CHARACTERS if endless < PATIENCE_TAGS else _IMPATIENT_CHARACTERS)
        endless += token.kind == "text" and token.raw[0] == "<"
        if token.kind in ("inline", "block") and token.name in _RAW_TEXT and not token.raw.endswith("/>"):
            inside = token.name
        if token.raw:
            yield token
        at += len(token.raw)


def _raw_text(source: str, at: int, name: str) -> Token | None:
    closing = re.compile(rf"</{name}\b", re.IGNORECASE).search(source, at)
    raw = source[at : closing.start()] if closing else source[at:]
    if name in ("noscript", "iframe"):
        return None  # what stands in them is markup
    if not raw:
        return None
    return Token(raw, "text" if name in ("textarea", "title") else "raw", name)


def _one(source: str, at: int, longest: int) -> Token:
    if source[at] != "<":
        return _text(source, at)
    match = _TAG.match(source, at, at + longest)
    if match is not None and not _is_prose(match):
        name = match[2].lower()
        return Token(match[0], "block" if name in _BLOCKS else "inline", "" if match[1] else name)
    if (match := _COMMENT.match(source, at)) is not None:
        return Token(match[0], "comment")
    # What looks like a tag but never ends is text to a reader, and may hold anything.
    if (match := _DECLARATION.match(source, at, at + longest)) is not None and match[0].endswith(">"):
        return Token(match[0], "comment")
    return _text(source, at)


def _is_prose(tag: re.Match[str]) -> bool:
    """`<Charlie Douglas>` is a tag to a browser, and a name to whoever wrote it."""
    return tag[2].lower() not in _KNOWN and any(found[2] is None for found in _ATTRIBUTE.finditer(tag[3].rstrip("/")))


def _text(source: str, at: int) -> Token:
    match = _TEXT.match(source, at)
    assert match is not None  # every character is one or the other
    return Token(match[0], "text")


def unescaped(raw: str) -> tuple[str, list[int] | None]:
    """The characters that a reader sees, and where in `raw` each begins; `None` where nothing is escaped."""
    if "&" not in raw:
        return raw, None
    characters: list[str] = []
    offsets: list[int] = []
    at = 0
    for match in _ENTITY.finditer(raw):
        characters += raw[at : match.start()]
        offsets += range(at, match.start())
        shown = html.unescape(match[0])
        characters += shown
        offsets += [match.start()] * len(shown)
        at = match.end()
    characters += raw[at:]
    offsets += range(at, len(raw))
    return "".join(characters), [*offsets, len(raw)]


@dataclass(frozen=True, slots=True, repr=False)
class Attribute:
    """`start` and `end` bound the value in the tag's text, without its quotes."""

    name: str
    start: int
    end: int
    is_quoted: bool


def attributes(tag: str) -> Iterator[Attribute]:
    match = _TAG.match(tag)
    if match is None:
        return
    for found in _ATTRIBUTE.finditer(tag, match.start(3), match.end(3)):
        if found[2] is None:
            continue
        quoted = found[2][0] in "\"'"
        yield Attribute(found[1].lower(), found.start(2) + quoted, found.end(2) - quoted, quoted)
