from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "graftwork.apps.jobs"
    label = "jobs"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from graftwork.apps.jobs.tracebacks import keep_places_only  # noqa: PLC0415 - models are there only now

        keep_places_only()
