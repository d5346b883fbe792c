"""The interface as Django mounts it: whatever happens below /api/v1/ is answered in the shape of this interface."""

import functools
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.urls import URLPattern, URLResolver, re_path
from ninja import NinjaAPI
from ninja.operation import Operation

from graftwork.api.errors import as_response, error_response
from graftwork.core.errors import MethodUnknown, PathUnknown

View = Callable[..., HttpResponse]


class RestApi(NinjaAPI):
    """The framework answers unknown paths, methods and bugs with HTML or plain text of its own; here it does not."""

    def _get_urls(self) -> list[URLResolver | URLPattern]:
        patterns = super()._get_urls()
        for pattern in patterns:
            assert isinstance(pattern, URLPattern)
            pattern.callback = _in_our_shape(pattern.callback)
        return [*patterns, re_path("", _in_our_shape(_unknown))]

    def get_openapi_operation_id(self, operation: Operation) -> str:
        return str(operation.view_func.__name__)


def _in_our_shape(view: View) -> View:
    @functools.wraps(view, updated=())
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "HEAD":
            request.method = "GET"  # RFC 9110, section 9.3.2: the same without the body, which the server leaves out
        try:
            response = view(request, *args, **kwargs)
        except Exception as error:  # noqa: BLE001 - what it turns into names what happened
            response = as_response(error)
        if isinstance(response, HttpResponseNotAllowed):
            allowed = ", ".join(sorted(response.headers["Allow"].split(", ")))
            response = error_response(MethodUnknown(allowed))
            response.headers["Allow"] = allowed
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    # Authentication is by header only: no browser sends it by itself, so there is nothing to forge.
    answer.csrf_exempt = True  # type: ignore[attr-defined] # Django's own mark on a view
    return answer


def _unknown(request: HttpRequest) -> HttpResponse:
    del request
    raise PathUnknown
