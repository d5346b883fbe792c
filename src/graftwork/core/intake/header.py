"""The names of the columns of a table."""

from collections.abc import Sequence

from graftwork.core.errors import InputHeaderInvalid
from graftwork.core.intake.errors import TableTooWide

MOST_COLUMNS = 1_000
_NAME_CHARACTERS = 60


def check_columns(path: str, columns: Sequence[str]) -> Sequence[str]:
    """`columns` as they are.

    Raises `InputHeaderInvalid` where none has a name, or two have the same, and `TableTooWide` over `MOST_COLUMNS`.
    """
    _check_named(path, columns)
    seen: dict[str, int] = {}
    for number, name in enumerate(columns, 1):
        if name and name in seen:
            raise InputHeaderInvalid(
                path, f"names `{name[:_NAME_CHARACTERS]}` twice, as columns {seen[name]} and {number}"
            )
        seen[name] = number
    return columns


def distinct_columns(path: str, columns: Sequence[str]) -> Sequence[str]:
    """`columns`, each name once: a second `Comment` is called `Comment (2)`. Raises as `check_columns` does."""
    _check_named(path, columns)
    names: set[str] = set()
    last: dict[str, int] = {}
    distinct = []
    for name in columns:
        chosen, number = name, last.get(name, 1)
        while chosen and chosen in names:
            number += 1
            chosen = f"{name} ({number})"
        last[name] = number
        names.add(chosen)
        distinct.append(chosen)
    return distinct


def check_count(path: str, count: int) -> None:
    """Raises `TableTooWide`."""
    if count > MOST_COLUMNS:
        raise TableTooWide(path, MOST_COLUMNS)


def _check_named(path: str, columns: Sequence[str]) -> None:
    check_count(path, len(columns))
    if not any(columns):
        raise InputHeaderInvalid(path, "names no column")
