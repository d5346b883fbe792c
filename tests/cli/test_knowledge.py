"""`graftwork knowledge`: what people type, see, and are refused."""

import json

import pytest

from graftwork.apps.knowledge import embedding, store_index
from graftwork.apps.knowledge.models import Source, SourceDocument
from graftwork.cli import doctor_knowledge, knowledge_refresh
from graftwork.config.workspace import open_workspace
from support.embedding import WordEmbedder

pytestmark = pytest.mark.django_db

USE_CASE = """\
name = "note_reply"
title = "Reply"
[input.fields.text]
[instructions]
system = "Answer."
[engine]
echo = true
[knowledge]
sources = ["policies", "manual"]
"""


@pytest.fixture(autouse=True)
def embedder(monkeypatch):
    words = WordEmbedder()
    monkeypatch.setattr(embedding, "open_embedder", lambda chosen: words)
    monkeypatch.setattr(embedding, "name_of", lambda chosen: "words@1")
    monkeypatch.setattr(knowledge_refresh, "bring_model", lambda ctx, workspace: None)
    embedding._embedding.cache_clear()
    store_index._store_index.cache_clear()
    yield words
    embedding._embedding.cache_clear()


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "rates.md").write_text("# Rates\n\nA parcel to Norway costs 12 euros.\n", encoding="utf-8")
    (folder / "shoes.txt").write_text("Unworn shoes go back within 30 days.\n", encoding="utf-8")
    return folder


def test_a_folder_is_added_searched_refreshed_and_removed(graftwork, folder):
    added = graftwork("knowledge", "add", "policies", folder)
    assert added.exit_code == 0
    assert added.stdout.splitlines()[0] == "Added policies, open to everybody in the workspace"
    assert "2 files read, 2 passages" in added.stdout
    found = graftwork("knowledge", "search", "parcel to Norway", "--limit", "1")
    assert found.stdout.startswith("1. policies / rates.md  (relevance 0.")
    assert "   A parcel to Norway costs 12 euros." in found.stdout
    assert "shoes" not in found.stdout
    (folder / "shoes.txt").unlink()
    again = graftwork("knowledge", "refresh")
    assert "0 files read" in again.stdout
    assert "1 unchanged; 1 removed" in again.stdout
    assert graftwork("knowledge", "rm", "policies").stdout == "Removed policies, 1 document\n"
    assert graftwork("knowledge", "search", "parcel").stderr == "There is no source to search.\n"
    assert (folder / "rates.md").is_file()


def test_a_folder_that_is_empty_is_forgotten_only_when_somebody_says_so(graftwork, folder):
    graftwork("knowledge", "add", "policies", folder)
    for file in list(folder.iterdir()):
        file.unlink()
    kept = graftwork("knowledge", "refresh")
    assert (kept.exit_code, kept.stderr.partition(":")[0]) == (2, "knowledge.source_emptied")
    assert "graftwork knowledge refresh policies --all-gone" in kept.stderr
    assert SourceDocument.objects.count() == 2
    assert graftwork("knowledge", "refresh", "--all-gone").exit_code == 2
    gone = graftwork("knowledge", "refresh", "policies", "--all-gone")
    assert (gone.exit_code, "2 removed" in gone.stdout) == (0, True)


def test_adding_again_reads_what_changed_and_another_place_is_refused(graftwork, folder, tmp_path, embedder):
    graftwork("knowledge", "add", "policies", folder)
    embedder.passages.clear()
    again = graftwork("knowledge", "add", "policies", folder)
    assert again.stdout.startswith("policies: 0 files read")
    assert embedder.passages == []
    (tmp_path / "empty").mkdir()
    assert "there is no document in" in graftwork("knowledge", "add", "nothing", tmp_path / "empty").stderr
    for path in (tmp_path, tmp_path / "none"):
        assert graftwork("knowledge", "add", "policies", path).exit_code == 2
    assert graftwork("knowledge", "add", "Bad Name", folder).exit_code == 2


def test_what_cannot_be_read_is_named_with_its_reason_and_the_exit_code_says_so(graftwork, folder):
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7\nbroken")
    (folder / "page.html").write_text('<p>Hello there.</p><p style="display:none">Buy now.</p>', encoding="utf-8")
    added = graftwork("knowledge", "add", "policies", folder)
    assert added.exit_code == 3
    assert "graftwork knowledge status policies says why" in added.stderr
    status = graftwork("knowledge", "status")
    assert "3 documents, 3 passages" in status.stdout
    assert "notices: 1 hidden_text" in status.stdout
    assert "failed: broken.pdf: " in status.stdout
    assert "(document.broken)" in status.stdout


def test_status_says_what_draws_on_a_source_and_what_is_left_out(graftwork, folder, write_usecase):
    write_usecase(USE_CASE)
    assert graftwork("knowledge", "status").stderr.startswith("None yet. Add one with:")
    graftwork("knowledge", "add", "policies", folder)
    graftwork("knowledge", "add", "manual", folder, "--group", "claims")
    status = graftwork("knowledge", "status")
    assert "policies  folder" in status.stdout
    assert "used by note_reply" in status.stdout
    assert "note_reply does not draw on manual: it is kept to groups, and `review.group` names none" in status.stdout
    shown = json.loads(graftwork("knowledge", "status", "manual", "--json").stdout)
    [source] = shown["sources"]
    assert (source["name"], source["groups"], source["used_by"]) == ("manual", ["claims"], [])
    assert [(one["use_case"], one["source"]) for one in shown["left_out"]] == [("note_reply", "manual")]
    assert len(shown["snapshot"]) == 64
    assert graftwork("knowledge", "status", "gone").exit_code == 1


