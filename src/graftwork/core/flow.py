"""The inner part of the journey: from the content of an item to a draft."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import jsonschema

from graftwork.core.fitting import fit
from graftwork.core.ports import Engine, OnText, ignore_text
from graftwork.core.prompt import FENCE_NOTE, fill, item_block
from graftwork.core.types import DraftResult, Generation, GenerationRequest, ItemContent, Message, Notice, Sampling
from graftwork.core.usecase import UseCase


async def draft(use_case: UseCase, content: ItemContent, engine: Engine, on_text: OnText = ignore_text) -> DraftResult:
    """Draft one item: fit it to the engine, generate, check what came back.

    Raises `ItemTooLong` where the use case refuses what does not fit, and the errors of `Engine.generate`.
    """
    declared = _declared(use_case, content)
    fitted, notices = await fit(use_case, declared, engine, instructions=instructions(use_case))
    generation = await engine.generate(request_for(use_case, fitted), on_text)
    return check(use_case, generation, notices)


async def prepare(use_case: UseCase, engine: Engine) -> None:
    """Have the engine read the instructions before the first item comes."""
    shared = (Message("system", instructions(use_case)), Message("user", "<item>"))
    await engine.prepare(GenerationRequest(messages=shared, max_tokens=1))


def instructions(use_case: UseCase) -> str:
    """The system message: the same for every item of the use case."""
    return f"{fill(use_case.instructions.system, use_case.file_texts).strip()}\n\n{FENCE_NOTE}"


def request_for(use_case: UseCase, content: ItemContent) -> GenerationRequest:
    """What the engine is asked: the shared instructions first, the item's own text last."""
    return GenerationRequest(
        messages=(
            Message("system", instructions(use_case)),
            Message("user", item_block(use_case.instructions.item, content.fields)),
        ),
        max_tokens=use_case.output.max_tokens,
        sampling=_sampling(use_case),
        json_schema=use_case.output.json_schema,
        timeout_seconds=use_case.engine.timeout_seconds,
    )


def _sampling(use_case: UseCase) -> Sampling:
    chosen = use_case.sampling
    return Sampling(chosen.temperature, chosen.top_p, None if chosen.seed == -1 else chosen.seed)


def check(use_case: UseCase, generation: Generation, notices: tuple[Notice, ...] = ()) -> DraftResult:
    """The draft, with a notice for all that a reviewer must know. What is broken is kept, for a person to mend."""
    text = generation.text.strip()
    found = _problem(use_case, generation, text)
    return DraftResult(replace(generation, text=text), text, (*notices, *found))


def _declared(use_case: UseCase, content: ItemContent) -> ItemContent:
    """The fields that the use case declares now: the file may have been edited while the item waited."""
    return ItemContent({name: content.fields.get(name) for name in use_case.input.fields})


def output_problem(schema: Mapping[str, Any], text: str) -> str | None:
    """Why `text` is not the JSON that `schema` asks for, or `None` where it is. Never quotes the text."""
    try:
        value = json.loads(text)
    except ValueError as error:
        position = f" at character {error.pos}" if isinstance(error, json.JSONDecodeError) else ""
        return f"not valid JSON{position}"
    except RecursionError:
        return "nested too deeply"
    try:
        found = jsonschema.Draft202012Validator(schema).iter_errors(value)
        errors = sorted(found, key=lambda error: [str(part) for part in error.path])
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
