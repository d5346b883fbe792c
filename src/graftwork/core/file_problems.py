"""TOML files that people write: reading one, and saying what is wrong with it: the first cause, and the nearest key."""

import tomllib
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from graftwork.core.errors import did_you_mean


class FileUnreadable(Exception):
    """Internal: each kind of file has an error of its own, whose reason is this one's text."""


def read_toml(path: Path) -> dict[str, Any]:
    """Raises `FileUnreadable`."""
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except FileNotFoundError:
        raise FileUnreadable("no such file") from None
    except OSError as error:
        raise FileUnreadable(error.strerror or "cannot be read") from None
    except UnicodeDecodeError as error:
        raise FileUnreadable(f"not UTF-8 at byte {error.start}") from None
    except ValueError as error:  # TOMLDecodeError, or a number with more digits than Python reads
        raise FileUnreadable(f"not TOML: {error}") from None
    except RecursionError:
        raise FileUnreadable("not TOML that can be read: nested too deeply") from None


@dataclass(frozen=True, slots=True)
class FileProblem:
    """`key` is the dotted path of what is wrong. Where it is `unknown`, `nearest` may name what was meant."""

    key: str
    reason: str
    unknown: bool = False
    nearest: str = ""


def first_problem(error: ValidationError, model: type[BaseModel], hidden: Collection[str] = ()) -> FileProblem:
    """The cause to begin with. Keys in `hidden` are never offered as what was meant."""
    # A misspelt key is also a missing one; the misspelling is the cause.
    first = min(error.errors(include_url=False), key=lambda found: found["type"] != "extra_forbidden")
    location = [str(part) for part in first["loc"]]
    key = ".".join(location) or "(whole file)"
    if first["type"] == "extra_forbidden":
        nearest = did_you_mean(location[-1], _keys_beside(model, location[:-1], hidden))
        return FileProblem(key, "is unknown", unknown=True, nearest=nearest)
    if first["type"] == "missing":
        return FileProblem(key, "is required")
    return FileProblem(key, first["msg"].removeprefix("Value error, "))


def _keys_beside(model: Any, parents: list[str], hidden: Collection[str]) -> list[str]:
    """The keys that may stand in the table at `parents`. Free names, such as fields, and list positions are skipped."""
    for part in parents:
        field = next((f for name, f in model.model_fields.items() if part in (name, f.alias)), None)
        if field is not None:
            model = next((m for m in _models_in(field.annotation)), model)
    return [f.alias or name for name, f in model.model_fields.items() if name not in hidden]


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for argument in get_args(annotation) for model in _models_in(argument)]
