"""JMESPath expressions (jmespath.org) in files of connectors: checked when the file is read, compiled once."""

from functools import lru_cache
from importlib import import_module
from typing import Annotated, Any

from pydantic import AfterValidator

MAX_CHARACTERS = 4_000


def _check(source: str) -> str:
    if len(source) > MAX_CHARACTERS:
        raise ValueError(f"is longer than {MAX_CHARACTERS:,} characters")
    try:
        _compiled(source)
    except _library().exceptions.JMESPathError as error:
        column = getattr(error, "lex_position", getattr(error, "lexer_position", None))
        where = "" if column is None else f" at column {column + 1}"
        raise ValueError(f"is not JMESPath{where}") from None
    except RecursionError:
        raise ValueError("is not JMESPath that can be read: nested too deeply") from None
    return source


def _check_given(source: str) -> str:
    return _check(source) if source else ""


Expression = Annotated[str, AfterValidator(_check)]
ExpressionOrNone = Annotated[str, AfterValidator(_check_given)]


@lru_cache(maxsize=4096)
def _compiled(source: str) -> Any:
    return _library().compile(source)


def _library() -> Any:
    # Not loaded where no connector is read.
    return import_module("jmespath")


class ExpressionFailed(Exception):
    """What was answered does not fit the expression, such as a length taken of a number."""


# JMESPathError is a ValueError; functions of the library let whatever Python raises through, with the data in its text.
_FAILURES = (ValueError, TypeError, ArithmeticError, AttributeError, LookupError, RecursionError)


def evaluate(source: str, data: Any) -> Any:
    """Raises `ExpressionFailed`, which never quotes the data."""
    try:
        return _compiled(source).search(data)
    except _FAILURES:
        raise ExpressionFailed from None


def holds(source: str, data: Any) -> bool:
    """Whether the expression is true of `data`, as JMESPath understands truth: 0 is true, '' and [] are not."""
    found = evaluate(source, data)
    return found is not None and found is not False and found not in ("", [], {})
