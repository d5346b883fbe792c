"""From a file or a folder to a stream of rows: the one door of intake."""

import os
from collections.abc import Iterator
from hashlib import sha256
from itertools import chain
from pathlib import Path

from graftwork.core.errors import InputFormatUnknown, InputNotFound, InputUnreadable
from graftwork.core.intake.files import ONE_ROW_FORMATS, file_format, opened, read_file
from graftwork.core.intake.folder import read_folder, survey, walk
from graftwork.core.intake.row import Resume, Row

__all__ = ["FOLDER", "MAX_ROW_BYTES", "Resume", "Row", "count_hint", "fingerprint", "open_rows", "total_bytes"]

FOLDER = "folder"
MAX_ROW_BYTES = 8_000_000

_EDGE_BYTES = 64 * 1024


def open_rows(
    path: Path,
    *,
    format: str | None = None,  # noqa: A002 - the word of the command line
    after: Resume | None = None,
    max_row_bytes: int = MAX_ROW_BYTES,
) -> Iterator[Row]:
    """The rows of `path` in order, from behind `after` on, in memory that does not grow with the input.

    Raises an `InputError` at once, before any row is given: `InputNotFound`, `InputEmpty`, `InputFormatUnknown`,
    `InputEncodingUnknown`, `InputHeaderInvalid`, `InputUnreadable`, or `InputChanged` where `after` lies outside.
    A row that cannot be read is given with its `problem`, and the rest goes on.
    """
    if _is_folder(path, format):
        rows = read_folder(path, after, max_row_bytes)
    else:
        rows = read_file(path, file_format(path, format), after, max_row_bytes)
    first = next(rows, None)  # so that a wrong file is refused here, and not where the rows are used
    return iter(()) if first is None else chain((first,), rows)


def fingerprint(path: Path) -> str:
    """A cheap identity of the input, by which a resumed run refuses another: size and both ends, or names and sizes.

    A change in the middle of a file that keeps its length is not noticed; reading it all again would cost the run.
    """
    digest = sha256()
    if _is_folder(path):
        for entry in walk(path):
            if not entry.passed_over:
                digest.update(os.fsencode(entry.name) + b"\x00%d\x00" % entry.size_bytes)
        return digest.hexdigest()
    with opened(path) as file:
        size_bytes = file.seek(0, os.SEEK_END)
        digest.update(b"%d\x00" % size_bytes)
        for offset_bytes in (0, max(0, size_bytes - _EDGE_BYTES)):
            file.seek(offset_bytes)
            digest.update(file.read(_EDGE_BYTES))
    return digest.hexdigest()


def count_hint(path: Path, format: str | None = None) -> int | None:  # noqa: A002 - as in `open_rows`
    """How many rows there are, where names alone tell it; else `None`, and a progress bar goes by `total_bytes`."""
    if _is_folder(path, format):
        found = survey(path)
        return found.files if found.one_row_each else None
    return 1 if file_format(path, format) in ONE_ROW_FORMATS else None


def total_bytes(path: Path) -> int:
    """The size of all that will be read. `Row.resume.read_bytes` is the part of it that lies behind."""
    if _is_folder(path):
        return survey(path).size_bytes
    with opened(path) as file:
        return file.seek(0, os.SEEK_END)


def _is_folder(path: Path, format: str | None = None) -> bool:  # noqa: A002 - as in `open_rows`
    try:
        is_folder = path.is_dir()
        exists = is_folder or path.exists()
    except OSError as error:
        raise InputUnreadable(str(path), (error.strerror or "error of the disk").lower()) from None
    if not exists:
        raise InputNotFound(str(path))
    if format is not None and is_folder != (format == FOLDER):
        raise InputFormatUnknown(str(path))
    return is_folder
