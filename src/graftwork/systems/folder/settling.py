"""Which new files may still be growing. A file that is read half-written would become an item for ever."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from graftwork.systems.contract import Cursor
from graftwork.systems.folder.store import Found, Store

# No clock is that wrong, and no time zone that far, so a file that says it is this old has not been written just now.
SURELY_OLD_SECONDS = 86_400.0
# More wait for the next look, so that the cursor stays small.
MOST_WATCHED = 1_000


class Settling:
    """By its date where the clock is ours. The clock of a server may be wrong: there, a file must be seen twice."""

    def __init__(self, store: Store, settle_seconds: float) -> None:
        self._store, self._settle_seconds = store, settle_seconds
        self._seen: dict[str, float] = {}

    def unsettled(self, new: Sequence[Found], cursor: Cursor | None, now: datetime) -> set[int]:
        """The fingerprints of those that must wait."""
        seen = {**_earlier(cursor), **self._seen}
        self._seen = {}
        if self._store.whole_files or self._settle_seconds == 0:
            return set()
        waiting = set()
        for file in new:
            name = f"{file.fingerprint:x}"
            first = seen.get(name, now.timestamp())
            if self._is_old(file, now):
                continue
            if now.timestamp() - first < self._settle_seconds:
                waiting.add(file.fingerprint)
            if len(self._seen) < MOST_WATCHED:
                self._seen[name] = first
        return waiting

    def cursor(self) -> Mapping[str, object]:
        return {"seen": self._seen} if self._seen else {}

    def _is_old(self, file: Found, now: datetime) -> bool:
        enough = self._settle_seconds if self._store.own_clock else max(SURELY_OLD_SECONDS, self._settle_seconds)
        return now.timestamp() - file.changed_ns / 1e9 >= enough


def _earlier(cursor: Cursor | None) -> dict[str, float]:
    seen = (cursor or {}).get("seen")
    return {str(name): float(first) for name, first in seen.items()} if isinstance(seen, dict) else {}
