"""What stands at the top of every page of a pilot."""

from dataclasses import dataclass
from datetime import datetime

from graftwork.apps.pilots.models import Pilot, PilotState


@dataclass(frozen=True, slots=True)
class Heading:
    name: str
    title: str
    use_case: str
    state: str
    simulated: bool
    started_at: datetime | None
    ends_at: datetime | None
    ended_at: datetime | None

    @property
    def state_in_words(self) -> str:
        return str(PilotState(self.state).label)


def heading(pilot: Pilot) -> Heading:
    return Heading(
        pilot.name, pilot.charter.get("title") or pilot.name, pilot.use_case, pilot.state, pilot.simulated,
        pilot.started_at, pilot.ends_at, pilot.ended_at,
    )  # fmt: skip
