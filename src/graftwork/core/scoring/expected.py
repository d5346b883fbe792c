"""The expected answer of one row. Each key is optional; what is absent is not scored."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from graftwork.core.errors import did_you_mean
from graftwork.core.scoring.errors import ExpectedInvalid

Scalar = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Expected:
    """What a good draft says. `None` is unknown; an empty tuple is known to be none.

    `fields` is the JSON itself, `evidence` gives words by JSON pointer (RFC 6901), `documents` are `SOURCE/path`, each
    of `facts` is a tuple of alternatives.
    """

    text: str | None = None
    fields: Mapping[str, Any] | None = None
    evidence: Mapping[str, str] | None = None
    documents: tuple[str, ...] | None = None
    passages: tuple[str, ...] | None = None
    facts: tuple[tuple[str, ...], ...] | None = None
    forbidden: tuple[str, ...] | None = None
    answerable: bool | None = None
    slots: Mapping[str, Scalar] | None = None
    label: str | None = None


class _WrongTypeError(ValueError):
    """What a value should have been."""


def read_expected(raw: Any, line: int) -> Expected:
    """Check the `expected` of one row. A key whose value is null counts as absent. Raises `ExpectedInvalid`."""
    if raw is None:
        return Expected()
    if not isinstance(raw, Mapping):
        raise ExpectedInvalid(line, "`expected` must be an object")
    found = {}
    for key, value in raw.items():
        if key not in _READERS:
            # A long key is more likely a piece of text than a typing error, and no text of a row is repeated.
            named = f" `expected.{key}`{did_you_mean(key, list(_READERS))}" if len(key) <= 20 else " in `expected`"
            raise ExpectedInvalid(line, f"unknown key{named}")
        try:
            found[key] = None if value is None else _READERS[key](value)
        except _WrongTypeError as error:
            raise ExpectedInvalid(line, f"`expected.{key}` must be {error}") from None
    return Expected(**found)


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise _WrongTypeError("a text that is not empty")
    return value


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise _WrongTypeError("true or false")
    return value


def _label(value: Any) -> str:
    if not isinstance(value, str | int | float | bool):
        raise _WrongTypeError("a text, a number, true or false")
    return str(value).lower() if isinstance(value, bool) else str(value)


def _object(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise _WrongTypeError("an object")
    return value


def _words_by_pointer(value: Any) -> Mapping[str, str]:
    held = _object(value)
    if not all(isinstance(words, str) and words.strip() for words in held.values()):
        raise _WrongTypeError("an object of texts that are not empty")
    if not all(pointer.startswith("/") for pointer in held):
        raise _WrongTypeError("an object whose keys are JSON pointers such as /diagnoses/0/name")
    return held


def _slots(value: Any) -> Mapping[str, Scalar]:
    held = _object(value)
    if not all(one is None or isinstance(one, str | int | float | bool) for one in held.values()):
        raise _WrongTypeError("an object of texts, numbers, true or false")
    return held


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(one, str) and one.strip() for one in value):
        raise _WrongTypeError("a list of texts that are not empty")
    return tuple(value)


def _facts(value: Any) -> tuple[tuple[str, ...], ...]:
    if not isinstance(value, list):
        raise _WrongTypeError("a list of texts, or of lists of alternatives")
    facts = [(one,) if isinstance(one, str) else tuple(one) if isinstance(one, list) else () for one in value]
    if not all(fact and all(isinstance(text, str) and text.strip() for text in fact) for fact in facts):
        raise _WrongTypeError("a list of texts, or of lists of alternatives, none of them empty")
    return tuple(facts)


_READERS: dict[str, Callable[[Any], Any]] = {
    "text": _text,
    "fields": _object,
    "evidence": _words_by_pointer,
    "documents": _texts,
    "passages": _texts,
    "facts": _facts,
    "forbidden": _texts,
    "answerable": _flag,
    "slots": _slots,
    "label": _label,
}
assert set(_READERS) == {field.name for field in fields(Expected)}
