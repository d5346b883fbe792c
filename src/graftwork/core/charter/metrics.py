"""The metrics that a pilot may measure: what each counts, in which unit, and where its definition comes from."""

from dataclasses import dataclass
from typing import Literal

Better = Literal["lower", "higher"]
# both: seen in both arms, so that they can be compared · assisted: says something about drafts only
SeenIn = Literal["both", "assisted"]


@dataclass(frozen=True, slots=True)
class Metric:
    """`count` is what its denominator counts. `source` names the standard or the paper that the definition follows."""

    key: str
    title: str
    unit: str
    better: Better
    seen_in: SeenIn
    count: str
    definition: str
    source: str


HANDLING_TIME = "handling_time"
# The same time with the gap between two events capped at another length: shown beside the 60 s of `handling_time`.
HANDLING_TIME_30 = "handling_time_30"
HANDLING_TIME_120 = "handling_time_120"
OWN_OUTCOME = "outcome_"

METRICS: tuple[Metric, ...] = (
    Metric(
        HANDLING_TIME, "Handling time", "s", "lower", "both", "items",
        "Active seconds that people spent on an item until it was decided: the gaps between their events in the page, "
        "each counted up to 60 s. All reviews of an item count, an escalation's too.",
        "Average handle time as contact centres define it (ISO 18295-1:2017), measured instead of asked",
    ),
    Metric(
        HANDLING_TIME_30, "Handling time, gaps up to 30 s", "s", "lower", "both", "items",
        "Handling time with each gap counted up to 30 s.", "As handling time; shows what the cap of 60 s decides",
    ),
    Metric(
        HANDLING_TIME_120, "Handling time, gaps up to 120 s", "s", "lower", "both", "items",
        "Handling time with each gap counted up to 120 s.", "As handling time; shows what the cap of 60 s decides",
    ),
    Metric(
        "throughput", "Throughput", "items/h", "higher", "both", "active hours",
        "Items decided per active hour: a ratio of two sums.",
        "Throughput of a service (ITIL 4, measurement and reporting), per active hour",
    ),
    Metric(
        "escalations", "Escalations", "share", "lower", "both", "items",
        "Share of decided items that somebody escalated.", "Escalation rate (ISO 18295-1:2017)",
    ),
    Metric(
        "first_contact_resolution", "Solved at first contact", "share", "higher", "both", "items",
        "Share of items whose outcome `solved_first_contact` is 1; without that outcome, of those that were neither "
        "reopened nor followed by another item of their thread within the charter's days.",
        "First contact resolution (ISO 18295-1:2017); the days are the charter's",
    ),
    Metric(
        "reopen_rate", "Reopened", "share", "lower", "both", "items",
        "Share of items with an outcome `reopened` of 1 within the charter's days.",
        "Reopen rate of tickets (ITIL 4, incident management)",
    ),
    Metric(
        "csat", "Customer satisfaction", "points", "higher", "both", "answers",
        "Mean of the outcome `csat`, usually 1 to 5, over items whose customer answered.",
        "Customer satisfaction score (ISO 10004:2018)",
    ),
    Metric(
        "quality", "Quality score", "points", "higher", "both", "items with a score",
        "Mean of the outcome `quality`, as the company's own checklist gives it, over items that were scored.",
        "Contact quality monitoring (ISO 18295-1:2017)",
    ),
    Metric(
        "acceptance", "Drafts accepted unchanged", "share", "higher", "assisted", "decided drafts",
        "Share of decided drafts that were approved as they stood.",
        "Suggestion acceptance rate, as studies of assisted writing report it",
    ),
    Metric(
        "rejections", "Drafts rejected", "share", "lower", "assisted", "decided drafts",
        "Share of decided drafts that were rejected.", "The rest of acceptance and edits",
    ),
    Metric(
        "share_rewritten", "Share rewritten", "share", "lower", "assisted", "approved drafts",
        "Word-level Levenshtein distance between draft and final, over the longer of the two.",
        "Translation edit rate without shifts (Snover et al. 2006), by words",
    ),
)  # fmt: skip
BY_KEY = {metric.key: metric for metric in METRICS}
