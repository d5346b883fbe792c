"""The one file of the package plotly that pages use, among our static files as `plotly/plotly.min.js`."""

from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage

FILE = "plotly.min.js"
PREFIX = "plotly"


def _folder() -> Path | None:
    """Found without importing plotly, which would take seconds and serve nothing here."""
    spec = find_spec("plotly")
    found = [Path(place) / "package_data" for place in (spec.submodule_search_locations or [])] if spec else []
    return next((folder for folder in found if (folder / FILE).is_file()), None)


class PlotlyFile(BaseFinder):
    """A folder in STATICFILES_DIRS would also serve the package's data sets."""

    def __init__(self, *_args: Any, **_kwargs: Any) -> None:
        folder = _folder()
        self.storage = FileSystemStorage(location=folder) if folder else None
        if self.storage:
            self.storage.prefix = PREFIX  # type: ignore[attr-defined] # what finders of Django set, too

    def check(self, **_kwargs: Any) -> list[Any]:
        return []

    def find(self, path: str, find_all: bool = False, **_kwargs: Any) -> Any:
        found = self.storage.path(FILE) if self.storage and path == f"{PREFIX}/{FILE}" else None
        return [found] if find_all and found else found or []

    def list(self, _ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, FileSystemStorage]]:
        if self.storage:
            yield FILE, self.storage
