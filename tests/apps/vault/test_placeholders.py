"""Books of placeholders: sealed, for a time, one per tenant and thread, and never two values for one placeholder."""

import hashlib
import json
import os
import subprocess
import sys
import time
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import OperationalError

from graftwork.apps.actors import operator
from graftwork.apps.audit.models import AuditEntry
from graftwork.apps.keyring import keyring, write_ring
from graftwork.apps.vault import placeholders
from graftwork.apps.vault.actions import rotate
from graftwork.apps.vault.forgetting import forget_placeholders
from graftwork.apps.vault.models import PlaceholderBook, PlaceholderPage, ScopeKey
from graftwork.apps.vault.placeholders import forget_book, forget_expired_books, open_book, save_book, with_book
from graftwork.core.errors import KeyFileInvalid, KeyMissing, NotAllowed, PlaceholdersChanged, SealBroken
from graftwork.core.privacy.book import Book, scope_of
from graftwork.core.privacy.placeholders import Placeholder
from graftwork.core.privacy.restore import restore
from support.books import placeholder_for
from support.product import Product

SCOPE = scope_of("acme", "thread-1")
ONE = Placeholder("PERSON", 1)


def saved(now, *values: str, scope: str = SCOPE) -> Book:
    book = open_book(scope, now)
    for value in values:
        placeholder_for(book, value, "person")
    save_book(book, now)
    return book


@pytest.mark.django_db
def test_what_was_saved_is_there_in_the_next_turn(now):
    book = saved(now, "Charlie")
    placeholder_for(book, "ann@example.com", "mail")
    book.set_surrogate(Placeholder("MAIL", 1), "person1@mask.invalid")
    placeholder_for(book, "Douglas", "person", gender="f")
    save_book(book, now)
    again = open_book(SCOPE, now)
    assert again.entries == book.entries
    assert again.secret == book.secret
    assert again.of_surrogate("person1@mask.invalid") == Placeholder("MAIL", 1)
    assert placeholder_for(again, "Charlie Douglas", "person") == "[PERSON_3]"
    save_book(again, now)
    assert [entry.value for entry in open_book(SCOPE, now).entries][-1] == "Charlie Douglas"
    assert PlaceholderPage.objects.count() == 3


@pytest.mark.django_db
def test_a_fuller_name_replaces_the_shorter_one(now):
    saved(now, "Charlie")
    saved(now, "Charlie Douglas")
    assert open_book(SCOPE, now).value_of(ONE) == "Charlie Douglas"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "other", [scope_of("acme", "thread-2"), scope_of("other", "thread-1"), scope_of("", "acme/thread-1")]
)
def test_a_placeholder_of_another_tenant_or_thread_is_never_restored(now, other):
    saved(now, "Charlie Douglas")
    result = restore("[PERSON_1]", open_book(other, now))
    assert (result.text, result.restored, result.unknown) == ("[PERSON_1]", 0, 1)
    saved(now, "Martha Jones", scope=other)
    assert restore("[PERSON_1]", open_book(other, now)).text == "Martha Jones"
    assert restore("[PERSON_1]", open_book(SCOPE, now)).text == "Charlie Douglas"


def test_no_two_threads_share_a_scope():
    parts = ["", "a", "/", "a/", "/a", "%", "%2F", "a%2Fb", "a/b", "b"]
    scopes = {scope_of(tenant, thread) for tenant in parts for thread in parts}
    assert len(scopes) == len(parts) ** 2


@pytest.mark.django_db
def test_two_that_mint_index_one_at_once_do_not_give_it_two_values(now):
    first, second = open_book(SCOPE, now), open_book(SCOPE, now)
    assert placeholder_for(first, "Charlie", "person") == placeholder_for(second, "Martha", "person") == "[PERSON_1]"
    save_book(first, now)
    with pytest.raises(PlaceholdersChanged):
        save_book(second, now)
    assert [entry.value for entry in open_book(SCOPE, now).entries] == ["Charlie"]
    stale = open_book(SCOPE, now)
    save_book(first, now)  # nothing new, so nobody else is disturbed
    placeholder_for(stale, "Ann", "person")
    save_book(stale, now)
    assert second.take_changes()[0].value == "Martha"


