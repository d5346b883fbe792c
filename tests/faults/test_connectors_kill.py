"""kill -9 at thirty random moments while a thousand records come in and a thousand results go back.

From a PostgreSQL database every item comes once and every result arrives once. By mail every item comes once, and every
answer goes out once or is marked as possibly sent, and shown to a person; never twice.
"""

import json
import random
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sql

from support import mailserver
from support.postgres import binaries, temporary_postgres
from support.product import Product, kill_hard, wait_until
from support.reviewer import REVIEWER

ROWS = 1_000
KILLS = 30

USE_CASE = """
name = "kill_reply"
title = "Reply under fire"
[input.fields.text]
[instructions]
system = "Answer in one sentence."
[engine]
echo = true
slots = 16
[review]
undo_seconds = 0
"""

STATE = """
import json
from django.db.models import Count
from graftwork.apps.audit.queries import verify
from graftwork.apps.connectors.models import Delivery, Lane, Origin
from graftwork.apps.work.models import Item
print(json.dumps({
    "items": Item.objects.count(), "origins": Origin.objects.count(),
    "deliveries": dict(Delivery.objects.values_list("state").annotate(Count("pk")).order_by()),
    "unsure": list(Delivery.objects.filter(state="unsure").values_list("item__external_id", flat=True)),
    "verified": verify().entries,
}))
"""

SQL_CONNECTOR = """
name = "legacy"
use_case = "kill_reply"
system = "sql"
url = "postgresql://graftwork@127.0.0.1:{port}/legacy"

[pull]
table = "tickets"
key = "id"
watermark = "id"
watermark_kind = "number"
fields = {{ text = "body" }}
every_seconds = 1
batch_items = 10

[push]
first_wait_seconds = 0.1

[[push.writes]]
set = {{ reply = "{{text}}", status = "answered" }}

[[push.writes]]
action = "insert"
table = "notes"
set = {{ ticket_id = "{{external_id}}", body = "{{text}}" }}
"""


PARALLEL = 2
MAIL_CONNECTOR = """
name = "legacy"
use_case = "kill_reply"
system = "mail"

[imap]
host = "127.0.0.1"
port = {imap}
tls = "none"
user = "{user}"
password = "env:MAIL_PASSWORD"

[smtp]
host = "127.0.0.1"
port = {smtp}
tls = "none"

[pull]
every_seconds = 1
batch_items = 10
watch = false

[push]
parallel = 2
first_wait_seconds = 0.1
"""


def workspace(folder: Path, connector: str, database_url: str | None = None) -> Product:
    product = Product(folder, database_url, worker_lease_seconds=2, worker_sweep_seconds=1, worker_poll_seconds=0.1)
    product.add_usecase("kill_reply", USE_CASE)
    (folder / "connectors").mkdir()
    (folder / "connectors" / "legacy.toml").write_text(connector, encoding="utf-8")
    product.call("connectors", "status")  # makes the tables, which is not what is to be killed here
    return product


@contextmanager
def people_and_engine(product: Product) -> Iterator[None]:
    """What is not killed: a worker that drafts, and a person who approves whatever is ready."""
    running = [
        product.start("worker", "--only", "drafting", "--name", "drafts"),
        subprocess.Popen([sys.executable, "-c", REVIEWER], env=product.env, stdin=subprocess.DEVNULL),
    ]
    try:
        yield
    finally:
        for process in running:
            process.kill()
            process.wait()


