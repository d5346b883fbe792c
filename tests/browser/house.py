"""A whole Graftwork in a process of its own: workspace, database, web server. Orders and answers are JSON lines.

The browser tests drive it from outside, as people would; the orders stand in for what the command line and a worker do.
"""

import json
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # what tests share

import connected
import embedded
import grounded
import pilots

from graftwork.config.setup import create_workspace, load_django, migrate

USE_CASES = {
    "note_reply": """
name = "note_reply"
title = "Reply to a note"
[input.fields.text]
type = "thread"
label = "Note"
[instructions]
system = "Answer in one sentence."
[engine]
echo = true
""",
    "note_masked": """
name = "note_masked"
title = "Reply to a note, masked"
[input.fields.text]
type = "thread"
label = "Note"
[instructions]
system = "Answer in one sentence."
[engine]
echo = true
zone = "managed"
[privacy]
managed = "masked"
""",
    "note_facts": """
name = "note_facts"
title = "Facts of a note"
[input.fields.text]
label = "Note"
[output]
type = "json"
[output.schema]
type = "object"
required = ["city"]
additionalProperties = false
[output.schema.properties.city]
type = "string"
[instructions]
system = "Give the city."
[engine]
echo = true
""",
}


def main(folder: Path) -> None:
    workspace = create_workspace(folder)
    for name, text in (USE_CASES | grounded.USE_CASES).items():
        (workspace.usecases_folder / f"{name}.toml").write_text(text, encoding="utf-8")
    for name, text in grounded.FILES.items():
        (workspace.usecases_folder / name).write_text(text, encoding="utf-8")
    load_django(workspace)
    migrate()
    port = serve()
    answer({"port": port})
    for line in sys.stdin:
        order: dict[str, Any] = json.loads(line)
        answer(ORDERS[order.pop("do")](**order))


def answer(value: Any) -> None:
    sys.stdout.write(json.dumps(value, default=str) + "\n")
    sys.stdout.flush()


def serve() -> int:
    import socket

    import uvicorn

    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config("graftwork.config.asgi:application", log_level="warning"))
    threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True).start()
    return int(listener.getsockname()[1])


def add_user(username: str, roles: list[str]) -> dict[str, Any]:
    """A sign-in link, and a session that is signed in already for tests about something else."""
    from django.test import Client

    from graftwork.apps.accounts.actions import add_user, make_sign_in_link
    from graftwork.apps.actors import operator

    user = add_user(operator(), username, roles, now())
    client = Client()
    client.force_login(user)
    link = f"/sign-in/{make_sign_in_link(operator(), user, now())}"
    return {"link": link, "session": client.cookies["sessionid"].value}


def add_items(use_case: str, rows: list[dict[str, Any]], drafts: list[str] | None) -> list[str]:
    """`drafts`: the text for each row; without them the items wait for a worker."""
    from graftwork.apps.actors import operator
    from graftwork.apps.work.actions.items import create_items
    from graftwork.apps.work.usecases import get_usecase
    from graftwork.core.items import read_row

    wanted = get_usecase(use_case)
    new = [read_row(wanted, row, line=line) for line, row in enumerate(rows, 1)]
    created = create_items(operator(), wanted, new, now())
    if drafts is not None:
        leased = lease(use_case, [one.item_id for one in created])
        finish(use_case, leased, dict(zip([one.external_id for one in created], drafts, strict=True)))
    return [str(one.item_id) for one in created]


def begin_draft(use_case: str, text: str) -> None:
    """A worker begins the waiting items and has written `text` so far."""
    from graftwork.apps.work.actions.leasing import renew_leases

    leased = lease(use_case, None)
    ids = [one.item_id for one in leased]
    renew_leases(_lease(), ids, dict.fromkeys(ids, text), now())
    _begun[use_case] = leased


def finish_draft(use_case: str, text: str) -> None:
    leased = _begun.pop(use_case)
    finish(use_case, leased, {one.external_id: text for one in leased})


def decisions() -> list[dict[str, Any]]:
    """What is stored, in the order in which it was decided."""
    from graftwork.apps.work.models import Review
    from graftwork.apps.work.queries import review_texts

    found = []
    for review in Review.objects.select_related("item__scope_key", "draft").order_by("decided_at"):
        texts = review_texts(review)
        found.append(
            {
                "item": review.item.external_id,
                "decision": review.decision,
                "reason": review.reason,
                "note": texts.note,
                "final": texts.final,
                "undone": review.undone_at is not None,
                "active": review.active_seconds,
                "wall": review.wall_seconds,
                "thinking": review.thinking_seconds,
            }
        )
    return found


