"""Bringing in what is new in the folders, by UID, and marking it afterwards."""

import logging
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

_HEADER = f"BODY.PEEK[HEADER]<0.{MOST_HEADER_BYTES}>"


@dataclass
class _Batch:
    """What one pull has found so far. `left`: mails that may still be looked at."""

    left: int
    records: list[Record] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)
    size_bytes: int = 0
    more: bool = False

    @property
    def full(self) -> bool:
        return self.left <= 0 or self.size_bytes >= BATCH_BYTES


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
            taken = uids[: batch.left]
            for group in _groups(session, taken):
                if batch.full or self._stopping():
                    batch.more = True
                    return {"validity": opened.validity, "uid": last}
                self._read_group(session, Place(folder, opened.validity, 0), group, batch)
                last = max(group)
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

    def _read_group(self, session: ImapSession, place: Place, sizes: Mapping[int, int], batch: _Batch) -> None:
        """Headers first: what is skipped or too large is never fetched whole."""
        heads = session.fetch(list(sizes), _HEADER)
        wanted = []
        headers: dict[int, bytes] = {}
        for uid in sizes:
            batch.left -= 1
            header = _part(heads.get(uid, {}), b"BODY[HEADER]")
            if header is None:  # gone meanwhile
                continue
            headers[uid] = header
            if reason := why_skipped(message_from_bytes(header), self._rules):
                batch.skipped[reason] += 1
            else:
                wanted.append(uid)
        small = [uid for uid in wanted if sizes[uid] <= self._pull.max_mail_bytes]
        bodies = session.fetch(small, "BODY.PEEK[]") if small else {}
        for uid in wanted:
            here = Place(place.folder, place.validity, uid)
            content = _part(bodies.get(uid, {}), b"BODY[]")
            if content is not None:
                batch.size_bytes += len(content)
                batch.records.append(self._reader.record(content, here))
            elif uid not in small:
                batch.records.append(self._reader.too_large(headers[uid], sizes[uid], here))


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
