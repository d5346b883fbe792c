"""The fields of an item as passages, for drafts that are checked against the item itself."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping

from graftwork.core.citing.sentences import Span, sentences
from graftwork.core.prompt import plain
from graftwork.core.types import Excerpt, ItemContent

DEFAULT_CHARACTERS = 900


def item_excerpts(
    content: ItemContent, field_labels: Mapping[str, str], *, characters: int = DEFAULT_CHARACTERS
) -> tuple[Excerpt, ...]:
    """Every field that is not empty, numbered from 1, in passages of at most `characters`, cut at sentences.

    The text of a passage is `start` to `end` of the field's text as `prompt.plain` has it; the label is the title. A
    sentence longer than a passage is cut at a space.
    """
    pieces = (
        (name, text, span)
        for name, value in content.fields.items()
        if (text := plain(value)).strip()
        for span in _passages(text, characters)
    )
    return tuple(_excerpt(number, *piece, content, field_labels) for number, piece in enumerate(pieces, 1))


def _excerpt(
    number: int, name: str, text: str, span: Span, content: ItemContent, field_labels: Mapping[str, str]
) -> Excerpt:
    return Excerpt(
        number=number,
        source="",
        document=name,
        title=field_labels.get(name) or name,
        text=text[span.start : span.end],
        start=span.start,
        end=span.end,
        page=_page(content.pages.get(name, ()), span.start),
    )


def _page(begins: tuple[int, ...], offset: int) -> int | None:
    return max(bisect_right(begins, offset), 1) if begins else None


def _passages(text: str, characters: int) -> Iterator[Span]:
    """Runs of whole sentences. A paragraph that would be cut begins a passage where the one before is half full."""
    start = end = -1
    for piece in _pieces(text, characters):
        if start >= 0 and (piece.end - start > characters or _is_new_part(text, Span(start, end), piece, characters)):
            yield Span(start, end)
            start = -1
        start, end = (piece.start if start < 0 else start), piece.end
    if start >= 0:
        yield Span(start, end)


def _is_new_part(text: str, before: Span, piece: Span, characters: int) -> bool:
    return before.end - before.start > characters // 2 and "\n\n" in text[before.end : piece.start]


def _pieces(text: str, characters: int) -> Iterator[Span]:
    for sentence in sentences(text):
        start = sentence.start
        while sentence.end - start > characters:
            space = text.rfind(" ", start + characters // 2, start + characters)
            end = space if space > start else start + characters
            yield Span(start, end)
            start = end + (text[end] == " ")
        if start < sentence.end:
            yield Span(start, sentence.end)
