from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.http import Http404
from django.urls import path, re_path

app_name = "pilots"
_NAME = r"(?P<name>[a-z][a-z0-9_]*)"


def _view(module: str, name: str) -> Any:
    def absent(*_args: Any, **_kwargs: Any) -> Any:
        raise Http404

    path_of_module = f"graftwork.apps.pilots.views.{module}"
    return getattr(import_module(path_of_module), name, absent) if find_spec(path_of_module) else absent


# No pilot is called `new` (the form and the action refuse it); names have no dash.
urlpatterns = [
    path("", _view("portfolio", "portfolio"), name="pilots"),
    path("new", _view("charter", "new"), name="new"),
    path("use-cases/<slug:use_case>/deployments", _view("deployments", "deployments"), name="deployments"),
    re_path(rf"^{_NAME}$", _view("pilot", "pilot"), name="pilot"),
    re_path(rf"^{_NAME}/charter$", _view("charter", "charter"), name="charter"),
    re_path(rf"^{_NAME}/charter\.toml$", _view("charter", "download"), name="charter-toml"),
    re_path(rf"^{_NAME}/start$", _view("lifecycle", "start"), name="start"),
    re_path(rf"^{_NAME}/amend$", _view("charter", "amend"), name="amend"),
    re_path(rf"^{_NAME}/pause$", _view("lifecycle", "pause"), name="pause"),
    re_path(rf"^{_NAME}/resume$", _view("lifecycle", "resume"), name="resume"),
    re_path(rf"^{_NAME}/decide$", _view("lifecycle", "decide"), name="decide"),
    re_path(rf"^{_NAME}/discard$", _view("lifecycle", "discard"), name="discard"),
    re_path(rf"^{_NAME}/items$", _view("items", "items"), name="items"),
    re_path(rf"^{_NAME}/items\.csv$", _view("items", "items_csv"), name="items-csv"),
    re_path(rf"^{_NAME}/what-if$", _view("what_if", "what_if"), name="what-if"),
    re_path(rf"^{_NAME}/report\.pdf$", _view("exports", "report"), name="report"),
    re_path(rf"^{_NAME}/figures\.(?P<form>csv|json)$", _view("exports", "figures"), name="figures"),
    re_path(rf"^{_NAME}/evidence$", _view("exports", "evidence"), name="evidence"),
]