def kill_while_working(product: Product, feed: Callable[[int], None], finished: Callable[[], bool]) -> None:
    """Feed the system some records before each of `KILLS` lives of the worker, then let one live to the end."""
    dice = random.Random(20261122)
    chunk = -(-ROWS // KILLS)
    for start in range(0, ROWS, chunk):
        feed(min(chunk, ROWS - start))
        worker = product.start("worker", "--only", "connectors", "--name", "connects")
        time.sleep(dice.uniform(1.0, 3.5))  # to start takes one of them
        kill_hard(worker.pid)
        worker.wait()
    worker = product.start("worker", "--only", "connectors", "--name", "connects")
    try:
        wait_until(finished, 400, "everything to be delivered")
    finally:
        worker.terminate()
        worker.wait(30)


def state(product: Product) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(product.python(STATE))
    return found


UNDER_WAY_NO_MORE = "SELECT count(*) FROM connectors_delivery WHERE state IN ('delivered', 'unsure')"


def done(product: Product) -> int:
    """How many deliveries are under way no more, read beside the product, whose start would take its time."""
    with closing(sqlite3.connect(f"file:{product.folder}/data/graftwork.sqlite3?mode=ro", uri=True)) as store:
        return int(store.execute(UNDER_WAY_NO_MORE).fetchone()[0])


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_database_gives_each_item_once_and_gets_each_result_once(tmp_path: Path) -> None:
    if binaries() is None:
        pytest.skip("PostgreSQL's server is not installed: apt-get install postgresql")
    with temporary_postgres() as url:
        ours = sql.create_engine(url.replace("postgres://", "postgresql+psycopg://"))
        with ours.connect().execution_options(isolation_level="AUTOCOMMIT") as there:
            there.execute(sql.text("CREATE DATABASE legacy"))
        legacy = sql.create_engine(ours.url.set(database="legacy"))
        with legacy.begin() as there:
            there.execute(sql.text(
                "CREATE TABLE tickets (id serial PRIMARY KEY, body text, reply text, status text DEFAULT 'open')"
            ))  # fmt: skip
            there.execute(sql.text("CREATE TABLE notes (ticket_id text, body text)"))

        def feed(count: int) -> None:
            with legacy.begin() as there:
                there.execute(
                    sql.text(
                        "INSERT INTO tickets (body) SELECT 'Where is order ' || n || '?' FROM generate_series(1, :n) n"
                    ),
                    {"n": count},
                )

        def finished() -> bool:
            with ours.connect() as there:
                return int(there.execute(sql.text(UNDER_WAY_NO_MORE)).scalar_one()) >= ROWS

        product = workspace(tmp_path, SQL_CONNECTOR.format(port=ours.url.port), url)
        with people_and_engine(product):
            kill_while_working(product, feed, finished)
        found = state(product)
        with legacy.begin() as there:
            wrong = there.execute(
                sql.text("SELECT count(*) FROM tickets WHERE reply IS DISTINCT FROM 'Reply to ' || id")
            ).scalar_one()
            notes = there.execute(sql.text("SELECT count(*), count(DISTINCT ticket_id) FROM notes")).one()
        legacy.dispose()
        ours.dispose()
    assert (found["items"], found["origins"]) == (ROWS, ROWS)
    assert found["deliveries"] == {"delivered": ROWS}
    assert (wrong, tuple(notes)) == (0, (ROWS, ROWS))


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_mailbox_gives_each_item_once_and_no_answer_goes_out_twice(tmp_path: Path) -> None:
    if lacking := mailserver.missing():
        pytest.skip(lacking)
    with mailserver.temporary_mailserver() as mails:
        names: list[str] = []

        def feed(count: int) -> None:
            names.extend(mailserver.put_many(mails, count, first=len(names) + 1))

        connector = MAIL_CONNECTOR.format(imap=mails.imap_port, smtp=mails.smtp_port, user=mails.user)
        product = workspace(tmp_path, connector)
        product.env["MAIL_PASSWORD"] = mails.password
        with people_and_engine(product):
            kill_while_working(product, feed, lambda: done(product) >= ROWS)
        found = state(product)
        answered = Counter(str(one.message["In-Reply-To"]).strip("<>") for one in mails.sent())
    unsure = set(found["unsure"])
    assert (found["items"], found["origins"]) == (ROWS, ROWS)
    assert sum(found["deliveries"].values()) == ROWS
    assert set(answered.values()) == {1}, "an answer went out twice"
    assert set(names) - answered.keys() <= unsure, "an answer is neither out nor shown to a person"
    assert len(unsure) <= KILLS * PARALLEL
