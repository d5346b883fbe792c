"""The books of placeholders, kept between the turns of a thread: sealed under the scope's key, for a time.

The order is: open the book, mask, save it, and only then send. Whatever is missing to read or write a book (a key, a
row, the database) raises, so nothing is sent without it: `KeyMissing`, `KeyFileInvalid`, `SealBroken`, or an error of
the database.
"""

import hmac
import json
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db import IntegrityError, transaction

from graftwork.apps.keyring import keyring
from graftwork.apps.vault.actions import scope_keys
from graftwork.apps.vault.models import PlaceholderBook, PlaceholderPage, ScopeKey
from graftwork.apps.vault.sealing import DataKey, unwrap
from graftwork.core.errors import KeyMissing, PlaceholdersChanged, SealBroken
from graftwork.core.privacy.book import Book, Entry
from graftwork.core.privacy.placeholders import Placeholder

LIFETIME = timedelta(days=30)
KEEP_INDEXES = timedelta(days=365)
MOST_PAGES = 32
ATTEMPTS = 8
SWEEP_CHUNK = 200

T = TypeVar("T")


class StoredBook(Book):
    """A book, and where it lies. It is as it was when it was opened: others may have added to the scope since."""

    def __init__(self, scope: str, lifetime: timedelta, **held: Any) -> None:
        super().__init__(**held)
        self.scope_sha256 = scope_digest(scope)
        self.lifetime = lifetime
        self.page = 0
        self.key_id: int | None = None
        self.expires_at: datetime | None = None


def open_book(scope: str, now: datetime, lifetime: timedelta = LIFETIME) -> StoredBook:
    """The book of `scope` (`core.privacy.book.scope_of`), empty where there is none or it has expired."""
    # One statement sees one state: a save at the same moment is either in it or not.
    pages = list(
        PlaceholderPage.objects.filter(book__scope_sha256=scope_digest(scope), book__expires_at__gt=now)
        .select_related("book__scope_key")
        .order_by("number")
    )
    if not pages:
        row = PlaceholderBook.objects.filter(scope_sha256=scope_digest(scope)).first()
        return StoredBook(scope, lifetime, last_indexes=row.last_indexes if row else None)
    row = pages[-1].book
    assert row.scope_key is not None, "pages go before their key"
    key = unwrap(row.scope_key, keyring())
    held = _held(_unsealed(key, page) for page in pages)
    book = StoredBook(scope, lifetime, last_indexes=row.last_indexes, **held)
    book.page, book.key_id, book.expires_at = pages[-1].number, row.scope_key.pk, row.expires_at
    return book


def save_book(book: StoredBook, now: datetime) -> None:
    """Store what `book` has that the vault has not, and let the scope live for another lifetime.

    Raises `PlaceholdersChanged` where another process saved the scope since: open it and mask again. Whatever it
    raises, the book still holds what was not stored.
    """
    changes = book.take_changes()
    try:
        if changes:
            _add_page(book, changes, now)
        else:
            _prolong(book, now)
    except BaseException:
        book.put_back(changes)
        raise


def with_book(
    scope: str, now: datetime, work: Callable[[StoredBook], T], lifetime: timedelta = LIFETIME
) -> tuple[T, StoredBook]:
    """What `work` (masking) makes with the scope's book, once that is saved; done again where others were first.

    Raises `PlaceholdersChanged` where others were first every time.
    """
    for attempt in range(1, ATTEMPTS + 1):
        book = open_book(scope, now, lifetime)
        result = work(book)
        try:
            save_book(book, now)
        except PlaceholdersChanged:
            if attempt == ATTEMPTS:
                raise
        else:
            return result, book
    raise AssertionError("the last attempt returns or raises")


def forget_expired_books(now: datetime) -> int:
    """Delete what has expired, values and keys; returns how many scopes. Cheap to call often."""
    count = 0
    while rows := list(_expired(now).values_list("pk", flat=True)[:SWEEP_CHUNK]):
        with transaction.atomic():
            for row in _expired(now).filter(pk__in=rows).select_for_update(of=("self",)):
                _erase(row)
        count += len(rows)
    PlaceholderBook.objects.filter(expires_at__lte=now - KEEP_INDEXES, scope_key=None).delete()
    return count


def forget_book(scope: str) -> int:
    """Delete the values and the key of `scope` at once; returns how many placeholders stood for them.

    What was masked with it cannot be restored any more. A book that cannot be read (its master key is lost) goes too,
    and is counted by the numbers that it ever gave out.
    """
    count = 0
    with transaction.atomic():
        for row in PlaceholderBook.objects.filter(scope_sha256=scope_digest(scope)).select_for_update(of=("self",)):
            count += _held_by(row)
            _erase(row)
    return count


