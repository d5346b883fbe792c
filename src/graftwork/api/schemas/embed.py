"""Embedded drafts: what a program sends for a token, and what the element and the server tell each other."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from graftwork.api.schemas.common import In, Text, UseCaseName
from graftwork.apps.desk.embedding.tokens import Wanted
from graftwork.apps.work.actions.reviewing import MAX_FINAL_CHARACTERS, MAX_NOTE_CHARACTERS


class EmbedTokenIn(In):
    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "use_case": "support_reply",
                "external_id": "T-1042",
                "user": "rita",
                "origin": "https://crm.example.com",
            }
        }
    )

    item: UUID | None = Field(None, description="the item; or name it by its use case and its id there")
    use_case: UseCaseName | None = None
    external_id: Text | None = Field(None, min_length=1, max_length=200, description="the item's id in your system")
    user: Text = Field(
        min_length=1, max_length=150, description="who sits before the page and decides, as Graftwork knows them"
    )
    origin: Text = Field(max_length=300, description="of the page: scheme, host and port, as its browser sends it")

    @model_validator(mode="after")
    def _names_one_item(self) -> "EmbedTokenIn":
        named = self.use_case is not None and self.external_id is not None
        if (self.item is not None) == named or (self.use_case is None) != (self.external_id is None):
            raise ValueError("names the item by `item`, or by `use_case` and `external_id`")
        return self

    def wanted(self) -> Wanted:
        return Wanted(self.user, self.origin, self.item, self.use_case or "", self.external_id or "")


class EmbedToken(BaseModel):
    """For `<graftwork-draft item=… token=…>` on one page of one site, and for nothing else."""

    token: str
    item_id: UUID
    expires_at: datetime


class CheckIn(In):
    text: Text = Field(max_length=MAX_FINAL_CHARACTERS)
    renew_form: bool = False


class DecideIn(In):
    """The times are those of the page's clock, as it writes them."""

    kind: Literal["approve", "reject", "escalate"]
    final_text: Text = Field("", max_length=MAX_FINAL_CHARACTERS)
    reason: Text = Field("", max_length=63)
    note: Text = Field("", max_length=MAX_NOTE_CHARACTERS)
    active_seconds: str = Field("", max_length=40)
    active_seconds_30: str = Field("", max_length=40)
    active_seconds_120: str = Field("", max_length=40)
    wall_seconds: str = Field("", max_length=40)
    thinking_seconds: str = Field("", max_length=40)


class UndoIn(In):
    review_id: UUID


class GiveBackIn(In):
    claimed_until: AwareDatetime
