from django.urls import path, re_path

from graftwork.apps.connectors.views import connectors, tables

app_name = "connectors"
# No connector is called `import-export`: names have no dash.
urlpatterns = [
    path("import-export", tables.tables, name="tables"),
    path("import-export/upload", tables.upload, name="store"),
    path("import-export/reviews", tables.reviews, name="reviews"),
    path("import-export/uploads/<uuid:upload_id>", tables.one_upload, name="upload"),
    path("import-export/uploads/<uuid:upload_id>/columns", tables.columns, name="columns"),
    path("import-export/uploads/<uuid:upload_id>/import", tables.begin, name="import"),
    path("import-export/uploads/<uuid:upload_id>/drop", tables.drop, name="drop"),
    path("import-export/uploads/<uuid:upload_id>/refused.csv", tables.refused, name="refused"),
    path("", connectors.connectors, name="connectors"),
    path("<slug:name>", connectors.connector, name="connector"),
    re_path(r"^(?P<name>[a-z0-9_]+)/(?P<direction>in|out)/(?P<verb>stop|start)$", connectors.lane, name="lane"),
    re_path(
        r"^(?P<name>[a-z0-9_]+)/letters/(?P<verb>replay|overwrite|not-arrived|arrived|drop)$",
        connectors.settle,
        name="settle",
    ),
]
