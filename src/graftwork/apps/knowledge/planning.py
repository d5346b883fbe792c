"""What a refresh has to do: the files of a source beside what is stored of them."""

from dataclasses import dataclass
from pathlib import Path

from graftwork.apps.knowledge.files import FoundFile, Survey, digest_or_none, survey
from graftwork.apps.knowledge.models import DocumentState, Source, SourceDocument, SourceKind
from graftwork.apps.knowledge.queries import documents_of
from graftwork.core.knowledge.errors import SourceEmptied


@dataclass(frozen=True, slots=True)
class Plan:
    """`embed_again` holds documents whose files stayed as they are, but that were cut or embedded in another way.

    `touched` are files whose times changed and whose content did not, by the key of their document.
    """

    read: tuple[FoundFile, ...] = ()
    embed_again: tuple[SourceDocument, ...] = ()
    gone: tuple[str, ...] = ()
    touched: tuple[tuple[SourceDocument, str], ...] = ()
    unchanged: int = 0
    passed_over: int = 0

    @property
    def files(self) -> int:
        return len(self.read) + len(self.embed_again)

    @property
    def size_bytes(self) -> int:
        return sum(file.size_bytes for file in self.read) + sum(row.size_bytes for row in self.embed_again)


def plan(source: Source, made_with: str, *, retry_failed: bool, all_gone: bool = False) -> Plan:
    """Raises `InputNotFound` or `InputUnreadable` where the folder cannot be looked through: nothing is gone then.

    Raises `SourceEmptied` where it holds no document any more, unless `all_gone` says that this is meant.
    """
    stored = {row.path: row for row in documents_of(source) if not row.part}
    if source.kind == SourceKind.FEED:
        otherwise = tuple(row for row in stored.values() if _made_otherwise(row, made_with))
        return Plan(embed_again=otherwise, unchanged=len(stored) - len(otherwise))
    root = Path(source.location)
    found = survey(root)
    had_any = any(row.state == DocumentState.READY for row in stored.values())
    if had_any and not found.files and not all_gone:
        raise SourceEmptied(source.name, source.location)
    return _compare(found, root, stored, made_with, retry_failed=retry_failed)


def _compare(
    found: Survey, root: Path, stored: dict[str, SourceDocument], made_with: str, *, retry_failed: bool
) -> Plan:
    read: list[FoundFile] = []
    again: list[SourceDocument] = []
    touched: list[tuple[SourceDocument, str]] = []
    for file in found.files:
        row = stored.get(file.path)
        is_new = row is None or (row.state == DocumentState.FAILED and retry_failed)
        if row is None or is_new or (row.stamp != file.stamp and digest_or_none(file, root) != row.sha256):
            read.append(file)
        else:
            if row.stamp != file.stamp:
                touched.append((row, file.stamp))
            if _made_otherwise(row, made_with):
                again.append(row)
    gone = stored.keys() - {file.path for file in found.files}
    unchanged = len(found.files) - len(read) - len(again)
    return Plan(tuple(read), tuple(again), tuple(sorted(gone)), tuple(touched), unchanged, found.passed_over)


def _made_otherwise(row: SourceDocument, made_with: str) -> bool:
    return row.state == DocumentState.READY and row.made_with != made_with
