"""A text file as one row."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from graftwork.core.intake.records import text_start
from graftwork.core.intake.row import Resume, Row, RowMalformed, clean, decode, short_id, too_long


def read(file: BinaryIO, path: str, after: Resume, limit_bytes: int) -> Iterator[Row]:
    """The one row of a text file, named by the file; a folder renames it by the path inside the folder."""
    file.seek(text_start(file, path))
    content = file.read(limit_bytes + 1)
    end = Resume(file.seek(0, 2), 1)
    if after.offset_bytes >= end.offset_bytes or not content.strip():
        return
    try:
        if len(content) > limit_bytes:
            raise RowMalformed(too_long(limit_bytes))
        yield Row(1, text_row(Path(path).name, decode(content)), None, "line 1", end)
    except RowMalformed as error:
        yield Row(1, None, str(error), "line 1", end)


def text_row(name: str, text: str) -> dict[str, Any]:
    return {"id": short_id(clean(name)), "text": text}
