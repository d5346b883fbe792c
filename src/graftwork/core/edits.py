"""What a person changed: the word-level edit script between a draft and its final text, and how much was rewritten."""

import re
from dataclasses import dataclass
from typing import Literal

from rapidfuzz.distance import Indel, Levenshtein

Operation = Literal["keep", "delete", "insert"]

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
    """The shortest list of runs that turns `draft` into `final`, word by word (insertions and deletions only).

    Joining what is kept and deleted gives the draft; what is kept and inserted gives the final.
    """
    before, after = words(draft), words(final)
    script: list[Edit] = []
    for code in Indel.opcodes(before, after):
        if code.tag == "equal":
            _append(script, "keep", before[code.src_start : code.src_end])
        else:
            _append(script, "delete", before[code.src_start : code.src_end])
            _append(script, "insert", after[code.dest_start : code.dest_end])
    return script


def share_rewritten(draft: str, final: str) -> float:
    """Word-level Levenshtein distance over the length of the longer text, 0 (untouched) to 1 (nothing kept).

    White space does not count: re-wrapping a paragraph is no rewriting.
    """
    before = [word for word in words(draft) if not word.isspace()]
    after = [word for word in words(final) if not word.isspace()]
    return float(Levenshtein.normalized_distance(before, after))


def _append(script: list[Edit], operation: Operation, run: list[str]) -> None:
    if run:
        script.append(Edit(operation, "".join(run)))
