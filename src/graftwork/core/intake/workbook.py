"""XLSX workbooks (ECMA-376: a zip of XML parts), looked through before openpyxl unpacks them.

`core.documents.packages` guards documents in the same way; there a child process with a limit on its memory stands
behind it. Rows are read in our own process, so the parts that openpyxl holds as a whole have bounds of their own.
"""

import warnings
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pyexpat import ExpatError
from typing import Any, BinaryIO
from zipfile import ZipFile, ZipInfo

from graftwork.core.errors import InputFormatUnknown
from graftwork.core.intake.errors import WorkbookUnreadable
from graftwork.core.office_packages import declares_type

MOST_PARTS = 10_000
LARGEST_PACKAGE_BYTES = 300_000_000
# Held in memory at once: the texts of all cells, and beside them styles, the list of sheets and the like.
LARGEST_TEXTS_BYTES = 100_000_000
LARGEST_OTHER_BYTES = 20_000_000
# Of one text, which has a tag or two for each change of its font, and of all of them together.
MOST_TEXT_TAGS, MOST_TEXTS_TAGS = 20_000, 5_000_000
# What people write shrinks by 3 to 30 times; a bomb by a thousand. Small packages may repeat themselves as they like.
LARGEST_RATIO = 150
RATIO_FROM_BYTES = 20_000_000

PACKAGE_MARK = b"PK\x03\x04"
# The compound files of old Office (MS-CFB): .xls, and every workbook that is protected by a password.
COMPOUND_MARK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

_PIECE_BYTES = 64_000
_LOCKED = "it is protected by a password, or a workbook of the old kind (.xls)"
_SHEETS, _TEXTS = "xl/worksheets/", "xl/sharedStrings.xml"
_BROKEN = (
    *(KeyError, ValueError, TypeError, AttributeError, IndexError, SyntaxError, EOFError, NotImplementedError),
    *(OverflowError, OSError, ExpatError, zipfile.BadZipFile, zlib.error),
)


@contextmanager
def opened_workbook(file: BinaryIO, path: str) -> Iterator[Any]:
    """The workbook behind `file`, to be read row by row. Whatever is wrong with it becomes an `InputError`.

    Raises `InputFormatUnknown` for what is no package, else `WorkbookUnreadable`.
    """
    _check(file, path)
    with _broken_is_refused(path):
        workbook = _load(file)
        try:
            yield workbook
        finally:
            workbook.close()


def sheet_features(file: BinaryIO, path: str, part: str) -> frozenset[str]:
    """Which of `formulas` and `merged` the sheet at `part` holds: neither is among what rows say of themselves."""
    found = set()
    with _broken_is_refused(path), ZipFile(file) as package, package.open(part) as sheet:
        end = b""
        while piece := sheet.read(_PIECE_BYTES):
            text = end + piece
            found |= {"formulas"} if b"<f>" in text or b"<f " in text else set()
            found |= {"merged"} if b"<mergeCell " in text else set()
            end = piece[-12:]
    return frozenset(found)


def _load(file: BinaryIO) -> Any:
    from graftwork.core.intake.sheets import Reader  # noqa: PLC0415 - takes half a second, and only workbooks need it

    # Its warnings quote cells.
    warnings.filterwarnings("ignore", module="openpyxl")
    reader = Reader(file, read_only=True, data_only=True, keep_links=False)
    reader.read()
    return reader.wb


@contextmanager
def _broken_is_refused(path: str) -> Iterator[None]:
    try:
        yield
    except _BROKEN:
        raise WorkbookUnreadable(path, "it is not a workbook that can be read") from None


def _check(file: BinaryIO, path: str) -> None:
    file.seek(0)
    head = file.read(len(COMPOUND_MARK))
    if head == COMPOUND_MARK:
        raise WorkbookUnreadable(path, _LOCKED)
    if not head.startswith(PACKAGE_MARK):
        raise InputFormatUnknown(path)
    packed_bytes = file.seek(0, 2)
    with _broken_is_refused(path), ZipFile(file) as package:
        parts = package.infolist()
        _check_sizes(path, parts, packed_bytes)
        if any(declares_type(package, part) for part in parts if part.filename.lower().endswith((".xml", ".rels"))):
            raise WorkbookUnreadable(path, "a part of it declares a document type, which no office program does")
        if _TEXTS in package.namelist() and _has_too_many_tags(package):
            raise WorkbookUnreadable(path, "its texts are made of more parts than an office program would make")


def _check_sizes(path: str, parts: list[ZipInfo], packed_bytes: int) -> None:
    unpacked_bytes = sum(part.file_size for part in parts)
    is_bomb = unpacked_bytes > RATIO_FROM_BYTES and unpacked_bytes > LARGEST_RATIO * packed_bytes
    if any(part.flag_bits & 1 for part in parts):
        raise WorkbookUnreadable(path, _LOCKED)
    if (
        len(parts) > MOST_PARTS
        or unpacked_bytes > LARGEST_PACKAGE_BYTES
        or is_bomb
        or any(part.file_size > _bound(part.filename) for part in parts)
    ):
        raise WorkbookUnreadable(path, f"it would unpack to {unpacked_bytes / 1e6:,.0f} MB in {len(parts):,} parts")


def _has_too_many_tags(package: ZipFile) -> bool:
    """Counted before the parser sees them: it holds a whole text at once, and takes a kilobyte for each tag of it."""
    total = of_text = 0
    with package.open(_TEXTS) as texts:
        while piece := texts.read(_PIECE_BYTES):
            for number, part in enumerate(piece.split(b"</si>")):
                tags = part.count(b"<")
                of_text = tags if number else of_text + tags
                if of_text > MOST_TEXT_TAGS:
                    return True
            total += piece.count(b"<")
            if total > MOST_TEXTS_TAGS:
                return True
    return False


def _bound(name: str) -> int:
    if name.startswith(_SHEETS) or not name.lower().endswith((".xml", ".rels")):
        return LARGEST_PACKAGE_BYTES
    return LARGEST_TEXTS_BYTES if name == _TEXTS else LARGEST_OTHER_BYTES
