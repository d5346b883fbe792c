"""What every tool takes and gives. No SDK here, and nothing that takes long to load."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from graftwork.apps.actors import Actor

_NOT_TEXT = re.compile("[\x00\ud800-\udfff]")

Given = TypeVar("Given", bound=BaseModel)


def check_text(text: str) -> str:
    if _NOT_TEXT.search(text):
        raise ValueError("holds a NUL or half of a surrogate pair, which is not text")
    return text


Identifier = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(check_text)]
UseCaseName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$", description="a name from list_use_cases")]


class Arguments(BaseModel):
    """What is sent: a name that is not known is refused, so that a typing error changes nothing in silence."""

    model_config = ConfigDict(extra="forbid")


@dataclass(frozen=True, slots=True)
class Told:
    """An answer, and what the audit log keeps of it: codes, counts and ids, no content."""

    answer: BaseModel
    subject: str
    trace: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Tool(Generic[Given]):
    """One tool. `work` runs in a thread that has the database; `is_settled` says that waiting longer is of no use."""

    name: str
    title: str
    description: str
    arguments: type[Given]
    answer: type[BaseModel]
    work: Callable[[Actor, Given, datetime], Told]
    writes: bool = False
    wait_seconds: Callable[[Given], float] = lambda _: 0.0
    is_settled: Callable[[Actor, Given, datetime], bool] = lambda *_: True
