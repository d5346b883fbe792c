"""`graftwork usecase`: reading and checking use-case files. Needs neither keys nor a database."""

import json
from dataclasses import dataclass
from pathlib import Path

import click

from graftwork.apps.work.usecases import packaged_folder
from graftwork.cli.findings import host_of
from graftwork.cli.tables import print_table
from graftwork.config.workspace import find_workspace, open_workspace
from graftwork.core.engines.catalog import load_catalog, pinned
from graftwork.core.errors import UseCaseError, UseCaseNotFound, did_you_mean
from graftwork.core.privacy.policy import needs_search
from graftwork.core.privacy.routing import check_engines
from graftwork.core.usecase import UseCase, json_schema
from graftwork.core.usecase_file import load
from graftwork.core.usecase_tables import EngineChoice, InputField


@dataclass(frozen=True, slots=True)
class Found:
    """One use-case file: what it says, or what is wrong with it."""

    file: Path
    origin: str
    use_case: UseCase | None
    problem: UseCaseError | None


@click.group()
def usecase() -> None:
    """Check and list use cases; print the schema."""


@usecase.command()
@click.argument("file_or_name")
def check(file_or_name: str) -> None:
    """Read a use case, given by its file or its name, and say what it does; exit 2 where something is wrong."""
    path = _path_of(file_or_name)
    use_case = _load(path)
    check_engines(use_case)
    check_search(use_case, path.parent)
    click.echo(f"ok: {_shown(path)}")
    lines = {
        "title": use_case.title,
        "input": ", ".join(_field_text(name, spec) for name, spec in use_case.input.fields.items()),
        "output": f"{use_case.output.type}, up to {use_case.output.max_tokens} tokens",
        "engine": ", then ".join(engine_text(choice) for choice in use_case.engines),
        **_privacy_line(use_case),
        **_sources_line(use_case),
        "review": f"by {use_case.review.role}, {len(use_case.review.reasons)} reasons for rejection",
        "release": use_case.release[:12],
    }
    for name, text in lines.items():
        click.echo(f"  {name:<8} {text}")
    for told in _left_out(use_case):
        click.secho(f"  warning  {told}", fg="yellow")


@usecase.command()
def schema() -> None:
    """Print the JSON Schema of a use-case file, for editors and other programs."""
    click.echo(json.dumps(json_schema(), indent=2, ensure_ascii=False))


@usecase.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON array instead of a table.")
def list_usecases(as_json: bool) -> None:
    """Show the use cases of the workspace and those that ship with Graftwork; name what is wrong with the others."""
    found = [_read(file, origin) for file, origin in usecase_files().values()]
    if as_json:
        click.echo(json.dumps([_row(one) for one in found], indent=2, ensure_ascii=False))
        return
    good = [(one.file.stem, one.use_case, one.origin) for one in found if one.use_case is not None]
    print_table(
        ("name", "title", "engine", "from"),
        [(name, use_case.title, engine_text(use_case.engine), origin) for name, use_case, origin in good],
    )
    for one in found:
        if one.problem is not None:
            click.secho(f"{one.problem.code}: {one.problem.message}", fg="red", err=True)
            click.echo(f"  {one.problem.hint}", err=True)


def check_search(use_case: UseCase, folder: Path) -> None:
    """Raise a `PrivacyError` where a profile, language, dictionary or detector that masking needs is not there."""
    rules = use_case.privacy
    if use_case.has_managed_engine and needs_search(rules):
        from graftwork.core.privacy.searching import detector_by

        detector_by(rules, folder, ner=False)


def _privacy_line(use_case: UseCase) -> dict[str, str]:
    if not use_case.has_managed_engine:
        return {}
    rules = use_case.privacy
    stricter = "".join(f", {name}: {treatment}" for name, treatment in rules.classes.items())
    return {"privacy": f"engines in the zone managed: {rules.managed}{stricter}"}


def _sources_line(use_case: UseCase) -> dict[str, str]:
    rules = use_case.knowledge
    return {"sources": f"{', '.join(rules.sources)}; up to {rules.passages} passages"} if rules.sources else {}


def _left_out(use_case: UseCase) -> list[str]:
    folder = find_workspace()
    if not use_case.knowledge.sources or folder is None:
        return []
    # Asks the store, which most use cases need not.
    from graftwork.cli.doctor_knowledge import sources_left_out

    return sources_left_out(open_workspace(folder), use_case)


def usecase_files() -> dict[str, tuple[Path, str]]:
    """File and origin by name; the workspace's own stand before those that ship with Graftwork."""
    files = {file.stem: (file, "graftwork") for file in sorted(packaged_folder().glob("*.toml"))}
    if find_workspace() is not None:
        folder = open_workspace().usecases_folder
        files |= {file.stem: (file, "workspace") for file in sorted(folder.glob("*.toml"))}
    return files


def engine_text(choice: EngineChoice) -> str:
    """What drafts, and where."""
    if choice.echo:
        return "echo (for tests)"
    if choice.url is None:
        return f"{choice.model}, embedded"
    return f"{choice.model} at {host_of(choice.url)}"


def _field_text(name: str, spec: InputField) -> str:
    return f"{name} ({spec.type}{'' if spec.required else ', optional'})"


def _path_of(file_or_name: str) -> Path:
    path = Path(file_or_name)
    if path.suffix == ".toml" or len(path.parts) > 1 or path.is_file():
        return path
    files = usecase_files()
    if file_or_name not in files:
        raise UseCaseNotFound(file_or_name, did_you_mean(file_or_name, list(files)))
    return files[file_or_name][0]


def _shown(path: Path) -> Path:
    """`path` from here where it lies below, else whole."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


def _read(file: Path, origin: str) -> Found:
    try:
        return Found(file, origin, _load(file), None)
    except UseCaseError as problem:
        return Found(file, origin, None, problem)


def _row(one: Found) -> dict[str, object]:
    return {
        "name": one.file.stem,
        "title": one.use_case.title if one.use_case else None,
        "engine": engine_text(one.use_case.engine) if one.use_case else None,
        "from": one.origin,
        "file": str(one.file),
        "release": one.use_case.release if one.use_case else None,
        "error": {"code": one.problem.code, "message": one.problem.message} if one.problem else None,
    }


def _load(path: Path) -> UseCase:
    """As the store reads it, with the digest of its model, so that the release shown is the one that drafts carry."""
    workspace = find_workspace()
    return pinned(load(path), load_catalog(workspace / "models.toml" if workspace else None))
