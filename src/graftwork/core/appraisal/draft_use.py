"""What becomes of drafts, and what time they spare by the model: shown beside what was measured, to ask what if."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from graftwork.core.appraisal.data import MetricSums, PilotData
from graftwork.core.value.cost import (
    break_even_share_rewritten,
    implied_review_seconds,
    net_saving_per_message,
    seconds_saved_per_item,
)
from graftwork.core.value.moments import Moments
from graftwork.core.value.results import Effect


@dataclass(frozen=True, slots=True)
class DraftUse:
    """Seconds, and shares of 0 to 1. `share_rewritten` is that of an edited draft; what is neither edited nor rejected
    was sent as it stood."""

    control_seconds: float
    review_seconds: float
    share_edited: float
    share_rewritten: float
    share_rejected: float

    @classmethod
    def measured(cls, data: PilotData, seconds: Effect | None) -> Self | None:
        """As the pilot has it; `None` where times or decisions are missing.

        The review time is the one with which the model gives the measured saving. Where that would be negative (people
        rewrite faster than they write) it is 0, and the model promises less than was measured.
        """
        accepted, rejected = share_of(data.metrics, "acceptance"), share_of(data.metrics, "rejections")
        rewritten = share_of(data.metrics, "share_rewritten")
        if seconds is None or seconds.control is None or seconds.assisted is None:
            return None
        # An adjusted mean may fall below zero; no model of times fits that.
        if accepted is None or rejected is None or seconds.control < 0:
            return None
        edited = max(0.0, 1 - accepted - rejected)
        # The metric's mean is over all approved drafts, those without a change too; the model's h is of edited ones.
        of_edited = min(1.0, (rewritten or 0.0) * (1 - rejected) / edited) if edited > 1e-9 else 0.0
        review = implied_review_seconds(seconds.control, seconds.assisted, edited, of_edited, rejected)
        return cls(seconds.control, max(0.0, review), edited, of_edited, rejected)

    @property
    def seconds_saved(self) -> float:
        return seconds_saved_per_item(
            self.control_seconds, self.review_seconds, self.share_edited, self.share_rewritten, self.share_rejected
        )

    @property
    def break_even_share_rewritten(self) -> float | None:
        return break_even_share_rewritten(
            self.control_seconds, self.review_seconds, self.share_edited, self.share_rejected
        )

    def net_saving(self, wage_per_hour: float, cost_per_draft: float) -> float:
        """Expected net cost saving of one draft, in the currency of both."""
        spared = self.control_seconds - self.review_seconds
        return net_saving_per_message(
            max(0.0, 1 - self.share_edited - self.share_rejected),
            self.share_edited,
            self.share_rejected,
            seconds_saved_accepted=spared,
            seconds_saved_edited=spared - self.share_rewritten * self.control_seconds,
            seconds_saved_ignored=-self.review_seconds,
            wage_per_hour=wage_per_hour,
            cost_per_message=cost_per_draft,
        )


def share_of(metrics: Mapping[str, MetricSums], key: str) -> float | None:
    """The share in the assisted arm, 0 to 1, over all days; `None` where nothing was counted."""
    sums = metrics.get(key)
    if sums is None:
        return None
    share = Moments.total(arms["assisted"] for _, arms in sums.days if "assisted" in arms).ratio
    return None if share is None else min(1.0, max(0.0, share))
