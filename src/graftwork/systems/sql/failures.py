"""What the codes of databases mean for a connector. A driver's text is never shown: it quotes what it was sent."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

from sqlalchemy.exc import (
    DatabaseError,
    DataError,
    DBAPIError,
    IntegrityError,
    InterfaceError,
    InternalError,
    OperationalError,
    SQLAlchemyError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeout

from graftwork.systems.errors import Rejected, TargetDenied, TargetDown, TargetError, TryFailed

Meaning = Literal["down", "denied", "busy", "refused", "wrong"]

_WORDS: dict[Meaning, str] = {
    "down": "the database cannot be reached, or hung up",
    "denied": "the database refuses the account, or this to the account",
    "busy": "a lock or the time limit of a statement",
    "refused": "the database refuses the values",
    "wrong": "the database does not take the statement: a table, a column or an expression of the file",
}

# SQLSTATE, ISO/IEC 9075 and PostgreSQL's appendix A; the longest prefix counts. ODBC adds HYT00 and HYT01.
_STATES: dict[str, Meaning] = {
    "08": "down", "53": "down", "57P": "down", "58": "down", "HYT01": "down", "IM": "down", "01002": "down",
    "28": "denied", "42501": "denied", "3D": "denied", "25006": "denied",
    "40": "busy", "55P03": "busy", "57014": "busy", "HYT00": "busy", "HY008": "busy", "25P03": "down",
    "22": "refused", "23": "refused", "44": "refused", "54000": "refused",
    "42": "wrong", "0A": "wrong",
}  # fmt: skip

_MYSQL: dict[Meaning, tuple[int, ...]] = {
    "down": (1040, 1053, 1077, 1152, 1153, 1154, 1155, 1156, 1157, 1158, 1159, 1160, 1161, 1184, 1203, 1927,
             2002, 2003, 2005, 2006, 2013, 2014, 2055, 4031),
    "denied": (1044, 1045, 1049, 1142, 1143, 1227, 1290, 1370, 1698, 1792, 1820, 2059, 4151),
    "busy": (1205, 1213, 1317, 1969, 3024, 3572),
    "refused": (1022, 1048, 1062, 1169, 1216, 1217, 1263, 1264, 1265, 1292, 1364, 1366, 1367, 1406, 1411, 1451, 1452,
                1557, 1586, 1644, 3819, 4025),
    "wrong": (1054, 1064, 1109, 1146, 1247, 1305, 1356),
}  # fmt: skip
_SQL_SERVER: dict[Meaning, tuple[int, ...]] = {
    "down": (20002, 20003, 20004, 20006, 20009, 20047, 10053, 10054, 40197, 40501, 40613),
    "denied": (229, 230, 4060, 18452, 18456, 18470, 18486, 18487, 18488, 916),
    "busy": (1204, 1205, 1222, 3960),
    "refused": (241, 242, 245, 248, 515, 547, 2601, 2627, 2628, 8114, 8115, 8152),
    "wrong": (102, 156, 207, 208, 4104),
}
_ORACLE: dict[Meaning, tuple[int, ...]] = {
    "down": (1033, 1034, 1089, 1090, 3113, 3114, 3135, 12154, 12170, 12514, 12528, 12537, 12541, 12543, 12545),
    "denied": (1005, 1017, 1031, 1045, 28000, 28001, 1456),
    "busy": (51, 54, 60, 1013, 4020, 8177, 30006),
    "refused": (1, 1400, 1407, 1438, 1722, 1830, 1843, 1861, 2290, 2291, 2292, 12899),
    "wrong": (900, 904, 936, 942),
}
# https://www.sqlite.org/rescode.html, the primary codes.
_SQLITE: dict[Meaning, tuple[int, ...]] = {
    "down": (7, 10, 11, 13, 14, 22, 26),
    "denied": (3, 8, 23),
    "busy": (5, 6, 9),
    "refused": (18, 19, 20),
    "wrong": (1,),
}
_BY_FAMILY = {"mysql": _MYSQL, "mariadb": _MYSQL, "mssql": _SQL_SERVER, "oracle": _ORACLE, "sqlite": _SQLITE}

# PostgreSQL's driver gives no code where a sign-in fails, and its text is the only sign.
_SIGN_IN = ("authentication failed", "pg_hba.conf", "no password supplied", "does not exist", "not permitted to log in")


@contextmanager
def told(family: str, *, one: bool) -> Iterator[None]:
    """Raise what a failure means. `one`: a lock holds up this delivery only; otherwise everything waits."""
    try:
        yield
    except SQLAlchemyError as error:
        raise meaning_of(error, family, one=one) from None


@contextmanager
def told_of_commit(family: str) -> Iterator[None]:
    """As `told`, where no answer means that it may have happened."""
    try:
        yield
    except SQLAlchemyError as error:
        found = meaning_of(error, family, one=True)
        if isinstance(found, Rejected | TargetDenied) or _is_rolled_back(error):
            raise found from None
        raise TryFailed("no answer to COMMIT", unsure=True) from None


def meaning_of(error: SQLAlchemyError, family: str, *, one: bool) -> TargetError:
    meaning, code = classified(error, family)
    reason = f"{_WORDS[meaning]} ({code})"
    match meaning:
        case "down":
            return TargetDown(reason)
        case "busy":
            return TryFailed(reason) if one else TargetDown(reason)
        case "refused":
            return Rejected(reason)
    # What the file says wrongly is wrong for every delivery: all wait until it is mended.
    return TargetDenied(reason)


def classified(error: SQLAlchemyError, family: str) -> tuple[Meaning, str]:
    """What it means, and the database's code for it."""
    if isinstance(error, PoolTimeout):
        return "down", "no free connection"
    if not isinstance(error, DBAPIError) or error.orig is None:
        return "wrong", type(error).__name__
    code = _code(error.orig)
    meaning = _by_number(code, family) if isinstance(code, int) else _by_state(code)
    if meaning is None:
        meaning = _by_class(error)
    shown = f"SQLSTATE {code}" if isinstance(code, str) and code else f"code {code}" if code else type(error).__name__
    return meaning, shown


