"""The inner part of the journey: from the content of an item to a draft.

Between an item and an engine stands its `Clearance`: which engines may have it, and in which form. Without one, only
local engines may.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import jsonschema

from graftwork.core.errors import (
    EngineError,
    EngineKeyMissing,
    EngineRefused,
    EngineTimeout,
    EngineUnavailable,
    ModelNotPulled,
    NoEngineAllowed,
)
from graftwork.core.fitting import fit
from graftwork.core.ports import Engine, OnText, Restoring, ignore_text
from graftwork.core.privacy.routing import Route
from graftwork.core.prompt import FENCE_NOTE, MASKED_NOTE, fill, item_block
from graftwork.core.types import (
    DraftResult,
    Generation,
    GenerationRequest,
    ItemContent,
    Message,
    Notice,
    Passage,
    Sampling,
)
from graftwork.core.usecase import UseCase

# An engine of the use case, or why it could not be opened.
Opened = Engine | EngineError

# Refusals that any item would get: a wrong key, no credit, no right, no such model or address.
NOT_THE_ITEMS_FAULT = (401, 402, 403, 404)
_PLACEHOLDER = re.compile(r"\[[A-Z][A-Z_]{0,30}_\d{1,5}\]")
_NAMED_AT_MOST = 3


@dataclass(frozen=True, slots=True)
class MaskedContent:
    """An item in which every detected value is a placeholder; `restorer` makes what puts the values back.

    `counts` are the masked values by kind. The values themselves are in the book that `restorer` holds.
    """

    content: ItemContent
    counts: Mapping[str, int]
    restorer: Callable[[], Restoring] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Clearance:
    """What was decided about one item before any engine saw it. `masked` is there where the route says masked."""

    route: Route
    masked: MaskedContent | None = None
    notices: tuple[Notice, ...] = ()


async def draft(
    use_case: UseCase,
    content: ItemContent,
    engine: Engine,
    on_text: OnText = ignore_text,
    clearance: Clearance | None = None,
) -> DraftResult:
    """Draft one item: fit it to the engine, generate, check what came back.

    A managed engine gets what `clearance` allows, and `on_text` and the draft get the values back. Raises
    `NoEngineAllowed` where it allows nothing, `ItemTooLong` where the use case refuses what does not fit, and the
    errors of `Engine.generate`.
    """
    masked = _what_may_be_seen(use_case, engine, clearance)
    shown = content if masked is None else masked.content
    told = instructions(use_case, masked=masked is not None)
    fitted, notices = await fit(use_case, _declared(use_case, shown), engine, instructions=told)
    request = request_for(use_case, fitted, masked=masked is not None)
    if masked is None:
        result = check(use_case, await engine.generate(request, on_text), notices)
        return replace(result, passage=_open(engine, clearance))
    generation = await engine.generate(request, _restored_stream(masked.restorer(), on_text))
    return _restored(use_case, generation, notices, request, masked, clearance)


async def draft_by_route(
    use_case: UseCase,
    content: ItemContent,
    engines: Sequence[Opened],
    on_text: OnText = ignore_text,
    clearance: Clearance | None = None,
) -> DraftResult:
    """Draft one item on the first engine of its route that answers; `engines` stand as in `UseCase.engines`.

    The next one is asked only where the one before is down and has not begun to answer. Raises as `draft` does, with
    the error of the last engine.
    """
    places = clearance.route.engines if clearance else range(len(engines))
    handed_out = False

    def watched(piece: str) -> None:
        nonlocal handed_out
        handed_out = True
        on_text(piece)

    error: EngineError | None = None
    for place in places:
        try:
            engine = engines[place]
            if isinstance(engine, EngineError):
                raise engine
            return await draft(use_case, content, engine, watched, clearance)
        except EngineError as failure:
            if handed_out or not _is_down(failure):
                raise
            error = failure
    raise error or NoEngineAllowed(use_case.name, "its route names none")


def _what_may_be_seen(use_case: UseCase, engine: Engine, clearance: Clearance | None) -> MaskedContent | None:
    """The masked content, or `None` for the text as it is. The last door before an engine: it fails closed."""
    if engine.zone == "local":
        return None
    treatment = clearance.route.treatment if clearance else "local"
    if treatment == "allowed" and use_case.privacy.managed == "allowed":
        return None
    if clearance is None or treatment != "masked" or clearance.masked is None:
        raise NoEngineAllowed(use_case.name, clearance.route.reason if clearance else "it was not cleared to leave")
    return clearance.masked


def _restored_stream(restorer: Restoring, on_text: OnText) -> OnText:
    # What the restorer still holds back at the end is not missed: the whole draft follows when it is saved.
    def restore(piece: str) -> None:
        if text := restorer.feed(piece):
            on_text(text)

    return restore


def _restored(
    use_case: UseCase,
    generation: Generation,
    notices: tuple[Notice, ...],
    request: GenerationRequest,
    masked: MaskedContent,
    clearance: Clearance | None,
) -> DraftResult:
    assert clearance is not None
    restorer = masked.restorer()
    text = restorer.feed(generation.text) + restorer.close()
    result = check(use_case, replace(generation, text=text), (*clearance.notices, *notices))
    passage = Passage(
        "masked",
        clearance.route.reason,
        clearance.route.classes,
        dict(masked.counts),
        restorer.unknown,
        item_text=request.messages[-1].content,
        draft_text=generation.text.strip(),
    )
    return replace(result, passage=passage, notices=(*result.notices, *_left_in(restorer, generation.text, text)))


def _left_in(restorer: Restoring, answered: str, text: str) -> Iterator[Notice]:
    """What the reviewer will still find of placeholders. Nothing else is quoted: notices are stored in the clear."""
    if restorer.unknown:
        both = [] if restorer.withheld else [name for name in _PLACEHOLDER.findall(answered) if name in text]
        named = ", ".join(list(dict.fromkeys(both))[:_NAMED_AT_MOST]) or f"{restorer.unknown} placeholders"
        yield Notice("unknown_placeholder", f"The model invented {named}, which stands for nothing. Mend the text.")
    if restorer.withheld:
        yield Notice(
            "withheld_value",
            f"{restorer.withheld} values were kept out of links or images, where the policy does not let them go.",
        )


def _open(engine: Engine, clearance: Clearance | None) -> Passage | None:
    """How an item passed that was not masked."""
    if clearance is None:
        return None
    route = clearance.route
    treatment = "local" if engine.zone == "local" else route.treatment
    reason = route.reason if treatment == route.treatment else f"{engine.name} is in the house"
    return Passage(treatment, reason, route.classes)


def _is_down(error: EngineError) -> bool:
    """Whether `error` says something about the engine rather than about the item."""
    if isinstance(error, EngineRefused):
        return error.http_status in NOT_THE_ITEMS_FAULT
    return isinstance(error, EngineUnavailable | EngineKeyMissing | ModelNotPulled | EngineTimeout)


async def prepare(use_case: UseCase, engines: Sequence[Opened]) -> None:
    """Have each engine read the instructions before the first item comes."""
    for engine in engines:
        if not isinstance(engine, EngineError):
            shared = (Message("system", instructions(use_case)), Message("user", "<item>"))
            await engine.prepare(GenerationRequest(messages=shared, max_tokens=1))


def instructions(use_case: UseCase, *, masked: bool = False) -> str:
    """The system message: the same for every item of the use case that is masked, and for every one that is not."""
    told = f"{fill(use_case.instructions.system, use_case.file_texts).strip()}\n\n{FENCE_NOTE}"
    return f"{told} {MASKED_NOTE}" if masked else told


def request_for(use_case: UseCase, content: ItemContent, *, masked: bool = False) -> GenerationRequest:
    """What the engine is asked: the shared instructions first, the item's own text last."""
    return GenerationRequest(
        messages=(
            Message("system", instructions(use_case, masked=masked)),
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
