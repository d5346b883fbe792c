"""Whose a source is, and what its removal takes with it: a denial beside each success."""

import json
from datetime import timedelta
from email.message import EmailMessage

import pytest

from graftwork.apps.accounts.actions import add_to_group, take_from_group
from graftwork.apps.accounts.queries import actor_for_user
from graftwork.apps.actors import Actor, operator
from graftwork.apps.audit.models import AuditEntry
from graftwork.apps.knowledge import hooks
from graftwork.apps.knowledge.actions.documents import remove_document
from graftwork.apps.knowledge.actions.sources import add_source, remove_source, set_groups
from graftwork.apps.knowledge.embedding import embedding_of_settings
from graftwork.apps.knowledge.models import IndexRevision, Snapshot, Source, SourceDocument
from graftwork.apps.knowledge.queries import (
    access_document,
    access_source,
    affected_usecases,
    document_ids,
    document_text,
    source_uses,
    sources_for,
    visible_sources,
)
from graftwork.apps.knowledge.searching import search
from graftwork.apps.knowledge.snapshots import keep_snapshot, stored_snapshot
from graftwork.apps.knowledge.status import status
from graftwork.apps.knowledge.store_index import current_index, store_index
from graftwork.apps.knowledge.tasks import due_sources
from graftwork.apps.vault.models import ScopeKey
from graftwork.core.errors import InputNotFound, NotAllowed, NotFound, RequestInvalid

pytestmark = pytest.mark.django_db


@pytest.fixture
def withdrawals(monkeypatch):
    told = []
    monkeypatch.setattr(hooks, "_withdrawn", [lambda source, now: told.append(source)])
    return told


@pytest.fixture
def rita(make_user, now):
    """In the group `claims`, with every role."""
    user = make_user("rita", "reviewer", "admin", "ops", "owner", "compliance")
    add_to_group(operator(), user, "claims", now)
    return user


def test_a_source_kept_to_a_group_is_there_for_its_members_only_whatever_their_role(add, folder, rita, now):
    add("policies", folder)
    add("manual", folder, "claims")
    add("salaries", folder, "board")
    actor = actor_for_user(rita)
    assert [one.name for one in visible_sources(actor)] == ["manual", "policies"]
    assert {one.source for one in search(actor, "parcel to Norway").passages} == {"manual", "policies"}
    assert access_source(actor, "manual").name == "manual"
    for name in ("salaries", "no_such", "nul\x00"):
        with pytest.raises(NotFound):
            access_source(actor, name)
        with pytest.raises(NotFound):
            search(actor, "parcel", sources=[name])
    for row in SourceDocument.objects.select_related("source"):
        if row.source.name == "salaries":
            with pytest.raises(NotFound):
                access_document(actor, row.pk)
        else:
            assert document_text(access_document(actor, row.pk)).text
    take_from_group(operator(), rita, "claims", now)
    assert [one.name for one in visible_sources(actor_for_user(rita))] == ["policies"]
    assert len(visible_sources(operator())) == 3


def test_who_may_read_nothing_finds_nothing(add, folder):
    add("salaries", folder, "board")
    found = search(Actor("user:1", 1, frozenset({"admin"})), "parcel")
    assert (found.passages, found.sources, found.snapshot) == ((), (), "")


def test_nothing_that_a_document_says_lies_in_the_clear(add, put):
    add("feed", None)
    put("feed", "returns.md", "# Heimdall\n\nUnworn shoes go back.\n\n| a | b |\n|---|---|\n| Ratatosk | 1 |\n")
    search(operator(), "shoes")
    row = SourceDocument.objects.get()
    stored = json.dumps([str(value) for value in vars(row).values()])
    stored += "".join(
        bytes(getattr(row, f"{name}_sealed")).decode("latin-1") for name in ("content", "chunks", "vectors")
    )
    stored += json.dumps(list(AuditEntry.objects.values_list("detail", "subject")))
    for word in ("Heimdall", "Unworn", "Ratatosk"):
        assert word not in stored
    assert "Heimdall" in document_text(row).text


