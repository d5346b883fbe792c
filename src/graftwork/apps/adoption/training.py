"""Training that a use case asks for: who may not review before it, and how many of those invited have completed it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db.models import Count, QuerySet, Sum

from graftwork.apps.actors import Actor
from graftwork.apps.adoption.models import Completion, Invitation, Module, Requirement
from graftwork.core.adoption import Share


@dataclass(frozen=True, slots=True)
class ModuleFigure:
    """A module that the use case asks for: how many of those invited have completed it, and in how many hours."""

    module: Module
    completed: Share
    hours: float


def hindrances(actor: Actor, use_cases: Sequence[str]) -> dict[str, str]:
    """Why this person may not review some of these use cases yet: by name, a sentence without its full stop.

    Programs and the command line are not hindered: training is for people.
    """
    if actor.user_id is None:
        return {}
    missing = Requirement.objects.filter(use_case__in=use_cases, module__retired_at=None).exclude(
        module__completions__user=actor.user_id
    )
    titles: dict[str, list[str]] = {}
    for use_case, title in missing.order_by("module__title", "pk").values_list("use_case", "module__title"):
        titles.setdefault(use_case, []).append(f"“{title}”")
    return {
        use_case: f"before you review here, complete the training {_listed(found)}"
        for use_case, found in titles.items()
    }


def hindrance(actor: Actor, use_case: str) -> str:
    """Why this person may not review the use case yet; empty where they may. `hindrances` asks about many at once."""
    return hindrances(actor, [use_case]).get(use_case, "")


def open_modules() -> QuerySet[Module]:
    return Module.objects.filter(retired_at=None).order_by("title", "pk")


def completions_of(user_id: int) -> dict[int, Completion]:
    """This person's own, by module."""
    return {one.module_id: one for one in Completion.objects.filter(user_id=user_id)}


def module_figures(use_case: str, people: Collection[int]) -> list[ModuleFigure]:
    """What the use case asks for now, of these people who are invited."""
    wanted = list(Module.objects.filter(requirements__use_case=use_case).order_by("title", "pk"))
    if not wanted:
        return []
    invited = Invitation.objects.filter(use_case=use_case, user__in=people)
    rows = Completion.objects.filter(module__in=wanted, user__in=invited.values("user")).order_by()
    counted = rows.values_list("module_id").annotate(Count("pk"), Sum("hours"))
    held: dict[int, tuple[int, float]] = {module: (count, hours) for module, count, hours in counted}
    return [
        ModuleFigure(one, Share(held.get(one.pk, (0, 0.0))[0], len(people)), held.get(one.pk, (0, 0.0))[1])
        for one in wanted
    ]


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
