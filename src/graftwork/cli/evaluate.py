from pathlib import Path

import click

from graftwork.cli.engine_choice import with_engine_option
from graftwork.cli.session import open_store

FILE = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.argument("use_case")
@click.option(
    "--data", type=FILE, help="JSON Lines: the fields of an item and `expected`; the use case's sample if absent."
)
@click.option("--engine", help="`echo`, a model of the catalog, or the URL of a server, instead of the use case's own.")
@click.option("--model", help="The model on the server that --engine names.")
@click.option("--limit", type=click.IntRange(min=1), help="Stop after this many rows.")
@click.option("--sources", type=click.Path(path_type=Path, exists=True, file_okay=False),
              help="A folder with one folder for each source, instead of the workspace's own.")  # fmt: skip
@click.option("--json", "json_file", type=FILE, help="Write every figure and the scores of each row to this file.")
@click.option("--html", "html_file", type=FILE, help="Write a page with the worst rows first to this file.")
@click.pass_context
def evaluate(
    ctx: click.Context,
    use_case: str,
    data: Path | None,
    engine: str | None,
    model: str | None,
    limit: int | None,
    sources: Path | None,
    json_file: Path | None,
    html_file: Path | None,
) -> None:
    """Score a use case on rows with expected answers.

    Drafts are made as `run` makes them, scored, and not stored. Exit code: 0 every row has a draft, 3 some have none or
    cannot be read, 2 wrong usage, 130 stopped; what was scored by then is shown.
    """
    open_store()
    from graftwork.apps.work.usecases import get_usecase, usecase_files
    from graftwork.cli.evaluate_report import check_writable, evaluation_json, print_report, write_private
    from graftwork.cli.evaluate_run import run_evaluation
    from graftwork.cli.evaluate_sources import lookup_in
    from graftwork.core.evaluating import read_data
    from graftwork.core.scoring.errors import EvaluationDataMissing, NothingToScore

    if json_file is not None and json_file == html_file:
        raise click.UsageError("--json and --html name the same file")
    chosen = with_engine_option(get_usecase(use_case), engine, model)
    file = usecase_files()[use_case]
    rows = data or file.with_name(f"{use_case}.sample.jsonl")
    if data is None and not rows.is_file():
        raise EvaluationDataMissing(use_case, str(rows))
    read = read_data(chosen, rows, limit)
    for rejected in read.rejected:
        click.echo(f"line {rejected.line}: {rejected.reason}", err=True)
    if not read.rows:
        raise NothingToScore(str(rows))
    check_writable(json_file, html_file)  # before an hour of drafting, not after it

    done = run_evaluation(chosen, read, lookup_in(chosen, file, sources))
    print_report(done)
    if json_file is not None:
        write_private(json_file, evaluation_json(done))
    if html_file is not None:
        from graftwork.cli.evaluate_page import page

        write_private(html_file, page(done))
    ctx.exit(done.exit_code)
