"""Whether this process can serve, for a load balancer to ask. It tells no more than that."""

from functools import lru_cache
from typing import Literal

from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest
from ninja import Router
from pydantic import BaseModel

from graftwork.api.errors import ErrorAnswer
from graftwork.core.errors import DatabaseUnavailable

router = Router(tags=["Health"])


class Health(BaseModel):
    status: Literal["ready"]


@router.get("/health", auth=None, response={200: Health, 503: ErrorAnswer}, summary="Ask whether it is ready")
def health(request: HttpRequest) -> Health:
    """Ready when the database answers and its tables are those of this version; 503 otherwise. Needs no token."""
    del request
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        _require_migrations()
    except (DatabaseError, InterfaceError):
        raise DatabaseUnavailable("it does not answer") from None
    return Health(status="ready")


@lru_cache(maxsize=1)
def _require_migrations() -> None:
    """Asked until the answer is yes: tables do not go back to an older version under a running process."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise DatabaseUnavailable("its tables are not those of this version")
