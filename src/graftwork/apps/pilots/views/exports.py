"""Downloads of a pilot: the report, its figures, and the signed evidence."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase

from graftwork.apps.accounts.door import Visit, person_view
from graftwork.apps.pilots.exports.actions import Kind, export

_FORMS: dict[str, Kind] = {"csv": "csv", "json": "json"}


@person_view("GET")
def report(_request: HttpRequest, visit: Visit, name: str) -> HttpResponseBase:
    return _download(visit, name, "report")


@person_view("GET")
def figures(_request: HttpRequest, visit: Visit, name: str, form: str) -> HttpResponseBase:
    if form not in _FORMS:
        raise Http404
    return _download(visit, name, _FORMS[form])


@person_view("GET")
def evidence(_request: HttpRequest, visit: Visit, name: str) -> HttpResponseBase:
    return _download(visit, name, "evidence")


def _download(visit: Visit, name: str, kind: Kind) -> HttpResponse:
    made = export(visit.actor, name, kind, visit.now)
    response = HttpResponse(made.content, content_type=made.content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{made.file_name}"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
