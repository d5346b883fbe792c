"""Where figures come from: the code that computed them, and the queries that it asked the store."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from django.db import connection

# What decides a figure: the statistics, what is said of them, what the charter means, and how items are added up.
COMPUTED_BY = (
    "core/stats.py", "core/bootstrap.py", "core/value", "core/appraisal", "core/charter", "apps/pilots/folding",
    "apps/pilots/figures.py",
    "apps/pilots/seeds.py",
)  # fmt: skip
_PACKAGE = "graftwork"


def code_digests() -> dict[str, str]:
    """SHA-256 of each file, and of the sources of each package over their names and their bytes."""
    return {part: _digest(files(_PACKAGE).joinpath(part)) for part in COMPUTED_BY}


def _digest(part: Traversable) -> str:
    if part.is_file():
        return hashlib.sha256(part.read_bytes()).hexdigest()
    total = hashlib.sha256()
    for name, source in sorted(_sources(part, "")):
        total.update(f"{name}\0{hashlib.sha256(source).hexdigest()}\n".encode())
    return total.hexdigest()


def _sources(folder: Traversable, above: str) -> Iterator[tuple[str, bytes]]:
    if not folder.is_dir():
        return
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _sources(entry, f"{above}{entry.name}/")
        elif entry.name.endswith(".py"):
            yield f"{above}{entry.name}", entry.read_bytes()


class Queries:
    """The statements that were asked, each once, in their order, with placeholders where their values stood."""

    def __init__(self) -> None:
        self._found: dict[str, int] = {}

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        self._found[sql] = self._found.get(sql, 0) + 1
        return execute(sql, params, many, context)

    @property
    def statements(self) -> list[dict[str, Any]]:
        """Reads only: what steers a transaction gives no figure."""
        reads = [
            (sql, times) for sql, times in self._found.items() if sql.lstrip().upper().startswith(("SELECT", "WITH"))
        ]
        return [{"sql": sql, "times": times} for sql, times in reads]


@contextmanager
def queries_asked() -> Iterator[Queries]:
    """The queries of this thread within the block. Their values stay out: some of them are texts of a charter."""
    asked = Queries()
    with connection.execute_wrapper(asked):
        yield asked
