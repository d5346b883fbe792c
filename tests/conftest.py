"""A workspace for the tests, and what many of them share. Runs before Django reads its settings."""

import atexit
import os
import tempfile
from collections.abc import Callable, Generator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from support.postgres import temporary_postgres

_folder = Path(tempfile.mkdtemp(prefix="graftwork-tests-"))
os.environ["GRAFTWORK_WORKSPACE"] = str(_folder)
if os.environ.get("GRAFTWORK_TEST_DATABASE") == "postgresql":
    _postgres = temporary_postgres()
    os.environ["GRAFTWORK_DATABASE_URL"] = _postgres.__enter__()
    atexit.register(_postgres.__exit__, None, None, None)

from graftwork.config.setup import create_workspace, load_django  # noqa: E402

load_django(create_workspace(_folder))

import pytest  # noqa: E402
from hypothesis import settings  # noqa: E402

from graftwork.core import usecase  # noqa: E402
from graftwork.core.usecase_file import load  # noqa: E402
from support.usecase import USE_CASE  # noqa: E402

# The first example of a property also loads word lists, which says nothing about the property.
settings.register_profile("graftwork", deadline=None)
settings.load_profile("graftwork")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The browser's tests come last: Playwright keeps an event loop in this thread, in which no other can be run."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI nothing is skipped: what a test lacks there is a fault of the set-up."""
    report = yield
    if report.skipped and not hasattr(report, "wasxfail") and os.environ.get("GRAFTWORK_NO_SKIP"):
        report.outcome = "failed"
        report.longrepr = f"skipped, which CI does not allow: {report.longrepr}"
    return report


@pytest.fixture(autouse=True)
def no_paid_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test may never call a paid model: the keys that clients look for are not there."""
    for name in list(os.environ):
        if name.endswith("_API_KEY"):
            monkeypatch.delenv(name)


@pytest.fixture
def workspace_folder() -> Path:
    return _folder


@pytest.fixture
def write_usecase(workspace_folder: Path) -> Iterator[Callable[..., usecase.UseCase]]:
    """Writes a use-case file into the workspace's folder and loads it; takes it away afterwards."""
    written: list[Path] = []

    def write(text: str = USE_CASE, name: str = "note_reply") -> usecase.UseCase:
        path = workspace_folder / "usecases" / f"{name}.toml"
        path.write_text(text, encoding="utf-8")
        written.append(path)
        return load(path)

    yield write
    for path in written:
        path.unlink(missing_ok=True)


@pytest.fixture
def note_reply(write_usecase: Callable[..., usecase.UseCase]) -> usecase.UseCase:
    return write_usecase()


@pytest.fixture
def now() -> datetime:
    return datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


@pytest.fixture
def make_items(note_reply: usecase.UseCase, now: datetime, db: Any) -> Callable[..., list[Any]]:
    """Stores items of the use case `note_reply`, drafted by the echo engine's rule unless told otherwise."""
    from graftwork.apps.actors import operator
    from graftwork.apps.work.actions.drafting import save_finished
    from graftwork.apps.work.actions.items import create_items
    from graftwork.apps.work.actions.leasing import lease_items
    from graftwork.apps.work.drafter import Finished
    from graftwork.apps.work.leases import Lease
    from graftwork.apps.work.models import Item
    from graftwork.core.items import read_row
    from graftwork.core.types import DraftResult, Generation

    def make(
        count: int = 1, *, drafted: bool = True, text: str = "Where is order {n}?", draft: str = "Answer {n}."
    ) -> list[Item]:
        start = Item.objects.count()
        rows = [
            read_row(note_reply, {"id": f"note-{n}", "text": text.format(n=n)}, line=n)
            for n in range(start + 1, start + count + 1)
        ]
        created = create_items(operator(), note_reply, rows, now)
        if drafted:
            lease = Lease("test/1", 60)
            leased = lease_items(note_reply.name, lease, now, at_most=count)
            finished = [
                Finished(
                    item, DraftResult(_generation(draft.format(n=item.external_id)), draft.format(n=item.external_id))
                )
                for item in leased
            ]
            save_finished("worker:test", note_reply, lease, finished, now)
        return list(Item.objects.filter(pk__in=[one.item_id for one in created]).order_by("pk"))

    def _generation(text: str) -> Generation:
        return Generation(text, "echo", "echo", "local", "stop", 10, 5, None, 1.0, 2.0, None, None)

    return make


@pytest.fixture
def make_user(db: Any, now: datetime) -> Callable[..., Any]:
    from graftwork.apps.accounts.actions import add_user
    from graftwork.apps.accounts.models import User
    from graftwork.apps.actors import operator

    def make(username: str = "rita", *roles: str) -> User:
        return add_user(operator(), username, list(roles or ("reviewer",)), now)

    return make
