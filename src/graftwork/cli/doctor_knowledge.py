"""The doctor's look at knowledge: the embedding model, what was not read, what a use case names and does not get."""

from collections.abc import Iterator

from graftwork.cli.doctor_store import has_database
from graftwork.cli.findings import Finding, guarded, host_of, missing, ok, warning
from graftwork.cli.knowledge_status import watched_usecases
from graftwork.cli.session import store_errors, tables
from graftwork.cli.tables import counted
from graftwork.config.setup import load_django
from graftwork.config.workspace import Workspace
from graftwork.core.engines.catalog import load_catalog, models_folder
from graftwork.core.engines.pull import locate
from graftwork.core.errors import ModelNotPulled, StoreError
from graftwork.core.usecase import UseCase


def check_knowledge(workspace: Workspace) -> Iterator[Finding]:
    """Of a store whose tables can be read. Nothing where there are no sources and no use case names any."""
    if store_is_current(workspace):
        yield from guarded("knowledge", lambda: _sources(workspace))


def sources_left_out(workspace: Workspace, use_case: UseCase) -> list[str]:
    """What `use_case` names and does not get, in words; nothing where there is no store that could say so."""
    if not use_case.knowledge.sources or not store_is_current(workspace):
        return []
    from graftwork.apps.knowledge.status import left_out

    with store_errors():
        return [f"it does not draw on {one.source}: {one.reason}" for one in left_out([use_case])]


def store_is_current(workspace: Workspace) -> bool:
    """Whether there is a database that can be asked. What is wrong with it, the look at the store tells."""
    try:
        if not has_database(workspace):
            return False
        load_django(workspace)
        with store_errors():
            return tables() == "current"
    except StoreError:
        return False


def _sources(workspace: Workspace) -> Iterator[Finding]:
    from graftwork.apps.knowledge.embedding import embedding_of_settings
    from graftwork.apps.knowledge.status import status
    from graftwork.apps.work.usecases import all_usecases

    with store_errors():
        found = status(all_usecases()[0], embedding_of_settings(), None, watched_usecases(workspace))
    for left_out in found.left_out:
        step = f"graftwork knowledge groups {left_out.source}, or mend `knowledge.sources` or `review.group`"
        if left_out.is_missing:
            step = f"graftwork knowledge add {left_out.source} PATH"
        told = f"{left_out.use_case} does not draw on {left_out.source}: {left_out.reason}"
        yield warning("knowledge", told, step)
    if not found.sources:
        return
    yield from _embedding(workspace)
    for source in found.sources:
        again = f"graftwork knowledge refresh {source.name}"
        if source.failures:
            what = counted(len(source.failures), "file")
            yield warning("knowledge", f"{source.name}: {what} not read", f"graftwork knowledge status {source.name}")
        elif source.outdated:
            yield warning("knowledge", f"{source.name}: {counted(source.outdated, 'document')} not searched", again)
        else:
            yield ok("knowledge", f"{source.name}: {counted(source.documents, 'document')}")


def _embedding(workspace: Workspace) -> Iterator[Finding]:
    chosen = workspace.settings.knowledge
    if chosen.embeddings_url:
        yield ok("embeddings", f"{chosen.embeddings_model} at {host_of(chosen.embeddings_url)}")
        return
    entry = load_catalog(workspace.folder / "models.toml").get(chosen.embedding_model)
    try:
        locate(entry, models_folder())
    except ModelNotPulled:
        yield missing("embeddings", f"{entry.name} is not here", f"graftwork models pull {entry.name}")
    else:
        yield ok("embeddings", f"{entry.name} is here")
