"""Which other sites a browser lets talk to us: those of `embed.origins`, with the paths of the embedded draft only.

The Fetch standard's CORS protocol (https://fetch.spec.whatwg.org/#http-cors-protocol). Credentials are never allowed:
the element sends its token in a header, so no cookie of the desk ever goes with it. What no origin is allowed to read
is answered as ever, without these headers, and the browser keeps it from the page.
"""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

API_PREFIX = "/api/v1/embed/items/"
# The element's own modules and those of the desk that it is built on; they hold no data.
SCRIPT_PREFIXES = ("/static/embed/", "/static/desk/")
# A browser asks again at the latest after this; Chromium keeps no answer for longer than two hours.
PREFLIGHT_SECONDS = 7200

View = Callable[[HttpRequest], HttpResponse]


class EmbedOrigins:
    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        of_api = request.path_info.startswith(API_PREFIX)
        if not of_api and not request.path_info.startswith(SCRIPT_PREFIXES):
            return self.get_response(request)
        is_preflight = request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers
        response = HttpResponse(status=204) if of_api and is_preflight else self.get_response(request)
        origin = request.headers.get("Origin", "")
        patch_vary_headers(response, ["Origin"])
        if origin in settings.GRAFTWORK_EMBED.allowed_origins:
            response.headers["Access-Control-Allow-Origin"] = origin
            if of_api:
                _allow_api(response)
        return response


def _allow_api(response: HttpResponse) -> None:
    response.headers["Access-Control-Allow-Methods"] = "POST"
    response.headers["Access-Control-Allow-Headers"] = "authorization, content-type"
    response.headers["Access-Control-Expose-Headers"] = "Retry-After, X-Request-Id"
    response.headers["Access-Control-Max-Age"] = str(PREFLIGHT_SECONDS)
