"""One run from the command line: engine, progress, signals, summary. `run` and `demo` share it."""

from typing import TYPE_CHECKING

import click

from graftwork.cli.progress import duration, reporter
from graftwork.cli.stopping import stoppable
from graftwork.config.workspace import Workspace

if TYPE_CHECKING:
    from graftwork.apps.jobs.process import WorkerProcess
    from graftwork.apps.work.running import Run, RunRequest

EXIT_SOME_REJECTED = 3
EXIT_INTERRUPTED = 130


def draft_file(workspace: Workspace, request: "RunRequest") -> int:
    """Run `request` and print what came of it; returns the exit code: 0 all, 3 some without a draft, 130 stopped."""
    # Django's models can only be imported once the workspace is open, which is when this is called.
    from graftwork.apps.jobs.process import become
    from graftwork.apps.work.engines import close_engines, drafter_for
    from graftwork.apps.work.running import Run, process_name
    from graftwork.core.intake.rows import open_rows

    process = become(process_name(request.output))
    config = workspace.settings.worker
    open_rows(request.input, format=request.format)  # what is wrong with the file is said before a model is loaded
    show = reporter()
    try:
        drafter = drafter_for(request.use_case)
        run = Run(
            request,
            drafter,
            process,
            lease_seconds=config.lease_seconds,
            batch_items=config.batch_items,
            on_progress=show,
        )
        with stoppable(process.stopping, "Stopping; what is written stays."), show:
            run.run()
    finally:
        close_engines()
    return _report(run, request, process)


def _report(run: "Run", request: "RunRequest", process: "WorkerProcess") -> int:
    counts, seconds, tokens = run.counts, run.seconds, run.tokens
    rows = [
        ("rows read", f"{counts.rows:,}"),
        ("drafted", f"{counts.drafted:,}" + (f" ({counts.reused:,} were in the store)" if counts.reused else "")),
        ("cut to fit", f"{counts.truncated:,}"),
        ("without a draft", f"{counts.failed:,}"),
        ("rejected rows", f"{counts.rejected:,}"),
        ("tokens written", f"{tokens:,}"),
        ("time", duration(seconds)),
        ("pace", f"{tokens / seconds:,.0f} tokens/s, {run.rows_this_session / seconds:,.1f} items/s"),
        ("results", str(request.output)),
    ]
    if counts.rejected:
        rows.append(("rejected rows in", str(run.rejected_path)))
    for name, value in rows:
        click.echo(f"  {name:<17} {value}")
    if counts.of_earlier_release:
        click.echo(
            f"{counts.of_earlier_release:,} of these drafts are of an earlier release (another engine, model or "
            "instructions). --redraft replaces those that nobody has begun to review.",
            err=True,
        )
    if not run.complete and process.stopping.is_set():
        click.echo("Stopped before the end. The same command with --resume goes on from here.", err=True)
        return EXIT_INTERRUPTED
    return EXIT_SOME_REJECTED if counts.rejected or counts.failed else 0
