"""The gateway of a workspace, for the server that runs it: `graftwork gateway`."""

import gc

from django.conf import settings

from graftwork.config.workspace import Workspace
from graftwork.core.engines.opening import attachments_from_env
from graftwork.gateway.app import Gateway
from graftwork.gateway.engines import FILE_NAME, attached_engines, read_engines
from graftwork.gateway.guarding import open_guard

GARBAGE_THRESHOLD = 10_000


def application() -> Gateway:
    """Made once a process, after Django is loaded. Raises `SettingInvalid` or `EngineKeyMissing`."""
    workspace: Workspace = settings.GRAFTWORK_WORKSPACE
    engines = [*read_engines(workspace.folder / FILE_NAME), *attached_engines(attachments_from_env())]
    chosen = workspace.settings.gateway
    needs_guard = chosen.local == "masked" or any(engine.zone == "managed" for engine in engines)
    gateway = Gateway(chosen, engines, open_guard(workspace.folder, chosen) if needs_guard else None)
    # Rules and models are hundreds of thousands of objects that never go: without this the collector walks over all of
    # them again and again, and a call in its way waits for tens of milliseconds.
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE_THRESHOLD)
    return gateway
