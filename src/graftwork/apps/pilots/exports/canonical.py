"""JSON in the one form that is signed: RFC 8785, JSON Canonicalization Scheme.

Keys in the order of their UTF-16 units, no white space, numbers as ECMAScript writes doubles. So whoever checks a
signature may read and write the file with any JSON library, and still comes to the same bytes.
"""

import json
import math
import re
from typing import Any

# Beyond it doubles have gaps, and what is read differs between languages (RFC 8259, section 6).
MAX_EXACT = 2**53 - 1
_DEPTH = 60
_SURROGATE = re.compile("[\ud800-\udfff]")


def canonical(value: Any) -> bytes:
    """Raises `ValueError` for what JSON cannot hold, or not in the same way everywhere: NaN, huge integers, half of a
    surrogate pair, more than 60 levels.
    """
    return _text(value, 0).encode()


def _text(value: Any, depth: int) -> str:
    if depth > _DEPTH:
        raise ValueError("nested too deeply")
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, int | float):
        return number(value)
    if isinstance(value, list | tuple):
        return f"[{','.join(_text(one, depth + 1) for one in value)}]"
    if isinstance(value, dict):
        return _object(value, depth)
    raise ValueError(f"a {type(value).__name__} is not JSON")


def _object(value: dict[Any, Any], depth: int) -> str:
    if not all(isinstance(key, str) for key in value):
        raise ValueError("a key is not a text")
    # Big-endian UTF-16 compares byte by byte as its units do.
    members = sorted(value.items(), key=lambda member: member[0].encode("utf-16-be", "surrogatepass"))
    return f"{{{','.join(f'{_string(key)}:{_text(one, depth + 1)}' for key, one in members)}}}"


def _string(text: str) -> str:
    if _SURROGATE.search(text):
        raise ValueError("half of a surrogate pair")
    return json.dumps(text, ensure_ascii=False)


def number(value: float) -> str:
    """A number as ECMAScript's Number::toString writes it (ECMA-262, section 6.1.6.1.20)."""
    if isinstance(value, int) and abs(value) > MAX_EXACT:
        raise ValueError("an integer beyond 2**53 - 1")
    if not math.isfinite(value):
        raise ValueError("not a finite number")
    if value == 0:
        return "0"
    sign, digits, point = _parts(float(value))
    if len(digits) <= point <= 21:
        return f"{sign}{digits}{'0' * (point - len(digits))}"
    if 0 < point <= 21:
        return f"{sign}{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    mantissa = f"{digits[0]}.{digits[1:]}" if len(digits) > 1 else digits
    return f"{sign}{mantissa}e{point - 1:+d}"


def _parts(value: float) -> tuple[str, str, int]:
    """Sign, the shortest digits that give this double back, and how many of them stand before the point."""
    mantissa, _, exponent = repr(abs(value)).partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = f"{whole}{'' if fraction == '0' else fraction}"
    point = len(whole) + int(exponent or 0)
    stripped = digits.lstrip("0")
    return "-" if value < 0 else "", stripped.rstrip("0"), point - (len(digits) - len(stripped))


def read(content: bytes) -> Any:
    """JSON that reads the same everywhere: UTF-8, no key twice, no NaN. Raises `ValueError`."""
    try:
        return json.loads(content.decode("utf-8"), object_pairs_hook=_once, parse_constant=_refuse)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _once(members: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(members)
    if len(found) != len(members):
        raise ValueError("a key stands twice")
    return found


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
