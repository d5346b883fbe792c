"""Bringing the sums of a pilot up to date, making them anew from what is stored, and looking whether the arms hold."""

from collections.abc import Callable
from datetime import datetime

from django.db import connection, transaction

from graftwork.apps.audit.actions import record
from graftwork.apps.audit.chain import Event
from graftwork.apps.pilots.folding.batches import refold
from graftwork.apps.pilots.folding.rebuilding import is_rebuilding, rebuild_from_raw
from graftwork.apps.pilots.folding.storing import add_to_sums
from graftwork.apps.pilots.models import Due, Enrolment, Pilot
from graftwork.core.appraisal.data import Arm
from graftwork.core.charter.arms import drawn_share

BATCH_ITEMS = 500


def fold(pilot: Pilot, now: datetime, at_most: int = BATCH_ITEMS, *, wait: bool = True) -> int:
    """Bring up to `at_most` due items into the sums, those that wait longest first; returns how many were looked at.

    One transaction: all of it happens, or nothing. Two at once take turns; without `wait` the second one lets it be.
    """
    with transaction.atomic():
        held = lock(pilot, wait=wait)
        if held is None or is_rebuilding(held, now):
            return 0
        due = list(
            Due.objects.filter(pilot=held, due_at__lte=now)
            .order_by("due_at", "pk")
            .values_list("pk", "item_id")[:at_most]
        )
        if not due:
            return 0
        items = {item for _, item in due}
        enrolments = list(Enrolment.objects.filter(pilot=held, item__in=items).order_by("pk"))
        add_to_sums(held, refold(held, held.as_charter, enrolments, now))
        Due.objects.filter(pk__in=[pk for pk, _ in due]).delete()
        return len(due)


def lock(pilot: Pilot, *, wait: bool = True) -> Pilot | None:
    """The pilot, held against other writers of its sums until the transaction ends; `None` where somebody holds it.

    Who enrols an item or writes a due row only refers to the pilot, and is not held up (PostgreSQL: NO KEY).
    """
    features = connection.features
    rows = Pilot.objects.filter(pk=pilot.pk)
    if features.has_select_for_update:
        skip = not wait and features.has_select_for_update_skip_locked
        rows = rows.select_for_update(no_key=features.has_select_for_no_key_update, skip_locked=skip)
    return rows.first()


def rebuild(pilot: Pilot, now: datetime, *, tell: Callable[[int], None] | None = None, actor_name: str = "cli") -> int:
    """Make all sums anew from the stored reviews and outcomes; returns how many items there are.

    Pages show the earlier sums until it is done. Decisions go on, and are folded afterwards. `tell` is called with the
    number of items looked at so far.
    """
    items = rebuild_from_raw(pilot, now, lock, tell)
    with transaction.atomic():
        record(actor_name, [Event("pilot.rebuilt", f"pilot:{pilot.name}", {"items": items})], now)
    return items


def check_balance(pilot: Pilot, now: datetime) -> bool:
    """Whether units fell into the arms as the charter says; the first alarm is recorded. Returns whether it alarms."""
    # Loads scipy, which takes two seconds: not where workers start.
    from graftwork.apps.pilots.figures import enrolled_units  # noqa: PLC0415 - as above
    from graftwork.core.value.balance import balance  # noqa: PLC0415 - as above

    charter = pilot.as_charter
    counts: dict[Arm, int] = enrolled_units(pilot)
    expected = drawn_share(charter)
    if not 0 < expected < 1:  # one arm alone: nothing to be out of balance
        return False
    judged = balance(counts.get("assisted", 0), counts.get("control", 0), expected)
    alarms = judged.alarms
    with transaction.atomic():
        held = lock(pilot)
        if held is None:
            return alarms
        first = alarms and held.balance_alarm_at is None
        held.balance_checked_at = now
        held.balance_alarm_at = (held.balance_alarm_at or now) if alarms else None
        held.save(update_fields=["balance_checked_at", "balance_alarm_at"])
        if first:
            detail = {"assisted": judged.assisted, "control": judged.control, "p_value": f"{judged.p_value:.2g}"}
            record("worker", [Event("pilot.unbalanced", f"pilot:{held.name}", detail)], now)
    return alarms