def test_a_removed_source_is_gone_at_once_with_its_documents_and_its_key(add, folder, withdrawals, now):
    add("policies", folder)
    add("again", folder)
    keys = ScopeKey.objects.count()
    assert search(operator(), "parcel to Norway", sources=["policies"]).passages
    assert remove_source(operator(), "policies", now) == 3
    assert {one.source for one in search(operator(), "parcel to Norway").passages} == {"again"}
    assert ScopeKey.objects.count() == keys - 1
    assert (folder / "returns.md").is_file()
    assert withdrawals == ["policies"]
    assert AuditEntry.objects.filter(action="source.removed").count() == 1
    with pytest.raises(NotFound):
        remove_source(operator(), "policies", now)


def test_a_removed_document_is_gone_at_once_and_the_others_stay(add, put, withdrawals, now):
    add("feed", None)
    put("feed", "a.md", "Parcels to Norway cost 12 euros.")
    put("feed", "b.md", "Parcels to Sweden cost 9 euros.")
    assert [one.document for one in search(operator(), "parcels").passages] == ["a.md", "b.md"]
    assert remove_document(operator(), "feed", "a.md", now) == 1
    assert [one.document for one in search(operator(), "parcels").passages] == ["b.md"]
    assert withdrawals == ["feed"]
    for path in ("a.md", "", "nul\x00"):
        with pytest.raises(NotFound):
            remove_document(operator(), "feed", path, now)


def test_other_text_in_place_of_a_document_is_told_and_the_same_or_more_of_it_is_not(
    add, put, refresh, folder, withdrawals, monkeypatch
):
    add("feed", None)
    put("feed", "a.md", "Parcels to Norway cost 12 euros.")
    put("feed", "b.md", "Parcels to Sweden cost 9 euros.")
    put("feed", "a.md", "Parcels to Norway cost 12 euros.")
    monkeypatch.setattr(embedding_of_settings(), "name", "another@1")
    refresh("feed")
    assert withdrawals == [], "it says what it said"
    put("feed", "a.md", "Parcels to Norway cost 14 euros.")
    assert withdrawals == ["feed"]
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7\nbroken")
    add("policies", folder)
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7\nbroken again")
    refresh("policies")
    assert withdrawals == ["feed"], "nobody could draw on it"
    (folder / "returns.md").write_text("Worn shoes stay with you.", encoding="utf-8")
    refresh("policies")
    assert withdrawals == ["feed", "policies"]


def test_an_attachment_that_is_gone_is_told(add, put, withdrawals):
    def mail(*attachments: str) -> bytes:
        message = EmailMessage()
        message["Subject"], message["From"] = "Rates", "ada@example.com"
        message.set_content("See what is attached.")
        for text in attachments:
            message.add_attachment(text, filename="rates.txt")
        return bytes(message)

    add("feed", None)
    put("feed", "a.eml", mail("Norway 12 euros."))
    assert withdrawals == []
    put("feed", "a.eml", mail())
    assert withdrawals == ["feed"]
    assert SourceDocument.objects.count() == 1


def test_a_document_whose_file_is_still_there_would_come_back_so_it_stays(add, folder, now):
    add("policies", folder)
    with pytest.raises(RequestInvalid):
        remove_document(operator(), "policies", "returns.md", now)
    (folder / "returns.md").unlink()
    assert remove_document(operator(), "policies", "returns.md", now) == 1


def test_a_document_of_a_feed_is_replaced_whole_and_the_same_bytes_change_nothing(add, put, embedder):
    add("feed", None)
    first = put("feed", "policies/a.md", "The old price is 12 euros.")
    assert (first.new, first.changed) == (True, True)
    second = put("feed", "policies/a.md", "The new price is 14 euros.")
    assert (second.new, second.changed, second.row.pk) == (False, True, first.row.pk)
    assert [one.text for one in search(operator(), "price").passages] == ["The new price is 14 euros."]
    embedder.passages.clear()
    third = put("feed", "policies/a.md", "The new price is 14 euros.")
    assert (third.new, third.changed, embedder.passages) == (False, False, [])


@pytest.mark.parametrize(
    "path", ["", "/a.md", "../a.md", "a/../b.md", "a//b.md", "./a.md", "a.exe", "a", "n\x00.md", "a" * 600 + ".md"]
)
def test_what_cannot_be_a_path_is_refused(add, put, path):
    add("feed", None)
    with pytest.raises(RequestInvalid):
        put("feed", path, "text")
    assert SourceDocument.objects.count() == 0


