"""What lies in the folder of a source: which files are documents, and whether one has changed.

Hidden files are passed over. A link is followed to a file inside the folder only: one that leads out of it could bring
in whatever the server can read.
"""

import os
import stat
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


def digest_or_none(found: FoundFile, root: Path) -> str:
    """SHA-256 of the bytes, in hexadecimal; empty where they cannot be read, which reading the document then says.

    Empty too where the file is no longer a regular one inside `root`: since it was found, somebody may have put a link
    or a pipe in its place.
    """
    digest = sha256()
    try:
        # Without waiting: a pipe that nobody writes to would be opened for ever.
        with os.fdopen(os.open(found.file, os.O_RDONLY | os.O_NONBLOCK), "rb") as stream:
            if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode) or not _lies_in(root, stream.fileno()):
                return ""
            while piece := stream.read(READ_BYTES):
                digest.update(piece)
    except OSError:
        return ""
    return digest.hexdigest()


def _lies_in(root: Path, descriptor: int) -> bool:
    """Whether the file that is open lies in `root`, or is it: its name may lead elsewhere by now."""
    return Path(f"/proc/self/fd/{descriptor}").resolve().is_relative_to(root.resolve())


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


def _found(name: str, path: Path, status: os.stat_result) -> FoundFile:
    # The time of the last change of the inode cannot be set back, as that of the content can.
    stamp = f"{status.st_size}:{status.st_mtime_ns}:{status.st_ctime_ns}:{status.st_ino}"
    return FoundFile(name, path, status.st_size, stamp)
