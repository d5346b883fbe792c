"""Databases that have an ODBC driver and no dialect of their own in SQLAlchemy: plain SQL that all of them read.

Pages are not cut by the database, since each writes that in another way: reading stops after the rows that are wanted.
"""

from typing import Any

from sqlalchemy.connectors.pyodbc import PyODBCConnector
from sqlalchemy.engine.default import DefaultDialect


class OdbcDialect(PyODBCConnector, DefaultDialect):
    name = "graftwork_odbc"
    supports_statement_cache = True
    supports_sane_multi_rowcount = False

    def initialize(self, connection: Any) -> None:
        """Asks nothing: what other dialects ask for here, such as the default schema, has no common form."""

    def do_ping(self, dbapi_connection: Any) -> bool:  # noqa: ARG002 - SQLAlchemy's name
        """The same: there is no statement that all of them know. A dead connection shows at the first one."""
        return True
