"""One request to an engine, from what it may see of an item to an answer with the values back in it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from graftwork.core.clearance import MaskedContent
from graftwork.core.extraction.schema import schema_with_evidence
from graftwork.core.fitting import token_budget, tokens_of
from graftwork.core.grounding import notes, user_message
from graftwork.core.letters import whole_letters
from graftwork.core.ports import Engine, OnText, Restoring
from graftwork.core.prompt import COMBINE_NOTE, FENCE_NOTE, MASKED_NOTE, fill, item_block
from graftwork.core.types import Generation, GenerationRequest, ItemContent, Message, Notice, Sampling
from graftwork.core.usecase import UseCase

_PLACEHOLDER = re.compile(r"\[[A-Z][A-Z_]{0,30}_\d{1,5}\]")
_NAMED_AT_MOST = 3


@dataclass(frozen=True, slots=True)
class Answer:
    """What an engine made of one request. `raw_text` is as it came; `generation` has the values back in its text."""

    generation: Generation
    raw_text: str
    request: GenerationRequest
    unknown: int = 0
    notices: tuple[Notice, ...] = ()


async def ask(
    use_case: UseCase, content: ItemContent, engine: Engine, on_text: OnText, masked: MaskedContent | None
) -> Answer:
    """Have `engine` answer what it may see of an item."""
    return await _answered(request_for(use_case, content, masked=masked is not None), engine, on_text, masked)


async def combine(
    use_case: UseCase, answers: Sequence[Answer], engine: Engine, on_text: OnText, masked: MaskedContent | None
) -> Answer:
    """One text from the notes on all parts of an item. Notes that are too many for the engine are combined in two."""
    request = _combining(use_case, [answer.raw_text for answer in answers], masked=masked is not None)
    budget = token_budget(use_case, engine)
    size = await tokens_of("\n".join(message.content for message in request.messages), engine, budget)
    if budget is not None and size > budget and len(answers) > 2:
        middle = len(answers) // 2
        halves = [
            await combine(use_case, half, engine, on_text, masked) for half in (answers[:middle], answers[middle:])
        ]
        return await combine(use_case, halves, engine, on_text, masked)
    return await _answered(request, engine, on_text, masked)


def instructions(use_case: UseCase, *, masked: bool = False) -> str:
    """The system message: the same for every item of the use case that is masked, and for every one that is not."""
    told = f"{fill(use_case.instructions.system, use_case.file_texts).strip()}\n\n{FENCE_NOTE}"
    return " ".join([told, *notes(use_case), *([MASKED_NOTE] if masked else [])])


def request_for(use_case: UseCase, content: ItemContent, *, masked: bool = False) -> GenerationRequest:
    """What the engine is asked: the shared instructions first, the item's own text last."""
    return _request(use_case, instructions(use_case, masked=masked), user_message(use_case, content))


def _combining(use_case: UseCase, texts: Sequence[str], *, masked: bool) -> GenerationRequest:
    told = f"{instructions(use_case, masked=masked)} {COMBINE_NOTE}"
    return _request(use_case, told, item_block("{{ notes }}", {"notes": "\n\n".join(text.strip() for text in texts)}))


def _request(use_case: UseCase, system: str, user: str) -> GenerationRequest:
    schema = use_case.output.json_schema
    return GenerationRequest(
        messages=(Message("system", system), Message("user", user)),
        max_tokens=use_case.output.max_tokens,
        sampling=_sampling(use_case),
        json_schema=schema_with_evidence(schema) if schema and use_case.output.evidence else schema,
        timeout_seconds=use_case.engine.timeout_seconds,
    )


def _sampling(use_case: UseCase) -> Sampling:
    chosen = use_case.sampling
    return Sampling(chosen.temperature, chosen.top_p, None if chosen.seed == -1 else chosen.seed)


async def _answered(
    request: GenerationRequest, engine: Engine, on_text: OnText, masked: MaskedContent | None
) -> Answer:
    heard = on_text if masked is None else _restored_stream(masked.restorer(), on_text)
    generation = await engine.generate(request, heard)
    generation = replace(generation, text=whole_letters(generation.text))
    if masked is None:
        return Answer(generation, generation.text, request)
    restorer = masked.restorer()
    text = restorer.feed(generation.text) + restorer.close()
    notices = tuple(_left_in(restorer, generation.text, text))
    return Answer(replace(generation, text=text), generation.text, request, restorer.unknown, notices)


def _restored_stream(restorer: Restoring, on_text: OnText) -> OnText:
    # What the restorer still holds back at the end is not missed: the whole draft follows when it is saved.
    def restore(piece: str) -> None:
        if text := restorer.feed(piece):
            on_text(text)

    return restore


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
