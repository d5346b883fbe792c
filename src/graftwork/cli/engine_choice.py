"""`--engine` and `--model`: another engine than the use case's own, for one command."""

from graftwork.core.usecase import UseCase

# What the echo engine takes at once: it has no model to fill, so larger batches only save transactions.
ECHO_SLOTS = 256


def with_engine_option(use_case: UseCase, engine: str | None, model: str | None) -> UseCase:
    """`use_case` on `engine`: `echo`, the URL of a server, or a model of the catalog. Raises `UseCaseInvalid`.

    Needs Django to be loaded: the workspace's catalog gives a model its digest.
    """
    from graftwork.apps.work.usecases import pinned

    if not engine:
        return use_case
    if engine == "echo":
        return use_case.with_engine(echo=True, slots=ECHO_SLOTS)
    if "://" in engine:
        return use_case.with_engine(url=engine, model=model or use_case.engine.model)
    return pinned(use_case.with_engine(url=None, echo=False, model=engine, model_sha256=None))
