"""Where charters lie in the workspace, and which pilots there are beside them."""

from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from graftwork.config.workspace import Workspace
from graftwork.core.errors import CharterNotFound, InputNotFound, did_you_mean

if TYPE_CHECKING:
    from graftwork.apps.pilots.models import Pilot
    from graftwork.core.charter.schema import Charter


def pilots_folder(workspace: Workspace) -> Path:
    return workspace.folder / "pilots"


def charter_file(workspace: Workspace, name: str) -> Path:
    return pilots_folder(workspace) / f"{name}.toml"


def path_of(workspace: Workspace, file_or_name: str) -> Path | None:
    """The file meant: the one of that path, or the one of that name in the workspace; `None` where there is none."""
    path = Path(file_or_name)
    if path.suffix == ".toml" or len(path.parts) > 1:
        return path
    file = charter_file(workspace, file_or_name)
    return file if file.is_file() else None


def shown(path: Path) -> str:
    """`path` from here where it lies below, else whole."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def read_file(path: Path) -> "Charter":
    from graftwork.core.charter.file import read_charter

    return read_charter(Path(shown(path)))  # so that errors name it as the person would


def stored(name: str) -> "Pilot | None":
    """The pilot of that name in the store, a draft too."""
    from graftwork.apps.pilots.models import Pilot

    return Pilot.objects.filter(name=name).first()


def not_there(workspace: Workspace, name: str) -> CharterNotFound:
    from graftwork.apps.pilots.models import Pilot

    files = [file.stem for file in pilots_folder(workspace).glob("*.toml")]
    known = sorted({*files, *Pilot.objects.values_list("name", flat=True)})
    return CharterNotFound(name, did_you_mean(name, known))


def opened(path: Path) -> BinaryIO:
    """The file, to be read. Raises `InputNotFound` where there is none."""
    if not path.is_file():
        raise InputNotFound(str(path))
    return path.open("rb")


def warn(text: str) -> None:
    click.secho(f"  warning  {text}", fg="yellow")