@pytest.mark.django_db
def test_who_was_second_masks_again_with_the_book_as_it_is_now(now):
    others = iter(["Bo", "Cy"])

    def work(book):
        if (name := next(others, None)) is not None:
            saved(now, name)
        return placeholder_for(book, "Charlie", "person")

    placeholder, book = with_book(SCOPE, now, work)
    assert placeholder == "[PERSON_3]"
    assert [entry.value for entry in open_book(SCOPE, now).entries] == ["Bo", "Cy", "Charlie"]
    assert book.value_of(ONE) == "Bo"


@pytest.mark.django_db
def test_a_book_that_is_always_overtaken_is_given_up(now):
    numbers = iter(range(100))

    def work(book):
        saved(now, f"Given{next(numbers)} X{next(numbers)}")
        placeholder_for(book, "Charlie", "person")

    with pytest.raises(PlaceholdersChanged):
        with_book(SCOPE, now, work)


@pytest.mark.django_db
def test_nothing_of_a_value_or_a_thread_lies_in_the_database_in_the_clear(now):
    saved(now, "Zwetschge", scope=scope_of("acme", "mail-of-marille"))
    rows = [
        *PlaceholderBook.objects.values_list(), *PlaceholderPage.objects.values_list(), *ScopeKey.objects.values_list()
    ]  # fmt: skip
    flat = b"".join(
        bytes(cell) if isinstance(cell, bytes | memoryview) else repr(cell).encode() for row in rows for cell in row
    )
    assert b"Zwetschge" not in flat
    assert b"marille" not in flat
    assert b"PERSON" in flat  # the near-miss: how many there are is no secret


@pytest.mark.django_db
def test_a_page_moved_to_another_scope_or_number_does_not_open(now):
    saved(now, "Charlie")
    saved(now, "Martha")
    saved(now, "Bo", scope=scope_of("acme", "b"))
    first, second = PlaceholderPage.objects.filter(book__scope_sha256=open_book(SCOPE, now).scope_sha256).order_by(
        "number"
    )
    PlaceholderPage.objects.filter(pk=second.pk).update(sealed=first.sealed)
    with pytest.raises(SealBroken):
        open_book(SCOPE, now)
    PlaceholderPage.objects.filter(pk=second.pk).delete()
    theirs = PlaceholderPage.objects.exclude(pk=first.pk).get()
    PlaceholderPage.objects.filter(pk=first.pk).update(sealed=theirs.sealed)
    with pytest.raises(SealBroken):
        open_book(SCOPE, now)


@pytest.fixture
def key_file(workspace_folder):
    file = workspace_folder / "data" / "keys.json"
    before = file.read_bytes()
    yield file
    file.write_bytes(before)


@pytest.mark.django_db
def test_without_its_keys_the_vault_neither_reads_nor_writes(now, key_file):
    saved(now, "Charlie")
    book = open_book(SCOPE, now)
    placeholder_for(book, "Martha", "person")
    lost = keyring().active_id
    new = keyring().with_new_master()
    kept = {key_id: key for key_id, key in new.master_keys.items() if key_id != lost}
    whole = key_file.read_bytes()
    write_ring(replace(new, master_keys=kept), key_file)
    with pytest.raises(KeyMissing):
        open_book(SCOPE, now)
    with pytest.raises(KeyMissing):
        save_book(book, now)
    key_file.unlink()
    with pytest.raises(KeyFileInvalid):
        open_book(SCOPE, now)
    with pytest.raises(KeyFileInvalid):
        save_book(open_book(scope_of("acme", "new"), now) and book, now)
    key_file.write_bytes(whole)
    save_book(book, now)  # what could not be stored was kept
    assert [entry.value for entry in open_book(SCOPE, now).entries] == ["Charlie", "Martha"]


@pytest.mark.django_db
def test_a_rotation_of_the_master_key_loses_no_book(now, key_file):
    saved(now, "Charlie")
    rotate(operator())
    assert open_book(SCOPE, now).value_of(ONE) == "Charlie"


