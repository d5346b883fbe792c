"""What every answer carries, and how errors of ours are shown."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from graftwork.apps.store_errors import as_store_error
from graftwork.core.errors import GraftworkError

# Nothing but our own files: no inline script or style, no frame, no foreign host.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

View = Callable[[HttpRequest], HttpResponse]


class SecurityHeaders:
    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        response.headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
        return response


class ErrorPages:
    """Errors of ours, and those of the database that people can act on, become a page with the next step."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        error = exception if isinstance(exception, GraftworkError) else as_store_error(exception)
        if error is None:
            return None
        template = "graftwork/error_fragment.html" if request.headers.get("HX-Request") else "graftwork/error.html"
        return render(request, template, {"error": error}, status=error.status)
