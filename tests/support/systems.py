"""What a connected system is given in tests."""

from datetime import UTC, datetime
from pathlib import Path

from graftwork.core.document import Document
from graftwork.core.documents.sandbox import DocumentReader
from graftwork.systems.contract import Delivery, Surroundings

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def surroundings(folder: Path, now: datetime = NOW) -> Surroundings:
    """Documents are read by a child process that lives as long as one reading."""
    return Surroundings(folder, _read_document, lambda: now)


def delivery(**changes: object) -> Delivery:
    """An approved answer; `changes` say what is different."""
    plain: dict[str, object] = {
        "key": "gw-0190c0de", "event": "approved", "use_case": "support_reply", "external_id": "17", "thread": "17",
        "decision": "accepted", "decided_at": NOW, "text": "Your parcel left on Monday.",
    }  # fmt: skip
    return Delivery(**{**plain, **changes})  # type: ignore[arg-type]  # a table of tests names what it changes


def _read_document(content: bytes, name: str) -> Document:
    with DocumentReader() as reader:
        return reader.read_bytes(content, name)
