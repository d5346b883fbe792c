from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.apps import AppConfig

from graftwork.apps.actors import Actor

if TYPE_CHECKING:
    from graftwork.apps.work.models import Review


class AdoptionConfig(AppConfig):
    name = "graftwork.apps.adoption"
    label = "adoption"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from graftwork.apps.work.hooks import hinder_where, on_decision  # noqa: PLC0415 - models are there only now

        on_decision(_decided, undone=_undone)
        hinder_where(_hindrances)


# Loaded by whoever works, so not with the models.


def _decided(review: "Review", now: datetime) -> None:
    from graftwork.apps.adoption.actions.counting import decided  # noqa: PLC0415 - as above

    decided(review, now)


def _undone(review: "Review", now: datetime) -> None:
    from graftwork.apps.adoption.actions.counting import taken_back  # noqa: PLC0415 - as above

    taken_back(review, now)


def _hindrances(actor: Actor, use_cases: Sequence[str]) -> Mapping[str, str]:
    from graftwork.apps.adoption.training import hindrances  # noqa: PLC0415 - as above

    return hindrances(actor, use_cases)
