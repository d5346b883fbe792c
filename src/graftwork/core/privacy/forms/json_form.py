"""JSON, JSON Lines and concatenated JSON: strings by rule, in windows of constant size."""

import json
from collections.abc import Iterator
from typing import TextIO

from graftwork.core.privacy.forms.json_tokens import Token, decoded, tokens, unquoted
from graftwork.core.privacy.forms.pieces import Piece, Swapped
from graftwork.core.privacy.forms.rewriter import Field, Rewriter, Rule, Swap, apply
from graftwork.core.privacy.forms.rules import Rules

WINDOW_CHARACTERS = 32_000
# A number this long may be a phone, a card or an id; a shorter one says little and is left to a rule.
DETECTED_DIGITS = 9


def pieces(text: TextIO, rewriter: Rewriter, rules: Rules, path: str) -> Iterator[Piece]:
    """The file with its swaps. Keys are left alone unless a rule of the form `*.@keys` says otherwise."""
    window: list[Token] = []
    size = 0
    for token in tokens(text, path):
        window.append(token)
        size += len(token.raw)
        # At the end of a value at the top a window may close early, so that rows are not torn apart.
        if size >= WINDOW_CHARACTERS * 2 or (size >= WINDOW_CHARACTERS and token.kind == "end"):
            yield from _written(window, rewriter, rules)
            window, size = [], 0
    yield from _written(window, rewriter, rules)


def _written(window: list[Token], rewriter: Rewriter, rules: Rules) -> Iterator[Piece]:
    chosen = {number: field for number, token in enumerate(window) if (field := _field(token, rules)) is not None}
    found = dict(zip(chosen, rewriter.swaps(list(chosen.values())), strict=True))
    for number, token in enumerate(window):
        swaps = found.get(number)
        if not swaps:
            yield token.raw
        elif token.kind == "number":
            # Half a number and a placeholder are no JSON together.
            yield Swapped(token.raw, json.dumps(apply(token.raw, swaps)))
        else:
            yield from _string(token.raw, swaps)


def _field(token: Token, rules: Rules) -> Field | None:
    rule = _rule(token, rules)
    # What is kept is shown too, where it is text: a placeholder that stands in it may not pass as one of ours.
    if rule == "keep" and token.kind not in ("string", "key"):
        return None
    label = token.path[-1] if token.path else ""
    return Field(token.raw if token.kind == "number" else unquoted(token.raw), label, rule)


def _rule(token: Token, rules: Rules) -> Rule:
    match token.kind:
        case "string":
            return rules.of(token.path)
        case "key":
            return rules.of_keys(token.path)
        case "number":
            rule = rules.of(token.path)
            short = sum(map(str.isdigit, token.raw)) < DETECTED_DIGITS
            return "keep" if rule == "detect" and short else rule
        case _:
            return "keep"


def _string(raw: str, swaps: list[Swap]) -> Iterator[Piece]:
    """The string token with its swaps; what is not swapped keeps its way of being escaped."""
    _, offsets = decoded(raw)
    ascii_only = raw.isascii()
    done = 0
    for swap in swaps:
        start = offsets[swap.start] if offsets else swap.start + 1
        end = offsets[swap.end] if offsets else swap.end + 1
        yield raw[done:start]
        yield Swapped(raw[start:end], json.dumps(swap.new, ensure_ascii=ascii_only and "\\u" in raw)[1:-1])
        done = end
    yield raw[done:]
