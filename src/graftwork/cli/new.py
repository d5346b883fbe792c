"""`graftwork new`: a use case of one's own to start from, and a workspace around it."""

import os
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from importlib import resources
from pathlib import Path

import click
from click.shell_completion import CompletionItem

from graftwork.apps.work.usecases import packaged_folder
from graftwork.config.setup import create_workspace
from graftwork.config.workspace import find_workspace
from graftwork.core.errors import UseCaseExists, did_you_mean
from graftwork.core.usecase_file import load

NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
TEMPLATES = "templates"


def _checked_name(_ctx: click.Context, _param: click.Parameter, value: str) -> str:
    if NAME.fullmatch(value):
        return value
    nearest = re.sub(r"[^a-z0-9]+", "_", value.lower()).strip("_0123456789")[:63].rstrip("_")
    proposal = f"; `{nearest}` would do" if NAME.fullmatch(nearest) else ""
    raise click.BadParameter(
        f"a name begins with a lower-case letter and goes on with letters, digits and _, up to 63{proposal}"
    )


def _packaged() -> list[str]:
    return sorted(file.stem for file in packaged_folder().glob("*.toml"))


def _checked_origin(_ctx: click.Context, _param: click.Parameter, value: str | None) -> str | None:
    known = _packaged()
    if value is None or value in known:
        return value
    near = did_you_mean(value, known)
    raise click.BadParameter(f"no use case `{value}` ships with Graftwork{near or '.'} There are: {', '.join(known)}")


def _completed(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    return [CompletionItem(name) for name in _packaged() if name.startswith(incomplete)]


@click.command()
@click.argument("name", callback=_checked_name)
@click.option(
    "--from",
    "origin",
    metavar="USECASE",
    callback=_checked_origin,
    shell_complete=_completed,
    help="Copy this use case that ships with Graftwork, with its files, sample and sources.",
)
def new(name: str, origin: str | None) -> None:
    """Write a use case called NAME, commented, with a few rows to try it on.

    With --from, begin with one that ships with Graftwork instead: its file under the new name, the texts and codes that
    it reads, its sample with expected answers, and the folder of its documents, one folder for each source. `graftwork
    usecase list` shows which there are.

    Goes into the workspace found from here upwards (or GRAFTWORK_WORKSPACE); where there is none, this folder becomes
    one, with settings, a key file and a place for the database. Nothing that is there is changed.
    """
    folder = find_workspace() or Path.cwd()
    usecases = folder / "usecases"
    contents = _copied(origin, name) if origin else _started(name)
    _check_free(usecases, contents)
    is_new = find_workspace() is None or not (folder / "graftwork.toml").exists()
    create_workspace(folder)
    for path, content in contents.items():
        _write(usecases / path, content)
    if is_new:
        click.echo(f"Made a workspace in {folder}; keep a copy of its data/keys.json outside this machine")
    file, sample = usecases / f"{name}.toml", usecases / f"{name}.sample.jsonl"
    others = len(contents) - 2
    beside = f" and {sample.name}" if not others else f", {sample.name} and {others} more beside it"
    click.echo(f"Wrote {_shown(file)}{beside}. Edit the first, then:")
    for command in _next_commands(file, sample, is_copy=origin is not None):
        click.echo(f"  graftwork {shlex.join(command)}")


def _next_commands(file: Path, sample: Path, *, is_copy: bool) -> Iterator[list[str]]:
    name, rows = file.stem, str(_shown(sample))
    yield ["usecase", "check", name]
    if is_copy:
        for source in load(file).knowledge.sources:
            yield ["knowledge", "add", source, str(_shown(file.with_name(f"{name}.sources") / source))]
        yield ["evaluate", name, "--data", rows]
    yield ["run", name, "--input", rows, "--output", f"{name}.drafts.jsonl"]
    yield ["up"]


def _started(name: str) -> dict[Path, bytes]:
    """What the template becomes: contents by path in the folder of use cases, that of the use case last."""
    title = name.replace("_", " ").capitalize()
    text = _template("usecase.toml").replace("@NAME@", name).replace("@TITLE@", title)
    return {
        Path(f"{name}.sample.jsonl"): _template("sample.jsonl").encode(),
        Path(f"{name}.toml"): text.encode(),
    }


def _copied(origin: str, name: str) -> dict[Path, bytes]:
    """What a packaged use case becomes, in the same form.

    A file that is called after the use case is called after the copy, and the TOML names it so. Copies of one use case
    thus stand side by side, each with files that can be changed without the others.
    """
    folder = packaged_folder()
    toml = folder / f"{origin}.toml"
    found = [file for file in _files(folder) if file.relative_to(folder).parts[0].startswith(f"{origin}.")]
    contents = {
        Path(_renamed(str(file.relative_to(folder)), origin, name)): file.read_bytes() for file in found if file != toml
    }
    for other in _named_otherwise(toml, origin):
        contents[Path(other)] = (folder / other).read_bytes()
    text = _renamed(toml.read_text(encoding="utf-8"), origin, name)
    text = re.sub(rf'^name = "{origin}"', f'name = "{name}"', text, count=1, flags=re.MULTILINE)
    return {**contents, Path(f"{name}.toml"): text.encode()}


def _files(folder: Path) -> Iterable[Path]:
    return (file for file in sorted(folder.rglob("*")) if file.is_file() and "__pycache__" not in file.parts)


def _named_otherwise(toml: Path, origin: str) -> list[str]:
    """The files that a use case reads and that are not called after it."""
    use_case = load(toml)
    named = {*use_case.instructions.files.values(), *use_case.output.codes.values(), *use_case.privacy_texts}
    named |= {use_case.triage.precedents} - {""}
    return sorted(file for file in named if not file.startswith(f"{origin}."))


def _renamed(text: str, origin: str, name: str) -> str:
    """`ORIGIN.policy.md` as `NAME.policy.md`, wherever a file of that name is meant."""
    return re.sub(rf"(?<![\w./-]){origin}(?=\.[a-z])", name, text)


def _check_free(folder: Path, contents: Mapping[Path, bytes]) -> None:
    """Raise `UseCaseExists` before anything is written, so that a refusal leaves no half of a use case behind."""
    for path in contents:
        if os.path.lexists(folder / path):  # a link to nowhere is there too
            raise UseCaseExists(str(_shown(folder / path)))


def _template(name: str) -> str:
    return (resources.files("graftwork.cli") / TEMPLATES / name).read_text(encoding="utf-8")


def _write(file: Path, content: bytes) -> None:
    """Only where there is no such file: `x` refuses what another process wrote a moment ago."""
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        with file.open("xb") as stream:
            stream.write(content)
    except FileExistsError:
        raise UseCaseExists(str(_shown(file))) from None


def _shown(path: Path) -> Path:
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path
