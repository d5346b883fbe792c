from django.urls import path, re_path
from django.views.generic import RedirectView

from graftwork.apps.pilots.views import (
    charter,
    deployments,
    exports,
    importing,
    items,
    lifecycle,
    pilot,
    portfolio,
    what_if,
)

app_name = "pilots"
_NAME = r"^(?P<name>[a-z][a-z0-9_]*)"
# No charter calls its pilot `new`; names have no dash.
urlpatterns = [
    path("", portfolio.portfolio, name="pilots"),
    path("new", charter.new, name="new"),
    path("use-cases/<slug:use_case>/deployments", deployments.deployments, name="deployments"),
    re_path(rf"{_NAME}$", pilot.pilot, name="pilot"),
    re_path(rf"{_NAME}/$", RedirectView.as_view(pattern_name="pilots:pilot")),
    re_path(rf"{_NAME}/charter$", charter.charter, name="charter"),
    re_path(rf"{_NAME}/charter\.toml$", charter.download, name="charter-toml"),
    re_path(rf"{_NAME}/amend$", charter.amend, name="amend"),
    re_path(rf"{_NAME}/start$", lifecycle.start, name="start"),
    re_path(rf"{_NAME}/pause$", lifecycle.pause, name="pause"),
    re_path(rf"{_NAME}/resume$", lifecycle.resume, name="resume"),
    re_path(rf"{_NAME}/decide$", lifecycle.decide, name="decide"),
    re_path(rf"{_NAME}/discard$", lifecycle.discard, name="discard"),
    re_path(rf"{_NAME}/baseline$", importing.baseline, name="baseline"),
    re_path(rf"{_NAME}/outcomes$", importing.outcomes, name="outcomes"),
    re_path(rf"{_NAME}/items$", items.items, name="items"),
    re_path(rf"{_NAME}/items\.csv$", items.items_csv, name="items-csv"),
    re_path(rf"{_NAME}/what-if$", what_if.what_if, name="what-if"),
    re_path(rf"{_NAME}/report\.pdf$", exports.report, name="report"),
    re_path(rf"{_NAME}/figures\.(?P<form>csv|json)$", exports.figures, name="figures"),
    re_path(rf"{_NAME}/evidence$", exports.evidence, name="evidence"),
]
