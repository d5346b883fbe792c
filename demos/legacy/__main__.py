"""`make demo-legacy`: Graftwork at work on a ticket table that nobody changed for it; the rows before and after."""

import os
import subprocess
import sys
import time
from pathlib import Path

import click

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))

from demos.legacy.table import SHOWN, TICKETS, Table, legacy_database  # noqa: E402 - needs the path above

CHANGED_MEANWHILE = "T-2004-0321"
EDITED = "T-2004-0319"
REJECTED = "T-2004-0322"
DRAFTING_SECONDS = 900


def main() -> None:
    folder = Path("demo-legacy").resolve()
    with legacy_database(_workspace(folder)) as (kind, url):
        table = Table(url)
        table.fill()
        click.secho(f"\nThe ticket table of an old CRM, on {kind}, before:", bold=True)
        show(table)
        connector = (Path(__file__).parent / "crm.toml").read_text(encoding="utf-8").replace("{url}", url)
        (folder / "connectors" / "crm.toml").write_text(connector, encoding="utf-8")
        click.secho("\nOne file connects it (demo-legacy/connectors/crm.toml):", bold=True)
        graftwork("connectors", "check", "crm")
        graftwork("connectors", "pull", "crm")
        draft()
        click.secho(f"\nMeanwhile {CHANGED_MEANWHILE} is answered by telephone, in the old application.", bold=True)
        table.change(CHANGED_MEANWHILE)
        review()
        graftwork("connectors", "push", "crm")
        click.secho("\nThe table after:", bold=True)
        show(table)
        click.secho(f"\n{CHANGED_MEANWHILE} was not overwritten: it waits for a person.", bold=True)
        graftwork("connectors", "letters")


def _workspace(folder: Path) -> Path:
    from graftwork.config.setup import create_workspace

    if folder.exists():
        sys.exit(f"{folder} is there already, from an earlier run: remove it first (make clean)")
    create_workspace(folder)
    (folder / "connectors").mkdir()
    os.environ["GRAFTWORK_WORKSPACE"] = str(folder)
    from graftwork.cli.session import open_store

    open_store()
    return folder


def graftwork(*words: str) -> None:
    click.secho(f"\n$ graftwork {' '.join(words)}", dim=True)
    subprocess.run([sys.executable, "-m", "graftwork", *words], check=True)


def draft() -> None:
    """By a worker and the local model of the use case, as in `graftwork up`."""
    from graftwork.apps.work.models import Item, ItemState

    graftwork("models", "pull", "qwen2.5-coder-0.5b")
    click.secho("\n$ graftwork worker --only drafting", dim=True)
    worker = subprocess.Popen([sys.executable, "-m", "graftwork", "worker", "--only", "drafting"])
    try:
        started = time.monotonic()
        while (done := Item.objects.filter(state=ItemState.READY).count()) < len(TICKETS):
            if worker.poll() is not None or time.monotonic() - started > DRAFTING_SECONDS:
                sys.exit("the drafts were not written; `graftwork doctor` says what is missing")
            time.sleep(0.5)
        click.echo(f"{done} drafts in {time.monotonic() - started:.0f} s")
    finally:
        worker.terminate()
        worker.wait()


def review() -> None:
    """What a person does in the desk; here the script decides in their place, by the same actions."""
    from django.utils import timezone

    from graftwork.apps.accounts.actions import add_user
    from graftwork.apps.accounts.queries import actor_for_user
    from graftwork.apps.actors import operator
    from graftwork.apps.work.actions.reviewing import Verdict, claim, decide
    from graftwork.apps.work.models import Item
    from graftwork.apps.work.queries import draft_text, latest_draft
    from graftwork.apps.work.usecases import get_usecase

    person = actor_for_user(add_user(operator(), "demo", ["reviewer"], timezone.now()))
    click.secho("\nYou would review in the desk. In your place this script", bold=True)
    click.echo(f"  edits {EDITED}, rejects {REJECTED}, and approves the others as they are.")
    for item in Item.objects.select_related("scope_key").order_by("pk"):
        made = latest_draft(item)
        assert made is not None
        text = draft_text(item, made)
        verdict = Verdict("approve", f"{text}\n\nFreundliche Grüße nach Zürich" if item.external_id == EDITED else text)
        if item.external_id == REJECTED:
            verdict = Verdict("reject", reason=get_usecase(item.use_case).review.reasons[0].code)
        claim(person, item.pk, timezone.now())
        decide(person, item.pk, verdict, timezone.now())
    wait = get_usecase("support_reply").review.undo_seconds
    click.echo(f"Decisions can be undone for {wait:g} s; nothing is delivered before that.")
    time.sleep(wait + 0.5)


def show(table: Table) -> None:
    widths = (12, 16, 4, 9, 60)
    for row in (SHOWN, *table.rows()):
        cells = [cell.replace("\n", " ") for cell in row]
        click.echo("  ".join((cell if len(cell) <= width else cell[: width - 1] + "…").ljust(width)
                             for cell, width in zip(cells, widths, strict=True)).rstrip())  # fmt: skip


if __name__ == "__main__":
    main()
