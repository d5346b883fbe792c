"""Cutting an item to what an engine's context holds, at a sentence, with a note that the reviewer sees."""

import re
from dataclasses import replace

from graftwork.core.errors import ItemTooLong
from graftwork.core.ports import Engine
from graftwork.core.prompt import item_block, plain
from graftwork.core.types import FieldValue, ItemContent, Notice, Turn
from graftwork.core.usecase import UseCase

# What chat templates put around two messages; measured at 9 to 24 tokens for ChatML, Llama and Gemma templates.
TEMPLATE_TOKENS = 48
# An engine that cannot count: three bytes a token is on the safe side for European languages.
BYTES_PER_TOKEN_GUESS = 3

_SPACE = re.compile(r"\s+")
_SENTENCE_END = re.compile(r"[.!?…]['\")\]]*\s|[\u3002\uff01\uff1f]|\n")


async def fit(
    use_case: UseCase, content: ItemContent, engine: Engine, *, instructions: str
) -> tuple[ItemContent, tuple[Notice, ...]]:
    """`content` as it is where it fits; else cut, or `ItemTooLong`, as the use case says.

    Conversations lose their oldest turns first; other texts lose their end.
    """
    limit = engine.context_tokens
    if limit is None:
        return content, ()
    budget = limit - use_case.output.max_tokens - TEMPLATE_TOKENS
    tokens = await _tokens(engine, instructions, use_case, content, budget)
    if tokens <= budget:
        return content, ()
    before = _characters(content)
    if use_case.limits.too_long == "refuse":
        raise ItemTooLong(before, limit)
    fitted = content
    for _ in range(12):
        fitted = _shorten(fitted, max(0.02, 0.95 * budget / tokens))
        tokens = await _tokens(engine, instructions, use_case, fitted, budget)
        if tokens <= budget:
            return fitted, (_notice(before, _characters(fitted)),)
    raise ItemTooLong(before, limit)


async def _tokens(engine: Engine, instructions: str, use_case: UseCase, content: ItemContent, budget: int) -> int:
    text = f"{instructions}\n{item_block(use_case.instructions.item, content.fields)}"
    size_bytes = len(text.encode())
    if size_bytes <= budget:  # a token holds at least one byte, so there is nothing to count
        return size_bytes
    counted = await engine.count_tokens(text)
    return size_bytes // BYTES_PER_TOKEN_GUESS if counted is None else counted


def _characters(content: ItemContent) -> int:
    return sum(len(plain(value)) for value in content.fields.values())


def _notice(before: int, after: int) -> Notice:
    return Notice("truncated", f"The item was too long for the model: it saw {after:,} of {before:,} characters.")


def _shorten(content: ItemContent, share: float) -> ItemContent:
    """The longest field cut to `share` of its length."""
    name = max(content.fields, key=lambda field: len(plain(content.fields[field])))
    return replace(content, fields={**content.fields, name: _cut(content.fields[name], share)})


def _cut(value: FieldValue, share: float) -> FieldValue:
    if not isinstance(value, tuple):
        text = plain(value)
        return cut_at_sentence(text, int(len(text) * share))
    room = int(len(plain(value)) * share)
    kept: list[Turn] = []
    for turn in reversed(value):
        length = len(plain((turn,)))  # with the speaker, whose name may be the longer part
        if length > room:
            break
        kept.append(turn)
        room -= length
    return tuple(reversed(kept)) or (replace(value[-1], text=cut_at_sentence(value[-1].text, room)),)


def cut_at_sentence(text: str, characters: int) -> str:
    """At most `characters` of `text`, ending at a sentence where one ends in the last half, else at a word there."""
    if len(text) <= characters:
        return text
    head = text[:characters]
    ends = [match.end() for match in _SENTENCE_END.finditer(head, characters // 2)]
    if ends:
        return head[: ends[-1]].rstrip()
    spaces = [match.start() for match in _SPACE.finditer(head, characters // 2)]
    return head[: spaces[-1]] if spaces else head
