"""The gateway of a workspace, for the server that runs it: `graftwork gateway`."""

import gc

from django.conf import settings

from graftwork.config.workspace import Workspace
from graftwork.gateway.app import Gateway
from graftwork.gateway.searching import engines_of, needs_guard

GARBAGE_THRESHOLD = 10_000


def application() -> Gateway:
    """Made once a process, after Django is loaded. Raises `SettingInvalid` or `EngineKeyMissing`."""
    workspace: Workspace = settings.GRAFTWORK_WORKSPACE
    chosen, engines = workspace.settings.gateway, engines_of(workspace)
    gateway = Gateway(chosen, engines, folder=workspace.folder if needs_guard(chosen, engines) else None)
    # Rules and models are hundreds of thousands of objects that never go: without this the collector walks over all of
    # them again and again, and a call in its way waits for tens of milliseconds.
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE_THRESHOLD)
    return gateway
