"""Two at one moment, on PostgreSQL: somebody decides on an item while the owner pauses its pilot."""

import threading
import time

import pytest
from django.db import connection, transaction

from graftwork.apps.actors import operator
from graftwork.apps.audit.actions import record
from graftwork.apps.audit.chain import Event
from graftwork.apps.pilots.actions.charters import pause
from graftwork.apps.pilots.models import Due, Pilot
from support.pilots import NOW, enrol, make_pilot

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_review_that_told_the_audit_log_first_does_not_lock_out_a_pause(note_reply) -> None:
    if connection.vendor != "postgresql":
        return  # SQLite has one writer at a time: nothing can come in between
    pilot = make_pilot()
    [item] = enrol(pilot, ["assisted"])
    failed: list[Exception] = []

    def work() -> None:
        try:
            pause(operator(), pilot.name, "why", NOW)
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    owner = threading.Thread(target=work)
    with transaction.atomic():
        record("user:1", [Event("review.recorded", "item:1", {})], NOW)  # holds the end of the log
        owner.start()
        time.sleep(1)  # until the owner holds the pilot, and waits for that end
        assert owner.is_alive()
        Due.objects.create(pilot=pilot, item=item, due_at=NOW)
    owner.join(20)
    assert (owner.is_alive(), failed) == (False, [])
    assert Pilot.objects.get().state == "paused"
