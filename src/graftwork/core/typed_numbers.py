"""Numbers as people type and export them: with a point or a comma before the decimals, and never guessed."""

import math
import re

MAX_CHARACTERS = 40
# A comma before three digits: a thousand in one country, a decimal in another.
_EITHER = re.compile(r"[-+]?\d{1,3}(?:,\d{3})+")
_SPACES = str.maketrans("", "", "\u00a0\u202f")


class NotANumber(ValueError):
    """Internal: a text that is no finite number, or may be two. Its own text says which, and never quotes the value."""


def typed_number(text: str) -> float:
    """A finite number; a decimal comma is one. Raises `NotANumber`, also for `1,000`: a thousand, or one."""
    text = text.strip().translate(_SPACES)
    if len(text) > MAX_CHARACTERS:
        raise NotANumber("has no number where one is needed")
    if _EITHER.fullmatch(text):
        raise NotANumber("has a comma before three digits: a thousand or a decimal, it cannot be told")
    try:
        found = float(text.replace(",", ".") if text.count(",") == 1 and "." not in text else text)
    except ValueError:
        raise NotANumber("has no number where one is needed" if text else "has an empty cell") from None
    if not math.isfinite(found):
        raise NotANumber("has a number that is not finite")
    return found
