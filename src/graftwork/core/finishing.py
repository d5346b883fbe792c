"""From what an engine answered to a draft: read, checked, with a notice for all that a reviewer must know.

What is broken is kept, for a person to mend.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import jsonschema

from graftwork.core import grounding
from graftwork.core.asking import Answer
from graftwork.core.clearance import MaskedContent
from graftwork.core.types import DraftResult, Generation, ItemContent, Notice
from graftwork.core.usecase import UseCase


def finish(
    use_case: UseCase,
    content: ItemContent,
    parts: Sequence[ItemContent],
    answers: Sequence[Answer],
    masked: MaskedContent | None,
) -> DraftResult:
    """The draft that `answers` make. `content` is the item as people see it, `parts` are what the engine saw of it.

    A text is the last answer; a JSON with evidence is put together from the answers on all parts.
    """
    generation = total(answers)
    left = tuple(notice for answer in answers for notice in answer.notices)
    if use_case.output.evidence:
        seen = parts if masked is None else grounding.unmasked(content, masked.content, parts)
        found = grounding.checked_json(use_case, content, seen, [answer.generation.text for answer in answers])
        notices = (*_broken_off(use_case, generation), *found.notices)
    else:
        plain = check(use_case, replace(generation, text=answers[-1].generation.text))
        found = grounding.checked_text(use_case, plain.text, _shown(content, parts))
        notices = (*plain.notices, *found.notices)
    grounds = found.grounds if use_case.is_grounded else None
    return DraftResult(replace(generation, text=found.text), found.text, (*notices, *left), grounds=grounds)


def unchecked(answers: Sequence[Answer]) -> DraftResult:
    """What the engine wrote, where the check itself failed. A person reads it as if nothing stood behind it."""
    text = answers[-1].generation.text.strip()
    notice = Notice("unchecked", "The check of this draft failed, so nothing says what stands behind it. Check it all.")
    return DraftResult(replace(total(answers), text=text), text, (notice,))


def check(use_case: UseCase, generation: Generation, notices: tuple[Notice, ...] = ()) -> DraftResult:
    """One answer as a draft, with what is wrong with its form."""
    text = generation.text.strip()
    found = _problem(use_case, generation, text)
    return DraftResult(replace(generation, text=text), text, (*notices, *found))


def total(answers: Sequence[Answer]) -> Generation:
    """What all answers took together. A count that is unknown for one of them is unknown for all."""
    made = [answer.generation for answer in answers]
    last = made[-1]
    if len(made) == 1:
        return last
    return replace(
        last,
        finish_reason="length" if any(one.finish_reason == "length" for one in made) else last.finish_reason,
        prompt_tokens=_sum(one.prompt_tokens for one in made),
        completion_tokens=_sum(one.completion_tokens for one in made),
        cached_tokens=_sum(one.cached_tokens for one in made),
        first_token_ms=made[0].first_token_ms,
        total_ms=sum(one.total_ms for one in made),
        cost=_cost(made),
    )


def _cost(made: Sequence[Generation]) -> Decimal | None:
    known = [one.cost for one in made if one.cost is not None]
    return sum(known, Decimal(0)) if len(known) == len(made) else None


def _sum(counts: Iterable[int | None]) -> int | None:
    known = list(counts)
    return None if None in known else sum(count or 0 for count in known)


def _shown(content: ItemContent, parts: Sequence[ItemContent]) -> ItemContent:
    """`content` with those of its excerpts that fitted: only they can be cited."""
    numbers = {excerpt.number for part in parts for excerpt in part.excerpts}
    return replace(content, excerpts=tuple(one for one in content.excerpts if one.number in numbers))


def _broken_off(use_case: UseCase, generation: Generation) -> tuple[Notice, ...]:
    if generation.finish_reason != "length":
        return ()
    limit = use_case.output.max_tokens
    return (Notice("length", f"The model's JSON broke off at {limit} tokens; what was whole by then is kept."),)


def output_problem(schema: Mapping[str, Any], text: str, *, nulls: bool = False) -> str | None:
    """Why `text` is not the JSON that `schema` asks for, or `None` where it is. Never quotes the text.

    With `nulls` any value may be null: unknown, as in a draft whose values all need evidence.
    """
    try:
        value = json.loads(text)
    except ValueError as error:
        position = f" at character {error.pos}" if isinstance(error, json.JSONDecodeError) else ""
        return f"not valid JSON{position}"
    except RecursionError:
        return "nested too deeply"
    try:
        found = jsonschema.Draft202012Validator(schema).iter_errors(value)
        wrong = (error for error in found if not (nulls and error.path and error.instance is None))
        errors = sorted(wrong, key=lambda error: [str(part) for part in error.path])
    except RecursionError:
        return "nested too deeply"
    if not errors:
        return None
    where = ".".join(map(str, errors[0].path)) or "the object"
    return f"`{where}` breaks the rule `{errors[0].validator}` of the schema"


def _problem(use_case: UseCase, generation: Generation, text: str) -> tuple[Notice, ...]:
    if not text:
        return (Notice("invalid_output", "The model answered nothing. Write the text yourself, or reject the draft."),)
    broken_off = generation.finish_reason == "length"
    schema = use_case.output.json_schema
    if schema is not None and (reason := output_problem(schema, text)) is not None:
        cause = f"broke off at {use_case.output.max_tokens} tokens" if broken_off else "does not fit the schema"
        return (Notice("invalid_output", f"The model's JSON {cause} ({reason}). Mend it, or reject the draft."),)
    if broken_off:
        return (Notice("length", f"The draft stops at its limit of {use_case.output.max_tokens} tokens."),)
    return ()
