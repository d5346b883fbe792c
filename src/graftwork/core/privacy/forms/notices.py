"""What a reader of the result must know, counted by what was done. Never a value."""

from collections import Counter


class Notices:
    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()

    def add(self, what: str, count: int = 1) -> None:
        if count:
            self.counts[what] += count
