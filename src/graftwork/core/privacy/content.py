"""Searching and masking an item as one text: a name found in one turn is known in all of them."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from graftwork.core.privacy.book import Book
from graftwork.core.privacy.finding import FieldMask, Finding, FormatKept, Kind
from graftwork.core.privacy.mask import mask
from graftwork.core.privacy.surrogates import Surrogates
from graftwork.core.types import Excerpt, FieldValue, ItemContent, Turn

# A text with its findings, to the masked text and how many values of each kind were masked.
Mask = Callable[[str, Sequence[Finding]], tuple[str, Mapping[str, int]]]
SHORT_CHARACTERS = 200
_PLAIN_NAMES = frozenset(("text", "message", "body", "notes", "content"))
# Between texts while they are masked: U+001E, "record separator", which no text that people write holds.
_EDGE_CHARACTER = "\x1e"
_SEARCHED: Mapping[str, FieldMask] = {}
_EDGE = f"\n{_EDGE_CHARACTER}\n"


@dataclass(frozen=True, slots=True)
class Piece:
    """One text of an item and where it stands in the searched whole."""

    start: int
    text: str
    mask: FieldMask = "detect"


class WholeText:
    """All texts of an item, one after the other, with the way back to each.

    A short field stands behind its name, which is the best context there is: `phone: 0664 123`.
    """

    def __init__(self, content: ItemContent, masks: Mapping[str, FieldMask] = _SEARCHED) -> None:
        self.pieces: list[Piece] = []
        parts: list[str] = []
        length = 0
        labelled = [
            (label, text, masks.get(name, "detect"))
            for name, value in content.fields.items()
            for label, text in _texts(name, value)
        ]
        labelled += [("", text, "detect") for excerpt in content.excerpts for text in _excerpt_texts(excerpt)]
        for label, text, mask_as in labelled:
            self.pieces.append(Piece(length + len(label), text, mask_as))
            parts.append(f"{label}{text}")
            length += len(parts[-1]) + 2
        self.text = "\n\n".join(parts)

    @property
    def stated(self) -> list[tuple[str, Kind]]:
        """Values that the use case names by their field, to be found in the other fields as well."""
        return [
            (piece.text.strip(), piece.mask)
            for piece in self.pieces
            if piece.mask != "detect" and piece.mask != "keep" and piece.text.strip()
        ]

    def ruled(self, findings: Sequence[Finding]) -> list[Finding]:
        """`findings` after what the use case says of its fields: none in a kept one, one in a field that is a value."""
        ruled = [
            one for piece, found in zip(self.pieces, self.split(findings), strict=True) for one in _in(piece, found)
        ]
        return sorted(ruled)

    def split(self, findings: Sequence[Finding]) -> list[list[Finding]]:
        """The findings of each piece, with offsets into it. One that reaches over an edge is cut there."""
        split: list[list[Finding]] = []
        for piece in self.pieces:
            end = piece.start + len(piece.text)
            mine = [one for one in findings if one.start < end and one.end > piece.start]
            split.append(
                [replace(one, start=max(one.start, piece.start) - piece.start, end=min(one.end, end) - piece.start)
                 for one in mine]
            )  # fmt: skip
        return split


def masking(book: Book, keep_format: Iterable[FormatKept] = ()) -> Mask:
    """Masks with the placeholders of `book`, and with values of the same form the kinds of `keep_format`."""
    kinds = frozenset[Kind](keep_format)
    surrogates = Surrogates(kinds) if kinds else None

    def masked(text: str, findings: Sequence[Finding]) -> tuple[str, Mapping[str, int]]:
        result = mask(text, findings, book, surrogates=surrogates)
        return result.text, {str(kind): number for kind, number in result.counts.items()}

    return masked


def mask_content(
    content: ItemContent, whole: WholeText, findings: Sequence[Finding], replace_all: Mask
) -> tuple[ItemContent, dict[str, int]]:
    """`content` with every finding masked, and how many values of each kind. `whole` was made from `content`.

    All pieces are masked at once, because who a first name belongs to may stand in another field.
    """
    texts = [piece.text.replace(_EDGE_CHARACTER, "\ufffd") for piece in whole.pieces]
    shifted: list[Finding] = []
    start = 0
    for text, found in zip(texts, whole.split(findings), strict=True):
        shifted += [replace(one, start=one.start + start, end=one.end + start) for one in found]
        start += len(text) + len(_EDGE)
    masked, counts = replace_all(_EDGE.join(texts), shifted)
    parts = masked.split(_EDGE) if texts else []
    assert len(parts) == len(texts), "masking keeps the edges between texts"
    given = iter(parts)
    fields = {name: _rebuilt(value, given) for name, value in content.fields.items()}
    excerpts = tuple(_rebuilt_excerpt(excerpt, given) for excerpt in content.excerpts)
    # Pages are offsets in the text as it was, so they mean nothing here.
    return replace(content, fields=fields, pages={}, excerpts=excerpts), dict(counts)


def _in(piece: Piece, found: Sequence[Finding]) -> Iterator[Finding]:
    """The findings of one piece, with offsets into the whole."""
    match piece.mask:
        case "detect":
            yield from (replace(one, start=one.start + piece.start, end=one.end + piece.start) for one in found)
        case "keep":
            return
        case kind:
            if value := piece.text.strip():
                start = piece.start + piece.text.index(value)
                yield Finding(start, start + len(value), kind, "use case", "the use case says what this field is", 1.0)


def _texts(name: str, value: FieldValue) -> Iterator[tuple[str, str]]:
    """(label, text) of each text in a field. Who speaks may be a name, and a number may be somebody's."""
    match value:
        case None | bool():
            return
        case tuple():
            for turn in value:
                yield "", turn.speaker
                yield "", turn.text
        case _:
            text = str(value)
            says_something = len(text) < SHORT_CHARACTERS and name not in _PLAIN_NAMES
            yield (f"{name.replace('_', ' ')}: " if says_something else ""), text


def _excerpt_texts(excerpt: Excerpt) -> tuple[str, ...]:
    """All of a passage that a model is shown: titles and headings may name people too, and so may a file's name, which
    stands for a title that is not there.
    """
    return (excerpt.title or excerpt.document, *excerpt.headings, excerpt.text)


def _rebuilt_excerpt(excerpt: Excerpt, texts: Iterator[str]) -> Excerpt:
    title, *headings = [next(texts) for _ in range(1 + len(excerpt.headings))]
    return replace(excerpt, title=title, headings=tuple(headings), text=next(texts))


def _rebuilt(value: FieldValue, texts: Iterator[str]) -> FieldValue:
    match value:
        case None | bool():
            return value
        case tuple():
            return tuple(Turn(next(texts), next(texts)) for _ in value)
        case str():
            return next(texts)
        case _:
            text = next(texts)
            return value if text == str(value) else text