@pytest.mark.django_db
def test_a_database_that_fails_keeps_what_was_not_stored(now, monkeypatch):
    book = saved(now, "Charlie")
    placeholder_for(book, "Martha", "person")

    def fail(*arguments):
        raise OperationalError("database is locked")

    monkeypatch.setattr(placeholders, "_row", fail)
    with pytest.raises(OperationalError):
        save_book(book, now)
    monkeypatch.undo()
    save_book(book, now)
    assert [entry.value for entry in open_book(SCOPE, now).entries] == ["Charlie", "Martha"]


@pytest.mark.django_db
def test_an_expired_book_is_gone_and_its_placeholders_are_nobody_else_s(now):
    saved(now, "Charlie")
    later = now + placeholders.LIFETIME
    assert open_book(SCOPE, later - timedelta(seconds=1)).value_of(ONE) == "Charlie"
    book = open_book(SCOPE, later)
    assert book.value_of(ONE) is None
    assert placeholder_for(book, "Martha", "person") == "[PERSON_2]"
    save_book(book, later)
    assert [entry.value for entry in open_book(SCOPE, later).entries] == ["Martha"]
    assert ScopeKey.objects.count() == 1


@pytest.mark.django_db
def test_the_sweep_takes_values_and_keys_of_what_expired_only(now):
    saved(now, "Charlie")
    saved(now + timedelta(days=1), "Martha", scope=scope_of("acme", "younger"))
    assert forget_expired_books(now) == 0
    later = now + placeholders.LIFETIME
    assert forget_expired_books(later) == 1
    assert forget_expired_books(later) == 0
    assert PlaceholderPage.objects.count() == ScopeKey.objects.count() == 1
    assert placeholder_for(open_book(SCOPE, later), "Bo", "person") == "[PERSON_2]"
    assert open_book(scope_of("acme", "younger"), later).value_of(ONE) == "Martha"
    forget_expired_books(later + placeholders.KEEP_INDEXES + timedelta(hours=1))
    assert PlaceholderBook.objects.filter(scope_key=None).count() == 1  # the younger one, swept just now


@pytest.mark.django_db
def test_a_thread_in_use_lives_on(now):
    book = saved(now, "Charlie")
    half = now + placeholders.LIFETIME / 2
    save_book(book, half)
    assert open_book(SCOPE, now + placeholders.LIFETIME).value_of(ONE) == "Charlie"
    late = open_book(SCOPE, half)
    forget_book(SCOPE)
    with pytest.raises(PlaceholdersChanged):
        save_book(late, half + placeholders.LIFETIME / 2)


@pytest.mark.django_db
def test_a_book_that_expired_while_it_was_open_is_not_written_into_the_next(now):
    old = saved(now, "Charlie")
    later = now + placeholders.LIFETIME
    saved(later, "Martha")
    placeholder_for(old, "Bo", "person")
    with pytest.raises(PlaceholdersChanged):
        save_book(old, later)
    assert [entry.value for entry in open_book(SCOPE, later).entries] == ["Martha"]


@pytest.mark.django_db
def test_a_forgotten_book_is_gone_at_once(now):
    saved(now, "Charlie")
    saved(now, "Martha")
    assert forget_book(SCOPE) == 2
    assert open_book(SCOPE, now).value_of(ONE) is None
    assert ScopeKey.objects.count() == 0
    assert forget_book(SCOPE) == 0


@pytest.mark.django_db
def test_forgetting_needs_an_admin_and_is_in_the_audit_log(now):
    saved(now, "Charlie")
    saved(now, "Bo", scope=scope_of("acme", "b"))
    with pytest.raises(NotAllowed):
        forget_placeholders(replace(operator(), roles=frozenset({"reviewer"})), SCOPE)
    assert forget_placeholders(operator(), SCOPE) == 1
    assert open_book(SCOPE, now).value_of(ONE) is None
    assert open_book(scope_of("acme", "b"), now).value_of(ONE) == "Bo"
    entry = AuditEntry.objects.get(action="placeholders.forgotten")
    assert "thread-1" not in str(entry.__dict__)


