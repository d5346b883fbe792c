"""Outcomes, as they go in and come out."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from graftwork.api.schemas.common import In, Time


class OutcomeIn(In):
    model_config = ConfigDict(
        json_schema_extra={"example": {"kind": "csat", "value": 4, "occurred_at": "2026-11-22T09:00:00Z"}}
    )

    kind: str = Field(pattern=r"^[a-z][a-z0-9_]{0,62}$", examples=["solved_first_contact", "reopened", "csat"])
    value: float = Field(allow_inf_nan=False, description="in the unit of its kind; 1 and 0 for yes and no")
    occurred_at: Time


class Outcome(BaseModel):
    kind: str
    value: float
    occurred_at: datetime
    recorded_at: datetime


class OutcomeRecorded(Outcome):
    created: bool = Field(description="false where one of this kind and time was there already; that one is shown")


class OutcomeList(BaseModel):
    outcomes: list[Outcome]
