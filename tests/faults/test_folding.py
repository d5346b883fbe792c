"""Several processes fold the same pilot, some are killed: each item is in the sums once, on both databases."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from support.product import Product, kill_hard

ITEMS = 600
TESTS = Path(__file__).resolve().parent.parent

FILL = f"""
import sys; sys.path.insert(0, {str(TESTS)!r})
from support.pilots import enrol, make_pilot, review
pilot = make_pilot(arms={{"unit": "thread"}})
items = enrol(pilot, ["assisted", "control"] * {ITEMS // 2}, units=[f"t{{n % 100}}" for n in range({ITEMS})])
for number, item in enumerate(items):
    review(item, 10.0 + number, drafted=False)
"""

FOLD = f"""
import sys; sys.path.insert(0, {str(TESTS)!r})
from support.pilots import NOW
from graftwork.cli.session import open_store; open_store()
from graftwork.apps.pilots.folding.actions import fold
from graftwork.apps.pilots.models import Pilot
pilot = Pilot.objects.get()
print("ready", flush=True)
sys.stdin.readline()
while fold(pilot, NOW, at_most=5):
    pass
"""

FIGURES = f"""
import json, sys; sys.path.insert(0, {str(TESTS)!r})
from support.pilots import NOW, arm_sums
from graftwork.apps.pilots.figures import pilot_data
from graftwork.apps.pilots.folding.actions import rebuild
from graftwork.apps.pilots.models import Due, Pilot
pilot = Pilot.objects.get()
def figures():
    data = pilot_data(pilot, NOW)
    arms = ("assisted", "control")
    sums = [arm_sums(data, metric, arm) for metric in ("handling_time", "escalations") for arm in arms]
    return [dict(data.enrolled), [[one.units, one.y, one.d, one.yy, one.yd] for one in sums]]
before = figures()
rebuild(pilot, NOW)
print(json.dumps([before, figures(), Due.objects.filter(due_at__lte=NOW).count()]))
"""

PAGE = f"""
import sys, threading; sys.path.insert(0, {str(TESTS)!r})
from support.pilots import NOW
from django.db import connection, transaction
from graftwork.apps.pilots.figures import catch_up, freshness
from graftwork.apps.pilots.folding.actions import lock
from graftwork.apps.pilots.models import Due, Enrolment, Pilot
pilot, held, done = Pilot.objects.get(), threading.Event(), threading.Event()
def hold():
    with transaction.atomic():
        lock(pilot)
        held.set()
        done.wait(30)
    connection.close()
worker = threading.Thread(target=hold)
worker.start()
assert held.wait(30)
Due.objects.create(pilot=pilot, item=Enrolment.objects.first().item, due_at=NOW)  # a decision goes on
due = Due.objects.filter(due_at__lte=NOW)
waiting = due.count()
catch_up(pilot, NOW)
assert due.count() == waiting and freshness(pilot, NOW).waiting
done.set()
worker.join(30)
catch_up(pilot, NOW)
assert due.count() < waiting
"""


@pytest.mark.slow
def test_items_are_in_the_sums_once_whoever_folds_and_whoever_dies(database_url: str | None, tmp_path: Path) -> None:
    product = Product(tmp_path, database_url)
    product.python(FILL)
    if database_url:  # SQLite has one writer, so there nobody can step aside
        product.python(PAGE)
    workers = [_folder(product) for _ in range(3)]
    for worker in workers:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n"
    for worker in workers:
        worker.stdin.write("go\n")  # type: ignore[union-attr]
        worker.stdin.flush()  # type: ignore[union-attr]
    time.sleep(0.4)
    kill_hard(workers[0].pid)
    assert [worker.wait(120) for worker in workers][1:] == [0, 0]
    _folder(product).communicate("go\n", timeout=120)
    folded, rebuilt, left = json.loads(product.python(FIGURES).splitlines()[-1])
    assert left == 0
    assert folded[0] == {"assisted": 50, "control": 50}
    times = {arm: range(10 + first, 10 + ITEMS, 2) for first, arm in enumerate(("assisted", "control"))}
    assert [sums[:3] for sums in folded[1][:2]] == [[50, sum(times[arm]), ITEMS // 2] for arm in times]
    assert folded[0] == rebuilt[0]
    for sums, again in zip(folded[1], rebuilt[1], strict=True):
        assert sums == pytest.approx(again, rel=1e-9)


def _folder(product: Product) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", FOLD], env=product.env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
