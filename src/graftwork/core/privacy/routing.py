"""Which engine may see an item: the first of its use case that the ruling lets it go to, and the others behind it."""

from collections.abc import Sequence
from dataclasses import dataclass

from graftwork.core.errors import ManagedUndeclared, NoEngineAllowed
from graftwork.core.privacy.policy import Ruling, stricter
from graftwork.core.types import Sensitivity, Treatment, Zone
from graftwork.core.usecase import UseCase


@dataclass(frozen=True, slots=True)
class Route:
    """Where one item goes. `engines` are places in `UseCase.engines`, in the order in which they are asked.

    `treatment` is what an engine in the zone managed may see of it; a local one always sees the text as it is.
    """

    engines: tuple[int, ...]
    treatment: Treatment
    reason: str
    classes: tuple[Sensitivity, ...] = ()


def route(use_case: str, zones: Sequence[Zone], ruling: Ruling, *, kept: Ruling | None = None) -> Route:
    """The engines that an item may go to; `zones` are those of the use case's engines, in their order.

    `kept` is the strictest ruling that sensitive data has brought on the thread so far. It goes on to hold: what is
    known of a person does not become less by their next message. Raises `NoEngineAllowed`.
    """
    held = stricter(ruling, kept)
    allowed = tuple(place for place, zone in enumerate(zones) if zone == "local" or held.treatment != "local")
    if not allowed:
        raise NoEngineAllowed(use_case, held.reason)
    return Route(allowed, held.treatment, held.reason, held.classes)


def to_keep(ruling: Ruling, managed: str) -> Ruling | None:
    """What the thread keeps of this item's ruling: what its classes made stricter than `privacy.managed` alone."""
    by_class = ruling.treatment != ("local" if managed == "never" else managed)
    return Ruling(ruling.treatment, f"an earlier item of the thread: {ruling.reason}") if by_class else None


def check_engines(use_case: UseCase) -> None:
    """Raise `ManagedUndeclared` where a use case has managed engines only, and its policy lets nothing go there."""
    if use_case.privacy.managed != "never" or any(engine.effective_zone == "local" for engine in use_case.engines):
        return
    raise ManagedUndeclared(use_case.name, use_case.engine.name)
