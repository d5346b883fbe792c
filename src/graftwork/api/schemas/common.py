"""Words that the schemas share. Times are UTC; what is not known is null; a unit is part of a name."""

import re
from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

_NOT_TEXT = re.compile("[\x00\ud800-\udfff]")


def is_text(text: str) -> bool:
    """Whether it can be stored: PostgreSQL takes no NUL, UTF-8 no half of a surrogate pair."""
    return _NOT_TEXT.search(text) is None


def _check_text(text: str) -> str:
    if not is_text(text):
        raise ValueError("holds a NUL or half of a surrogate pair, which is not text")
    return text


def _to_utc(time: datetime) -> datetime:
    try:
        return time.astimezone(UTC)
    except OverflowError:
        raise ValueError("is not a time that can be stored") from None


Text = Annotated[str, AfterValidator(_check_text)]
Time = Annotated[AwareDatetime, AfterValidator(_to_utc)]
UseCaseName = Annotated[
    str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$", description="a name from GET /use-cases", examples=["support_reply"])
]
Seconds = Annotated[float | None, Field(ge=0, le=31_536_000, allow_inf_nan=False)]
State = Literal["waiting", "drafting", "ready", "failed", "escalated", "decided"]


class In(BaseModel):
    """What is sent: a key that is not known is refused, so that a typing error changes nothing in silence."""

    model_config = ConfigDict(extra="forbid")
