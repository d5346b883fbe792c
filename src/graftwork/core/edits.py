"""What a person changed: the word-level edit script between a draft and its final text, and how much was rewritten."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from rapidfuzz.distance import Indel, Levenshtein

Operation = Literal["keep", "delete", "insert"]
# What is kept, then what was deleted behind it, then what was inserted there: as people read a correction.
Block = tuple[list[str], list[str], list[str]]

# Indel needs a bit for each pair of words: 400 million pairs are 50 MB and about a fifth of a second.
MAX_PAIRS = 400_000_000

_SENTENCE = re.compile(r"[^.!?\n]*[.!?\n]+|[^.!?\n]+")
_WORD = re.compile(r"\s+|\w+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Edit:
    """One run of the script: `text` was kept, deleted from the draft or inserted by the person."""

    operation: Operation
    text: str


def words(text: str) -> list[str]:
    """Words, punctuation marks and runs of white space; joined they are `text` again."""
    return _WORD.findall(text)


def edit_script(draft: str, final: str) -> list[Edit]:
    """The runs that turn `draft` into `final`, word by word (insertions and deletions only).

    Joining what is kept and deleted gives the draft; what is kept and inserted gives the final. The shortest such list,
    except for very long texts that were rewritten throughout: those are matched by sentences first, and a stretch that
    is still too long is deleted and inserted whole.
    """
    before, after = words(draft), words(final)
    head = _common_start(before, after)
    tail = _common_start(before[head:][::-1], after[head:][::-1])
    end_before, end_after = len(before) - tail, len(after) - tail
    script: list[Edit] = []
    _append(script, "keep", before[:head])
    for kept, deleted, inserted in _aligned(before[head:end_before], after[head:end_after]):
        _append(script, "keep", kept)
        _append(script, "delete", deleted)
        _append(script, "insert", inserted)
    _append(script, "keep", before[end_before:])
    return script


def share_rewritten(draft: str, final: str) -> float:
    """Word-level Levenshtein distance over the length of the longer text, 0 (untouched) to 1 (nothing kept).

    White space does not count: re-wrapping a paragraph is no rewriting.
    """
    before = [word for word in words(draft) if not word.isspace()]
    after = [word for word in words(final) if not word.isspace()]
    return float(Levenshtein.normalized_distance(before, after))


def _common_start(before: list[str], after: list[str]) -> int:
    shorter = min(len(before), len(after))
    return next((n for n in range(shorter) if before[n] != after[n]), shorter)


def _aligned(before: list[str], after: list[str]) -> Iterator[Block]:
    if len(before) * len(after) <= MAX_PAIRS:
        yield from _blocks(before, after)
        return
    sentences = _SENTENCE.findall("".join(before)), _SENTENCE.findall("".join(after))
    if len(sentences[0]) * len(sentences[1]) > MAX_PAIRS:
        yield [], before, after
        return
    for kept, deleted, inserted in _blocks(*sentences):
        yield kept, [], []
        stretch = words("".join(deleted)), words("".join(inserted))
        if len(stretch[0]) * len(stretch[1]) <= MAX_PAIRS:
            yield from _blocks(*stretch)
        else:
            yield [], *stretch


def _blocks(before: list[str], after: list[str]) -> Iterator[Block]:
    kept: list[str] = []
    deleted: list[str] = []
    inserted: list[str] = []
    for code in Indel.opcodes(before, after):
        if code.tag == "equal":
            yield kept, deleted, inserted
            kept, deleted, inserted = before[code.src_start : code.src_end], [], []
        else:
            deleted += before[code.src_start : code.src_end]
            inserted += after[code.dest_start : code.dest_end]
    yield kept, deleted, inserted


def _append(script: list[Edit], operation: Operation, run: list[str]) -> None:
    """Adds `run`, to the last entry where that does the same."""
    if not run:
        return
    text = "".join(run)
    if script and script[-1].operation == operation:
        text = script.pop().text + text
    script.append(Edit(operation, text))
