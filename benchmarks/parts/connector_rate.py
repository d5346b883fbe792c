"""One workspace, one connector to a ticket table: arguments are the database's URL, rows, and deliveries."""

import json
import os
import sys
import time
from pathlib import Path

USE_CASE = """
name = "ticket_reply"
title = "Reply"
[input.fields.subject]
[input.fields.text]
[instructions]
system = "Answer."
[engine]
echo = true
[review]
undo_seconds = 0
"""
CONNECTOR = """
name = "tickets"
use_case = "ticket_reply"
system = "sql"
url = "{url}"

[pull]
table = "tickets"
key = "id"
watermark = "id"
watermark_kind = "number"
fields = {{ subject = "subject", text = "body" }}
batch_items = 500

[push]
set = {{ reply = "{{text}}", status = "answered" }}
"""
BODY = "I ordered on the third and nothing has come yet. Could you look where it is? My number is 4711. " * 6


def main(legacy_url: str, rows: int, pushes: int) -> None:
    from graftwork.config.setup import create_workspace

    folder = Path(os.environ["GRAFTWORK_WORKSPACE"])
    create_workspace(folder)
    (folder / "usecases" / "ticket_reply.toml").write_text(USE_CASE, encoding="utf-8")
    (folder / "connectors").mkdir()
    url = legacy_url.replace("postgres://", "postgresql://")
    (folder / "connectors" / "tickets.toml").write_text(CONNECTOR.format(url=url), encoding="utf-8")
    from graftwork.cli.session import open_store

    open_store()
    fill(url, rows)
    load()
    found = {"read_per_second": rows / seconds(lambda: read_alone(url))}
    found["pulled_per_second"] = rows / seconds(lambda: pull(rows))
    found["stored_per_second"] = rows / seconds(lambda: store_alone(rows))
    decide(pushes)
    found["pushed_per_second"] = pushes / seconds(lambda: push(pushes))
    found["updated_per_second"] = pushes / seconds(lambda: update_alone(url, pushes))
    print(json.dumps(found))


def load() -> None:
    """What a worker has loaded long before: the readers of documents, the engines, the driver."""
    import graftwork.apps.connectors.pulling
    import graftwork.apps.connectors.pushing  # noqa: F401 - loaded, not used
    from graftwork.apps.connectors.files import get_connector
    from graftwork.apps.connectors.opening import system_of

    system_of(get_connector("tickets")).check()


def seconds(work: object) -> float:
    started = time.perf_counter()
    work()  # type: ignore[operator]
    return time.perf_counter() - started


def engine(url: str):
    import sqlalchemy as sql

    return sql.create_engine(url.replace("postgresql://", "postgresql+psycopg://"))


def fill(url: str, rows: int) -> None:
    import sqlalchemy as sql

    with engine(url).begin() as there:
        there.execute(sql.text("DROP TABLE IF EXISTS tickets"))
        there.execute(sql.text(
            "CREATE TABLE tickets (id serial PRIMARY KEY, subject char(80), body text, reply text, status char(12))"
        ))  # fmt: skip
        there.execute(
            sql.text("INSERT INTO tickets (subject, body, status) SELECT 'Order ' || n, :body, 'open' "
                     "FROM generate_series(1, :rows) n"),
            {"body": BODY, "rows": rows},
        )  # fmt: skip


def read_alone(url: str) -> None:
    import sqlalchemy as sql

    with engine(url).connect() as there:
        there.execute(sql.text("SELECT id, subject, body FROM tickets ORDER BY id")).fetchall()


def pull(rows: int) -> None:
    from graftwork.apps.connectors.pulling import pull_turn
    from graftwork.apps.jobs.process import become

    process, done = become(), 0
    while done < rows:
        done += advanced(pull_turn(process, "tickets", at_once=True).created)


def advanced(count: int) -> int:
    from graftwork.apps.connectors.models import Delivery, Lane

    if not count:
        told = [*Lane.objects.values_list("error_code", "error_message")]
        raise SystemExit(f"nothing moves: {told}, {set(Delivery.objects.values_list('state', 'error_message'))}")
    return count


def store_alone(rows: int) -> None:
    from django.utils import timezone

    from graftwork.apps.actors import operator
    from graftwork.apps.work.actions.items import create_items
    from graftwork.apps.work.usecases import get_usecase
    from graftwork.core.items import read_row

    use_case = get_usecase("ticket_reply")
    for start in range(0, rows, 500):
        batch = [
            read_row(use_case, {"id": f"alone-{n}", "subject": f"Order {n}", "text": BODY}, line=n)
            for n in range(start, min(rows, start + 500))
        ]
        create_items(operator(), use_case, batch, timezone.now())


def decide(count: int) -> None:
    from django.utils import timezone

    from graftwork.apps.accounts.actions import add_user
    from graftwork.apps.accounts.queries import actor_for_user
    from graftwork.apps.actors import operator
    from graftwork.apps.work.actions.reviewing import Verdict, claim, decide
    from graftwork.apps.work.models import Item

    rita = actor_for_user(add_user(operator(), "rita", ["reviewer"], timezone.now()))
    ids = list(Item.objects.filter(origin__connector="tickets").order_by("pk").values_list("pk", flat=True)[:count])
    Item.objects.filter(pk__in=ids).update(state="failed")
    for pk in ids:
        claim(rita, pk, timezone.now())
        decide(rita, pk, Verdict("approve", "It left on Monday."), timezone.now())


def push(count: int) -> None:
    from graftwork.apps.connectors.pushing import push_turn
    from graftwork.apps.jobs.process import become

    process, done = become(), 0
    while done < count:
        done += advanced(push_turn(process, "tickets", at_once=True))


def update_alone(url: str, count: int) -> None:
    import sqlalchemy as sql

    with engine(url).connect() as there:
        for number in range(1, count + 1):
            there.execute(
                sql.text("UPDATE tickets SET reply = :reply, status = 'closed' WHERE id = :id"),
                {"reply": "It left.", "id": number},
            )
            there.commit()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
