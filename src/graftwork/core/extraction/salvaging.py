"""JSON out of a model's text, also where it broke off: what is whole of it is kept, and nothing is made up."""

import json
import re
from collections import deque
from collections.abc import Iterator
from typing import Any

from graftwork.core.letters import whole_letters

# Places to cut at, tried from the last one back.
_MAX_CUTS = 64
# No schema asks for more.
_DEEPEST = 100
_ESCAPED_HALF = re.compile(r"\\u[dD][89a-fA-F]")
_CLOSERS = {"{": "}", "[": "]"}


def salvage(text: str) -> Any | None:
    """The first JSON object or array in `text`; `None` where there is none.

    One that broke off is closed after its last whole part: an item of an array that is not whole is left out.
    """
    value = _first(text)
    if value is None or _ESCAPED_HALF.search(text) is None:
        return value
    return json.loads(whole_letters(json.dumps(value, ensure_ascii=False)))


def _first(text: str) -> Any | None:
    start = min((place for place in (text.find("{"), text.find("[")) if place >= 0), default=-1)
    if start < 0:
        return None
    body = text[start:]
    decoder = json.JSONDecoder(strict=False)
    try:
        return decoder.raw_decode(body)[0]
    except (ValueError, RecursionError):
        pass
    for repaired in _repaired(body):
        try:
            return decoder.decode(repaired)
        except (ValueError, RecursionError):
            continue
    return None


def _repaired(body: str) -> Iterator[str]:
    cuts = deque(_cuts(body), _MAX_CUTS)
    for end, open_brackets in reversed(cuts):
        yield body[:end] + "".join(_CLOSERS[bracket] for bracket in reversed(open_brackets))


def _cuts(body: str) -> Iterator[tuple[int, str]]:
    """Where `body` may be cut so that only whole parts stay, with the brackets that are open there."""
    open_brackets = ""
    in_string = escaped = False
    for place, char in enumerate(body):
        if in_string:
            in_string = escaped or char != '"'
            escaped = char == "\\" and not escaped
        elif char == '"':
            in_string = True
        elif char in "{[" and len(open_brackets) < _DEEPEST:
            open_brackets += char
            if _is_whole(open_brackets):
                yield place + 1, open_brackets
        elif char in "{[}]":
            if _CLOSERS.get(open_brackets[-1:]) != char:  # also what is nested deeper
                return
            open_brackets = open_brackets[:-1]
            if _is_whole(open_brackets):
                yield place + 1, open_brackets
        elif char == "," and _is_whole(open_brackets):
            yield place, open_brackets


def _is_whole(open_brackets: str) -> bool:
    """Whether no item of an array is open."""
    return "[" not in open_brackets[:-1]
