"""Which files a command was given, and where the copy of each goes."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from graftwork.core.errors import FormError, FormUnknown, InputError, InputNotFound, InputUnreadable, OutputIsInput


@dataclass(frozen=True, slots=True)
class Source:
    """A file to read and its place below the output. `problem` says why it is not read."""

    path: Path
    relative: Path
    size_bytes: int = 0
    problem: InputError | None = None


def sources(paths: Sequence[Path]) -> list[Source]:
    """Every file, folders read through in the order of names. Raises `InputNotFound`.

    Hidden files, links and what is no file are named, never passed over in silence.
    """
    found: list[Source] = []
    for path in paths:
        if path.is_dir():
            found += _below(path, Path(path.name or path.resolve().name) if len(paths) > 1 else Path())
        elif path.exists():
            found.append(_source(path, Path(path.name)))
        else:
            raise InputNotFound(str(path))
    return found


def check_output(found: Sequence[Source], paths: Sequence[Path], output: Path) -> None:
    """Raises `OutputIsInput` where a copy would lie on a file that is read, or among them."""
    real = output.resolve()
    for path in paths:
        above = path.resolve()
        if real == above or (path.is_dir() and real.is_relative_to(above)):
            raise OutputIsInput(str(output))
    for source in found:
        if target_of(source, found, output).resolve() == source.path.resolve():
            raise OutputIsInput(str(source.path))


def target_of(source: Source, found: Sequence[Source], output: Path) -> Path:
    """One file may be given a name; what comes from a folder keeps its place in it."""
    is_single = len(found) == 1 and source.relative == Path(source.path.name)
    if is_single and not output.is_dir() and (output.suffix or output.is_file()):
        return output
    return output / source.relative


def _below(folder: Path, prefix: Path) -> Iterator[Source]:
    try:
        with os.scandir(folder) as listing:
            entries = sorted(listing, key=lambda entry: entry.name)
    except OSError as error:
        reason = (error.strerror or "error of the disk").lower()
        yield Source(folder, prefix, problem=InputUnreadable(str(folder), reason))
        return
    for entry in entries:
        path, relative = Path(entry.path), prefix / entry.name
        if entry.name.startswith("."):
            yield Source(path, relative, problem=_left_out(path, "hidden; give it by name"))
        elif entry.is_symlink():
            yield Source(path, relative, problem=_left_out(path, "a link"))
        elif entry.is_dir():
            yield from _below(path, relative)
        else:
            yield _source(path, relative)


def _source(path: Path, relative: Path) -> Source:
    if not path.is_file():
        return Source(path, relative, problem=InputUnreadable(str(path), "not a regular file"))
    return Source(path, relative, path.stat().st_size)


def _left_out(path: Path, reason: str) -> FormError:
    return FormUnknown(str(path), reason)
