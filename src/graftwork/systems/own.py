"""A system by a class of your own, where no file can describe it: `system = "python"`, `class = "module:Name"`."""

import sys
from collections.abc import Mapping
from importlib import import_module
from typing import Any

from pydantic import Field

from graftwork.systems.contract import Surroundings, System
from graftwork.systems.errors import ConnectorInvalid
from graftwork.systems.file import TwoWay
from graftwork.systems.secret import SecretPlace, read_secret


class OwnConnector(TwoWay):
    """The class is called with its settings, its secrets and the surroundings, and does what `System` says."""

    class_name: str = Field(
        alias="class",
        pattern=r"^[A-Za-z_][\w.]*:[A-Za-z_]\w*$",
        description="module:Name; a module that is installed, or a file in the folder connectors/",
    )
    settings: Mapping[str, Any] = Field({}, description="given to the class as they stand here")
    secrets: Mapping[str, SecretPlace] = Field(
        {}, description="name and place of each secret; the class gets the secrets"
    )


def open_own(file: OwnConnector, around: Surroundings) -> System:
    """Raises `ConnectorInvalid` where there is no such class, `SecretMissing` where a secret is not there."""
    module_name, _, name = file.class_name.partition(":")
    folder = str(around.folder / "connectors")
    if folder not in sys.path:
        sys.path.append(folder)  # behind everything that is installed: a file there must not shadow a library
    try:
        made = getattr(import_module(module_name), name)
    except Exception as error:  # noqa: BLE001 - a module may raise whatever it likes when it is read
        raise ConnectorInvalid(file.name, "class", f"cannot be loaded: {type(error).__name__}") from None
    secrets = {key: read_secret(place, around.folder) for key, place in file.secrets.items()}
    system: System = made(file.settings, secrets, around)
    return system
