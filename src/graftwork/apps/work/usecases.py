"""Finding use cases by name: the workspace's own, then those that ship with Graftwork."""

import re
from collections.abc import Collection
from contextlib import suppress
from functools import lru_cache
from importlib import resources
from pathlib import Path

from django.conf import settings

from graftwork.core.engines import catalog
from graftwork.core.errors import UseCaseError, UseCaseNotFound, did_you_mean
from graftwork.core.usecase import UseCase
from graftwork.core.usecase_file import load

_GROUP = re.compile(r"^[^#\n]*\bgroup[\"']?[ \t]*=[ \t]*([^#,}\n]*)", re.MULTILINE)


def packaged_folder() -> Path:
    return Path(str(resources.files("graftwork.usecases")))


def usecase_files() -> dict[str, Path]:
    """File by name; a file of the workspace stands before a packaged one of the same name."""
    folders = (packaged_folder(), Path(settings.GRAFTWORK_USECASES_FOLDER))
    return {file.stem: file for folder in folders for file in sorted(folder.glob("*.toml"))}


def own_usecases() -> set[str]:
    """Names of the workspace's own use cases; the packaged ones are there to begin from."""
    return {file.stem for file in Path(settings.GRAFTWORK_USECASES_FOLDER).glob("*.toml")}


def get_usecase(name: str) -> UseCase:
    """The use case called `name`, read again when its folder or its file changes."""
    files = usecase_files()
    if name not in files:
        raise UseCaseNotFound(name, did_you_mean(name, list(files)))
    return _load(files[name], _stamp(files[name]))


def all_usecases() -> tuple[list[UseCase], list[UseCaseError]]:
    """Those that can be read, and what is wrong with the others: one broken file must not take the desk down."""
    found: list[UseCase] = []
    broken: list[UseCaseError] = []
    for name in usecase_files():
        try:
            found.append(get_usecase(name))
        except UseCaseError as error:
            broken.append(error)
    return found, broken


def unreadable_groups(readable: Collection[str]) -> dict[str, list[str]]:
    """By name the use cases that are not among `readable`, with all that may be a group in their broken files."""
    found: dict[str, list[str]] = {}
    for name, file in usecase_files().items():
        if name not in readable:
            try:
                text = file.read_text(encoding="utf-8", errors="replace")
            except OSError:
                text = "group = ?"
            groups = (match[1].strip("\"' \t\r") for match in _GROUP.finditer(text))
            found[name] = [group for group in groups if group]
    return found


def _stamp(file: Path) -> tuple[int, ...]:
    """Changes with the file or any file beside it, since instructions may include those."""
    stamps = []
    for entry in file.parent.iterdir():
        with suppress(FileNotFoundError):  # an editor's temporary file, gone since it was listed
            if entry.is_file():
                stamps.append(entry.stat().st_mtime_ns)
    return tuple(sorted(stamps))


@lru_cache(maxsize=64)
def _load(file: Path, stamp: tuple[int, ...]) -> UseCase:
    del stamp  # part of the cache key only
    return pinned(load(file))


def pinned(use_case: UseCase) -> UseCase:
    """`use_case` with the digest that the workspace's catalog gives its model."""
    return catalog.pinned(use_case, catalog.load_catalog(settings.GRAFTWORK_WORKSPACE.folder / "models.toml"))
