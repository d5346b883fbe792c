"""`graftwork privacy explain`: what was found in a file, what each engine would see of it, and why."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from graftwork.cli.session import open_store
from graftwork.cli.tables import print_table
from graftwork.cli.usecase import usecase_files
from graftwork.config.workspace import find_workspace
from graftwork.core.errors import RowRejected, UseCaseNotFound, did_you_mean
from graftwork.core.intake.rows import open_rows
from graftwork.core.items import read_row
from graftwork.core.usecase import UseCase
from graftwork.core.usecase_file import load
from graftwork.core.usecase_tables import PrivacyRules

if TYPE_CHECKING:
    from graftwork.core.privacy.detector import Detector
    from graftwork.core.privacy.explain import Explanation, Sight


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--use-case", "name", help="Explain with the policy and the engines of this use case.")
@click.option("--row", type=click.IntRange(min=1), default=1, show_default=True, help="Which item of the file.")
@click.option("--html", "html", type=click.Path(dir_okay=False, path_type=Path), help="Write the page here instead.")
@click.option("--show-values", is_flag=True, help="Show the values that were found, here in the terminal only.")
def explain(file: Path, name: str | None, row: int, html: Path | None, show_values: bool) -> None:
    """Show what would be masked in FILE, what each engine would see, and why it goes where it goes.

    FILE is anything that `run` reads. With a use case, the search is the one that its items get, detectors of your own
    and the terms of this workspace included. No engine is asked, and nothing is stored.
    """
    # The recognizers are heavy, and `--help` of the other commands needs none of them.
    from graftwork.core.privacy.explain import explain as explain_item
    from graftwork.core.privacy.explain_page import page

    data = _row(file, row)
    use_case, folder = _usecase(name, data)
    content = read_row(use_case, data, line=row).content
    explanation = explain_item(use_case, content, _detector(use_case, folder, is_named=name is not None))
    if html is not None:
        html.write_text(page(explanation, file.name), encoding="utf-8")
        click.echo(f"Written to {html}; values are hidden in it.")
        return
    _print(explanation, show_values=show_values)


def _row(file: Path, wanted: int) -> Mapping[str, Any]:
    for number, row in enumerate(open_rows(file), 1):
        if number == wanted:
            if row.data is None:
                raise RowRejected(row.line, row.problem or "cannot be read")
            return row.data
    raise RowRejected(wanted, "the file has no such row")


def _usecase(name: str | None, data: Mapping[str, Any]) -> tuple[UseCase, Path]:
    """The use case, and the folder in which the files lie that it names."""
    from graftwork.core.privacy.explain import example_usecase

    if name is None:
        fields = [key for key, value in data.items() if key not in ("id", "thread") and isinstance(value, str)]
        return example_usecase(PrivacyRules(managed="masked"), fields or ["text"]), Path()
    files = usecase_files()
    if name not in files:
        raise UseCaseNotFound(name, did_you_mean(name, list(files)))
    path = files[name][0]
    return load(path), path.parent


def _detector(use_case: UseCase, folder: Path, *, is_named: bool) -> "Detector":
    from graftwork.core.privacy.searching import detector_by

    if is_named and find_workspace() is not None:
        open_store()
        from graftwork.apps.work.detectors import detector_of

        return detector_of(use_case)
    return detector_by(use_case.privacy, folder)


def _print(explanation: "Explanation", *, show_values: bool) -> None:
    from graftwork.core.privacy.explain_page import decision

    click.secho(decision(explanation), bold=True)
    for notice in explanation.notices:
        click.echo(f"Note: {notice}")
    click.echo(f"\nFound in {explanation.characters:,} characters: {len(explanation.places)}")
    rows = [
        (one.kind, f"{one.line}:{one.column}", str(one.characters), one.recognizer, one.reason)
        for one in explanation.places
    ]
    if rows:
        print_table(("kind", "line:column", "length", "found by", "because"), rows)
    if explanation.classes:
        click.echo(f"Classes of data: {', '.join(explanation.classes)}")
    click.echo(f"\n{explanation.text if show_values else explanation.hidden_text}")
    for sight in explanation.sights:
        _print_sight(sight)


def _print_sight(sight: "Sight") -> None:
    from graftwork.core.privacy.explain_page import SEES, WHERE

    region = f", {sight.region}" if sight.region else ""
    turn = f"asked as number {sight.turn}" if sight.turn else "not asked"
    click.secho(f"\n{sight.name} ({WHERE[sight.zone]}{region}): {turn}, sees {SEES[sight.sees]}", bold=True)
    for key, value in sight.facts:
        click.echo(f"  {key}: {value}")
    if sight.sees == "masked":
        click.echo(sight.text)