def test_a_folder_takes_no_documents_from_programs_and_a_broken_one_changes_nothing(add, put, folder):
    from graftwork.core.documents.errors import DocumentError

    add("policies", folder)
    with pytest.raises(RequestInvalid):
        put("policies", "new.md", "text")
    add("feed", None)
    put("feed", "a.pdf", b"Not a PDF at all, but text that can be read.")
    with pytest.raises(DocumentError):
        put("feed", "a.pdf", b"%PDF-1.7\nbroken")
    assert [one.document for one in search(operator(), "text that can be read", sources=["feed"]).passages] == ["a.pdf"]


def test_groups_are_narrowed_with_a_word_to_those_above_and_widened_without(add, folder, withdrawals, now):
    add("policies", folder)
    for groups, told in [(["a", "b"], 1), (["b", "a"], 1), (["a", "b", "c"], 1), (["a"], 2), ([], 2)]:
        assert set_groups(operator(), "policies", groups, now).groups == sorted(groups)
        assert len(withdrawals) == told, groups
    with pytest.raises(RequestInvalid):
        set_groups(operator(), "policies", ["No Group"], now)
    assert Source.objects.get().groups == []


MANAGING = {
    "add": lambda actor, now: add_source(actor, "other", None, now),
    "remove": lambda actor, now: remove_source(actor, "feed", now),
    "set groups": lambda actor, now: set_groups(actor, "feed", ["claims"], now),
    "remove a document": lambda actor, now: remove_document(actor, "feed", "a.md", now),
}


@pytest.mark.parametrize("what", MANAGING)
@pytest.mark.parametrize("role", ["reviewer", "owner", "compliance", "editor"])
def test_only_an_admin_or_ops_may(add, put, now, what, role):
    add("feed", None)
    put("feed", "a.md", "Some text.")
    before = (Source.objects.count(), SourceDocument.objects.count(), AuditEntry.objects.count())
    with pytest.raises(NotAllowed):
        MANAGING[what](Actor("user:9", 9, frozenset({role})), now)
    with pytest.raises(NotAllowed):
        MANAGING[what](Actor("token:9", 9, frozenset({"admin"}), frozenset({"knowledge:read"})), now)
    with pytest.raises(NotAllowed):
        put("feed", "b.md", "text", Actor("user:9", 9, frozenset({role})))
    assert (Source.objects.count(), SourceDocument.objects.count(), AuditEntry.objects.count()) == before
    # Managing is not reading: the group need not be theirs.
    set_groups(operator(), "feed", ["board"], now)
    MANAGING[what](Actor("user:9", 9, frozenset({"ops"})), now)


def test_a_source_is_added_once_and_never_moves(folder, tmp_path, now, db):
    first, new = add_source(operator(), "policies", folder, now)
    again, new_again = add_source(operator(), "policies", folder / ".." / folder.name, now)
    assert (new, new_again, first.pk) == (True, False, again.pk)
    for name, location, error in [
        ("policies", tmp_path, RequestInvalid), ("policies", None, RequestInvalid),
        ("Bad Name", folder, RequestInvalid), ("gone", tmp_path / "none", InputNotFound), ("x\n", None, RequestInvalid),
    ]:  # fmt: skip
        with pytest.raises(error):
            add_source(operator(), name, location, now)
    assert Source.objects.count() == 1


USE_CASE = """\
name = "note_reply"
title = "Reply"
[input.fields.text]
[instructions]
system = "Answer."
[engine]
echo = true
[knowledge]
sources = ["policies", "manual", "salaries", "gone"]
"""


@pytest.mark.parametrize(
    ("group", "used"), [("", ["policies"]), ("claims", ["policies", "manual"]), ("board", ["policies", "salaries"])]
)
def test_a_draft_draws_on_what_all_its_reviewers_may_read_and_on_nothing_else(
    add, folder, write_usecase, embedder, group, used
):
    add("policies", folder)
    add("manual", folder, "claims", "legal")
    add("salaries", folder, "board")
    use_case = write_usecase(USE_CASE + (f'[review]\ngroup = "{group}"\n' if group else ""))
    assert sources_for(use_case) == used
    states = {use.name: use.state for use in source_uses(use_case)}
    assert {name for name, state in states.items() if state == "used"} == set(used)
    assert states["gone"] == "missing"
    found = status([use_case], store_index()._embedding)
    assert {one.source for one in found.left_out} == set(states) - set(used)
    assert {one.name for one in found.sources if one.used_by} == set(used)
    assert affected_usecases("manual", [use_case]) == ["note_reply"]
    assert affected_usecases("other", [use_case]) == []


