"""The doctor's look at connectors: their files, use cases, secrets and drivers, and whether one needs a person."""

from collections.abc import Iterator

from graftwork.cli.doctor_knowledge import store_is_current
from graftwork.cli.findings import Finding, guarded, missing, ok, warning
from graftwork.cli.session import store_errors
from graftwork.cli.tables import counted
from graftwork.config.workspace import Workspace
from graftwork.core.errors import GraftworkError


def check_connectors(workspace: Workspace) -> Iterator[Finding]:
    """Of a store whose tables can be read. Reaches no system; `graftwork connectors check NAME` does."""
    if any(workspace.connectors_folder.glob("*.toml")) and store_is_current(workspace):
        yield from guarded("connectors", _connectors)


def _connectors() -> Iterator[Finding]:
    from django.utils import timezone

    from graftwork.apps.actors import operator
    from graftwork.apps.connectors.opening import close_systems, system_of
    from graftwork.apps.connectors.queries import Health, health
    from graftwork.apps.work.usecases import get_usecase

    def look(one: Health) -> Finding:
        if one.error is not None:
            return missing("connector", f"{one.name}: {one.error.message}", one.error.hint)
        if one.file is None:
            step = f"put back connectors/{one.name}.toml, or drop what it left"
            return warning(
                "connector", f"{one.name}: its file is gone, and {counted(one.letters, 'letter')} left", step
            )
        try:
            get_usecase(one.file.use_case)
            system_of(one.file)
        except GraftworkError as error:
            return missing("connector", f"{one.name}: {error.message}", error.hint)
        if one.needs_a_person:
            return warning("connector", f"{one.name} needs a person", f"graftwork connectors letters {one.name}")
        return ok("connector", f"{one.name}: {one.file.system}, use case {one.file.use_case}")

    with store_errors():
        found = health(operator(), timezone.now())
    try:
        for one in found:
            yield look(one)
    finally:
        close_systems()
