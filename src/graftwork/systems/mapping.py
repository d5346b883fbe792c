"""JMESPath expressions (jmespath.org) that a file uses to say where its values lie in a system's JSON."""

from collections.abc import Callable
from importlib import import_module
from typing import Annotated, Any

from pydantic import AfterValidator

MAX_EXPRESSION_CHARACTERS = 2_000

Find = Callable[[Any], Any]


class MappingFailed(Exception):
    """Internal: an expression does not fit the data, such as a function on a value of another type."""


def compiled(expression: str) -> Find:
    """What `expression` finds in a JSON value; `None` where there is nothing. Raises `ValueError` where it is none.

    The returned function raises `MappingFailed`, without the data.
    """
    # Loaded when a file asks for it: most processes never read one.
    jmespath = import_module("jmespath")
    if len(expression) > MAX_EXPRESSION_CHARACTERS:
        raise ValueError(f"is longer than {MAX_EXPRESSION_CHARACTERS:,} characters")
    try:
        parsed = jmespath.compile(expression)
    except (jmespath.exceptions.JMESPathError, RecursionError):
        raise ValueError("is no JMESPath expression") from None

    def find(data: Any) -> Any:
        try:
            return parsed.search(data)
        # Functions of the library raise whatever Python raises at values that they did not expect.
        except (jmespath.exceptions.JMESPathError, TypeError, ValueError, ArithmeticError, RecursionError):
            raise MappingFailed from None

    return find


def _check(expression: str) -> str:
    compiled(expression)
    return expression


def _check_given(expression: str) -> str:
    return _check(expression) if expression else ""


JmesPath = Annotated[str, AfterValidator(_check)]
JmesPathOrNone = Annotated[str, AfterValidator(_check_given)]
