"""What every reader of an Office package (ECMA-376: a zip of XML parts) asks before anything is unpacked."""

from pyexpat import ExpatError, ParserCreate
from zipfile import ZipFile, ZipInfo

_PIECE_BYTES = 64_000


def declares_type(package: ZipFile, part: ZipInfo) -> bool:
    """Whether a document type stands before the root element: entities that unfold without end need one.

    Reads up to the root element only, before which a document type stands.
    """
    parser = ParserCreate()
    parser.StartDoctypeDeclHandler = _declared
    parser.StartElementHandler = _stop
    try:
        with package.open(part) as file:
            while piece := file.read(_PIECE_BYTES):
                parser.Parse(piece, False)
    except _TypeDeclaredError:
        return True
    except (_RootReachedError, ExpatError):  # what is no XML is the reader's to refuse
        return False
    return False


class _TypeDeclaredError(Exception):
    pass


class _RootReachedError(Exception):
    pass


def _declared(*_: object) -> None:
    raise _TypeDeclaredError


def _stop(*_: object) -> None:
    raise _RootReachedError
