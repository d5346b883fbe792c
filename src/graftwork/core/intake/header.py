"""The names of the columns of a table."""

from collections.abc import Sequence

from graftwork.core.errors import InputHeaderInvalid

_NAME_CHARACTERS = 60


def check_columns(path: str, columns: Sequence[str]) -> Sequence[str]:
    """`columns` as they are. Raises `InputHeaderInvalid` where none has a name, or two have the same."""
    if not any(columns):
        raise InputHeaderInvalid(path, "names no column")
    seen: dict[str, int] = {}
    for number, name in enumerate(columns, 1):
        if name and name in seen:
            raise InputHeaderInvalid(
                path, f"names `{name[:_NAME_CHARACTERS]}` twice, as columns {seen[name]} and {number}"
            )
        seen[name] = number
    return columns


def distinct_columns(path: str, columns: Sequence[str]) -> Sequence[str]:
    """`columns`, each name once: a second `Comment` is called `Comment (2)`. Raises where none has a name."""
    names: list[str] = []
    for name in columns:
        number, chosen = 1, name
        while chosen and chosen in names:
            number += 1
            chosen = f"{name} ({number})"
        names.append(chosen)
    check_columns(path, names)
    return names
