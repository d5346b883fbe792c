"""From a file of the folder to a record: the same columns as `graftwork run FOLDER` gives."""

from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from pathlib import PurePosixPath
from typing import Any

from graftwork.core.documents.errors import DocumentError, DocumentTooLarge, DocumentUnreadable
from graftwork.core.intake import mail
from graftwork.core.intake.row import RowMalformed, clean, short_id
from graftwork.systems.contract import Record, Surroundings
from graftwork.systems.folder.names import is_safe
from graftwork.systems.folder.store import Found, Store

# Stands for a file's name in every reason: those are shown to people who may not see the record.
_THE_DOCUMENT = "the document"


def read_record(store: Store, file: Found, around: Surroundings, *, versions: bool, limit_bytes: int) -> Record | None:
    """The record of `file`; `None` where it is gone, or was changed while it was read. Raises `TargetError`."""
    if not is_safe(file.name):
        return Record(
            _digest(file.name.encode(errors="surrogatepass")), {}, problem="its name or path cannot be stored as text"
        )
    if file.size_bytes > limit_bytes:
        return _refused(file, DocumentTooLarge(_THE_DOCUMENT, f"it has more than {limit_bytes / 1e6:,.0f} MB"))
    try:
        content = store.read(file.name, limit_bytes)
        changed = not store.whole_files and store.find(file.name).fingerprint != file.fingerprint
    except FileNotFoundError:
        return None
    except PermissionError:
        return _refused(file, DocumentUnreadable(_THE_DOCUMENT, "no permission"))
    if changed or len(content) != file.size_bytes:
        return None
    digest = _digest(content)
    key = short_id(f"{file.name}@{digest[:16]}" if versions else file.name)
    origin = {**origin_of(file), "sha256": digest}
    row, problem = _row(content, file.name, around)
    return Record(key, row, short_id(file.name), origin, problem)


def origin_of(file: Found) -> dict[str, Any]:
    return {"path": file.name, "size_bytes": file.size_bytes, "changed_ns": file.changed_ns, "tag": file.tag}


def _refused(file: Found, error: DocumentError) -> Record:
    name = short_id(file.name)
    return Record(name, {}, name, origin_of(file), _reason(error))


def _reason(error: DocumentError) -> str:
    return f"{error.code}: {replace(error, name=_THE_DOCUMENT).message}"  # type: ignore[call-arg]  # every subclass has a name


def _row(content: bytes, path: str, around: Surroundings) -> tuple[Mapping[str, Any], str]:
    name = PurePosixPath(path).name
    place = {"file": name, "path": path}
    try:
        if name.lower().endswith(".eml"):
            message = mail.parse(content)
            return {**{key: value for key, value in message.items() if key != "id"}, **place}, ""
        document = around.read_document(content, name)
    except RowMalformed as error:
        return {}, f"document.broken: {_THE_DOCUMENT}: {error}"
    except DocumentError as error:
        return {}, _reason(error)
    pages = [page.start for page in document.pages]
    return {"text": clean(document.text), "text:pages": pages, "title": clean(document.title), **place}, ""


def _digest(content: bytes) -> str:
    return sha256(content).hexdigest()
