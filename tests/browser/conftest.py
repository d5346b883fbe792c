"""A real browser against a real server. Needs Chromium; every test here is skipped, saying so, where there is none."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking",
    "--disable-component-update", "--disable-default-apps", "--disable-sync", "--no-first-run",
]  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if CHROMIUM is None:
                item.add_marker(pytest.mark.skip(reason="no chromium in PATH: apt-get install chromium"))


class House:
    """The server's process: `house.order(...)` runs one of the functions of house.py in it."""

    def __init__(self, folder: Path) -> None:
        environment = {key: value for key, value in os.environ.items() if not key.startswith("GRAFTWORK_")}
        self.process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("house.py")), str(folder)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment,
        )  # fmt: skip
        self.url = f"http://127.0.0.1:{self._answer()['port']}"

    def order(self, do: str, **arguments: Any) -> Any:
        assert self.process.stdin
        self.process.stdin.write(json.dumps({"do": do, **arguments}) + "\n")
        self.process.stdin.flush()
        return self._answer()

    def notes(self, number: int, draft: str = "We sent it on Monday.", use_case: str = "note_reply") -> list[str]:
        """Items note-1, note-2 … with their drafts made, one after another: the queue is ordered by the millisecond."""
        rows = [{"id": f"note-{n}", "text": f"Where is order {n}?"} for n in range(1, number + 1)]
        return [self.order("add_items", use_case=use_case, rows=[row], drafts=[draft])[0] for row in rows]

    def close(self) -> None:
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait(timeout=10)

    def _answer(self) -> Any:
        assert self.process.stdout
        line = self.process.stdout.readline()
        assert line, "the server's process ended; what it wrote to stderr says why"
        return json.loads(line)


@pytest.fixture(scope="session")
def running_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    house = House(tmp_path_factory.mktemp("house"))
    yield house
    house.close()


@pytest.fixture
def house(running_house: House) -> House:
    running_house.order("empty")
    return running_house


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


class Watch:
    """What the browser did that no page of ours may make it do."""

    def __init__(self, page: Any, origin: str) -> None:
        self.console: list[str] = []
        self.foreign: list[str] = []
        self.allowed_statuses: set[int] = set()
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.console.append(f"uncaught: {error}"))
        page.on(
            "request", lambda request: request.url.startswith((origin, "data:")) or self.foreign.append(request.url)
        )

    def _on_console(self, message: Any) -> None:
        refused = any(
            f"status of {status} " in message.text or f"Error Code {status} " in message.text
            for status in self.allowed_statuses
        )
        if message.type in ("error", "warning") and not refused:
            self.console.append(message.text)


_names = (f"rita{number}" for number in count(1))


@pytest.fixture
def open_page(browser: Any, house: House) -> Iterator[Callable[..., Any]]:
    """A fresh browser page; when the test ends it must have shown no error and asked no other host for anything."""
    contexts: list[Any] = []
    pages: list[Any] = []

    def open_one(**options: Any) -> Any:
        context = browser.new_context(base_url=house.url, **{"viewport": {"width": 1280, "height": 900}, **options})
        context.set_default_timeout(8_000)
        contexts.append(context)
        page = context.new_page()
        page.on("dialog", lambda dialog: dialog.accept())
        page.watch = Watch(page, house.url)
        pages.append(page)
        return page

    yield open_one
    for context in contexts:
        context.close()
    for page in pages:
        assert page.watch.foreign == []
        assert page.watch.console == []


@pytest.fixture
def reviewer(open_page: Callable[..., Any], house: House) -> Callable[..., Any]:
    """A page of a new reviewer who is signed in, at the queue; `page.username` is theirs."""

    def sign_in(*roles: str, **options: Any) -> Any:
        page = open_page(**options)
        page.username = next(_names)
        session = house.order("add_user", username=page.username, roles=list(roles or ("reviewer",)))["session"]
        page.context.add_cookies([{"name": "sessionid", "value": session, "url": house.url}])
        page.goto("/desk/")
        return page

    return sign_in
