"""The whole loop on a bundled sample, in one command."""

import os
from pathlib import Path

import click

from graftwork.cli.demo_pilot import show_simulated_pilot
from graftwork.cli.drafting import draft_file
from graftwork.cli.models import pull_model
from graftwork.cli.session import open_store
from graftwork.cli.up import serve
from graftwork.config.setup import create_workspace
from graftwork.config.workspace import Workspace
from graftwork.core.engines.catalog import load_catalog, models_folder
from graftwork.core.engines.pull import locate
from graftwork.core.errors import ModelNotPulled

USE_CASE = "support_reply"
REVIEWER = "demo"


@click.command()
@click.option("--folder", type=click.Path(path_type=Path), default="demo", show_default=True, help="Where to put it.")
@click.option("--oneshot", is_flag=True, help="End after the summary, without the desk.")
@click.option("--model", help="A model of the catalog, instead of the default one.")
@click.pass_context
def demo(ctx: click.Context, folder: Path, oneshot: bool, model: str | None) -> None:
    """Draft the bundled backlog with a real local model, then open the desk on it.

    The messages and the company are invented for this demo, and nothing of the queue is reviewed in advance: it waits
    for you. Beside it lies a pilot that nobody took part in, to show how one ends; it says so on every page.
    """
    workspace = _prepare(folder)
    from graftwork.apps.work.running import RunRequest
    from graftwork.apps.work.usecases import get_usecase, packaged_folder, pinned

    use_case = get_usecase(USE_CASE)
    if model:
        use_case = pinned(use_case.with_engine(model=model, model_sha256=None))
    _pull(ctx, workspace, use_case.engine.model)
    backlog = packaged_folder() / f"{USE_CASE}.backlog.jsonl"
    output = workspace.data_folder / "demo-drafts.jsonl"
    output.unlink(missing_ok=True)
    click.echo(f"Drafting the {len(backlog.read_text(encoding='utf-8').splitlines())} messages of the sample backlog:")
    code = draft_file(workspace, RunRequest(use_case, backlog, output, redraft=True))
    if code in (0, 3):
        show_simulated_pilot(workspace)
    if oneshot or code not in (0, 3):
        ctx.exit(code)
    serve(workspace, greeting=f"Sign in (once, within 30 minutes): {_sign_in_link(workspace)}")


def _prepare(folder: Path) -> Workspace:
    create_workspace(folder.resolve())
    os.environ["GRAFTWORK_WORKSPACE"] = str(folder.resolve())
    click.echo(f"Workspace: {folder}")
    return open_store()


def _pull(ctx: click.Context, workspace: Workspace, model: str) -> None:
    entry = load_catalog(workspace.folder / "models.toml").get(model)
    try:
        locate(entry, models_folder())
    except ModelNotPulled:
        click.echo(f"Bringing the model {model} here, once ({entry.size_bytes / 1e6:,.0f} MB):")
        ctx.invoke(pull_model, name=model)


def _sign_in_link(workspace: Workspace) -> str:
    from django.utils import timezone

    from graftwork.apps.accounts.actions import add_user, make_sign_in_link
    from graftwork.apps.accounts.models import User
    from graftwork.apps.actors import operator

    user = User.objects.filter(username=REVIEWER).first()
    if user is None:
        user = add_user(operator(), REVIEWER, ["reviewer", "owner"], timezone.now())
    return f"{workspace.base_url}/sign-in/{make_sign_in_link(operator(), user, timezone.now())}"
