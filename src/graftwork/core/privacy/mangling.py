"""What models do to placeholders, as one grammar: it reads answers, and finds what in a text must not be sent as it is.

Brackets are changed, escaped or lost; so is the underscore; emphasis and invisible characters come in. What names the
value, label and index, must be whole. Soft separators (`[PERSON 1]`) count where brackets and case leave no doubt:
"(date 1)" and "person 1" are prose. `Mangled.start` to `end` is what is replaced: an inflection after it stays.

Every repetition is bounded, so that a stream holds back at most `LONGEST` characters, and no text makes it slow. Each
part of the grammar knows two expressions: what matches, and what may still become a match when more text comes.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from graftwork.core.privacy.placeholders import (
    INVISIBLE,
    LONGEST_LABEL,
    Placeholder,
    begins_a_label,
    index_written,
    is_upper,
    label_written,
)

# Square, curly, angle and round; each with the names and numbers it has as an HTML entity.
_BRACKETS = (
    ("square", "[", "]", ("lbrack", "lsqb"), ("rbrack", "rsqb")),
    ("curly", "{", "}", ("lbrace", "lcub"), ("rbrace", "rcub")),
    ("angle", "<", ">", ("lt",), ("gt",)),
    ("round", "(", ")", ("lpar",), ("rpar",)),
)
_OTHER_PAIRS = "【】［］〔〕〖〗｛｝＜＞〈〉《》⟨⟩⟦⟧‹›«»「」『』（）"  # noqa: RUF001 - the look-alikes are meant
_SQUARE_LIKE = "[【［〔〖⟦"  # noqa: RUF001 - the look-alikes are meant
_ROUND_LIKE = "(（"  # noqa: RUF001 - the look-alikes are meant
_HYPHENS = "\\-\u2010-\u2015\u2212\ufe63\uff0d"
_UNDERSCORES = "_\uff3f"
_SPACES = " \t\u00a0\u2007\u202f\u3000"
_EMPHASIS = "*`~"
_HARD = ("%5f", "&#95;", "&#x5f;", "&lowbar;", "\\u005f", "\\x5f")
_SOFT = ("%20", "%2d", "&nbsp;", "&#45;", "&#8209;", "&#x2011;", "\\u2011", "\\u00a0", "%e2%80%91", "%c2%a0")

Tag = Literal["square", "curly", "angle", "round", "bare"]


class Part(NamedTuple):
    """A piece of the grammar: what it matches, and what of it may stand at the end of a text that goes on."""

    whole: str
    begun: str


def _words(words: Sequence[str]) -> Part:
    beginnings = sorted({word[:end] for word in words for end in range(1, len(word))}, key=len, reverse=True)
    begun = "|".join(map(re.escape, beginnings))
    return Part(f"(?:{'|'.join(map(re.escape, words))})", f"(?:{begun})?" if begun else "")


def _up_to(count: int, chars: str, words: Sequence[str] = ()) -> Part:
    if not words:
        return Part(f"[{chars}]{{0,{count}}}", f"[{chars}]{{0,{count}}}")
    listed = _words(words)
    one = f"(?:[{chars}]|{listed.whole})"
    return Part(f"{one}{{0,{count}}}", f"{one}{{0,{count}}}{listed.begun}")


def _join(parts: Sequence[Part]) -> Part:
    """The parts in their order. Begun is: the first begun, or the first whole and the rest begun, and so on."""
    begun = parts[-1].begun
    for part in reversed(parts[:-1]):
        begun = f"(?:{part.begun}\\Z|{part.whole}{begun})"
    return Part("".join(part.whole for part in parts), f"{begun}\\Z")


_LETTER = "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u00ff\uff21-\uff3a\uff41-\uff5a"
_NOISE = _up_to(4, f"{INVISIBLE}{_SPACES}{_EMPHASIS}{_UNDERSCORES}\\\\")
_LABEL = Part(
    f"((?:[Ee]-)?[{_LETTER}][{_LETTER}{INVISIBLE}]{{1,{2 * LONGEST_LABEL}}})",
    f"(?:[Ee]-)?(?:[{_LETTER}][{_LETTER}{INVISIBLE}]{{0,{2 * LONGEST_LABEL}}})?",
)
_BETWEEN_CHARS = f"{INVISIBLE}{_SPACES}{_EMPHASIS}{_UNDERSCORES}{_HYPHENS}\\\\"
_BETWEEN = _up_to(5, _BETWEEN_CHARS, (*_HARD, *_SOFT))
_BETWEEN = Part(f"({_BETWEEN.whole})", _BETWEEN.begun)
_INDEX = Part(f"(\\d[\\d{INVISIBLE}]{{0,13}})", f"(?:\\d[\\d{INVISIBLE}]{{0,13}})?")
_BARE_BETWEEN = _up_to(3, f"{INVISIBLE}{_UNDERSCORES}\\\\", _HARD)
_BARE_BETWEEN = Part(f"({_BARE_BETWEEN.whole})", _BARE_BETWEEN.begun)


def _encodings(char: str, names: Sequence[str]) -> list[list[str]]:
    """How one bracket can be written, in groups: an opening one is closed by a closing one of the same group."""
    code = ord(char)
    return [
        [char],
        [f"\\{char}"],
        [f"&#{code};", f"&#x{code:x};", *(f"&{name};" for name in names)],
        [f"\\u{code:04x}", f"\\x{code:02x}"],
        [f"%{code:02x}"],
    ]


def _families() -> list[tuple[Tag, list[str], list[str]]]:
    found: list[tuple[Tag, list[str], list[str]]] = []
    for name, opening, closing, opening_names, closing_names in _BRACKETS:
        tag: Tag = name  # type: ignore[assignment] # the names above are the tags
        groups = zip(_encodings(opening, opening_names), _encodings(closing, closing_names), strict=True)
        if tag != "square":  # in `[[PERSON_1]]` the placeholder is whole, and the outer brackets are the text's own
            found.append((tag, [opening * 2], [closing * 2]))
        found += [(tag, first, last) for first, last in groups]
    for opening, closing in zip(_OTHER_PAIRS[::2], _OTHER_PAIRS[1::2], strict=True):
        tag = "square" if opening in _SQUARE_LIKE else "round" if opening in _ROUND_LIKE else "angle"
        found.append((tag, [opening], [closing]))
    return found


@dataclass(frozen=True, slots=True)
class _Shape:
    tag: Tag
    whole: re.Pattern[str]
    begun: re.Pattern[str]


def _shape(tag: Tag, parts: Sequence[Part], after: str = "") -> _Shape:
    joined = _join(parts)
    return _Shape(tag, re.compile(joined.whole + after, re.IGNORECASE), re.compile(joined.begun, re.IGNORECASE))


_BY_FIRST: dict[str, list[_Shape]] = {}
for _tag, _opening, _closing in _families():
    _made = _shape(_tag, [_words(_opening), _NOISE, _LABEL, _BETWEEN, _INDEX, _NOISE, _words(_closing)])
    _BY_FIRST.setdefault(_opening[0][0], []).append(_made)

# A bare one is a whole word, at most with the `s` of an inflection, which is not part of it.
_BARE = _shape("bare", [_LABEL, _BARE_BETWEEN, _INDEX, Part(f"(?=s?(?![\\w{INVISIBLE}]))", "s?")])
# An invisible character counts as part of the word it stands in, so that the edges of words do not depend on a split.
_LABEL_BEFORE = re.compile(
    f"(?<![\\w{INVISIBLE}])(?:[Ee]-)?[{_LETTER}][{_LETTER}{INVISIBLE}]{{1,{2 * LONGEST_LABEL}}}\\Z"
)
_WORD_AT_END = re.compile(
    f"(?<![\\w{INVISIBLE}])(?:[Ee]-?|[{_LETTER}][{_LETTER}{INVISIBLE}]{{0,{2 * LONGEST_LABEL}}})\\Z"
)
# What follows an opening bracket: it tells most brackets of a text from a placeholder's, without trying every shape.
_OPENED = re.compile(f"([^\\\\&%])\\1?{_NOISE.whole}((?:[Ee]-)?[{_LETTER}{INVISIBLE}]*)")
_OPENED_BY_ESCAPE = re.compile(r"\\[\[({<ux]|&[#lg]|%[2357]", re.IGNORECASE)
_HAS_HARD = re.compile(f"[{_UNDERSCORES}]|{'|'.join(map(re.escape, _HARD))}", re.IGNORECASE)
_HAS_SOFT = re.compile(f"[{_SPACES}{_HYPHENS}]|{'|'.join(map(re.escape, _SOFT))}", re.IGNORECASE)
_CANONICAL = re.compile(r"\[([A-Z]+)_([1-9][0-9]{0,8})\]")

TRIGGER = re.compile(f"[{re.escape(''.join(_BY_FIRST))}{_UNDERSCORES}]")
"""No placeholder is without one of these characters, so what has none is plain text."""

LOOK_BACK = 2 * LONGEST_LABEL + 4
LONGEST = 2 * 8 + 2 * 4 + 2 * LONGEST_LABEL + 4 + 5 * 9 + 14
"""The most characters that one placeholder can take, in any form, and so the most that a stream holds back."""


@dataclass(frozen=True, slots=True)
class Mangled:
    """A placeholder in any form. `placeholder` is `None` where the index is one that none can have."""

    start: int
    end: int
    placeholder: Placeholder | None
    tag: Tag


@dataclass(frozen=True, slots=True)
class Wait:
    """From `start` on, more text could still change what is there."""

    start: int


def next_mangled(text: str, position: int, *, closed: bool) -> Mangled | Wait | None:
    """The first placeholder at or after `position`; `Wait` where that depends on text that has not come yet."""
    at = position
    while (trigger := TRIGGER.search(text, at)) is not None:
        found = _read(text, position, trigger.start(), closed)
        if found is not None:
            return found
        at = trigger.start() + 1
    return None if closed else _word_at_end(text, position)


def _read(text: str, position: int, trigger: int, closed: bool) -> Mangled | Wait | None:
    first = text[trigger]
    if first == "[" and (canonical := _CANONICAL.match(text, trigger)) and (label := label_written(canonical[1])):
        return Mangled(trigger, canonical.end(), Placeholder(label, int(canonical[2])), "square")
    # The bare one begins earlier, so it is asked first: a stream must not let go of `PERSON` at `PERSON\`.
    if first in "_\uff3f\\&%" and (found := _bare(text, position, trigger, closed)) is not None:
        return found
    return None if first in "_\uff3f" else _bracketed(text, trigger, first, closed)


def _bracketed(text: str, start: int, first: str, closed: bool) -> Mangled | Wait | None:
    near_end = not closed and len(text) - start <= LONGEST
    if not _promising(text, start, first, near_end):
        return None
    for shape in _BY_FIRST[first]:
        if near_end and shape.begun.match(text, start):
            return Wait(start)
        match = shape.whole.match(text, start)
        if match is not None and (found := _named(match, shape.tag)) is not None:
            return found
    return None


def _promising(text: str, start: int, first: str, near_end: bool) -> bool:
    if first in "\\&%":
        return near_end or _OPENED_BY_ESCAPE.match(text, start) is not None
    opened = _OPENED.match(text, start)
    assert opened is not None, "any character may open"
    if near_end and opened.end() == len(text):
        return begins_a_label(opened[2])
    return label_written(opened[2]) is not None


def _bare(text: str, position: int, trigger: int, closed: bool) -> Mangled | Wait | None:
    if trigger == position or (text[trigger - 1].isascii() and not text[trigger - 1].isalpha()):
        return None
    before = _LABEL_BEFORE.search(text, max(position, trigger - LOOK_BACK), trigger)
    if before is None or label_written(before[0]) is None:
        return None
    start = before.start()
    if not closed and len(text) - start <= LONGEST and _BARE.begun.match(text, start):
        return Wait(start)
    match = _BARE.whole.match(text, start)
    return None if match is None else _named(match, "bare")


def _named(match: re.Match[str], tag: Tag) -> Mangled | None:
    label = label_written(match[1])
    if label is None or not _separated(match[1], match[2], tag):
        return None
    index = index_written(match[3])
    return Mangled(match.start(), match.end(), None if index is None else Placeholder(label, index), tag)


def _separated(label: str, between: str, tag: Tag) -> bool:
    if _HAS_HARD.search(between):
        return True
    if tag == "bare":
        return False
    return is_upper(label) or (tag == "square" and _HAS_SOFT.search(between) is not None)


def _word_at_end(text: str, position: int) -> Wait | None:
    word = _WORD_AT_END.search(text, max(position, len(text) - LOOK_BACK))
    return None if word is None or not begins_a_label(word[0]) else Wait(word.start())
