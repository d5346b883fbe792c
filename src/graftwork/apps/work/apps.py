from django.apps import AppConfig

from graftwork.apps.jobs.hooks import on_close, on_recovery, on_sweep


class WorkConfig(AppConfig):
    name = "graftwork.apps.work"
    label = "work"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from graftwork.apps.work.engines import close_engines  # noqa: PLC0415 - models are not loaded before `ready`
        from graftwork.apps.work.tasks import recover, sweep  # noqa: PLC0415 - the same

        on_sweep(sweep)
        on_recovery(recover)
        on_close(close_engines)
