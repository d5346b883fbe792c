"""The engines of this process, opened when first asked for and shared by all use cases that choose the same one."""

import json
import threading

from django.conf import settings

from graftwork.apps.work.drafter import Drafter, EngineThread, Ground
from graftwork.apps.work.guarding import guard_for
from graftwork.apps.work.lookup import lookup_for
from graftwork.core.engines.attachments import attachments_from_env
from graftwork.core.engines.catalog import load_catalog, models_folder
from graftwork.core.engines.opening import open_engine
from graftwork.core.errors import EngineError
from graftwork.core.flow import Opened
from graftwork.core.ports import Engine
from graftwork.core.privacy.routing import check_engines
from graftwork.core.usecase import UseCase
from graftwork.core.usecase_tables import EngineChoice

_lock = threading.Lock()
_thread: list[EngineThread] = []


def engine_thread() -> EngineThread:
    with _lock:
        if not _thread:
            _thread.append(EngineThread())
        return _thread[0]


def drafter_for(use_case: UseCase, ground: Ground | None = None) -> Drafter:
    """What drafts the items of `use_case`: its engines, behind the guard that says which of them may have an item.

    `ground` looks up passages in other sources than the workspace's. Raises `ManagedUndeclared`, a `PrivacyError` where
    the guard cannot be built, and the errors of `engine_for` where there is no other engine.
    """
    check_engines(use_case)
    guard = guard_for(use_case)
    engines = [_opened(choice) for choice in use_case.engines]
    failed = [engine for engine in engines if isinstance(engine, EngineError)]
    if len(failed) == len(engines):
        raise failed[0]
    return Drafter(use_case, engines, engine_thread(), guard.clear if guard else None, ground or lookup_for(use_case))


def engine_for(use_case: UseCase) -> Engine:
    """The first engine of `use_case`. Raises `ModelNotPulled`, `EngineKeyMissing` or `EngineUnavailable`."""
    return _open(use_case.engine)


def _opened(choice: EngineChoice) -> Opened:
    """The engine, or why there is none: another one may take its items."""
    try:
        return _open(choice)
    except EngineError as error:
        return error


def _open(choice: EngineChoice) -> Engine:
    thread = engine_thread()
    key = json.dumps(choice.model_dump(mode="json"), sort_keys=True)
    engine = thread.get(key)
    if engine is None:
        workspace = settings.GRAFTWORK_WORKSPACE
        engine = thread.keep(
            key,
            open_engine(
                choice,
                name=choice.name,
                models_folder=models_folder(),
                catalog=load_catalog(workspace.folder / "models.toml"),
                attached=attachments_from_env(),
                threads=workspace.settings.engine.threads or None,
                context_tokens_per_slot=workspace.settings.engine.context_tokens,
            ),
        )
    return engine


def close_engines() -> None:
    with _lock:
        while _thread:
            _thread.pop().close()
