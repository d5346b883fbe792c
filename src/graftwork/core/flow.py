"""The inner part of the journey: from the content of an item to a draft.

Between an item and an engine stands its `Clearance`: which engines may have it, and in which form. Without one, only
local engines may.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from graftwork.core import grounding
from graftwork.core.asking import Answer, ask, combine, instructions
from graftwork.core.clearance import Clearance, MaskedContent
from graftwork.core.errors import (
    EngineError,
    EngineKeyMissing,
    EngineRefused,
    EngineTimeout,
    EngineUnavailable,
    GraftworkError,
    ModelNotPulled,
    NoEngineAllowed,
)
from graftwork.core.finishing import finish, unchecked
from graftwork.core.fitting import parts_that_fit
from graftwork.core.ports import Engine, OnText, ignore_text
from graftwork.core.types import DraftResult, Generation, GenerationRequest, ItemContent, Message, Passage
from graftwork.core.usecase import UseCase

logger = logging.getLogger(__name__)

# An engine of the use case, or why it could not be opened.
Opened = Engine | EngineError

# Refusals that any item would get: a wrong key, no credit, no right, no such model or address.
NOT_THE_ITEMS_FAULT = (401, 402, 403, 404)


async def draft(
    use_case: UseCase,
    content: ItemContent,
    engine: Engine,
    on_text: OnText = ignore_text,
    clearance: Clearance | None = None,
) -> DraftResult:
    """Draft one item: fit it to the engine, generate, check what came back.

    A managed engine gets what `clearance` allows, and `on_text` and the draft get the values back. Where the use case
    draws on sources, `content.excerpts` are what was found there; without any, the draft says so and no engine is
    asked. Raises `NoEngineAllowed` where the clearance allows nothing, `ItemTooLong` where the use case refuses what
    does not fit, and the errors of `Engine.generate`.
    """
    content = grounding.with_excerpts(use_case, content)
    if grounding.finds_nothing(use_case, content):
        return _without_model(use_case, content)
    masked = _what_may_be_seen(use_case, engine, clearance)
    shown = _declared(use_case, content if masked is None else masked.content)
    told = instructions(use_case, masked=masked is not None)
    parts, notices = await parts_that_fit(use_case, shown, engine, instructions=told)
    answers = [await ask(use_case, part, engine, on_text, masked) for part in parts]
    if len(answers) > 1 and use_case.output.type == "text":
        answers.append(await combine(use_case, answers, engine, on_text, masked))
    result = await _finished(use_case, content, parts, answers, masked)
    return replace(
        result,
        notices=(*(clearance.notices if clearance and masked else ()), *notices, *result.notices),
        passage=_open(engine, clearance) if masked is None else _masked_passage(masked, answers, clearance),
    )


async def _finished(
    use_case: UseCase,
    content: ItemContent,
    parts: Sequence[ItemContent],
    answers: Sequence[Answer],
    masked: MaskedContent | None,
) -> DraftResult:
    """Read and check in a thread of its own: a long draft takes seconds, and other drafts stream meanwhile.

    A fault of the check must neither lose what the engine wrote nor be taken for the engine's.
    """
    try:
        return await asyncio.to_thread(finish, use_case, content, parts, answers, masked)
    except GraftworkError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, the draft is there
        # The text of a foreign exception may quote the item, so only its kind is kept.
        logger.error("checking a draft of %s raised %s", use_case.name, type(error).__name__)
        return unchecked(answers)


def _without_model(use_case: UseCase, content: ItemContent) -> DraftResult:
    """The draft that says that nothing was found. No engine took part, so its counts are known: none."""
    found = grounding.nothing_found(use_case, content)
    generation = Generation(found.text, "none", "none", "local", "stop", 0, 0, 0, None, 0.0, Decimal(0), None)
    return DraftResult(generation, found.text, found.notices, grounds=found.grounds)


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


def _masked_passage(masked: MaskedContent, answers: Sequence[Answer], clearance: Clearance | None) -> Passage:
    """How an item passed that was masked: what the engine was sent and what it answered, part by part."""
    assert clearance is not None
    return Passage(
        "masked",
        clearance.route.reason,
        clearance.route.classes,
        dict(masked.counts),
        sum(answer.unknown for answer in answers),
        item_text="\n\n".join(answer.request.messages[-1].content for answer in answers),
        draft_text="\n\n".join(answer.raw_text.strip() for answer in answers),
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


def _declared(use_case: UseCase, content: ItemContent) -> ItemContent:
    """The fields that the use case declares now: the file may have been edited while the item waited."""
    return replace(content, fields={name: content.fields.get(name) for name in use_case.input.fields})
