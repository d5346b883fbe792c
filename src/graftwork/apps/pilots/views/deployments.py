"""In-house, managed service and hybrid side by side, for one use case."""

from django.http import Http404, HttpRequest, HttpResponseBase

from graftwork.apps.pilots.views.door import Visit, pilot_view


@pilot_view("GET", "HEAD")
def deployments(request: HttpRequest, visit: Visit, use_case: str) -> HttpResponseBase:
    raise Http404
