from collections.abc import Iterator

import pytest

from support.connectors import approve, old, process, write_connector
from support.postgres import binaries, temporary_postgres

__all__ = ["approve", "database_url", "old", "process", "write_connector"]


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> Iterator[str | None]:
    if request.param == "sqlite":
        yield None
        return
    if binaries() is None:
        pytest.skip("PostgreSQL's server is not installed: apt-get install postgresql")
    with temporary_postgres() as url:
        yield url
