"""Inviting people to a use case."""

from collections.abc import Collection, Sequence
from datetime import date, datetime

from django.db import transaction

from graftwork.apps.accounts.models import User
from graftwork.apps.accounts.queries import actor_for_user, user_by_name
from graftwork.apps.actors import Actor
from graftwork.apps.adoption.access import led_usecase
from graftwork.apps.adoption.models import Invitation
from graftwork.apps.audit.actions import record
from graftwork.apps.audit.chain import Event
from graftwork.core.errors import NotFound, RequestInvalid
from graftwork.core.usecase import UseCase

MOST_AT_ONCE = 500


def invite(
    actor: Actor, use_case: str, usernames: Sequence[str], now: datetime, *, works_since: date | None = None
) -> int:
    """Invite these people; returns how many were not invited before. `works_since` is when they began with this work.

    Raises `NotFound` for an unknown name, and `RequestInvalid` where somebody may not review the use case: nobody is
    invited then.
    """
    wanted = led_usecase(actor, use_case)
    if len(usernames) > MOST_AT_ONCE:
        raise RequestInvalid("people", f"are at most {MOST_AT_ONCE} at once")
    _check_day(works_since, now)
    users = [user_by_name(name) for name in usernames]
    for user in users:
        if not _may_review(user, wanted):
            raise RequestInvalid("people", f"{user.get_username()} has no role or group that may review it")
    return _invited(actor, use_case, users, now, works_since)


def invite_all(actor: Actor, use_case: str, now: datetime) -> int:
    """Invite everybody who has the role and the group that review it; returns how many are new."""
    return _invited(actor, use_case, reviewers_of(led_usecase(actor, use_case)), now, None)


def withdraw(actor: Actor, use_case: str, user_id: int, now: datetime) -> None:
    """Take an invitation back. What the person decided stays."""
    led_usecase(actor, use_case)
    with transaction.atomic():
        deleted, _ = Invitation.objects.filter(use_case=use_case, user_id=user_id).delete()
        if not deleted:
            raise NotFound("invitation", str(user_id))
        record(actor.name, [Event("adoption.withdrawn", f"usecase:{use_case}", {"user": user_id})], now)


def set_works_since(actor: Actor, use_case: str, user_id: int, day: date | None, now: datetime) -> None:
    """Note when somebody began with this work; `None` where it is not known."""
    led_usecase(actor, use_case)
    _check_day(day, now)
    with transaction.atomic():
        if not Invitation.objects.filter(use_case=use_case, user_id=user_id).update(works_since=day):
            raise NotFound("invitation", str(user_id))
        record(actor.name, [Event("adoption.tenure_set", f"usecase:{use_case}", {"user": user_id})], now)


def reviewers_of(use_case: UseCase) -> list[User]:
    """Everybody with the role and the group that review it. Who administers the house is no reviewer by that alone."""
    role, group = use_case.review.role, use_case.review.group
    users = User.objects.filter(is_active=True, role_grants__role=role)
    if group:
        users = users.filter(group_memberships__group=group)
    return list(users.order_by("username"))


def _may_review(user: User, use_case: UseCase) -> bool:
    actor = actor_for_user(user)
    group = use_case.review.group
    return user.is_active and actor.may_act_as(use_case.review.role) and actor.belongs_to_any([group] if group else [])


def _invited(actor: Actor, use_case: str, users: Collection[User], now: datetime, works_since: date | None) -> int:
    with transaction.atomic():
        there = set(Invitation.objects.filter(use_case=use_case).values_list("user_id", flat=True))
        new = [user.pk for user in users if user.pk not in there]
        if not new:
            return 0
        Invitation.objects.bulk_create(
            [
                Invitation(use_case=use_case, user_id=user_id, invited_at=now, works_since=works_since)
                for user_id in dict.fromkeys(new)
            ],
            ignore_conflicts=True,
        )
        record(actor.name, [Event("adoption.invited", f"usecase:{use_case}", {"users": sorted(set(new))})], now)
    return len(set(new))


def _check_day(day: date | None, now: datetime) -> None:
    if day is not None and not date(1940, 1, 1) <= day <= now.date():
        raise RequestInvalid("works_since", "must be a day in the past")
