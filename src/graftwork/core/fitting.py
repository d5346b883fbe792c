"""Cutting an item to what an engine's context holds, at a sentence, with a note that the reviewer sees."""

import re
from collections.abc import Sequence
from dataclasses import replace

from graftwork.core.errors import ItemTooLong
from graftwork.core.extraction.windows import windows
from graftwork.core.grounding import shows_own_passages, user_message
from graftwork.core.ports import Engine
from graftwork.core.prompt import plain
from graftwork.core.types import Excerpt, FieldValue, ItemContent, Notice, Turn
from graftwork.core.usecase import UseCase

# What chat templates put around two messages; measured at 9 to 24 tokens for ChatML, Llama and Gemma templates.
TEMPLATE_TOKENS = 48
# An engine that cannot count: three bytes a token is on the safe side for European languages.
BYTES_PER_TOKEN_GUESS = 3

_SPACE = re.compile(r"\s+")
_SENTENCE_END = re.compile(r"[.!?…]['\")\]]*\s|[\u3002\uff01\uff1f]|\n")


async def parts_that_fit(
    use_case: UseCase, content: ItemContent, engine: Engine, *, instructions: str
) -> tuple[list[ItemContent], tuple[Notice, ...]]:
    """`content` as parts that each fit `engine`: one of them, unless the use case reads long items by windows."""
    if use_case.limits.too_long != "windows":
        fitted, notices = await fit(use_case, content, engine, instructions=instructions)
        return [fitted], notices
    budget = token_budget(use_case, engine)
    tokens = await tokens_of(_prompt(use_case, content, instructions), engine, budget)
    if budget is None or tokens <= budget:
        return [content], ()
    overhead = await tokens_of(_prompt(use_case, _emptied(use_case, content), instructions), engine, budget)
    if overhead >= budget:
        raise ItemTooLong(_characters(content), engine.context_tokens or 0)
    share = 0.9 * (budget - overhead) / max(1, tokens - overhead)
    for _ in range(6):
        parts = _cut_in_parts(use_case, content, share)
        sizes = [await tokens_of(_prompt(use_case, part, instructions), engine, budget) for part in parts]
        if max(sizes) <= budget:
            return parts, (Notice("windows", f"The item is long: the model read it in {len(parts)} parts."),)
        share *= 0.9 * budget / max(sizes)
    raise ItemTooLong(_characters(content), engine.context_tokens or 0)


async def fit(
    use_case: UseCase, content: ItemContent, engine: Engine, *, instructions: str
) -> tuple[ItemContent, tuple[Notice, ...]]:
    """`content` as it is where it fits; else cut, or `ItemTooLong`, as the use case says.

    Passages of sources go first, the least relevant one before the others. Conversations lose their oldest turns first;
    other texts lose their end.
    """
    budget = token_budget(use_case, engine)
    tokens = await tokens_of(_prompt(use_case, content, instructions), engine, budget)
    if budget is None or tokens <= budget:
        return content, ()
    before = _characters(content)
    if use_case.limits.too_long == "refuse":
        raise ItemTooLong(before, engine.context_tokens or 0)
    fitted = content
    for _ in range(12 + len(content.excerpts)):
        fitted = _shorten(use_case, fitted, max(0.02, 0.95 * budget / tokens))
        tokens = await tokens_of(_prompt(use_case, fitted, instructions), engine, budget)
        if tokens <= budget:
            return fitted, _cut_notices(before, fitted, content)
    raise ItemTooLong(before, engine.context_tokens or 0)


def token_budget(use_case: UseCase, engine: Engine) -> int | None:
    """What a prompt may take of the engine's context; `None` where that is unknown."""
    limit = engine.context_tokens
    return None if limit is None else limit - use_case.output.max_tokens - TEMPLATE_TOKENS


async def tokens_of(text: str, engine: Engine, budget: int | None) -> int:
    """How many tokens `text` takes. Not counted where it fits `budget` in any case."""
    size_bytes = len(text.encode())
    if budget is None or size_bytes <= budget:  # a token holds at least one byte
        return size_bytes
    counted = await engine.count_tokens(text)
    return size_bytes // BYTES_PER_TOKEN_GUESS if counted is None else counted


def _prompt(use_case: UseCase, content: ItemContent, instructions: str) -> str:
    return f"{instructions}\n{user_message(use_case, content)}"


def _emptied(use_case: UseCase, content: ItemContent) -> ItemContent:
    """`content` without what windows are cut of: its own passages, or its longest field."""
    if shows_own_passages(use_case):
        return replace(content, excerpts=())
    return replace(content, fields={**content.fields, _longest(content): ""})


def _cut_in_parts(use_case: UseCase, content: ItemContent, share: float) -> list[ItemContent]:
    if shows_own_passages(use_case):
        return [replace(content, excerpts=group) for group in _groups(content.excerpts, share)]
    name = _longest(content)
    text = plain(content.fields[name])
    cuts = windows(text, room_characters=max(200, int(len(text) * share)), pages=content.pages.get(name, ()))
    return [replace(content, fields={**content.fields, name: text[one.start : one.end]}) for one in cuts]


def _groups(excerpts: Sequence[Excerpt], share: float) -> list[tuple[Excerpt, ...]]:
    """Neighbouring passages together, each group at most `share` of all their characters."""
    room = share * sum(len(excerpt.text) for excerpt in excerpts)
    groups: list[list[Excerpt]] = [[]]
    used = 0
    for excerpt in excerpts:
        if groups[-1] and used + len(excerpt.text) > room:
            groups.append([])
            used = 0
        groups[-1].append(excerpt)
        used += len(excerpt.text)
    return [tuple(group) for group in groups]


def _cut_notices(before: int, fitted: ItemContent, content: ItemContent) -> tuple[Notice, ...]:
    dropped = len(content.excerpts) - len(fitted.excerpts)
    told = [Notice("truncated", f"{dropped} of {len(content.excerpts)} passages had no room.")] if dropped else []
    after = _characters(fitted)
    return (*told, *([_notice(before, after)] if after < before else []))


def _characters(content: ItemContent) -> int:
    return sum(len(plain(value)) for value in content.fields.values())


def _notice(before: int, after: int) -> Notice:
    return Notice("truncated", f"The item was too long for the model: it saw {after:,} of {before:,} characters.")


def _shorten(use_case: UseCase, content: ItemContent, share: float) -> ItemContent:
    """One passage fewer, or the longest field cut to `share` of its length."""
    if len(content.excerpts) > 1 and (use_case.knowledge.sources or shows_own_passages(use_case)):
        return replace(content, excerpts=content.excerpts[:-1])
    name = _longest(content)
    return replace(content, fields={**content.fields, name: _cut(content.fields[name], share)})


def _longest(content: ItemContent) -> str:
    return max(content.fields, key=lambda field: len(plain(content.fields[field])))


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
