"""What a draft was written from, as it goes out."""

from typing import Literal

from pydantic import BaseModel, Field


class ExcerptOut(BaseModel):
    """A passage that the draft may cite as `[number]`. Null texts are of a source that is gone or closed to you."""

    number: int
    source: str | None = Field(description="name of the source; null for a passage of the item itself")
    document: str = Field(
        description="path in the source, empty where its text is null; the field's name for a passage of the item"
    )
    title: str | None
    text: str | None
    start: int = Field(description="offset in the document's text, in characters; `end` is not included")
    end: int
    page: int | None
    headings: list[str]
    relevance: float | None = Field(description="0 to 1")


class CitationOut(BaseModel):
    excerpt: int = Field(description="number of the passage")
    start: int = Field(description="offset in the passage's text")
    end: int


class ClaimOut(BaseModel):
    """One sentence of the draft, `start` to `end` of its text, and what stands behind it."""

    start: int
    end: int
    support: Literal["supported", "unsupported", "states_nothing"]
    citations: list[CitationOut]
    missing: list[str] = Field(description="what was not found in the passages", examples=[["number 30 days"]])


class EvidenceOut(BaseModel):
    """Where one value of a JSON draft was taken from: `start` to `end` of a field of the item, or of a passage."""

    path: str = Field(description="JSON pointer of the value", examples=["/diagnoses/0/name"])
    field: str | None
    excerpt: int | None
    start: int | None
    end: int | None
    reason: str = Field(description="why the value is null, where it is")
    others: list[str] = Field(description="different values found elsewhere in the item, as JSON")


class GroundsOut(BaseModel):
    """What the draft was written from and checked against."""

    snapshot: str | None = Field(description="digest of the knowledge that was searched")
    excerpts: list[ExcerptOut]
    claims: list[ClaimOut]
    evidence: list[EvidenceOut]
    removed: list[str] = Field(description="sentences that were taken out of the draft, as nothing supports them")
