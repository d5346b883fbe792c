"""The words of a question, lit in a passage that answers it."""

import re
from dataclasses import dataclass

_WORD = re.compile(r"\w+")
# So frequent that to light them says nothing.
_COMMON = frozenset(
    re.findall(
        r"\w+",
        "a about after all an and any are as at be before but by can did do does for from get has have how i "
        "if in into is it its may must my not of on or our shall should so than that the their them there "
        "these they this to was we what when where which who whom why will with would you your",
    )
)
_ENDING = 3


@dataclass(frozen=True, slots=True)
class Stretch:
    text: str
    lit: bool = False


def lit_words(text: str, query: str) -> list[Stretch]:
    """`text` in stretches; lit are the words of `query` and forms of them that differ at their end."""
    wanted = {word.casefold() for word in _WORD.findall(query)}
    wanted = {word for word in wanted if word not in _COMMON} or wanted
    stretches: list[Stretch] = []
    last = 0
    for match in _WORD.finditer(text):
        if any(_is_form(match.group().casefold(), word) for word in wanted):
            if match.start() > last:
                stretches.append(Stretch(text[last : match.start()]))
            stretches.append(Stretch(match.group(), lit=True))
            last = match.end()
    return [*stretches, Stretch(text[last:])] if last < len(text) else stretches


def _is_form(word: str, wanted: str) -> bool:
    """Whether both are one word, but for an ending: `return`, `returned`, `returns`."""
    if word == wanted:
        return True
    shorter, longer = sorted((word, wanted), key=len)
    return len(shorter) >= 4 and len(longer) - len(shorter) <= _ENDING and longer.startswith(shorter)
