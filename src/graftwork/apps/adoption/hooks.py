"""What the app above tells of a pilot: what its budget is. It registers when it is ready; nothing here calls up."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from graftwork.apps.actors import Actor
from graftwork.core.errors import NotFound


@dataclass(frozen=True, slots=True)
class PilotBrief:
    """A pilot as it is needed here. `budget` is the planned amount by kind, in `currency`; `url` is its page."""

    name: str
    title: str
    use_case: str
    currency: str
    budget: Mapping[str, float]
    simulated: bool = False
    url: str = ""


# The pilot of that name for that actor; raises `NotFound` where it is not there or not theirs to see.
FindPilot = Callable[[Actor, str], PilotBrief]
_find: list[FindPilot] = []


def find_pilots_with(find: FindPilot) -> None:
    """Ask `find(actor, name)` for pilots."""
    _find[:] = [find]


def pilot_brief(actor: Actor, name: str) -> PilotBrief:
    """Raises `NotFound`, also as long as nobody tells of pilots."""
    if not _find:
        raise NotFound("pilot", name)
    return _find[0](actor, name)
