"""Reviews, as they go in and come out."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from graftwork.api.schemas.common import In, Seconds, State, Text
from graftwork.core.types import Decision


class ReviewIn(In):
    model_config = ConfigDict(
        json_schema_extra={
            "example": {"decision": "edited", "final_text": "It arrives on Tuesday.", "active_seconds": 34.5}
        }
    )

    decision: Decision
    final_text: Text | None = Field(
        None,
        description="the approved text, whole: for `accepted` that of the draft, so that what was seen is approved",
    )
    reason: Text | None = Field(None, max_length=63, description="for `rejected`: a code from GET /use-cases")
    note: Text = Field("", description="required for `escalated`: what is needed")
    active_seconds: Seconds = Field(None, description="measured time at work; gaps over 60 s count as 60 s")
    active_seconds_30: Seconds = Field(None, description="the same with gaps counted up to 30 s")
    active_seconds_120: Seconds = Field(None, description="the same with gaps counted up to 120 s")
    wall_seconds: Seconds = Field(None, description="measured time from opening to deciding")
    thinking_seconds: Seconds = Field(None, description="measured time before the first change")

    @model_validator(mode="after")
    def _parts_fit_the_decision(self) -> "ReviewIn":
        approves = self.decision in ("accepted", "edited")
        if approves != (self.final_text is not None):
            raise ValueError("`final_text` goes with `accepted` and `edited`, and is required there")
        if (self.decision == "rejected") != (self.reason is not None):
            raise ValueError("`reason` goes with `rejected`, and is required there")
        return self


class ReviewMade(BaseModel):
    """A decision that can be undone until `effective_at`; nothing leaves before."""

    id: UUID
    item_id: UUID
    decision: Decision
    share_rewritten: float | None = Field(description="0 (untouched) to 1 (nothing kept), by words")
    decided_at: datetime
    effective_at: datetime
    undo: str = Field(description="POST here to take it back")


class Review(BaseModel):
    id: UUID
    item_id: UUID
    use_case: str
    external_id: str
    draft_id: UUID | None
    release: str | None = Field(description="of the draft; null where there was none")
    decision: Decision
    reason: str | None
    final_text: str | None = Field(description="the text that a person approved; null unless accepted or edited")
    note: str | None
    share_rewritten: float | None = Field(description="0 (untouched) to 1 (nothing kept), by words")
    active_seconds: float | None
    active_seconds_30: float | None
    active_seconds_120: float | None
    wall_seconds: float | None
    thinking_seconds: float | None
    reviewer: str | None = Field(description="`user:` and a number; null once that user is gone", examples=["user:7"])
    simulated: bool = Field(description="true where no person decided, as in a demonstration")
    decided_at: datetime
    effective_at: datetime


class ReviewList(BaseModel):
    reviews: list[Review]


class ReviewPage(ReviewList):
    next_cursor: str | None = Field(description="null on the last page")


class Undone(BaseModel):
    """The item is the same reviewer's again."""

    item_id: UUID
    state: State
    claim_expires_at: datetime | None
