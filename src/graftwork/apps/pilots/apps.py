from collections.abc import Callable
from importlib import import_module
from typing import Any

from django.apps import AppConfig

from graftwork.apps.jobs.hooks import on_recovery, on_sweep


class PilotsConfig(AppConfig):
    name = "graftwork.apps.pilots"
    label = "pilots"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from graftwork.apps.adoption.hooks import find_pilots_with  # noqa: PLC0415 - models are there only now
        from graftwork.apps.work import hooks  # noqa: PLC0415 - as above

        enrolling = "graftwork.apps.pilots.actions.enrolling"
        hooks.on_creation(_of(enrolling, "places_of"), _of(enrolling, "enrol"), _of(enrolling, "note_move"))
        hooks.on_decision(_of(enrolling, "review_is_due"), undone=_of(enrolling, "review_was_undone"))
        hooks.on_outcome(_of(enrolling, "outcome_is_due"))
        hooks.on_drafts(_of(enrolling, "drafts_are_due"))
        hooks.on_drafts(_of(enrolling, "plant_seeds"))  # last: it writes to the audit log, which holds up all others
        hooks.withhold_where(_of(enrolling, "withholds"))
        find_pilots_with(_of("graftwork.apps.pilots.briefs", "brief"))
        on_sweep(_of("graftwork.apps.pilots.tasks", "sweep"))
        on_recovery(_of("graftwork.apps.pilots.tasks", "sweep"))


def _of(module: str, name: str) -> Callable[..., Any]:
    """The function `name` of a module that is loaded with its first call: a gateway, say, never needs it."""

    def call(*args: Any) -> Any:
        return getattr(import_module(module), name)(*args)

    return call
