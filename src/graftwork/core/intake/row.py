"""What every reader gives: rows, and the place where reading can start again."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from graftwork.core.items import MAX_ID_CHARACTERS

_NOT_TEXT = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Resume:
    """Where reading starts again. Plain numbers and a name, so that `asdict` and `Resume(**saved)` keep it as JSON.

    `line` counts what lies before the offset: lines, or the messages of an mbox. The last three are for folders.
    """

    offset_bytes: int = 0
    line: int = 0
    file: str = ""
    rows: int = 0
    earlier_bytes: int = 0

    @property
    def read_bytes(self) -> int:
        """How much of `total_bytes` lies behind, for a progress bar."""
        return self.earlier_bytes + self.offset_bytes


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the input, or the reason why it is none.

    `line` is the first line of the row (JSON Lines, CSV), the number of the message (mbox), or the number of the row
    in a folder, where line numbers repeat from file to file. `problem` never quotes the row.
    """

    line: int
    data: Mapping[str, Any] | None
    problem: str | None
    origin: str
    resume: Resume


class RowMalformed(ValueError):
    """Internal: one row cannot be read. Its text is the row's `problem`."""


def too_long(limit_bytes: int) -> str:
    return f"the row is longer than the limit of {limit_bytes:,} bytes"


def decode(content: bytes) -> str:
    """The row as text. Raises `RowMalformed` with the position of the first byte that cannot stand in one."""
    if b"\x00" in content:
        raise RowMalformed(f"a NUL byte stands at byte {content.index(0) + 1} of the row")
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise RowMalformed(f"not UTF-8 at byte {error.start + 1} of the row") from None


def clean(text: str) -> str:
    """Text that a database takes: NULs and halves of surrogate pairs become U+FFFD."""
    return _NOT_TEXT.sub("\ufffd", text)


def short_id(identifier: str) -> str:
    """`identifier` itself, or its digest where items would refuse it as too long."""
    if len(identifier) <= MAX_ID_CHARACTERS:
        return identifier
    return sha256(identifier.encode(errors="replace")).hexdigest()
