"""Whether drafts are read before they are sent: what became of the planted ones, counted over all people at once."""

from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q

from graftwork.apps.pilots.models import Enrolment, Pilot
from graftwork.apps.work.models import SeededDraft
from graftwork.core.stats import Estimate, wilson


@dataclass(frozen=True, slots=True)
class Seeds:
    """`shown` are those that somebody had before them and decided on; `noticed` is a share of these, with a Wilson
    interval, and `None` where there are none yet."""

    planted: int
    shown: int
    noticed: Estimate | None

    @property
    def sentence(self) -> str:
        """For the page; empty where nothing was planted."""
        if not self.planted:
            return ""
        planted = f"{self.planted:,} draft{'s' * (self.planted != 1)} with a statement known to be wrong"
        if self.noticed is None:
            return f"{planted}; nobody has decided on one yet."
        found = self.noticed
        return (
            f"{planted}, {self.shown:,} of them decided on. {round(found.value * self.shown):,} noticed: "
            f"{found.value:.0%} ({found.confidence:.0%} interval {found.low:.0%} to {found.high:.0%})."
        ).replace("%", " %")


def seeds_of(pilot: Pilot) -> Seeds:
    """Counted from the planted drafts: a small part of the items, and none where the charter names no statement."""
    charter = pilot.as_charter
    if not charter.seeds.statements:
        return Seeds(0, 0, None)
    mine = Exists(Enrolment.objects.filter(pilot=pilot, item=OuterRef("item")))
    counts = SeededDraft.objects.filter(mine).aggregate(
        planted=Count("pk"),
        shown=Count("pk", filter=Q(settled_at__isnull=False)),
        noticed=Count("pk", filter=Q(noticed=True)),
    )
    shown = counts["shown"]
    share = wilson(counts["noticed"], shown, confidence=charter.analysis.confidence) if shown else None
    return Seeds(counts["planted"], shown, share)
