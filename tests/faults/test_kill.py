"""kill -9 at random moments: every item is drafted, none is lost, none twice. On both databases."""

import json
import random
import subprocess
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from support.product import Product, children, kill_hard, wait_until

ITEMS = 200
KILLS = 20
BATCH = 5

USE_CASE = """
name = "kill_reply"
title = "Reply under fire"

[input.fields.text]

[instructions]
system = "Answer in one sentence."

[engine]
echo = true
echo_delay_seconds = 0.3
slots = 4
"""

STATE = """
from graftwork.apps.work.models import Draft, DraftProgress, Item
from graftwork.apps.audit.models import AuditEntry
from graftwork.apps.audit.queries import verify
import json
print(json.dumps({
    "items": Item.objects.count(), "ready": Item.objects.filter(state="ready").count(),
    "drafts": Draft.objects.count(), "drafted_items": Draft.objects.values("item").distinct().count(),
    "progress": DraftProgress.objects.count(),
    "made": AuditEntry.objects.filter(action="draft.made").count(), "verified": verify().entries,
}))
"""


@pytest.mark.slow
def test_two_hundred_items_survive_twenty_kills(database_url: str | None, tmp_path: Path) -> None:
    product = Product(tmp_path, database_url, worker_lease_seconds=2, worker_sweep_seconds=1)
    product.add_usecase("kill_reply", USE_CASE)
    product.call("user", "add", "feeder", "--role", "ops")
    token = product.call("token", "add", "feeder", "--user", "feeder", "--scope", "items:write").stdout
    secret = next(word for word in token.split() if word.startswith("gw_"))
    feeder = threading.Thread(target=_feed, args=(product, secret), daemon=True)
    dice = random.Random(20261122)
    up = product.start("up")
    try:
        wait_until(product.answers, 30, "the desk to answer")
        feeder.start()
        for number in range(KILLS):
            time.sleep(dice.uniform(0.1, 2.0))
            up = _kill_something(product, up, dice, everything=number % 5 == 4)
        feeder.join(timeout=60)
        assert not feeder.is_alive(), "the items could not all be handed in"
        wait_until(lambda: json.loads(product.python(STATE))["ready"] == ITEMS, 90, "every item to be drafted")
    finally:
        up.terminate()
        up.wait(30)
    state = json.loads(product.python(STATE))
    assert (state["items"], state["ready"]) == (ITEMS, ITEMS)
    assert (state["drafts"], state["drafted_items"], state["made"]) == (ITEMS, ITEMS, ITEMS)
    assert state["progress"] == 0


def _kill_something(
    product: Product, up: subprocess.Popen[bytes], dice: random.Random, *, everything: bool
) -> subprocess.Popen[bytes]:
    """Kill worker, web or both; or the whole group, supervisor first, which is then started anew."""
    below = children(up.pid)
    targets = dice.choice((["worker"], ["web"], ["worker", "web"]))
    pids = [pid for name in (below if everything else targets) for pid in below.get(name, [])]
    if not everything:
        kill_hard(*pids)
        return up
    kill_hard(up.pid, *pids)
    up.wait()
    return product.start("up")


def _feed(product: Product, secret: str) -> None:
    """Hand in the items over REST, each batch under its own key, again and again until it is answered."""
    for start in range(0, ITEMS, BATCH):
        rows = [{"id": f"k-{number}", "text": f"Where is order {number}?"} for number in range(start, start + BATCH)]
        body = json.dumps({"use_case": "kill_reply", "items": rows}).encode()
        headers = {
            "Authorization": f"Bearer {secret}",
            "Content-Type": "application/json",
            "Idempotency-Key": f"batch-{start}",
        }
        request = urllib.request.Request(product.url("/api/v1/items/batch"), body, headers)
        while True:
            try:
                with urllib.request.urlopen(request, timeout=10) as response:
                    assert response.status == 200
                    break
            except (urllib.error.URLError, OSError):
                time.sleep(0.2)
        time.sleep(0.3)
