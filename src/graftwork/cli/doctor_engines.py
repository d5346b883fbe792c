"""The doctor's look at the use cases, and at what each needs in order to draft."""

import asyncio
import os
from collections.abc import Iterator, Sequence
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from graftwork.cli.findings import Finding, guarded, host_of, missing, ok, warning
from graftwork.cli.usecase import usecase_files
from graftwork.config.workspace import Workspace
from graftwork.core.engines.catalog import load_catalog, models_folder
from graftwork.core.engines.pull import locate
from graftwork.core.errors import ModelDigestMismatch, ModelNotPulled
from graftwork.core.privacy.routing import check_engines as check_engines_of
from graftwork.core.usecase import UseCase
from graftwork.core.usecase_file import load
from graftwork.core.usecase_tables import EngineChoice
from graftwork.core.zones import zone_of

ANSWER_SECONDS = 3.0


def check_engines(workspace: Workspace | None) -> Iterator[Finding]:
    """Every use case, and each engine once, however many use cases share it.

    Engines are those of the workspace's own use cases; where it has none, those of the use cases that ship.
    """
    files = usecase_files()
    readable: list[UseCase] = []
    for name, (file, _) in files.items():
        yield from guarded(f"use case {name}", partial(_read, file, readable))
    yield ok("use cases", f"{len(readable)} readable: {', '.join(use_case.name for use_case in readable) or 'none'}")
    own = [use_case for use_case in readable if files[use_case.name][1] == "workspace"]
    for use_case in readable:
        yield from guarded(f"policy of {use_case.name}", partial(_policy, use_case))
    for choice, names in _shared(own or readable):
        check = f"engine of {', '.join(names)}" if own else "engine of the use cases that ship"
        yield from guarded(check, partial(_engine, check, choice, workspace))


def _shared(use_cases: Sequence[UseCase]) -> list[tuple[EngineChoice, list[str]]]:
    """Each engine with the use cases that choose it: what is the same machine and model is looked at once."""
    users: dict[tuple[str, str, bool, str | None], tuple[EngineChoice, list[str]]] = {}
    for use_case in use_cases:
        for choice in use_case.engines:
            key = (choice.name, choice.model, choice.echo, choice.api_key_env)
            users.setdefault(key, (choice, []))[1].append(use_case.name)
    return list(users.values())


def _read(file: Path, readable: list[UseCase]) -> list[Finding]:
    readable.append(load(file))
    return []


def _policy(use_case: UseCase) -> list[Finding]:
    check_engines_of(use_case)
    return []


def _engine(check: str, choice: EngineChoice, workspace: Workspace | None) -> Iterator[Finding]:
    if choice.echo:
        yield ok(check, "echo, for tests")
    elif choice.url is not None:
        yield _server(check, choice, choice.url)
    else:
        yield _embedded(check, choice.model, workspace)


def _embedded(check: str, model: str, workspace: Workspace | None) -> Finding:
    if find_spec("xllamacpp") is None:
        return missing(check, "the embedded engine (xllamacpp) is not installed", "pip install -U graftwork")
    entry = load_catalog(workspace.folder / "models.toml" if workspace else None).get(model)
    try:
        locate(entry, models_folder())
    except ModelNotPulled as error:
        return missing(check, error.message, f"graftwork models pull {model}")
    except ModelDigestMismatch:
        return missing(check, f"the file of model {model} is damaged", f"graftwork models pull {model}")
    return ok(check, f"model {model} is here")


def _server(check: str, choice: EngineChoice, url: str) -> Finding:
    variable = choice.api_key_env
    key = os.environ.get(variable, "").strip() if variable else ""
    if variable and not key:
        return missing(check, f"{variable} is not set in the environment", f"export {variable}=... (the server's key)")
    where = f"{choice.model} at {host_of(url)}"
    try:
        status = asyncio.run(_status(url, key))
    except (OSError, TimeoutError):
        return missing(check, f"{where}: no answer within {ANSWER_SECONDS:g} s", "start it, or mend `engine.url`")
    except ValueError:  # aiohttp: a header or an address with characters that cannot stand there
        return missing(check, f"{where}: the address or the key cannot be sent", "mend `engine.url`, or the key")
    if status in (401, 403):
        step = f"put the right key into {variable}" if variable else "name its variable: `engine.api_key_env`"
        return missing(check, f"{where}: it wants a key that it knows (HTTP {status})", step)
    if status >= 500:
        return warning(check, f"{where}: it answers, but with HTTP {status}", "look into the server's own log")
    return ok(check, f"{where} answers")


async def _status(url: str, key: str) -> int:
    """What the server says to a question for its models. No redirect is followed: the key is for this host only."""
    import aiohttp

    headers = {"Authorization": f"Bearer {key}"} if key else {}
    timeout = aiohttp.ClientTimeout(total=ANSWER_SECONDS)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout, trust_env=zone_of(url) == "managed") as session,
            session.get(f"{url.rstrip('/')}/models", headers=headers, allow_redirects=False) as response,
        ):
            return response.status
    except aiohttp.InvalidURL:
        raise ValueError("not a URL") from None
    except aiohttp.ClientError as error:
        raise ConnectionError(type(error).__name__) from None
