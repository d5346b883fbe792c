"""Two at one moment, on PostgreSQL: somebody takes a decision back while a worker is about to send it."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction

from graftwork.apps.accounts.queries import actor_for_user
from graftwork.apps.connectors.models import Delivery
from graftwork.apps.connectors.pulling import pull_turn
from graftwork.apps.connectors.pushing import push_turn
from graftwork.apps.work.actions.reviewing import undo
from graftwork.apps.work.models import Item
from graftwork.systems.contract import Record

pytestmark = pytest.mark.django_db(transaction=True)


def in_thread(work):
    def run():
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_a_decision_that_is_being_taken_back_is_not_sent(old, process, approve, now):
    if connection.vendor != "postgresql":
        return  # SQLite has one writer at a time: nothing can come in between
    old.records = [Record("t-0", {"text": "Where is it?"})]
    pull_turn(process, "desk_of_old", clock=lambda: now, at_once=True)
    review = approve(Item.objects.get())
    rita = actor_for_user(review.reviewer)
    with transaction.atomic():
        undo(rita, review.pk, review.effective_at - timedelta(milliseconds=5))
        clock = review.effective_at + timedelta(seconds=1)
        worker = in_thread(lambda: push_turn(process, "desk_of_old", clock=lambda: clock))
        worker.join(3)
    worker.join(20)
    assert not worker.is_alive()
    assert old.calls == []
    assert not Delivery.objects.exists()
