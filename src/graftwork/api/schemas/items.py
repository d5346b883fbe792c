"""Items and drafts, as they go in and come out."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

from graftwork.api.schemas.common import In, State, UseCaseName
from graftwork.api.schemas.grounds import GroundsOut
from graftwork.core.types import FinishReason, Sensitivity, Treatment, Zone

MAX_BATCH_ITEMS = 1_000

RawItem = Annotated[
    Any,
    WithJsonSchema(
        {
            "type": "object",
            "title": "Item",
            "description": (
                "The item's fields by name, as the use case declares them (GET /use-cases), and its id in the system "
                "it comes from. Other fields are not stored."
            ),
            "additionalProperties": True,
        }
    ),
]


class ItemIn(In):
    model_config = ConfigDict(
        json_schema_extra={
            "example": {"use_case": "support_reply", "item": {"id": "mail-4711", "message": "Where is my parcel?"}}
        }
    )

    use_case: UseCaseName
    item: RawItem


class BatchIn(In):
    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "use_case": "support_reply",
                "items": [
                    {"id": "mail-4711", "message": "Where is my parcel?"},
                    {"id": "mail-4712", "message": "Can I return a gift?"},
                ],
            }
        }
    )

    use_case: UseCaseName
    items: list[RawItem] = Field(min_length=1, max_length=MAX_BATCH_ITEMS)


class ItemCreated(BaseModel):
    """`exists`: an item with this external id was there already, and was left as it is."""

    result: Literal["created", "exists"]
    id: UUID
    external_id: str = Field(examples=["mail-4711"])
    differs: bool = Field(description="true where the stored item has other content than the one that was sent")


class RowResult(BaseModel):
    row: int = Field(description="place in `items`, counted from 1")
    result: Literal["created", "exists", "rejected"]
    id: UUID | None = None
    external_id: str | None = None
    differs: bool | None = Field(None, description="as for one item; null where rejected")
    reason: str | None = Field(
        None, description="why it was rejected", examples=["the field `message` is missing or empty"]
    )


class BatchCreated(BaseModel):
    """What became of each row, in their order, and how many of each."""

    created: int
    exists: int
    rejected: int
    rows: list[RowResult]


class ItemError(BaseModel):
    """Why there is no draft, or not yet."""

    code: str = Field(examples=["engine.timeout"])
    message: str


class Item(BaseModel):
    id: UUID
    use_case: str
    external_id: str = Field(description="its name in the system it comes from")
    thread: str = Field(description="what it belongs to; the external id where it stands alone")
    state: State = Field(description="`decided` from the moment of the decision, even while it can be undone")
    error: ItemError | None
    created_at: datetime


class ItemLinks(BaseModel):
    self: str
    drafts: str
    reviews: str
    outcomes: str


class ItemDetail(Item):
    fields: dict[str, Any] = Field(
        description="the item's content; a thread is a list of turns with `from` and `text`",
        examples=[{"message": "Where is my parcel?"}],
    )
    links: ItemLinks


class ItemPage(BaseModel):
    items: list[Item]
    next_cursor: str | None = Field(description="null on the last page")


class Notice(BaseModel):
    """What a reviewer must know about a draft, such as an input that was cut."""

    code: str = Field(examples=["truncated"])
    text: str


class DraftRoute(BaseModel):
    """Why the item went to the engine that it went to."""

    treatment: Treatment = Field(description="local: it stayed in the house; masked and allowed: how it left")
    classes: list[Sensitivity] = Field(description="classes of data that were found in it")
    reason: str = Field(examples=['privacy.managed is "masked"'])


class Draft(BaseModel):
    id: UUID
    number: int
    text: str
    release: str = Field(description="what wrote it, named by the SHA-256 of engine, prompt, sampling and knowledge")
    notices: list[Notice]
    engine: str
    model: str
    zone: Zone
    finish_reason: FinishReason
    prompt_tokens: int | None
    completion_tokens: int | None
    cached_tokens: int | None = Field(description="prompt tokens that were not computed again")
    first_token_ms: float | None
    total_ms: float
    cost: str | None = Field(description="a decimal number, as text so that no digit is lost", examples=["0.00012300"])
    currency: str | None = Field(examples=["EUR"])
    route: DraftRoute | None = Field(description="null where the use case names local engines only")
    masked: dict[str, int] | None = Field(
        description="masked values by kind; null where the engine saw the text as it is", examples=[{"person": 2}]
    )
    grounds: GroundsOut | None = Field(description="null where the use case is checked against nothing")
    created_at: datetime


class DraftList(BaseModel):
    drafts: list[Draft]
