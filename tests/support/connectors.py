"""Fixtures: a connector of the use case `note_reply` to a system in memory, and what tests do with it."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from support.scripted_system import CONNECTOR, Far, far


@pytest.fixture
def write_connector(workspace_folder: Path) -> Iterator[Callable[..., str]]:
    """Writes a connector's file; `changes` replace values of it. Takes it away afterwards, with what is open of it."""
    from graftwork.apps.connectors.opening import close_systems

    folder = workspace_folder / "connectors"
    folder.mkdir(exist_ok=True)
    written: list[Path] = []

    def write(name: str = "desk_of_old", text: str = CONNECTOR, **changes: str) -> str:
        text = text.replace("desk_of_old", name)
        for key, value in changes.items():
            text = re.sub(rf"^{key} = .*$", f"{key} = {value}", text, flags=re.MULTILINE)
        path = folder / f"{name}.toml"
        path.write_text(text, encoding="utf-8")
        written.append(path)
        return name

    yield write
    close_systems()
    for path in written:
        path.unlink(missing_ok=True)
    far.clear()


@pytest.fixture
def old(write_connector: Callable[..., str], note_reply: Any, db: Any) -> Far:
    """The far side of the connector `desk_of_old`."""
    write_connector()
    return far["desk_of_old"]


@pytest.fixture
def process() -> Any:
    from graftwork.apps.jobs.process import WorkerProcess

    return WorkerProcess("test")


@pytest.fixture
def approve(make_user: Callable[..., Any], now: datetime) -> Callable[..., Any]:
    """Approves an item, whatever its draft says; the decision is in effect a minute after `now`."""
    from graftwork.apps.accounts.queries import actor_for_user
    from graftwork.apps.work.actions.reviewing import Verdict, claim, decide
    from graftwork.apps.work.models import Item, ItemState

    people: list[Any] = []

    def decided(item: Item, text: str = "It left on Monday.", verdict: Verdict | None = None, **options: Any) -> Any:
        if not people:
            people.append(actor_for_user(make_user("rita")))
        Item.objects.filter(pk=item.pk, state=ItemState.WAITING).update(state=ItemState.FAILED)
        when = now + timedelta(seconds=options.pop("after_seconds", 0))
        claim(people[0], item.pk, when)
        return decide(people[0], item.pk, verdict or Verdict("approve", text), when, **options)

    return decided
