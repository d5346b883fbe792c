"""What of a long document a few edited sentences have to be held against, so that an answer comes while people type.

To read a report of 300 pages for its numbers, dates and names takes seconds. What shares most words with the sentences
is read only; a number or name that stands anywhere shares at least itself.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from graftwork.core.prompt import plain
from graftwork.core.types import Excerpt, FieldValue, ItemContent

# What is read whole within some 300 ms; most items and passages are far shorter.
WHOLE_CHARACTERS = 40_000
MOST_PASSAGES = 40
_CHUNK_CHARACTERS = 1_000

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Narrowed:
    content: ItemContent
    excerpts: tuple[Excerpt, ...]


def narrowed(text: str, content: ItemContent, excerpts: Sequence[Excerpt]) -> Narrowed:
    """The excerpts, and the parts of the item, that share most words with `text`; all of them where they are short."""
    wanted = set(_WORD.findall(text.lower()))
    fields = {name: _field(value, wanted) for name, value in content.fields.items()}
    near = list(excerpts)
    if sum(len(one.text) for one in excerpts) > WHOLE_CHARACTERS:
        best = sorted(excerpts, key=lambda one: -_shared(one.text, wanted))[:MOST_PASSAGES]
        chosen = {one.number for one in best} | {one.number for one in excerpts if str(one.number) in wanted}
        near = [one for one in excerpts if one.number in chosen]
    return Narrowed(replace(content, fields=fields), tuple(near))


def _field(value: FieldValue, wanted: set[str]) -> FieldValue:
    text = plain(value)
    if len(text) <= WHOLE_CHARACTERS:
        return value
    best = sorted(_chunks(text), key=lambda chunk: -_shared(chunk, wanted))
    return "\n\n".join(best[:MOST_PASSAGES])


def _chunks(text: str) -> Iterable[str]:
    at = 0
    while at < len(text):
        end = text.find("\n", at + _CHUNK_CHARACTERS) + 1 or len(text)
        yield text[at:end]
        at = end


def _shared(text: str, wanted: set[str]) -> int:
    return len(wanted & set(_WORD.findall(text.lower())))
