"""What the file of every connector says, whatever the system. Each system adds tables of its own to these."""

from typing import Literal

from pydantic import Field, model_validator

from graftwork.core.usecase_tables import NAME, Part
from graftwork.systems.contract import Event


class Waits(Part):
    """How long it waits after failures, and when it pauses. Each direction has its own."""

    first_wait_seconds: float = Field(
        2.0, gt=0, le=3600, description="wait after the first failed try; doubles each time"
    )
    longest_wait_seconds: float = Field(900.0, gt=0, le=86_400, description="longest wait between two tries")
    pause_after: int = Field(
        20, ge=1, le=1000, description="failures in a row after which it pauses, and tries again only now and then"
    )


class Pull(Waits):
    """How items are brought in. Systems add what they need to find and map them."""

    every_seconds: float = Field(
        60.0, ge=1, le=86_400, description="pause between two looks; at once while there is more"
    )
    batch_items: int = Field(200, ge=1, le=5_000, description="most records read and stored in one transaction")


class Push(Waits):
    """How results go back. Systems add where to write what."""

    on: tuple[Event, ...] = Field(
        ("approved",), min_length=1, description="which decisions are delivered: approved, rejected, escalated"
    )
    of: Literal["own", "all"] = Field(
        "own", description="`own`: items that this connector brought; `all`: every item of the use case"
    )
    parallel: int = Field(
        4, ge=1, le=32, description="deliveries under way at once; those of one item keep their order"
    )
    tries: int = Field(12, ge=1, le=100, description="tries of one delivery before it waits for a person")


class ConnectorFile(Part):
    """One connector: which system, for which use case, what comes in, what goes back."""

    name: str = Field(pattern=NAME, description="stable name; the file is called NAME.toml")
    title: str = Field("", max_length=120, description="what people call it; the name where empty")
    use_case: str = Field(pattern=NAME, description="what becomes of the items")
    system: str = Field(min_length=1, max_length=63, description="the kind of system; `graftwork connectors systems`")
    enabled: bool = Field(True, description="whether it runs; results wait while it does not")
    pull: Pull | None = None
    push: Push | None = None

    @property
    def label(self) -> str:
        return self.title or self.name

    @property
    def takes_calls(self) -> bool:
        """Whether its system calls us; it is then a `Receiver`."""
        return False


class TwoWay(ConnectorFile):
    """A connector that has to do at least one of the two."""

    @model_validator(mode="after")
    def _does_something(self) -> "TwoWay":
        if self.pull is None and self.push is None:
            raise ValueError("a connector needs a table `[pull]`, a table `[push]`, or both")
        return self