def test_each_state_has_a_digest_of_its_own_that_comes_again_with_the_same_content(add, put, now):
    add("feed", None)
    assert current_index()[1] == ""
    put("feed", "a.md", "One.")
    first = current_index()[1]
    put("feed", "b.md", "Two.")
    assert current_index()[1] not in ("", first)
    remove_document(operator(), "feed", "b.md", now)
    index, digest = current_index()
    assert (digest, len(index)) == (first, 1)
    embedding = store_index()._embedding
    assert stored_snapshot(embedding, ["feed"]) == first
    for _ in range(2):
        keep_snapshot(first, embedding, ["feed"], now)
    assert Snapshot.objects.get().manifest == {
        "sources": ["feed"], "documents": 1, "passages": 1, "embedder": "words@1",
    }  # fmt: skip


def test_an_index_follows_what_another_process_writes_and_loads_only_that(add, put, embedder, monkeypatch, now):
    from graftwork.apps.knowledge import sealing

    add("feed", None)
    for name in ("a", "b", "c"):
        put("feed", f"{name}.md", f"Text {name}.")
    assert len(search(operator(), "text").passages) == 3
    opened = []
    real = sealing.unseal_chunks
    monkeypatch.setattr(sealing, "unseal_chunks", lambda key, row: opened.append(row.path) or real(key, row))
    put("feed", "b.md", "Text b, mended.")
    assert {one.text for one in search(operator(), "text").passages} == {"Text a.", "Text b, mended.", "Text c."}
    assert opened == ["b.md"]
    search(operator(), "text")
    assert opened == ["b.md"]


def test_a_document_that_was_changed_in_the_database_is_left_out_and_the_others_are_found(add, put, caplog):
    add("feed", None)
    put("feed", "a.md", "Text a.")
    put("feed", "b.md", "Text b.")
    a, b = SourceDocument.objects.order_by("path")
    SourceDocument.objects.filter(pk=a.pk).update(chunks_sealed=b.chunks_sealed)
    IndexRevision.objects.update(mark="other")
    assert [one.document for one in search(operator(), "text").passages] == ["b.md"]
    assert str(a.pk) in caplog.text
    assert "Text" not in caplog.text


@pytest.mark.parametrize("query", ["", "   ", "x" * 2_001, "nul\x00", "half \ud800"])
def test_what_cannot_be_a_question_is_refused(add, folder, query):
    add("policies", folder)
    with pytest.raises(RequestInvalid):
        search(operator(), query)


def test_document_ids_name_what_is_there(add, put):
    add("feed", None)
    row = put("feed", "a.md", "Text.").row
    wanted = [("feed", "a.md"), ("feed", "b.md"), ("other", "a.md")]
    assert document_ids(wanted) == {("feed", "a.md"): str(row.pk)}


def test_a_worker_looks_at_folders_that_have_waited_and_at_no_feed(add, folder, now):
    add("policies", folder)
    add("feed", None)
    Source.objects.update(tried_at=now)
    assert due_sources(now + timedelta(minutes=14)) == []
    assert due_sources(now + timedelta(minutes=15)) == ["policies"]
    Source.objects.update(tried_at=None, created_at=now)
    assert due_sources(now + timedelta(minutes=15)) == ["policies"]


@pytest.mark.parametrize("gone", [1, 3, 5])
def test_the_index_is_the_same_however_many_documents_go_at_once(add, put, monkeypatch, now, gone):
    from graftwork.apps.knowledge import store_index as module
    from graftwork.apps.knowledge.actions.storing import remove_paths

    monkeypatch.setattr(module, "REMOVED_ONE_BY_ONE", 2)
    add("feed", None)
    add("other", None)
    put("other", "a0.md", "Text of another source.")
    names = [f"a{number}.md" for number in range(5)]
    for name in names:
        put("feed", name, f"Text of {name}.")
    assert len(search(operator(), "text").passages) == 6
    remove_paths(operator(), "feed", names[:gone], now)
    found = {(one.source, one.document) for one in search(operator(), "text").passages}
    assert found == {("other", "a0.md"), *(("feed", name) for name in names[gone:])}
    assert len(current_index()[0]) == 6 - gone