def _code(error: BaseException) -> str | int | None:
    for name in ("sqlstate", "sqlite_errorcode"):
        if (found := getattr(error, name, None)) is not None and error.args[:1] != (found,):
            if isinstance(found, int):
                return found & 0xFF
            if not _is_number(error.args):
                return str(found)
    first: Any = error.args[0] if error.args else None
    if isinstance(first, int):
        return first
    if hasattr(first, "code"):  # oracledb
        return int(first.code)
    # pyodbc puts the SQLSTATE first.
    return first if isinstance(first, str) and len(first) == 5 and first.isalnum() else None


def _is_number(arguments: tuple[Any, ...]) -> bool:
    """MySQL's drivers give both; the number says more than the SQLSTATE, which is HY000 for most."""
    return bool(arguments) and isinstance(arguments[0], int)


def _by_number(code: int, family: str) -> Meaning | None:
    table = _BY_FAMILY.get(family, {})
    return next((meaning for meaning, codes in table.items() if code in codes), None)


def _by_state(state: str | None) -> Meaning | None:
    if not state:
        return None
    return next((_STATES[state[:length]] for length in range(5, 1, -1) if state[:length] in _STATES), None)


def _by_class(error: DBAPIError) -> Meaning:
    if error.connection_invalidated:
        return "down"
    if isinstance(error, IntegrityError | DataError):
        return "refused"
    if isinstance(error, OperationalError | InterfaceError | InternalError):
        return "denied" if any(sign in str(error.orig).lower() for sign in _SIGN_IN) else "down"
    return "down" if type(error) is DatabaseError else "wrong"


def _is_rolled_back(error: SQLAlchemyError) -> bool:
    """A deadlock or a failed serialisation is told instead of a commit: nothing was kept."""
    code = _code(error.orig) if isinstance(error, DBAPIError) and error.orig is not None else None
    return (isinstance(code, str) and code.startswith("40")) or code in (1205, 1213)
