from django.apps import AppConfig

from graftwork.apps.jobs.hooks import on_sweep
from graftwork.apps.jobs.process import WorkerProcess


class KnowledgeConfig(AppConfig):
    name = "graftwork.apps.knowledge"
    label = "knowledge"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        on_sweep(_sweep)


def _sweep(worker: WorkerProcess) -> None:
    # Loaded by whoever works: readers and embeddings bring much with them that the web process does not need.
    from graftwork.apps.knowledge.tasks import sweep  # noqa: PLC0415 - as above

    sweep(worker)
