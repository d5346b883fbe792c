"""Use is counted as it happens, and counting again gives the same."""

from datetime import timedelta

import pytest

from graftwork.apps.accounts.queries import actor_for_user, user_by_name
from graftwork.apps.adoption.actions.counting import rebuild, restart_streak
from graftwork.apps.adoption.models import UseDay
from graftwork.apps.adoption.queries import unused_in_a_row
from graftwork.apps.work.actions.reviewing import undo

pytestmark = pytest.mark.django_db
NAME = "note_reply"


def days():
    return sorted(UseDay.objects.values_list("user__username", "day", "simulated", "reviews", "drafts", "accepted"))


def back(review, now):
    undo(actor_for_user(user_by_name("rita")), review.pk, now)


def test_decisions_are_counted_by_person_and_day(review, now):
    for how in ("accept", "edit", "reject", "escalate"):
        review("rita", how)
    review("rita", "accept", now + timedelta(days=1))
    review("theo", "accept")
    review("theo", "accept", simulated=True)
    day, next_day = now.date(), (now + timedelta(days=1)).date()
    assert days() == [
        ("rita", day, False, 4, 3, 1),
        ("rita", next_day, False, 1, 1, 1),
        ("theo", day, False, 1, 1, 1),
        ("theo", day, True, 1, 1, 1),
    ]


def test_what_is_decided_without_a_draft_is_no_use(review):
    review("rita", "edit", drafted=False)
    assert days() == []
    assert unused_in_a_row(NAME) == 0


def test_a_decision_that_is_taken_back_is_not_counted(review, now):
    back(review("rita", "accept"), now)
    [row] = days()
    assert row[3:] == (0, 0, 0)


@pytest.mark.parametrize(
    ("decided", "unused"),
    [
        ([], 0),
        (["reject", "escalate", "rewrite"], 3),
        (["reject", "accept"], 0),
        (["accept", "reject", "reject"], 2),
    ],
)
def test_unused_drafts_in_a_row_end_with_one_that_was_used(review, now, decided, unused):
    for number, how in enumerate(decided):
        review("rita", how, now + timedelta(minutes=number))
    assert unused_in_a_row(NAME) == unused
    assert unused_in_a_row(NAME, 2) == min(unused, 2)
    rebuild(NAME)
    assert unused_in_a_row(NAME) == unused


def test_taking_back_the_used_one_lets_the_row_go_on(review, now):
    for minute in range(3):
        review("rita", "reject", now + timedelta(minutes=minute))
    used = review("rita", "accept", now + timedelta(minutes=3))
    after = review("rita", "reject", now + timedelta(minutes=3, seconds=1))
    assert unused_in_a_row(NAME) == 1
    back(used, now + timedelta(minutes=3, seconds=5))
    assert unused_in_a_row(NAME) == 4
    back(after, now + timedelta(minutes=3, seconds=6))
    assert unused_in_a_row(NAME) == 3


def test_taking_back_an_unused_one_before_the_used_one_changes_only_what_was_before(review, now):
    early = review("rita", "reject", now)
    used = review("rita", "accept", now + timedelta(seconds=1))
    back(early, now + timedelta(seconds=2))
    assert unused_in_a_row(NAME) == 0
    back(used, now + timedelta(seconds=3))
    assert unused_in_a_row(NAME) == 0


def test_simulated_reviews_end_no_row_of_real_ones(review, now):
    review("rita", "reject")
    review("rita", "accept", now + timedelta(seconds=1), simulated=True)
    assert unused_in_a_row(NAME) == 1
    assert unused_in_a_row(NAME, simulated=True) == 0


def test_after_a_pause_the_row_begins_anew(review, now):
    review("rita", "reject")
    restart_streak(NAME)
    assert unused_in_a_row(NAME) == 0
    review("rita", "reject", now + timedelta(hours=1))
    assert unused_in_a_row(NAME) == 1


def test_counting_again_gives_the_same(review, now):
    for number, how in enumerate(["accept", "edit", "escalate", "reject"]):
        review("rita", how, now + timedelta(hours=10 * number))
    back(review("rita", "accept", now), now)
    before = [row for row in days() if row[3]]
    assert rebuild(NAME) == len(before)
    assert days() == before


def test_the_migration_counts_what_was_decided_before(review, now):
    from importlib import import_module

    from django.apps import apps

    for number, how in enumerate(["accept", "edit", "escalate"]):
        review("rita", how, now + timedelta(hours=20 * number))
    before = days()
    UseDay.objects.all().delete()
    import_module("graftwork.apps.adoption.migrations.0001_initial").count_use(apps, None)
    assert days() == before


def test_looking_costs_one_row_however_many_reviews(review, django_assert_num_queries):
    review("rita", "reject")
    with django_assert_num_queries(1):
        unused_in_a_row(NAME)
