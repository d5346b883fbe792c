"""One file: which format it has, and the reader of that format."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Literal

from graftwork.core.errors import InputChanged, InputEmpty, InputFormatUnknown, InputNotFound, InputUnreadable
from graftwork.core.intake import csv_rows, document_file, jsonl, mail, mbox, plain_text, xlsx_rows
from graftwork.core.intake.row import Resume, Row

FileFormat = Literal["jsonl", "csv", "xlsx", "eml", "mbox", "txt", "document"]
Reader = Callable[[BinaryIO, str, Resume, int], Iterator[Row]]

READERS: Mapping[FileFormat, Reader] = {
    "jsonl": jsonl.read,
    "csv": csv_rows.read,
    "xlsx": xlsx_rows.read,
    "eml": mail.read,
    "mbox": mbox.read,
    "txt": plain_text.read,
    "document": document_file.read,
}
SUFFIXES: Mapping[str, FileFormat] = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".csv": "csv",
    ".tsv": "csv",
    ".xlsx": "xlsx",
    ".xlsm": "xlsx",
    ".eml": "eml",
    ".mbox": "mbox",
    ".txt": "txt",
    **dict.fromkeys((".pdf", ".docx", ".html", ".htm", ".md", ".markdown"), "document"),
}
# Rows that have no name but that of their file.
NAMED_BY_FILE: frozenset[FileFormat] = frozenset({"txt", "document"})
TABLES: frozenset[FileFormat] = frozenset({"csv", "xlsx"})
ONE_ROW_FORMATS: frozenset[FileFormat] = frozenset({"eml", "txt", "document"})


def file_format(path: Path, format: str | None = None) -> FileFormat:  # noqa: A002 - the word of the command line
    """The format by name, else by suffix. Raises `InputFormatUnknown`."""
    found = SUFFIXES.get(path.suffix.lower() if format is None else f".{format.lower()}")
    if found is None:
        raise InputFormatUnknown(str(path))
    return found


def read_file(path: Path, format: FileFormat, after: Resume | None, limit_bytes: int) -> Iterator[Row]:  # noqa: A002
    """The rows of one file. Raises an `InputError` where the file as a whole cannot be read.

    A table with a header alone is an export without rows, and no error; any other file without rows is `InputEmpty`.
    """
    count = 0
    with opened(path) as file:
        size_bytes = file.seek(0, 2)
        if size_bytes == 0:
            raise InputEmpty(str(path))
        if after is not None and after.offset_bytes > size_bytes:
            raise InputChanged(str(path))
        for row in READERS[format](file, str(path), after or Resume(), limit_bytes):
            count += 1
            yield row
    if count == 0 and after is None and format not in TABLES:
        raise InputEmpty(str(path))


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """The file, open for reading; whatever the disk answers becomes an `InputError`."""
    try:
        if path.exists() and not path.is_file():  # a pipe would block, and cannot be resumed
            raise InputUnreadable(str(path), "not a regular file")
        with path.open("rb") as file:
            yield file
    except FileNotFoundError:
        raise InputNotFound(str(path)) from None
    except OSError as error:
        raise InputUnreadable(str(path), (error.strerror or "error of the disk").lower()) from None
