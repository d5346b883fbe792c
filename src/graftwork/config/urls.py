from django.urls import include, path
from django.views.generic import RedirectView

from graftwork.api import connect
from graftwork.api.root import api

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="desk:queue"), name="home"),
    path("", include("graftwork.apps.accounts.urls")),
    path("desk/", include("graftwork.apps.desk.urls")),
    path("connectors/", include("graftwork.apps.connectors.urls")),
    path("adoption/", include("graftwork.apps.adoption.urls")),
    path("pilots/", include("graftwork.apps.pilots.urls")),
    path("api/v1/", api.urls),
    path("connect/<slug:name>", connect.receive, name="connect"),
]
