from pathlib import Path

import click

from graftwork.cli.drafting import draft_file
from graftwork.cli.engine_choice import with_engine_option
from graftwork.cli.session import open_store

PATH = click.Path(path_type=Path)


@click.command()
@click.argument("use_case")
@click.option(
    "--input",
    "input_",
    required=True,
    type=click.Path(path_type=Path),
    help="JSONL, CSV, mail, text, PDF, DOCX, HTML, Markdown, or a folder of them.",
)
@click.option(
    "--output", required=True, type=click.Path(path_type=Path), help="Results, one line a row: .jsonl or .csv."
)
@click.option(
    "--format", "format_", help="Read the input as this: jsonl, csv, tsv, xlsx, eml, mbox, txt, pdf, docx, html, md."
)
@click.option("--resume", is_flag=True, help="Go on where an earlier run to this output stopped.")
@click.option("--redraft", is_flag=True, help="Replace drafts of earlier releases that nobody has begun to review.")
@click.option("--limit", type=click.IntRange(min=1), help="Stop after this many rows.")
@click.option("--engine", help="`echo`, a model of the catalog, or the URL of a server, instead of the use case's own.")
@click.option("--model", help="The model on the server that --engine names.")
@click.pass_context
def run(
    ctx: click.Context,
    use_case: str,
    input_: Path,
    output: Path,
    format_: str | None,
    resume: bool,
    redraft: bool,
    limit: int | None,
    engine: str | None,
    model: str | None,
) -> None:
    """Draft the items of a file or folder, and store them for the desk.

    Rows that cannot be read go to OUTPUT.rejected.jsonl with their line and reason; the rest goes on. Exit code: 0 all
    rows drafted, 3 some were not, 2 wrong usage, 130 stopped.
    """
    workspace = open_store()
    from graftwork.apps.work.running import RunRequest
    from graftwork.apps.work.usecases import get_usecase

    chosen = with_engine_option(get_usecase(use_case), engine, model)
    request = RunRequest(chosen, input_, output, format=format_, resume=resume, limit=limit, redraft=redraft)
    ctx.exit(draft_file(workspace, request))