def claims() -> dict[str, str]:
    """Who holds what, by external id."""
    from graftwork.apps.work.models import Item

    held = Item.objects.filter(claimed_by__isnull=False, claim_expires_at__gt=now())
    return dict(held.values_list("external_id", "claimed_by__username"))


def take_claim(external_id: str, username: str) -> None:
    """Somebody else has the item now, as happens after a claim has expired."""
    from datetime import timedelta

    from graftwork.apps.accounts.models import User
    from graftwork.apps.work.models import Item

    user = User.objects.get(username=username)
    Item.objects.filter(external_id=external_id).update(claimed_by=user, claim_expires_at=now() + timedelta(minutes=15))


def expire_claim(external_id: str) -> None:
    from graftwork.apps.work.models import Item

    Item.objects.filter(external_id=external_id).update(claim_expires_at=now())


def mark_masked(masked: dict[str, int], route: dict[str, Any]) -> None:
    """Every draft was made outside the house, from masked text."""
    from graftwork.apps.work.models import Draft

    Draft.objects.update(zone="managed", engine="api.example.com", masked=masked, route=route)


def missed() -> list[dict[str, Any]]:
    """What reviewers reported, without the values."""
    from dataclasses import asdict

    from graftwork.apps.actors import operator
    from graftwork.apps.work.missed import missed_values

    return [asdict(one) for one in missed_values(operator())]


def add_knowledge(source: str, documents: dict[str, str], groups: list[str]) -> dict[str, str]:
    """A feed with these documents, embedded by their words; returns the id of each."""
    from graftwork.apps.actors import operator
    from graftwork.apps.knowledge import embedding
    from graftwork.apps.knowledge.actions.documents import put_document
    from graftwork.apps.knowledge.actions.sources import add_source
    from graftwork.apps.knowledge.reading import reader_of_settings
    from support.embedding import WordEmbedder

    embedding.open_embedder = lambda chosen: WordEmbedder()
    add_source(operator(), source, None, now(), groups=groups)
    tools = {"reader": reader_of_settings(), "embedding": embedding.embedding_of_settings()}
    stored = {
        path: put_document(operator(), source, path, text.encode(), now(), **tools) for path, text in documents.items()
    }
    return {path: str(one.row.pk) for path, one in stored.items()}


def empty() -> None:
    """Forget all items and sources, so that the next test starts alone."""
    from django.db import transaction

    from graftwork.apps.actors import operator
    from graftwork.apps.knowledge.actions.sources import remove_source
    from graftwork.apps.knowledge.models import Source
    from graftwork.apps.work.models import Draft, Item, MissedValue, Review

    for source in Source.objects.all():
        remove_source(operator(), source.name, now())
    # At once: a page of the last test may still be deciding on an item whose reviews are gone already.
    with transaction.atomic():
        for model in (MissedValue, Review, Draft, Item):
            model.objects.all().delete()


def lease(use_case: str, ids: list[Any] | None) -> list[Any]:
    from graftwork.apps.work.actions.leasing import lease_items

    return lease_items(use_case, _lease(), now(), at_most=10_000, ids=ids)


def finish(use_case: str, leased: list[Any], text_by_external_id: dict[str, str]) -> None:
    from graftwork.apps.work.actions.drafting import save_finished
    from graftwork.apps.work.drafter import Finished
    from graftwork.apps.work.usecases import get_usecase
    from graftwork.core.types import DraftResult, Generation

    def result(text: str) -> DraftResult:
        return DraftResult(
            Generation(text, "echo", "echo", "local", "stop", 120, 31, None, 84.0, 1310.0, None, None), text
        )

    finished = [Finished(one, result(text_by_external_id[one.external_id])) for one in leased]
    save_finished("worker:test", get_usecase(use_case), _lease(), finished, now())


def now() -> datetime:
    return datetime.now(UTC)


def _lease() -> Any:
    from graftwork.apps.work.leases import Lease

    return Lease("test/1", 600)


_begun: dict[str, list[Any]] = {}
ORDERS = {
    order.__name__: order
    for order in (
        add_user, add_items, begin_draft, finish_draft, decisions, claims, take_claim, expire_claim, empty, mark_masked,
        missed, add_knowledge, grounded.add_grounded,
        grounded.close_source, embedded.embed_from, embedded.make_api_token, embedded.embedded_reviews,
        embedded.end_tokens, embedded.draft_again, *connected.ORDERS, *pilots.ORDERS,
    )
}  # fmt: skip

if __name__ == "__main__":
    main(Path(sys.argv[1]))
