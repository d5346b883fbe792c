"""An import by real workers that are killed at random moments: each row becomes one item, and none twice."""

import random
import signal
import time
from pathlib import Path

import pytest

from support.product import Product, kill_hard

ROWS = 20_000
SEED = 20261122
KILLS = 8

START = f"""
from pathlib import Path
from django.utils import timezone
from graftwork.apps.accounts.actions import add_user
from graftwork.apps.accounts.queries import actor_for_user
from graftwork.apps.actors import operator
from graftwork.apps.connectors.uploads.actions import start_import, store_upload
now = timezone.now()
actor = actor_for_user(add_user(operator(), "olga", ["ops"], now))
rows = "".join(f"n-{{n}},{{'Where is order %d?' % n if n % 100 else ''}}\\n" for n in range(1, {ROWS} + 1))
upload = store_upload(actor, "note_reply", "notes.csv", ("id,text\\n" + rows).encode(), now)
start_import(actor, upload.pk, now)
"""
STANDING = """
from graftwork.apps.connectors.models import Upload, UploadRefusal
from graftwork.apps.work.models import Item
one = Upload.objects.get()
print(one.state, one.created, one.known, one.refused, Item.objects.count(), UploadRefusal.objects.count())
"""
USE_CASE = """
name = "note_reply"
title = "Reply to a note"
[input.fields.text]
label = "Note"
[instructions]
system = "Answer in one sentence."
[engine]
echo = true
echo_delay_seconds = 30.0
slots = 1
"""


@pytest.mark.slow
def test_an_import_survives_kills_at_random_moments(tmp_path: Path) -> None:
    product = Product(tmp_path, worker_lease_seconds=2, worker_sweep_seconds=0.5, worker_poll_seconds=0.1)
    product.add_usecase("note_reply", USE_CASE)
    product.python(START)
    chance, killed_while_importing = random.Random(SEED), 0
    for _ in range(KILLS):
        worker = product.start("worker", "--name", "w1", "--only", "connectors")
        time.sleep(chance.uniform(1.0, 3.0))
        standing = product.python(STANDING).split()
        killed_while_importing += standing[0] == "importing"
        kill_hard(worker.pid)
        worker.wait(timeout=10)
        # What was counted and what is there agree at every moment.
        _, created, known, refused, items, refusals = product.python(STANDING).split()
        assert (created, refused, known) == (items, refusals, "0")
    worker = product.start("worker", "--name", "w1", "--only", "connectors")
    try:
        ends = time.monotonic() + 200
        while time.monotonic() < ends and not product.python(STANDING).startswith("done"):
            time.sleep(1)
    finally:
        worker.send_signal(signal.SIGTERM)
        worker.wait(timeout=60)
    good, bad = ROWS - ROWS // 100, ROWS // 100
    assert product.python(STANDING) == f"done {good} 0 {bad} {good} {bad}"
    assert killed_while_importing
