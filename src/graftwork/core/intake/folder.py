"""A folder of files, read in the order of their names, whatever order the disk lists them in."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from graftwork.core.errors import InputChanged, InputEmpty, InputError, InputUnreadable
from graftwork.core.intake.files import NAMED_BY_FILE, ONE_ROW_FORMATS, SUFFIXES, FileFormat, file_format, read_file
from graftwork.core.intake.row import Resume, Row, clean, short_id


@dataclass(frozen=True, slots=True)
class Survey:
    """What a folder holds: how much will be read, and how much is passed over and why."""

    files: int = 0
    size_bytes: int = 0
    hidden: int = 0
    unknown_suffix: int = 0
    links_not_followed: int = 0
    one_row_each: bool = True


@dataclass(frozen=True, slots=True)
class _Entry:
    """One name in the folder; `passed_over` says why it is not read."""

    name: str
    path: Path
    size_bytes: int = 0
    passed_over: str = ""


def survey(root: Path) -> Survey:
    """Count what `read_folder` will read and what it will pass over. Looks at names and sizes only."""
    result = Survey()
    for entry in walk(root):
        if entry.passed_over:
            result = replace(result, **{entry.passed_over: getattr(result, entry.passed_over) + 1})
        else:
            one_row_each = result.one_row_each and file_format(entry.path) in ONE_ROW_FORMATS
            result = replace(
                result,
                files=result.files + 1,
                size_bytes=result.size_bytes + entry.size_bytes,
                one_row_each=one_row_each,
            )
    return result


def read_folder(root: Path, after: Resume | None, limit_bytes: int) -> Iterator[Row]:
    """The rows of all files. A file that cannot be read becomes one malformed row, and the others go on."""
    done = after or Resume()
    if done.file and not (root / done.file).is_file():
        raise InputChanged(str(root))
    rows, earlier_bytes, found = done.rows, done.earlier_bytes, False
    for entry in walk(root):
        if entry.passed_over or _parts(entry.name) < _parts(done.file):
            continue
        found = True
        within = Resume(done.offset_bytes, done.line) if entry.name == done.file else None
        if within is None or within.offset_bytes < entry.size_bytes:
            for row in _read_entry(entry, within, limit_bytes):
                rows += 1
                yield _in_folder(row, entry, rows, earlier_bytes)
        earlier_bytes += entry.size_bytes
    if not found:
        raise InputEmpty(str(root))


def walk(root: Path) -> Iterator[_Entry]:
    """Every file below `root`, sorted by the parts of its path. Holds the names of one folder per level at a time."""
    real_root = root.resolve()
    levels = [_listing(root)]
    while levels:
        found = next(levels[-1], None)
        if found is None:
            levels.pop()
            continue
        name = Path(found.path).relative_to(root).as_posix()
        if not found.name.startswith(".") and found.is_dir(follow_symlinks=False):
            levels.append(_listing(Path(found.path)))
        else:
            yield _entry(name, found, real_root)


def _listing(folder: Path) -> Iterator[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return iter(sorted(entries, key=lambda entry: entry.name))
    except OSError as error:
        raise InputUnreadable(str(folder), (error.strerror or "error of the disk").lower()) from None


def _entry(name: str, found: os.DirEntry[str], real_root: Path) -> _Entry:
    path = Path(found.path)
    if found.name.startswith("."):
        return _Entry(name, path, passed_over="hidden")
    # A link to a folder may lead back above itself, so only links to files inside are followed.
    if found.is_symlink() and not (found.is_file() and path.resolve().is_relative_to(real_root)):
        return _Entry(name, path, passed_over="links_not_followed")
    if path.suffix.lower() not in SUFFIXES or not found.is_file():
        return _Entry(name, path, passed_over="unknown_suffix")
    return _Entry(name, path, found.stat().st_size)


def _parts(name: str) -> tuple[str, ...]:
    return PurePosixPath(name).parts


def _read_entry(entry: _Entry, within: Resume | None, limit_bytes: int) -> Iterator[Row]:
    kind: FileFormat = file_format(entry.path)
    try:
        for row in read_file(entry.path, kind, within, limit_bytes):
            yield row if kind not in ONE_ROW_FORMATS else replace(row, origin="")
    except InputError as error:
        problem = error.message.removeprefix(f"{entry.path}: ")
        yield Row(1, None, problem, "", Resume(entry.size_bytes))


def _in_folder(row: Row, entry: _Entry, rows: int, earlier_bytes: int) -> Row:
    name = clean(entry.name)
    data = row.data
    if data is not None and file_format(entry.path) in NAMED_BY_FILE:
        data = {**data, "id": short_id(name)}
    return Row(
        line=rows,
        data=data,
        problem=row.problem,
        origin=f"file {name}, {row.origin}" if row.origin else f"file {name}",
        resume=replace(row.resume, file=entry.name, rows=rows, earlier_bytes=earlier_bytes),
    )
