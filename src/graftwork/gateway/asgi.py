"""The gateway of a workspace, for the server that runs it: `graftwork gateway`."""

from django.conf import settings

from graftwork.config.workspace import Workspace
from graftwork.core.engines.opening import attachments_from_env
from graftwork.gateway.app import Gateway
from graftwork.gateway.engines import FILE_NAME, attached_engines, read_engines
from graftwork.gateway.guarding import open_guard


def application() -> Gateway:
    """Made once a process, after Django is loaded. Raises `SettingInvalid` or `EngineKeyMissing`."""
    workspace: Workspace = settings.GRAFTWORK_WORKSPACE
    engines = [*read_engines(workspace.folder / FILE_NAME), *attached_engines(attachments_from_env())]
    chosen = workspace.settings.gateway
    needs_guard = chosen.local == "masked" or any(engine.zone == "managed" for engine in engines)
    return Gateway(chosen, engines, open_guard(workspace.folder, chosen) if needs_guard else None)