def _held_by(row: PlaceholderBook) -> int:
    if row.scope_key is None:
        return 0
    try:
        key = unwrap(row.scope_key, keyring())
        pages = PlaceholderPage.objects.filter(book=row).select_related("book__scope_key").order_by("number")
        return len(_held(_unsealed(key, page) for page in pages)["entries"])
    except (KeyMissing, SealBroken):
        return sum(row.last_indexes.values())


def _expired(now: datetime) -> Any:
    return PlaceholderBook.objects.filter(expires_at__lte=now, scope_key__isnull=False).order_by("expires_at")


def _erase(row: PlaceholderBook) -> None:
    key = row.scope_key
    PlaceholderPage.objects.filter(book=row).delete()
    row.scope_key, row.last_page = None, 0
    row.save(update_fields=["scope_key", "last_page"])
    if key is not None:
        key.delete()


def _add_page(book: StoredBook, changes: Iterable[Entry], now: datetime) -> None:
    try:
        with transaction.atomic():
            row, key = _row(book, now)
            number = book.page + 1
            merges = number > MOST_PAGES and PlaceholderPage.objects.filter(book=row).count() >= MOST_PAGES
            page = PlaceholderPage(book=row, number=number)
            page.sealed = unwrap(key, keyring()).seal(
                _dump(book, book.entries if merges else changes), _label(key, number)
            )
            page.save(force_insert=True)
            if merges:
                PlaceholderPage.objects.filter(book=row, number__lt=number).delete()
    except IntegrityError:
        raise PlaceholdersChanged from None
    book.page, book.key_id, book.expires_at = number, key.pk, now + book.lifetime


def _row(book: StoredBook, now: datetime) -> tuple[PlaceholderBook, ScopeKey]:
    """The row of the scope, locked, with its key. One that expired is emptied first."""
    rows = PlaceholderBook.objects.filter(scope_sha256=book.scope_sha256).select_for_update(of=("self",))
    row = rows.select_related("scope_key").first()
    if row is not None and row.scope_key is not None and row.expires_at <= now:
        _erase(row)
    key = None if row is None else row.scope_key
    # Not the unique number alone: it is free again where the pages were merged since.
    if book.key_id != (None if key is None else key.pk) or (row is not None and row.last_page != book.page):
        raise PlaceholdersChanged
    if key is None:
        [key] = scope_keys([f"placeholders:{book.scope_sha256}"]).values()
    row = row or PlaceholderBook(scope_sha256=book.scope_sha256)
    row.scope_key, row.last_page = key, book.page + 1
    row.last_indexes, row.expires_at = book.last_indexes, now + book.lifetime
    row.save()
    return row, key


def _prolong(book: StoredBook, now: datetime) -> None:
    """A scope in use lives on. Written once a tenth of its lifetime, not with every turn."""
    if book.expires_at is None or now + 0.9 * book.lifetime < book.expires_at:
        return
    rows = PlaceholderBook.objects.filter(scope_sha256=book.scope_sha256, scope_key_id=book.key_id, expires_at__gt=now)
    if not rows.update(expires_at=now + book.lifetime):
        raise PlaceholdersChanged
    book.expires_at = now + book.lifetime


def _dump(book: StoredBook, entries: Iterable[Entry]) -> str:
    rows = [
        [entry.placeholder.label, entry.placeholder.index, entry.kind, entry.value, entry.gender, entry.surrogate]
        for entry in entries
    ]
    return json.dumps({"secret": book.secret.hex(), "entries": rows})


def _unsealed(key: DataKey, page: PlaceholderPage) -> dict[str, Any]:
    assert page.book.scope_key is not None, "pages go before their key"
    label = _label(page.book.scope_key, page.number)
    try:
        content: dict[str, Any] = json.loads(key.unseal(page.sealed, label))
    except ValueError:
        raise SealBroken(label) from None
    return content


def _held(contents: Iterable[dict[str, Any]]) -> dict[str, Any]:
    entries: dict[Placeholder, Entry] = {}
    secret = b""
    for content in contents:
        secret = bytes.fromhex(content["secret"])
        for label, index, kind, value, gender, surrogate in content["entries"]:
            placeholder = Placeholder(label, index)
            entries[placeholder] = Entry(placeholder, kind, value, gender, surrogate)
    return {"entries": entries.values(), "secret": secret}


def _label(key: ScopeKey, number: int) -> str:
    return f"vault.placeholders:{key.pk}:{number}"


def scope_digest(scope: str) -> str:
    """What a scope is called in the store. Threads may be named after people (a customer's address): without the key
    ring nobody can try out whose scope it is.
    """
    key = hmac.digest(keyring().audit_secret, b"graftwork.vault.scope", "sha256")
    return hmac.new(key, scope.encode("utf-8", "surrogatepass"), "sha256").hexdigest()
