"""A ticket table as a company may have had it for twenty years. Company, people and tickets are invented."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sql

CREATE = """
CREATE TABLE tkt_hdr (
  tkt_no CHAR(12) NOT NULL,
  subj   VARCHAR(80),
  body   VARCHAR(2000),
  rcvd   CHAR(14) NOT NULL,
  sts    CHAR(1) NOT NULL,
  reply  VARCHAR(4000),
  upd_by CHAR(8)
)
"""
TICKETS = (
    ("T-2004-0317", "Too big", "I got the bed sheet yesterday, unopened, and it is too big. Can I send it back?"),
    ("T-2004-0318", "Where is it", "I ordered a lamp eleven working days ago and nothing has come. Is it lost?"),
    ("T-2004-0319", "Zürich", "Do you deliver to Zürich, and what does it cost? Grüße, Jörg"),
    ("T-2004-0320", "Kettle", "My kettle stopped heating after six weeks. What can you do about it?"),
    ("T-2004-0321", "Refund", "I sent the lamp back two weeks ago. When do I get my money?"),
    ("T-2004-0322", "Invoice", "I need an invoice with the name of my company on it, please."),
)
SHOWN = ("tkt_no", "subj", "sts", "upd_by", "reply")


@contextmanager
def legacy_database(folder: Path) -> Iterator[tuple[str, str]]:
    """(name, URL for the connector) of a database with the table: MariaDB, PostgreSQL, or else a file of SQLite."""
    from support import mariadb, postgres

    if mariadb.server() is not None:
        with mariadb.temporary_mariadb() as server:
            yield "MariaDB", server.url
    elif postgres.binaries() is not None:
        with postgres.temporary_postgres() as url:
            yield "PostgreSQL", url.replace("postgres://", "postgresql://")
    else:
        file = folder / "old_crm.sqlite3"
        file.unlink(missing_ok=True)
        yield "SQLite (neither MariaDB nor PostgreSQL is installed here)", f"sqlite:///{file}"


class Table:
    """The table through the eyes of the old application, which knows nothing of Graftwork."""

    def __init__(self, url: str) -> None:
        drivers = {"mariadb": "mariadb+pymysql", "postgresql": "postgresql+psycopg", "sqlite": "sqlite"}
        scheme, _, rest = url.partition("://")
        self._engine = sql.create_engine(f"{drivers[scheme]}://{rest}")
        self._is_mariadb = scheme == "mariadb"

    def fill(self) -> None:
        with self._engine.begin() as there:
            there.execute(sql.text(CREATE + ("DEFAULT CHARSET = latin1" if self._is_mariadb else "")))
            for minute, (number, subject, body) in enumerate(TICKETS):
                there.execute(
                    sql.text("INSERT INTO tkt_hdr VALUES (:no, :subj, :body, :rcvd, 'N', NULL, 'WEBFORM')"),
                    {"no": number, "subj": subject, "body": body, "rcvd": f"202611220930{minute:02}"},
                )

    def change(self, number: str) -> None:
        """Somebody answers by telephone, and says so in the old application."""
        with self._engine.begin() as there:
            there.execute(
                sql.text("UPDATE tkt_hdr SET sts = 'C', reply = 'Called him.', upd_by = 'JMEIER' WHERE tkt_no = :no"),
                {"no": number.ljust(12) if not self._is_mariadb else number},
            )

    def rows(self) -> Sequence[Sequence[str]]:
        with self._engine.connect() as there:
            found = there.execute(sql.text(f"SELECT {', '.join(SHOWN)} FROM tkt_hdr ORDER BY rcvd")).all()
        return [["NULL" if value is None else str(value).rstrip() for value in row] for row in found]
