"""The reference page: Swagger UI from the files that come with the framework, so it needs no other host.

The framework's own page wants an entry in INSTALLED_APPS, and turns to a CDN without it; this one serves the three
files itself, under the site's Content-Security-Policy (tried in Chromium: no inline script, no eval needed).
"""

from pathlib import Path
from typing import Any

import ninja
from django.http import HttpRequest, HttpResponse
from django.template import Context, Engine
from django.urls import reverse
from ninja import NinjaAPI, Router
from ninja.openapi.docs import DocsBase

from graftwork.core.errors import PathUnknown

router = Router()

ASSETS = {
    "swagger-ui.css": "text/css; charset=utf-8",
    "swagger-ui-bundle.js": "text/javascript; charset=utf-8",
    "swagger-ui-init.js": "text/javascript; charset=utf-8",
    "favicon.svg": "image/svg+xml",
}
_FOLDER = Path(ninja.__file__).parent / "static" / "ninja"
_TEMPLATES = Engine(dirs=[str(Path(__file__).parent / "templates")])


class ReferencePage(DocsBase):
    def render_page(self, request: HttpRequest, api: NinjaAPI, **kwargs: Any) -> HttpResponse:
        del request
        settings = {
            "layout": "BaseLayout",
            "deepLinking": True,
            "url": self.get_openapi_url(api, kwargs),
            "validatorUrl": None,  # by default it sends the address of the document to swagger.io
        }
        assets = {name.partition(".")[0].replace("-", "_"): reverse("api:asset", args=[name]) for name in ASSETS}
        context = Context({"title": api.title, "settings": settings, **assets})
        return HttpResponse(_TEMPLATES.get_template("reference.html").render(context))


@router.get("/docs/{name}", auth=None, include_in_schema=False, url_name="asset")
def asset(request: HttpRequest, name: str) -> HttpResponse:
    del request
    if name not in ASSETS:
        raise PathUnknown
    response = HttpResponse((_FOLDER / name).read_bytes(), content_type=ASSETS[name])
    response.headers["Cache-Control"] = "public, max-age=3600"
    return response
