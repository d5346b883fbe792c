"""What travels along the journey of one item. Plain, frozen data: nothing here reads or writes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

Zone = Literal["local", "managed"]
FinishReason = Literal["stop", "length", "timeout", "error"]
Decision = Literal["accepted", "edited", "rejected", "escalated"]
Sensitivity = Literal["health", "finance", "secrets", "children", "identity", "beliefs"]
Treatment = Literal["local", "masked", "allowed"]
FieldValue = str | int | float | bool | tuple["Turn", ...] | None


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of a conversation; `speaker` is whoever wrote it (customer, agent, system)."""

    speaker: str
    text: str


@dataclass(frozen=True, slots=True)
class ItemContent:
    """The input fields of one item, already checked against its use case."""

    fields: Mapping[str, FieldValue]


@dataclass(frozen=True, slots=True)
class Message:
    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Sampling:
    temperature: float = 0.0
    top_p: float = 1.0
    seed: int | None = 0


@dataclass(frozen=True, slots=True)
class GenerationRequest:
    messages: tuple[Message, ...]
    max_tokens: int
    sampling: Sampling = Sampling()
    json_schema: Mapping[str, Any] | None = None
    timeout_seconds: float = 120.0
    reuse_prefix: bool = True


@dataclass(frozen=True, slots=True)
class Generation:
    """What an engine answered. Counts and times that it did not report are `None`, never 0."""

    text: str
    engine: str
    model: str
    zone: Zone
    finish_reason: FinishReason
    prompt_tokens: int | None
    completion_tokens: int | None
    cached_tokens: int | None
    first_token_ms: float | None
    total_ms: float
    cost: Decimal | None
    currency: str | None


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that the reviewer must see beside the draft, such as a cut-off input."""

    code: Literal["truncated", "length", "invalid_output", "unknown_placeholder", "withheld_value", "language"]
    text: str


@dataclass(frozen=True, slots=True)
class Passage:
    """How an item went to its engine: what the policy said and why, and what was masked on the way.

    `masked` counts the masked values by kind; it is `None` where the engine got the text as it is. `item_text` and
    `draft_text` are what the engine was sent and what it answered, with their placeholders; empty where not masked.
    """

    treatment: Treatment
    reason: str
    classes: tuple[Sensitivity, ...] = ()
    masked: Mapping[str, int] | None = None
    unknown: int = 0
    item_text: str = field(default="", repr=False)
    draft_text: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class DraftResult:
    """A finished draft, or the reason why there is none. `passage` is `None` where only local engines are declared."""

    generation: Generation
    text: str
    notices: tuple[Notice, ...] = field(default=())
    passage: Passage | None = None
