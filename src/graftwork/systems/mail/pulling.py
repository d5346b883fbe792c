"""Bringing in what is new in the folders, by UID, and marking it afterwards."""

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from email import message_from_bytes
from itertools import groupby
from typing import Any

from graftwork.systems.contract import Cursor, Pulled, Record
from graftwork.systems.mail.automatic import Rules, why_skipped
from graftwork.systems.mail.file import MailPull
from graftwork.systems.mail.imap import WINDOW_UIDS, ImapSession, Opened
from graftwork.systems.mail.reading import Place, Reader

logger = logging.getLogger(__name__)

MOST_HEADER_BYTES = 262_144
# Of one answer of the server, and of all mails that one pull holds in memory.
FETCH_BYTES = 8_000_000
BATCH_BYTES = 100_000_000
# Reading attachments takes its time, and nothing is stored before a pull is over.
BATCH_SECONDS = 10.0

_HEADER = f"BODY.PEEK[HEADER]<0.{MOST_HEADER_BYTES}>"


@dataclass
class _Batch:
    """What one pull has found so far, of at most `limit` mails."""

    limit: int
    seen: int = 0
    records: list[Record] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)
    size_bytes: int = 0
    more: bool = False
    ends: float = field(default_factory=lambda: time.monotonic() + BATCH_SECONDS)

    @property
    def full(self) -> bool:
        # A search alone may take longer than that; a pull that gives up before the first mail would never get on.
        late = self.seen > 0 and time.monotonic() > self.ends
        return late or self.seen >= self.limit or self.size_bytes >= BATCH_BYTES


class Puller:
    def __init__(self, pull: MailPull, rules: Rules, reader: Reader, stopping: Callable[[], bool]) -> None:
        self._pull, self._rules, self._reader, self._stopping = pull, rules, reader, stopping

    def pull(self, session: ImapSession, cursor: Cursor | None, limit: int) -> Pulled:
        """Up to `limit` mails, those that are skipped among them, so that no pull takes for ever."""
        batch = _Batch(limit)
        before = cursor or {}
        marks: dict[str, Any] = {name: dict(mark) for name, mark in before.get("folders", {}).items()}
        for folder in self._pull.folders:
            if batch.full or self._stopping():
                batch.more = True
                break
            marks[folder] = self._read_folder(session, folder, marks.get(folder), batch)
        skipped = Counter(before.get("skipped", {})) + batch.skipped
        if batch.skipped:
            counts = ", ".join(f"{reason} {count}" for reason, count in sorted(batch.skipped.items()))
            logger.info("mail.skipped %s", counts)
        return Pulled(batch.records, {"folders": marks, "skipped": dict(skipped)}, batch.more)

    def _read_folder(
        self, session: ImapSession, folder: str, mark: Mapping[str, Any] | None, batch: _Batch
    ) -> dict[str, int]:
        opened = session.select(folder, readonly=True)
        begun = mark is not None and mark.get("validity") == opened.validity
        last = int(mark["uid"]) if mark is not None and begun else 0
        for window_end, uids in self._windows(session, opened, last):
            taken = uids[: batch.limit - batch.seen]
            for group in _groups(session, taken):
                if batch.full or self._stopping():
                    batch.more = True
                    return {"validity": opened.validity, "uid": last}
                last = self._read_group(session, Place(folder, opened.validity, 0), group, batch)
                if last < max(group):
                    batch.more = True
                    return {"validity": opened.validity, "uid": last}
            if len(taken) < len(uids):
                batch.more = True
                return {"validity": opened.validity, "uid": last}
            last = max(last, window_end)
        return {"validity": opened.validity, "uid": last}

    def _windows(self, session: ImapSession, opened: Opened, last: int) -> Iterator[tuple[int, list[int]]]:
        """The last UID that is certainly behind us once a window is done, and what matches in it."""
        first = last + 1
        while opened.next_uid and first + WINDOW_UIDS < opened.next_uid:
            end = first + WINDOW_UIDS - 1
            yield end, session.uids(first, end, self._pull.since, self._pull.search)
            first = end + 1
        if opened.mails and not 0 < opened.next_uid <= first:
            yield 0, session.uids(first, 0, self._pull.since, self._pull.search)

    def _read_group(self, session: ImapSession, folder: Place, sizes: Mapping[int, int], batch: _Batch) -> int:
        """The last UID that was looked at. Headers first: what is skipped or too large is never fetched whole."""
        heads = {uid: _part(found, b"BODY[HEADER]") for uid, found in session.fetch(list(sizes), _HEADER).items()}
        skipped = {uid: self._why_skipped(head) for uid, head in heads.items() if head}
        small = [uid for uid in sizes if not skipped.get(uid) and sizes[uid] <= self._pull.max_mail_bytes]
        bodies = session.fetch(small, "BODY.PEEK[]")
        for uid in sizes:
            here, content = Place(folder.folder, folder.validity, uid), _part(bodies.get(uid, {}), b"BODY[]")
            batch.seen += 1
            if reason := skipped.get(uid):
                batch.skipped[reason] += 1
            elif content is not None:
                batch.size_bytes += len(content)
                batch.records.append(self._reader.record(content, here))
            elif uid not in small and (head := heads.get(uid)) is not None:
                batch.records.append(self._reader.too_large(head, sizes[uid], here))
            if batch.full or self._stopping():
                break
        return uid

    def _why_skipped(self, head: bytes) -> str:
        try:
            return why_skipped(message_from_bytes(head), self._rules)
        except Exception:  # noqa: BLE001 - malformed beyond what the library reads: shown as a problem, not left out
            return ""


def settle(session: ImapSession, pull: MailPull, records: Sequence[Record]) -> None:
    """Mark or move the mails of these records, where they still lie where they were found."""
    places = [place for record in records if (place := Place.of(record.origin)) is not None]
    for (folder, validity), group in groupby(
        sorted(places, key=lambda place: (place.folder, place.validity, place.uid)),
        key=lambda place: (place.folder, place.validity),
    ):
        opened = session.select(folder, readonly=False)
        if opened.validity != validity:
            continue
        uids = [place.uid for place in group]
        if pull.after == "seen":
            session.add_flag(uids, "\\Seen")
        elif pull.after == "flag":
            session.add_flag(uids, pull.flag)
        elif pull.after == "move":
            session.move(uids, pull.move_to)


def _groups(session: ImapSession, uids: Sequence[int]) -> Iterator[dict[int, int]]:
    """Sizes in bytes by UID, in groups that one answer can hold."""
    for start in range(0, len(uids), 200):
        found = session.fetch(uids[start : start + 200], "RFC822.SIZE")
        group: dict[int, int] = {}
        for uid in uids[start : start + 200]:
            size = found.get(uid, {}).get(b"RFC822.SIZE")
            group[uid] = size if isinstance(size, int) else 0
            if sum(group.values()) >= FETCH_BYTES:
                yield group
                group = {}
        if group:
            yield group


def _part(fetched: Mapping[bytes, Any], name: bytes) -> bytes | None:
    """The part of that name, whole or from its beginning (`BODY[HEADER]<0>`)."""
    found = next((value for key, value in fetched.items() if key.partition(b"<")[0] == name), None)
    return found if isinstance(found, bytes) else None
