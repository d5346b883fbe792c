"""HTML: text, attributes, comments and scripts. What stands in several inline tags is read as one text."""

import html
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from graftwork.core.privacy.forms.html_tokens import Attribute, Token, attributes, tokens, unescaped
from graftwork.core.privacy.forms.pieces import Piece, Swapped
from graftwork.core.privacy.forms.rewriter import Field, Rewriter, Rule, Swap, apply
from graftwork.core.privacy.forms.runs import spread
from graftwork.core.privacy.sinks import FETCHED, Sink

WINDOW_CHARACTERS = 32_000
# What these hold is for the browser and says nothing about anybody.
_FIXED = frozenset(
    {"class", "style", "rel", "type", "charset", "lang", "dir", "width", "height", "http-equiv", "media"}
)
# What a reader is shown or told. Any other attribute may be an address, or be run.
_PROSE = frozenset({"alt", "title", "label", "placeholder", "summary", "abbr", "aria-label", "aria-description"})
_LOADING = frozenset({"background", "poster", "srcset", "srcdoc", "ping"})
_LINKS = frozenset({"href", "src", "action", "formaction", "cite", "data", "content", "srcset", "poster"})


@dataclass(frozen=True, slots=True, repr=False)
class _Part:
    """One field of the page and where it stands: `runs` are tokens by number, or one attribute of one token."""

    field: Field
    runs: tuple[int, ...]
    attribute: Attribute | None = None


def pieces(source: str, rewriter: Rewriter) -> Iterator[Piece]:
    """The page with its swaps."""
    window: list[Token] = []
    size = 0
    for token in tokens(source):
        window.append(token)
        size += len(token.raw)
        if size >= WINDOW_CHARACTERS and token.kind == "block":
            yield from _written(window, rewriter)
            window, size = [], 0
    yield from _written(window, rewriter)


def _written(window: Sequence[Token], rewriter: Rewriter) -> Iterator[Piece]:
    parts = list(_parts(window))
    by_token: dict[int, list[tuple[int, int, str]]] = {}
    for part, swaps in zip(parts, rewriter.swaps([part.field for part in parts]), strict=True):
        if not swaps:
            continue
        if part.attribute is not None:
            by_token.setdefault(part.runs[0], []).append(_attribute_change(window, part, swaps))
            continue
        runs = [_shown(window[number]) for number in part.runs]
        for number, (_, offsets), own in zip(
            part.runs, runs, spread([len(text) for text, _ in runs], swaps), strict=True
        ):
            by_token.setdefault(number, []).extend(_text_changes(window[number], offsets, own))
    for number, token in enumerate(window):
        yield from _token(token, sorted(by_token.get(number, ())))


def _parts(window: Sequence[Token]) -> Iterator[_Part]:
    runs: list[int] = []
    for number, token in enumerate(window):
        if token.kind == "text" and token.name == "":
            runs.append(number)
            continue
        if token.kind != "inline" and runs:
            yield _joined(window, runs)
            runs = []
        if token.kind in ("text", "raw", "comment"):
            yield _joined(window, [number])
        elif token.kind in ("inline", "block"):
            yield from _attribute_parts(number, token)
    if runs:
        yield _joined(window, runs)


def _joined(window: Sequence[Token], runs: Sequence[int]) -> _Part:
    text = "".join(_shown(window[number])[0] for number in runs)
    # A script runs and a style fetches without a click; a comment may be either to an old browser.
    sinks: dict[str, Sink] = {"raw": "image", "comment": "image"}
    return _Part(Field(text, sink=sinks.get(window[runs[0]].kind, "prose")), tuple(runs))


def _shown(token: Token) -> tuple[str, list[int] | None]:
    return (token.raw, None) if token.kind in ("raw", "comment") else unescaped(token.raw)


def _attribute_parts(number: int, token: Token) -> Iterator[_Part]:
    found = list(attributes(token.raw))
    for attribute in found:
        if attribute.name not in _FIXED and attribute.end > attribute.start:
            rule = _attribute_rule(token, attribute, found)
            sink = _attribute_sink(token, attribute, found)
            yield _Part(Field(_attribute_text(token, attribute), attribute.name, rule, sink), (number,), attribute)


def _attribute_rule(token: Token, attribute: Attribute, all_of_it: Sequence[Attribute]) -> Rule:
    if token.name != "meta" or attribute.name != "content":
        return "detect"
    names = {token.raw[one.start : one.end].lower() for one in all_of_it if one.name in ("name", "property")}
    return "person" if names & {"author", "article:author", "dc.creator", "creator"} else "detect"


def _attribute_sink(token: Token, attribute: Attribute, all_of_it: Sequence[Attribute]) -> Sink:
    is_told = token.name == "meta" and attribute.name == "content"
    if attribute.name in _PROSE or (is_told and not any(one.name == "http-equiv" for one in all_of_it)):
        return "prose"
    loads = token.name in FETCHED or token.name == "meta" or attribute.name in _LOADING
    return "image" if loads or attribute.name.startswith("on") else "link"


def _attribute_text(token: Token, attribute: Attribute) -> str:
    shown = html.unescape(token.raw[attribute.start : attribute.end])
    return unquote(shown) if attribute.name in _LINKS and "%" in shown else shown


def _attribute_change(window: Sequence[Token], part: _Part, swaps: Sequence[Swap]) -> tuple[int, int, str]:
    """The whole value is written anew: it may have been escaped twice, as a URL and as HTML."""
    assert part.attribute is not None
    new = html.escape(apply(part.field.text, swaps))
    del window
    return part.attribute.start, part.attribute.end, new if part.attribute.is_quoted else f'"{new}"'


def _text_changes(token: Token, offsets: list[int] | None, swaps: Sequence[Swap]) -> Iterator[tuple[int, int, str]]:
    for swap in swaps:
        start, end = (offsets[swap.start], offsets[swap.end]) if offsets else (swap.start, swap.end)
        new = swap.new if token.kind in ("raw", "comment") else html.escape(swap.new, quote=False)
        yield start, end, new.replace("--", "- -") if token.kind == "comment" else new


def _token(token: Token, changes: Sequence[tuple[int, int, str]]) -> Iterator[Piece]:
    done = 0
    for start, end, new in changes:
        yield token.raw[done:start]
        yield Swapped(token.raw[start:end], new)
        done = end
    yield token.raw[done:]
