"""Who drafts an item, and for how long."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Lease:
    """Who drafts, and for how long without a sign of life. The owner is unique to a process."""

    owner: str
    seconds: float

    def expires_at(self, now: datetime) -> datetime:
        return now + timedelta(seconds=self.seconds)
