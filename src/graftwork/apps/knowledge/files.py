"""What lies in the folder of a source: which files are documents, and whether one has changed.

Hidden files are passed over. A link is followed to a file inside the folder only: one that leads out of it could bring
in whatever the server can read.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from graftwork.apps.knowledge.models import MAX_PATH_CHARACTERS
from graftwork.core.documents.reading import SUFFIXES
from graftwork.core.errors import InputNotFound, InputUnreadable
from graftwork.core.intake.row import clean

READ_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class FoundFile:
    """`path` names it within its source. `stamp` changes with whatever a write changes, times that it sets included."""

    path: str
    file: Path
    size_bytes: int
    stamp: str


@dataclass(frozen=True, slots=True)
class Survey:
    """What a source holds now. `passed_over` counts files that are hidden, lead outside, or are no documents."""

    files: tuple[FoundFile, ...]
    passed_over: int


def survey(location: Path) -> Survey:
    """Look through a folder, or at one file. Raises `InputNotFound`, or `InputUnreadable` for a folder that is closed.

    A folder that cannot be listed ends the survey: its documents must not be taken for deleted.
    """
    if location.is_file():
        return Survey((_found(location.name, location, location.stat()),), 0)
    if not location.is_dir():
        raise InputNotFound(str(location))
    files: list[FoundFile] = []
    passed_over = 0
    for name, entry in _entries(location):
        file = _document(name, entry, location.resolve())
        if file is None:
            passed_over += 1
        else:
            files.append(file)
    return Survey(tuple(files), passed_over)


def digest_or_none(found: FoundFile) -> str:
    """SHA-256 of the bytes, in hexadecimal; empty where they cannot be read, which reading the document then says."""
    digest = sha256()
    try:
        with found.file.open("rb") as stream:
            while piece := stream.read(READ_BYTES):
                digest.update(piece)
    except OSError:
        return ""
    return digest.hexdigest()


def _entries(root: Path) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """Every file below `root` with its path from there, in the order of the paths' parts."""
    levels = [_listing(root)]
    while levels:
        entry = next(levels[-1], None)
        if entry is None:
            levels.pop()
        elif entry.is_dir(follow_symlinks=False):
            if not entry.name.startswith("."):
                levels.append(_listing(Path(entry.path)))
        else:
            yield Path(entry.path).relative_to(root).as_posix(), entry


def _listing(folder: Path) -> Iterator[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return iter(sorted(entries, key=lambda entry: entry.name))
    except OSError as error:
        raise InputUnreadable(str(folder), (error.strerror or "error of the disk").lower()) from None


def _document(name: str, entry: os.DirEntry[str], real_root: Path) -> FoundFile | None:
    path = Path(entry.path)
    if entry.name.startswith(".") or path.suffix.lower() not in SUFFIXES or not _is_storable(name):
        return None
    try:
        if not entry.is_file() or (entry.is_symlink() and not path.resolve().is_relative_to(real_root)):
            return None
        return _found(name, path, entry.stat())
    except OSError:  # gone since it was listed
        return None


def _is_storable(name: str) -> bool:
    """Whether a database takes the name: a file's name may be bytes that are no text."""
    return len(name) <= MAX_PATH_CHARACTERS and clean(name) == name


def _found(name: str, path: Path, stat: os.stat_result) -> FoundFile:
    # The time of the last change of the inode cannot be set back, as that of the content can.
    return FoundFile(name, path, stat.st_size, f"{stat.st_size}:{stat.st_mtime_ns}:{stat.st_ctime_ns}:{stat.st_ino}")
