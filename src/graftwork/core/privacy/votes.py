"""What the model says, beside the rules: a second opinion on words that may be names.

What it calls a name counts only where the words may be one, and it reads only the sentences that hold a capital the
rules are not sure of: that is most of the time it would take.
"""

# ruff: noqa: RUF001 - typographic apostrophes and letters of other alphabets are the subject

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from graftwork.core.privacy.finding import Finding, Kind
from graftwork.core.privacy.ner import Entity, load_model
from graftwork.core.privacy.text import Text
from graftwork.core.privacy.vocabulary import (
    AMBIGUOUS,
    CALENDAR,
    GENERIC,
    HONORIFIC,
    NAME,
    ORDINARY,
    PLAIN,
    PUBLIC,
    Vocabulary,
)

_CHUNK_CHARS = 2_000
_SENTENCE = re.compile(r"[^\n]*?(?:[.!?][\"”’)]?(?=[ \t]+[^a-z\W])|\n+|$)", re.DOTALL)
_WORD = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*")

_KINDS: dict[str, tuple[Kind, float]] = {
    "PERSON": ("person", 0.5), "ORG": ("organisation", 0.41), "GPE": ("location", 0.54), "LOC": ("location", 0.5),
    "FAC": ("location", 0.45), "NORP": ("group", 0.5),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of a text for the model: `text` begins at `start` of the whole."""

    start: int
    text: str


class Votes:
    """Thread-safe; the model is loaded on first use, once a process."""

    name = "ner"

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary

    def find_many(self, texts: Sequence[Text], unsure: Sequence[Sequence[int]]) -> list[list[Finding]]:
        """Findings of each text. `unsure` holds, for each, the offsets (in order) of words the rules cannot settle.

        Raises `NerUnavailable` or `NerMismatch`.
        """
        chunks = [
            (number, chunk)
            for number, (text, places) in enumerate(zip(texts, unsure, strict=True))
            for chunk in chunks_of(text.normal, places)
        ]
        found: list[list[Finding]] = [[] for _ in texts]
        if not chunks:
            return found
        answers = load_model().entities([chunk.text for _, chunk in chunks])
        for (number, chunk), entities in zip(chunks, answers, strict=True):
            for entity in entities:
                found[number].extend(self._read(chunk, entity))
        return found

    def _read(self, chunk: Chunk, entity: Entity) -> Iterator[Finding]:
        known = _KINDS.get(entity[2])
        if known is None:
            return
        kind, score = known
        words = [match for match in _WORD.finditer(chunk.text[entity[0] : entity[1]]) if match[0][0].isupper()]
        flags = [self._vocabulary.flags(word[0]) for word in words]
        first, last = 0, len(words)
        while first < last and flags[first] & (ORDINARY | GENERIC | HONORIFIC) and not flags[first] & (NAME | PUBLIC):
            first += 1
        while (
            kind == "person" and last > first and flags[last - 1] & (GENERIC | CALENDAR) and not flags[last - 1] & NAME
        ):
            last -= 1
        if first == last:
            return
        if all(flag & PLAIN and not (flag & NAME and kind == "person") for flag in flags[first:last]):
            return
        start = chunk.start + entity[0]
        lone = all(flag & (AMBIGUOUS | ORDINARY) for flag in flags[first:last])
        yield Finding(
            start + words[first].start(), start + _end(words[last - 1]), kind, self.name,
            "read as a name by the language model", score - 0.1 if lone else score,
        )  # fmt: skip


def _end(word: re.Match[str]) -> int:
    return word.end() - 2 if word[0].endswith(("'s", "’s")) else word.end()


def chunks_of(text: str, unsure: Sequence[int]) -> list[Chunk]:
    """The sentences that hold one of the places `unsure`, neighbours together, none above 2,000 characters."""
    chunks: list[Chunk] = []
    at = 0
    for start, end in _sentences(text) if unsure else ():
        while at < len(unsure) and unsure[at] < start:
            at += 1
        if at == len(unsure):
            break
        if unsure[at] >= end:
            continue
        last = chunks[-1] if chunks else None
        if last and last.start + len(last.text) == start and len(last.text) + end - start <= _CHUNK_CHARS:
            chunks[-1] = Chunk(last.start, text[last.start : end])
        else:
            chunks.append(Chunk(start, text[start:end]))
    return chunks


def _sentences(text: str) -> Iterator[tuple[int, int]]:
    for match in _SENTENCE.finditer(text):
        start, end = match.span()
        for cut in range(start, end, _CHUNK_CHARS):
            yield cut, min(cut + _CHUNK_CHARS, end)
