"""The engines of this process, opened when first asked for and shared by all use cases that choose the same one."""

import json
import threading
from urllib.parse import urlsplit

from django.conf import settings

from graftwork.apps.work.drafter import EngineThread
from graftwork.core.engines.catalog import load_catalog, models_folder
from graftwork.core.engines.opening import attachments_from_env, open_engine
from graftwork.core.ports import Engine
from graftwork.core.usecase import EngineChoice, UseCase

_lock = threading.Lock()
_thread: list[EngineThread] = []


def engine_thread() -> EngineThread:
    with _lock:
        if not _thread:
            _thread.append(EngineThread())
        return _thread[0]


def engine_for(use_case: UseCase) -> Engine:
    """The engine that `use_case` chooses. Raises `ModelNotPulled`, `EngineKeyMissing` or `EngineUnavailable`."""
    thread = engine_thread()
    key = json.dumps(use_case.engine.model_dump(mode="json"), sort_keys=True)
    engine = thread.get(key)
    if engine is None:
        workspace = settings.GRAFTWORK_WORKSPACE
        engine = thread.keep(
            key,
            open_engine(
                use_case.engine,
                name=engine_name(use_case.engine),
                models_folder=models_folder(),
                catalog=load_catalog(workspace.folder / "models.toml"),
                attached=attachments_from_env(),
                threads=workspace.settings.engine.threads or None,
                context_tokens_per_slot=workspace.settings.engine.context_tokens,
            ),
        )
    return engine


def engine_name(choice: EngineChoice) -> str:
    """What people call the engine: `embedded`, or the host that serves it."""
    if choice.echo:
        return "echo"
    return urlsplit(choice.url).netloc.rpartition("@")[2] if choice.url else "embedded"


def close_engines() -> None:
    with _lock:
        while _thread:
            _thread.pop().close()