@pytest.mark.parametrize(
    ("size", "shown"),
    [(0, "0 kB"), (1, "1 kB"), (30_000, "30 kB"), (30_001, "31 kB"), (999_999, "1,000 kB"), (1_000_000, "1.0 MB")],
)
def test_the_size_of_a_small_source_is_no_zero(graftwork, folder, size, shown):
    graftwork("knowledge", "add", "policies", folder)
    SourceDocument.objects.update(size_bytes=0)
    SourceDocument.objects.filter(path="rates.md").update(size_bytes=size)
    assert f"2 documents, 2 passages, {shown}\n" in graftwork("knowledge", "status").stdout


def test_a_search_as_somebody_finds_what_they_may_read(graftwork, folder, make_user):
    make_user("rita", "reviewer", "admin")
    graftwork("knowledge", "add", "manual", folder, "--group", "claims")
    assert "Norway" in graftwork("knowledge", "search", "parcel").stdout
    refused = graftwork("knowledge", "search", "parcel", "--as", "rita")
    assert (refused.stdout, refused.stderr) == ("", "There is no source to search.\n")
    assert graftwork("knowledge", "search", "parcel", "--as", "rita", "--source", "manual").exit_code == 1
    graftwork("user", "group", "add", "claims", "rita")
    found = json.loads(graftwork("knowledge", "search", "parcel", "--as", "rita", "--json").stdout)
    assert found["passages"][0]["document"] == "rates.md"
    assert found["sources"] == ["manual"]


def test_groups_are_shown_set_and_opened_again(graftwork, folder):
    graftwork("knowledge", "add", "policies", folder)
    assert graftwork("knowledge", "groups", "policies").stdout == "policies is open to everybody in the workspace\n"
    assert graftwork("knowledge", "groups", "policies", "hr", "board").stdout == "policies is open to board, hr\n"
    assert Source.objects.get().groups == ["board", "hr"]
    assert graftwork("knowledge", "groups", "policies", "--everybody").exit_code == 0
    assert Source.objects.get().groups == []
    assert graftwork("knowledge", "groups", "policies", "hr", "--everybody").exit_code == 2
    assert graftwork("knowledge", "add", "policies", folder, "--group", "hr").exit_code == 0
    assert Source.objects.get().groups == ["hr"]


def test_a_feed_is_made_without_a_path_and_one_document_can_be_removed(graftwork, folder):
    made = graftwork("knowledge", "add", "news")
    assert "news is a feed: programs put documents into it over REST" in made.stdout
    graftwork("knowledge", "add", "policies", folder)
    refused = graftwork("knowledge", "rm", "policies", "--document", "rates.md")
    assert (refused.exit_code, "still a file of the source" in refused.stderr) == (2, True)
    (folder / "rates.md").unlink()
    removed = graftwork("knowledge", "rm", "policies", "--document", "rates.md")
    assert removed.stdout == "Removed rates.md from policies\n"
    assert [row.path for row in SourceDocument.objects.all()] == ["shoes.txt"]


def test_what_a_document_holds_does_not_steer_the_terminal(graftwork, tmp_path):
    (tmp_path / "evil.md").write_text("Parcel \u202eevil\u202c \u009b31m to Norway", encoding="utf-8")
    graftwork("knowledge", "add", "evil", tmp_path)
    found = graftwork("knowledge", "search", "parcel").stdout
    assert "Parcel" in found
    assert not {"\u202e", "\u009b"} & set(found)


def test_check_and_doctor_name_what_a_use_case_does_not_get(graftwork, folder, write_usecase, monkeypatch):
    # The tests' database is no file of the workspace, where these two look for one.
    monkeypatch.setattr(doctor_knowledge, "has_database", lambda workspace: True)
    write_usecase(USE_CASE)
    graftwork("knowledge", "add", "policies", folder)
    graftwork("knowledge", "add", "manual", folder, "--group", "claims")
    told = "does not draw on manual: it is kept to groups, and `review.group` names none of them"
    check = graftwork("usecase", "check", "note_reply")
    assert "sources  policies, manual; up to 6 passages" in check.stdout
    assert f"warning  it {told}" in check.stdout
    found = {one.found: one.mend for one in doctor_knowledge.check_knowledge(open_workspace())}
    assert found[f"note_reply {told}"].startswith("graftwork knowledge groups manual")
    assert "policies: 2 documents" in found
    graftwork("knowledge", "groups", "manual", "--everybody")
    graftwork("knowledge", "rm", "policies")
    found = {one.found: one.mend for one in doctor_knowledge.check_knowledge(open_workspace())}
    absent = "note_reply does not draw on policies: there is no such source"
    assert found[absent] == "graftwork knowledge add policies PATH"
    assert not any("on manual" in one for one in found)
    assert not any("hr_answers" in one for one in found), "what ships with us and nobody uses is not missed"
