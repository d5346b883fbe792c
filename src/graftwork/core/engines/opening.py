"""From a use case's choice to an engine that is ready to generate."""

import os
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

from graftwork.core.engines.attachments import Attachment
from graftwork.core.engines.catalog import Catalog
from graftwork.core.engines.echo import EchoEngine
from graftwork.core.engines.embedded import EmbeddedEngine
from graftwork.core.engines.embedded_server import EmbeddedServer
from graftwork.core.engines.openai import OpenAICompatible, Prices
from graftwork.core.engines.pull import locate
from graftwork.core.errors import EngineKeyMissing, ModelDigestMismatch
from graftwork.core.ports import Engine
from graftwork.core.usecase_tables import EngineChoice

CONTEXT_TOKENS_PER_SLOT = 4096


def open_engine(
    choice: EngineChoice,
    *,
    name: str,
    models_folder: Path,
    catalog: Catalog,
    attached: Mapping[str, Attachment] | None = None,
    threads: int | None = None,
    context_tokens_per_slot: int = CONTEXT_TOKENS_PER_SLOT,
) -> Engine:
    """The engine that `choice` names. An embedded one uses the server in `attached` that has its model, or starts one.

    Starting blocks until the model is loaded. Raises `EngineKeyMissing`, `ModelNotFound`, `ModelNotPulled`,
    `ModelDigestMismatch` or `EngineUnavailable`.
    """
    if choice.echo:
        return EchoEngine(
            name,
            slots=choice.slots,
            context_tokens=choice.context_tokens,
            delay_seconds=choice.echo_delay_seconds,
            zone=choice.effective_zone,
        )
    if choice.url is not None:
        return _remote(choice, choice.url, name)
    if attached and choice.model in attached:
        return _attached(choice, attached[choice.model], name)
    return _started(choice, name, models_folder, catalog, threads, context_tokens_per_slot)


def _remote(choice: EngineChoice, url: str, name: str) -> Engine:
    return OpenAICompatible(
        name=name,
        model=choice.model,
        url=url,
        zone=choice.effective_zone,
        slots=choice.slots,
        context_tokens=choice.context_tokens,
        api_key=_key(choice, name),
        prices=Prices(_price(choice.input_price_per_million), _price(choice.output_price_per_million), choice.currency),
    )


def _attached(choice: EngineChoice, attachment: Attachment, name: str) -> Engine:
    if attachment.model_sha256 is not None:
        _check_digest(choice, choice.model, attachment.model_sha256)
    return EmbeddedEngine(
        name=name,
        model=choice.model,
        url=attachment.url,
        api_key=attachment.api_key,
        slots=attachment.slots,
        context_tokens=min(choice.context_tokens or attachment.context_tokens, attachment.context_tokens),
        slots_folder=Path(attachment.slots_folder) if attachment.slots_folder else None,
    )


def _started(
    choice: EngineChoice,
    name: str,
    models_folder: Path,
    catalog: Catalog,
    threads: int | None,
    context_tokens_per_slot: int,
) -> Engine:
    entry = catalog.that_generates(choice.model)
    _check_digest(choice, entry.name, entry.sha256)
    wanted = choice.context_tokens or context_tokens_per_slot
    server = EmbeddedServer(
        locate(entry, models_folder),
        entry.name,
        slots=choice.slots,
        context_tokens_per_slot=min(wanted, entry.context_tokens or wanted),
        threads=threads,
    )
    server.start()
    return EmbeddedEngine(
        name=name,
        model=entry.name,
        url=server.url,
        api_key=server.api_key,
        slots=server.slots,
        context_tokens=server.context_tokens_per_slot,
        slots_folder=server.slots_folder,
        owned=server,
    )


def _check_digest(choice: EngineChoice, model: str, found: str) -> None:
    if choice.model_sha256 not in (None, found):
        raise ModelDigestMismatch(model, expected=choice.model_sha256 or "", found=found)


def _key(choice: EngineChoice, name: str) -> str | None:
    if choice.api_key_env is None:
        return None
    key = os.environ.get(choice.api_key_env, "").strip()
    if not key:
        raise EngineKeyMissing(name, choice.api_key_env)
    return key


def _price(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(str(value))
