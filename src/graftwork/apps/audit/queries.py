"""Reading the audit log, and proving that it is whole."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from graftwork.apps.audit.chain import START, code
from graftwork.apps.audit.models import AuditEntry, ChainHead
from graftwork.apps.keyring import keyring
from graftwork.core.errors import AuditBroken

CHUNK_ENTRIES = 2_000
ANCHOR_FILE = "audit-anchor.json"


@dataclass(frozen=True, slots=True)
class Verdict:
    entries: int
    mac: bytes


def verify() -> Verdict:
    """Walk the whole chain. Raises `AuditBroken` at the first entry that was changed, removed, added or reordered."""
    head = _head()
    key, previous, expected = keyring().audit_secret, START, 1
    for entry in _entries(head.sequence):
        if entry.sequence != expected:
            raise AuditBroken(expected, f"is missing; the next one there is {entry.sequence}")
        mac = code(key, previous, entry.sequence, entry.at, entry.actor, entry.action, entry.subject, entry.detail)
        if mac != bytes(entry.mac):
            raise AuditBroken(entry.sequence, "was changed, or does not belong here")
        previous, expected = mac, expected + 1
    if head.sequence != expected - 1:
        raise AuditBroken(expected, f"is missing: {head.sequence} entries were written, {expected - 1} are there")
    if bytes(head.mac) != previous:
        raise AuditBroken(expected - 1, "is not the one that the end of the chain names")
    _check_nothing_behind()
    return Verdict(expected - 1, previous)


def check_anchor(verdict: Verdict, file: Path) -> None:
    """Compare with the end of the chain that an earlier check noted outside the database.

    Without it, putting back an older copy of the whole database would go unseen.
    """
    if not file.is_file():
        return
    noted = json.loads(file.read_text(encoding="utf-8"))
    entry = AuditEntry.objects.filter(sequence=noted["sequence"]).first()
    if noted["sequence"] > verdict.entries:
        raise AuditBroken(noted["sequence"], f"is missing: it was there at the last check, now {verdict.entries} are")
    if noted["sequence"] and (entry is None or bytes(entry.mac).hex() != noted["mac"]):
        raise AuditBroken(noted["sequence"], "is not the one that was there at the last check")


def advance_anchor(file: Path) -> None:
    """Note the end of the chain while the system runs, so that a later check knows how far it had come.

    Never backwards: an end that lies before the noted one is what `check_anchor` is there to find.
    """
    head = _head()
    noted = json.loads(file.read_text(encoding="utf-8"))["sequence"] if file.is_file() else 0
    if head.sequence > noted:
        write_anchor(Verdict(head.sequence, bytes(head.mac)), file)


def write_anchor(verdict: Verdict, file: Path) -> None:
    temporary = file.with_suffix(f".{os.getpid()}.new")  # every worker writes it now and then
    temporary.write_text(json.dumps({"sequence": verdict.entries, "mac": verdict.mac.hex()}), encoding="utf-8")
    temporary.replace(file)


def _head() -> ChainHead:
    return ChainHead.objects.filter(pk=1).first() or ChainHead()


def _check_nothing_behind() -> None:
    """No entry may lie behind the head. The head is read last: entries that were written since are before it."""
    last = AuditEntry.objects.order_by("-sequence").values_list("sequence", flat=True).first()
    if last is not None and last > _head().sequence:
        raise AuditBroken(last, "was added behind the end of the chain")


def _entries(up_to: int) -> Iterator[AuditEntry]:
    """In their order, those up to the head that was read first: a live system goes on writing behind it."""
    after = -(1 << 62)
    entries = AuditEntry.objects.filter(sequence__lte=up_to).order_by("sequence")
    while chunk := list(entries.filter(sequence__gt=after)[:CHUNK_ENTRIES]):
        yield from chunk
        after = chunk[-1].sequence
