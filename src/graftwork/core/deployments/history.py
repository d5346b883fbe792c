"""What is known of one use case's drafts: where they were written, how long they took, how many came a day."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from statistics import NormalDist

from graftwork.core.stats import CONFIDENCE, Estimate, wilson
from graftwork.core.types import Zone

# Below it, a mean of times is no more than a hint, and a normal interval too narrow.
_LEAST_FOR_INTERVAL = 30


@dataclass(frozen=True, slots=True)
class DayUse:
    """One whole day (UTC). `counted` drafts told both counts of tokens; the others of the day are taken to be alike."""

    day: date
    drafts: int
    counted: int = 0
    prompt_tokens: int = 0
    answer_tokens: int = 0


@dataclass(frozen=True, slots=True)
class ZoneUse:
    """Drafts that were written in one zone. `masked` had their values replaced before they went there."""

    drafts: int
    masked: int = 0
    total_ms: float = 0.0
    total_ms_squared: float = 0.0
    models: Sequence[str] = ()

    @property
    def mean_seconds(self) -> Estimate | None:
        """Seconds until a draft is whole, with a normal interval from 30 drafts on; `None` without any."""
        if not self.drafts:
            return None
        n, mean = self.drafts, self.total_ms / self.drafts
        if n < _LEAST_FOR_INTERVAL:
            return Estimate(mean / 1_000, None, None, n, "s")
        variance = max(0.0, self.total_ms_squared / n - mean * mean) * n / (n - 1)
        half = NormalDist().inv_cdf((1 + CONFIDENCE) / 2) * math.sqrt(variance / n)
        return Estimate(mean / 1_000, (mean - half) / 1_000, (mean + half) / 1_000, n, "s")


@dataclass(frozen=True, slots=True)
class UseHistory:
    """`days` are whole days in their order, those without a draft too. `grounded` drafts drew on own sources.

    `versions` is how many releases (model, instructions, settings) wrote them. `is_made_up`: all of them are of a
    simulated pilot.
    """

    days: Sequence[DayUse] = ()
    zones: Mapping[Zone, ZoneUse] = field(default_factory=dict)
    grounded: int = 0
    versions: int = 0
    is_made_up: bool = False

    @property
    def drafts(self) -> int:
        return sum(zone.drafts for zone in self.zones.values())

    def zone(self, name: Zone) -> ZoneUse:
        return self.zones.get(name, ZoneUse(0))


def share(part: int, of: int) -> Estimate | None:
    """A share of drafts with its Wilson interval; `None` of nothing."""
    return wilson(part, of) if of else None
