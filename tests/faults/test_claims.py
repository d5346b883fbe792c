"""Two reviewers take from one queue at the same moment, in processes of their own, on both databases."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from support.product import Product

CLAIMS = 500

FILL = f"""
from django.utils import timezone
from graftwork.apps.accounts.actions import add_user
from graftwork.apps.actors import operator
from graftwork.apps.work.actions.items import create_items
from graftwork.apps.work.models import Item
from graftwork.apps.work.usecases import get_usecase
from graftwork.core.items import read_row
use_case = get_usecase("first_try")
field = next(iter(use_case.input.fields))
rows = [read_row(use_case, {{"id": f"c-{{n}}", field: "Hello."}}, line=n) for n in range({CLAIMS})]
create_items(operator(), use_case, rows, timezone.now())
Item.objects.update(state="failed")  # ready for a person, with nothing drafted
for name in ("rita", "tom"):
    add_user(operator(), name, ["reviewer"], timezone.now())
"""

CLAIM = """
import json, random, sys, time
from graftwork.cli.session import open_store; open_store()
from django.utils import timezone
from graftwork.apps.accounts.queries import actor_for_user, user_by_name
from graftwork.apps.work.actions.reviewing import claim_next
actor, mine = actor_for_user(user_by_name(sys.argv[1])), []
print("ready", flush=True)
sys.stdin.readline()
while (item := claim_next(actor, timezone.now(), skip=frozenset(mine))) is not None:
    mine.append(item.pk)
    time.sleep(random.uniform(0, 0.01))  # SQLite lets nobody else in while one process asks without a pause
print(json.dumps([str(pk) for pk in mine]))
"""


@pytest.mark.slow
def test_no_item_is_handed_to_two_reviewers(database_url: str | None, tmp_path: Path) -> None:
    product = Product(tmp_path, database_url)
    product.python(FILL)
    reviewers = [
        subprocess.Popen(
            [sys.executable, "-c", CLAIM, name],
            env=product.env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in ("rita", "tom")
    ]
    for reviewer in reviewers:
        assert reviewer.stdout is not None
        assert reviewer.stdout.readline() == "ready\n"
    for reviewer in reviewers:
        assert reviewer.stdin is not None
        reviewer.stdin.write("go\n")
        reviewer.stdin.flush()
    ritas, toms = (json.loads(reviewer.communicate(timeout=120)[0]) for reviewer in reviewers)
    assert set(ritas) & set(toms) == set()
    assert len(ritas) + len(toms) == CLAIMS
    assert min(len(ritas), len(toms)) > 0, "one of them was done before the other began, so nothing was tested"