@pytest.mark.django_db
def test_who_has_the_database_alone_cannot_try_out_whose_scope_it_is(now):
    name = saved(now, "Charlie").scope_sha256
    assert name == open_book(SCOPE, now).scope_sha256
    assert name != hashlib.sha256(SCOPE.encode()).hexdigest()


@pytest.mark.django_db
def test_the_pages_of_a_long_thread_are_merged(now):
    for number in range(placeholders.MOST_PAGES * 2 + 5):
        saved(now, f"Given{number} Surname{number}")
    assert PlaceholderPage.objects.count() <= placeholders.MOST_PAGES
    entries = open_book(SCOPE, now).entries
    assert [entry.value for entry in entries] == [f"Given{n} Surname{n}" for n in range(len(entries))]
    assert len(entries) == placeholders.MOST_PAGES * 2 + 5


@pytest.mark.django_db
def test_a_book_read_before_the_pages_were_merged_is_not_written_into_the_gap(now):
    for number in range(placeholders.MOST_PAGES - 1):
        saved(now, f"Given{number} Surname{number}")
    old = open_book(SCOPE, now)
    saved(now, "Ann Lee")
    saved(now, "Bo Ray")
    assert PlaceholderPage.objects.count() == 1
    placeholder_for(old, "Cy Orr", "person")
    with pytest.raises(PlaceholdersChanged):
        save_book(old, now)


@pytest.mark.django_db
def test_ten_thousand_entities_are_one_page(now):
    book = saved(now, *[f"Given{number} Surname{number}" for number in range(10_000)])
    assert PlaceholderPage.objects.count() == 1
    started = time.process_time()
    again = open_book(SCOPE, now)
    assert time.process_time() - started < 3
    assert len(again.entries) == len(book.entries) == 10_000


@pytest.mark.django_db
def test_values_of_any_characters_are_kept(now):
    book = open_book(SCOPE, now)
    values = ["\ud800", "\0", '"\\', "é😀", "[PERSON_1]"]
    for value in values:
        placeholder_for(book, value, "password")
    save_book(book, now)
    assert [entry.value for entry in open_book(SCOPE, now).entries] == values


RACE = """
import json, sys, time
from graftwork.cli.session import open_store; open_store()
from datetime import datetime, UTC
from graftwork.apps.vault.placeholders import with_book
from graftwork.core.privacy.book import Mention
while time.time() < float(sys.argv[2]): pass
minted = []
for n in range(15):
    name = f"Given{sys.argv[1]}x{n} Surname{sys.argv[1]}x{n}"
    for _ in range(50):
        try:
            mentions = [Mention(name, "person")]
            placeholder, _ = with_book("acme/race", datetime.now(UTC), lambda b: str(b.place(mentions)[0]))
            break
        except Exception as error:
            if getattr(error, "code", "") != "conflict.placeholders": raise
    minted.append([placeholder, name])
print(json.dumps(minted))
"""


@pytest.mark.slow
def test_processes_that_mint_at_once_never_give_one_placeholder_two_values(tmp_path):
    product = Product(tmp_path, os.environ.get("GRAFTWORK_DATABASE_URL"))
    product.call("keys", "list")  # makes the database
    start = str(time.time() + 3)
    running = [
        subprocess.Popen(
            [sys.executable, "-c", RACE, str(number), start],
            env=product.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for number in range(3)
    ]  # fmt: skip
    minted: dict[str, str] = {}
    for process in running:
        out, err = process.communicate(timeout=120)
        assert process.returncode == 0, err
        for placeholder, name in json.loads(out):
            assert minted.setdefault(placeholder, name) == name
    assert len(minted) == 45
    shown = product.python(
        "from datetime import datetime, UTC\nfrom graftwork.apps.vault.placeholders import open_book\nimport json\n"
        "print(json.dumps([[str(e.placeholder), e.value] for e in open_book('acme/race', datetime.now(UTC)).entries]))"
    )
    assert dict(json.loads(shown)) == minted
