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
class Excerpt:
    """A passage that a draft may draw on and cite as `[number]`: of a document of a source, or of the item itself.

    `start` and `end` are character offsets in the text of the document (or of the item's field). `page` counts from 1
    and is `None` where the document has no pages; `document_sha256` is that of the file's bytes. `relevance` is 0 to 1.
    """

    number: int
    source: str
    document: str
    title: str = field(repr=False)
    text: str = field(repr=False)
    start: int
    end: int
    page: int | None = None
    headings: tuple[str, ...] = field(default=(), repr=False)
    chunk: str = ""
    document_sha256: str = ""
    relevance: float | None = None

    @property
    def of_item(self) -> bool:
        """Whether it is a passage of the item; `document` is then the name of the field."""
        return self.source == ""


@dataclass(frozen=True, slots=True)
class ItemContent:
    """The input fields of one item, already checked against its use case.

    `pages` holds, by field, the offset at which each page of its document begins. `excerpts` are what was looked up for
    this draft, in the knowledge whose digest is `snapshot`: they are masked with the fields, and are not stored with
    the item.
    """

    fields: Mapping[str, FieldValue]
    pages: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    excerpts: tuple[Excerpt, ...] = ()
    snapshot: str = ""


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

    code: Literal[
        "truncated",
        "length",
        "invalid_output",
        "unknown_placeholder",
        "withheld_value",
        "language",
        "windows",
        "nothing_found",
        "unsupported",
        "removed",
        "no_evidence",
        "conflict",
        "document",
        "unchecked",
    ]
    text: str


@dataclass(frozen=True, slots=True)
class Citation:
    """The words of excerpt `excerpt` (its number) that stand behind a claim: offsets in the excerpt's text."""

    excerpt: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Claim:
    """One sentence of a draft, `start` to `end` in the draft's text, and what stands behind it.

    `missing` says what was not found there, as kinds with the words of the draft ("number 14 days"); it is content.
    """

    start: int
    end: int
    support: Literal["supported", "unsupported", "states_nothing"]
    citations: tuple[Citation, ...] = ()
    missing: tuple[str, ...] = field(default=(), repr=False)


# `field` is a name of its own in the class below.
_hidden: Any = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class FieldEvidence:
    """Where one value of a JSON draft was taken from. `path` is its JSON pointer (RFC 6901).

    The words stand at `start` to `end` of the item's field `field`, or of excerpt `excerpt`. Where there are none, all
    four are `None`, the value is null, and `reason` says why. `others` are different values found elsewhere in the
    item, as JSON texts: a conflict that a person settles.
    """

    path: str
    field: str | None = None
    excerpt: int | None = None
    start: int | None = None
    end: int | None = None
    reason: str = ""
    others: tuple[str, ...] = _hidden


@dataclass(frozen=True, slots=True)
class Grounds:
    """What a draft was written from, kept with it: what was shown to the model, and what of it stands behind what.

    `snapshot` is the digest of the knowledge that was searched, empty where none was. `removed` are the sentences that
    were taken out of the draft because nothing supports them.
    """

    excerpts: tuple[Excerpt, ...] = ()
    claims: tuple[Claim, ...] = ()
    evidence: tuple[FieldEvidence, ...] = ()
    snapshot: str = ""
    removed: tuple[str, ...] = field(default=(), repr=False)


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
    """A finished draft. `passage` is `None` where only local engines are declared, `grounds` where none is checked."""

    generation: Generation
    text: str
    notices: tuple[Notice, ...] = field(default=())
    passage: Passage | None = None
    grounds: Grounds | None = None
