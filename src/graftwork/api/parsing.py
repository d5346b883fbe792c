"""Reading the body of a request: UTF-8 JSON, of bounded size, with finite numbers."""

import json
import math
from typing import Any, NoReturn

from django.conf import settings
from django.http import HttpRequest
from ninja.parser import Parser

from graftwork.core.errors import ContentTypeWrong, RequestInvalid, RequestTooLarge


class JsonParser(Parser):
    def parse_body(self, request: HttpRequest) -> Any:
        if request.content_type != "application/json":
            raise ContentTypeWrong
        # Django compares the announced length only, and a chunked request announces none.
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        if len(request.body) > limit:
            raise RequestTooLarge(limit)
        return parse_json(request.body)


def parse_json(body: bytes) -> Any:
    """Raises `RequestInvalid` with the place of the mistake; the text around it is never quoted."""
    try:
        return json.loads(body.decode("utf-8-sig"), parse_constant=_refuse_constant, parse_float=_finite)
    except UnicodeDecodeError as error:
        raise RequestInvalid("body", f"is not UTF-8 at byte {error.start}") from None
    except json.JSONDecodeError as error:
        raise RequestInvalid("body", f"is not JSON at line {error.lineno}, column {error.colno}") from None
    except RecursionError:
        raise RequestInvalid("body", "is nested too deeply") from None
    except ValueError:  # Python refuses to read integers of thousands of digits
        raise RequestInvalid("body", "holds a number with too many digits") from None


def _refuse_constant(name: str) -> NoReturn:
    raise RequestInvalid("body", f"holds {name}, which is not JSON; an unknown number is null")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise RequestInvalid("body", "holds a number that is too large")
    return number
