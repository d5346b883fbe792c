"""A source follows its folder: what changed is read and embedded, what is gone is gone, the rest is left alone."""

import os

import pytest

from graftwork.apps.actors import Actor, operator
from graftwork.apps.audit.models import AuditEntry
from graftwork.apps.audit.queries import verify
from graftwork.apps.knowledge.actions import refreshing
from graftwork.apps.knowledge.actions.sources import add_source
from graftwork.apps.knowledge.embedding import embedding_of_settings
from graftwork.apps.knowledge.models import DocumentState, SourceDocument
from graftwork.apps.knowledge.searching import search
from graftwork.apps.knowledge.store_index import _store_index
from graftwork.core.errors import InputNotFound, NotAllowed
from graftwork.core.knowledge.errors import SourceEmptied

pytestmark = pytest.mark.django_db


def found(query: str, **options: object) -> list[str]:
    """The documents that answer best, the best first, each once."""
    return list(dict.fromkeys(one.document for one in search(operator(), query, **options).passages))


def state():
    return {row.path: row.state for row in SourceDocument.objects.all()}


def test_a_folder_is_read_and_can_be_searched_with_the_place_of_each_passage(add, folder):
    add("policies", folder)
    best = search(operator(), "when does the money of a refund come").passages[0]
    assert (best.document, best.title, best.headings) == ("returns.md", "Returns", ("Returns", "Refunds"))
    assert best.text.strip() == "Money comes in 5 days."
    assert 0 <= best.relevance <= 1
    assert found("parcel to Norway")[0] == "shipping/rates.md"


def test_a_refresh_that_finds_nothing_changed_reads_and_embeds_nothing(add, refresh, folder, embedder):
    add("policies", folder)
    embedder.passages.clear()
    entries = AuditEntry.objects.count()
    done = refresh("policies")
    assert (done.stored, done.removed, done.failed, done.unchanged, done.passages) == (0, 0, 0, 3, 0)
    assert embedder.passages == []
    assert AuditEntry.objects.count() == entries


def test_a_changed_file_is_embedded_again_and_no_other(add, refresh, folder, embedder):
    add("policies", folder)
    before = dict(SourceDocument.objects.values_list("path", "pk"))
    embedder.passages.clear()
    (folder / "warranty.txt").write_text("A broken lace is replaced within one year.\n", encoding="utf-8")
    done = refresh("policies")
    assert (done.stored, done.unchanged) == (1, 2)
    assert len(embedder.passages) == 1
    assert "lace" in embedder.passages[0]
    assert found("broken lace")[0] == "warranty.txt"
    assert not any("zipper" in one.text for one in search(operator(), "zipper").passages)
    assert dict(SourceDocument.objects.values_list("path", "pk")) == before, "links to a document stay"


def test_a_change_that_keeps_size_and_time_is_seen(add, refresh, folder):
    file = folder / "warranty.txt"
    file.write_text("aaaa bbbb", encoding="utf-8")
    add("policies", folder)
    times = file.stat()
    file.write_text("cccc dddd", encoding="utf-8")
    os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert refresh("policies").stored == 1


def test_a_file_that_was_only_touched_is_not_embedded_again(add, refresh, folder, embedder):
    add("policies", folder)
    embedder.passages.clear()
    os.utime(folder / "warranty.txt")
    assert refresh("policies").unchanged == 3
    assert embedder.passages == []


def test_a_deleted_file_is_gone_with_the_next_refresh_and_the_others_stay(add, refresh, folder):
    add("policies", folder)
    (folder / "warranty.txt").unlink()
    done = refresh("policies")
    assert (done.removed, done.unchanged) == (1, 2)
    assert "warranty.txt" not in found("zipper repaired")
    assert "returns.md" in found("unworn shoes")


def test_a_folder_that_is_gone_takes_nothing_with_it(add, refresh, folder):
    add("policies", folder)
    folder.rename(folder.with_name("moved"))
    with pytest.raises(InputNotFound):
        refresh("policies")
    assert len(found("parcel shoes zipper")) == 3


def test_what_cannot_be_read_is_put_aside_with_its_reason_and_stops_no_other(add, refresh, folder):
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7\nthis is no PDF")
    add("policies", folder)
    broken = SourceDocument.objects.get(path="broken.pdf")
    assert (broken.state, broken.error_code.partition(".")[0]) == ("failed", "document")
    assert broken.error_message
    assert state()["returns.md"] == DocumentState.READY
    assert refresh("policies", retry_failed=False).failed == 0, "it is not tried again until it changes"
    assert refresh("policies").failed == 1, "unless it is asked for"
    (folder / "broken.pdf").unlink()
    (folder / "broken.md").write_text("Mended now.", encoding="utf-8")
    refresh("policies")
    assert "broken.pdf" not in state()


def test_a_file_that_cannot_be_read_any_more_answers_nothing_more(add, refresh, folder):
    add("policies", folder)
    (folder / "warranty.txt").write_bytes(b"")
    assert refresh("policies").failed == 1
    assert "warranty.txt" not in found("zipper repaired")
    row = SourceDocument.objects.get(path="warranty.txt")
    assert (row.content_sealed, row.chunks_sealed, row.vectors_sealed) == (None, None, None)


def test_hidden_files_unknown_kinds_and_links_that_lead_out_are_passed_over(add, refresh, folder, tmp_path):
    outside = tmp_path / "secret.txt"
    outside.write_text("the combination of the safe", encoding="utf-8")
    (folder / "link.txt").symlink_to(outside)
    (folder / "out").symlink_to(tmp_path)
    (folder / "inside.txt").symlink_to(folder / "warranty.txt")
    (folder / ".hidden.md").write_text("hidden", encoding="utf-8")
    (folder / ".git").mkdir()
    (folder / ".git" / "note.md").write_text("hidden too", encoding="utf-8")
    (folder / "photo.raw").write_bytes(b"\x00")
    add("policies", folder)
    assert set(state()) == {"returns.md", "shipping/rates.md", "warranty.txt", "inside.txt"}
    assert not any("safe" in one.text for one in search(operator(), "combination of the safe").passages)


def test_a_kill_in_the_middle_leaves_whole_documents_and_the_next_refresh_goes_on(add, refresh, folder, monkeypatch):
    stored = []

    def store_and_die(*args):
        stored.append(args)
        if len(stored) == 2:
            raise KeyboardInterrupt
        return real(*args)

    real = refreshing.store
    monkeypatch.setattr(refreshing, "store", store_and_die)
    monkeypatch.setattr(refreshing, "BATCH_PASSAGES", 1)
    with pytest.raises(KeyboardInterrupt):
        add("policies", folder)
    assert len(state()) == 1
    monkeypatch.setattr(refreshing, "store", real)
    done = refresh("policies")
    assert (done.stored, done.unchanged) == (2, 1)
    assert len(state()) == 3
    assert verify().entries == AuditEntry.objects.count()


def test_a_stop_leaves_the_rest_for_the_next_turn(refresh, folder, now):
    add_source(operator(), "policies", folder, now)
    looks = iter([False, True])
    done = refresh("policies", stopping=lambda: next(looks, True))
    assert (done.complete, done.stored) == (False, 1)
    assert refresh("policies").complete


def test_several_small_documents_are_embedded_in_one_batch_and_progress_reaches_the_end(
    add, refresh, folder, embedder, monkeypatch
):
    calls = []
    real = embedder.embed_passages
    monkeypatch.setattr(embedder, "embed_passages", lambda texts: calls.append(len(texts)) or real(texts))
    shown = []
    add("policies", folder)
    assert calls == [4]
    for name in ("a", "b"):
        (folder / f"{name}.txt").write_text(name * 50, encoding="utf-8")
    refresh("policies", on_progress=shown.append)
    last = shown[-1]
    assert (last.files_done, last.files, round(last.bytes_done), last.bytes) == (2, 2, 100, 100)
    assert last.seconds_left == pytest.approx(0.0, abs=0.01)


def test_another_embedding_model_embeds_everything_again_without_reading_a_file(
    add, refresh, put, folder, embedder, monkeypatch
):
    add("policies", folder)
    add("feed", None)
    put("feed", "news.md", "The shop in Bergen opens in May.")
    embedder.passages.clear()
    monkeypatch.setattr(embedding_of_settings(), "name", "another@1")
    _store_index.cache_clear()
    assert found("Bergen") == [], "vectors of two models are never compared"
    refresh("feed")
    assert refresh("policies").stored == 3
    assert len(embedder.passages) == 5
    assert found("Bergen")[0] == "news.md"


def test_a_mail_with_its_attachment_is_two_documents_that_come_and_go_together(add, refresh, folder):
    (folder / "offer.eml").write_bytes(
        b"From: a@example.com\nTo: b@example.com\nSubject: Our offer\nMIME-Version: 1.0\n"
        b'Content-Type: multipart/mixed; boundary="x"\n\n--x\nContent-Type: text/plain\n\nSee the terms.\n'
        b'--x\nContent-Type: text/plain; name="terms.txt"\nContent-Disposition: attachment; filename="terms.txt"\n\n'
        b"Payment within 14 days of the invoice.\n--x--\n"
    )
    add("policies", folder)
    best = search(operator(), "payment of the invoice").passages[0]
    assert best.document == "offer.eml > terms.txt"
    (folder / "offer.eml").unlink()
    assert refresh("policies").removed == 1
    assert not any(name.startswith("offer") for name in found("payment invoice terms"))


@pytest.mark.parametrize("left", [None, ".hidden.md", "photo.raw"])
def test_a_folder_that_lost_all_its_documents_keeps_what_was_read_until_somebody_says_that_it_is_meant(
    add, refresh, folder, left
):
    add("policies", folder)
    for file in list(folder.rglob("*.*")):
        file.unlink()
    if left:
        (folder / left).write_bytes(b"words")
    with pytest.raises(SourceEmptied):
        refresh("policies")
    assert found("zipper")[0] == "warranty.txt"
    assert refresh("policies", all_gone=True).removed == 3
    assert found("zipper") == []
    assert refresh("policies").removed == 0, "nothing was there to keep"


def test_a_folder_that_keeps_one_of_its_documents_loses_the_others(add, refresh, folder):
    add("policies", folder)
    (folder / "returns.md").unlink()
    (folder / "shipping" / "rates.md").unlink()
    assert refresh("policies").removed == 2
    assert found("parcel zipper") == ["warranty.txt"]


def test_one_file_can_be_a_source(add, refresh, folder):
    add("warranty", folder / "warranty.txt")
    assert found("zipper", sources=["warranty"]) == ["warranty.txt"]
    assert refresh("warranty").unchanged == 1


@pytest.mark.parametrize("role", ["reviewer", "owner", "compliance", "editor"])
def test_only_those_who_manage_sources_may_refresh_one(add, folder, role):
    add("policies", folder)
    actor = Actor("user:1", 1, frozenset({role}))
    with pytest.raises(NotAllowed):
        refreshing.refresh(actor, "policies", reader=None, embedding=None)


@pytest.mark.parametrize("swap", ["link", "pipe", "other"])
def test_a_file_that_is_swapped_between_finding_and_reading_is_not_read(
    add, refresh, folder, tmp_path, monkeypatch, swap
):
    secret = tmp_path / "secret.txt"
    secret.write_text("The secret zebra sleeps in the cellar.", encoding="utf-8")
    add("policies", folder)
    target = folder / "returns.md"
    target.write_text("# Returns\n\nChanged.\n", encoding="utf-8")
    plan = refreshing.plan

    def then_swapped(*given, **named):
        made = plan(*given, **named)
        if swap == "other":
            digest = refreshing.digest_or_none
            monkeypatch.setattr(refreshing, "digest_or_none", lambda *args: (digest(*args), swapped())[0])
        else:
            swapped()
        return made

    def swapped() -> None:
        target.unlink()
        if swap == "pipe":
            os.mkfifo(target)
        else:
            target.symlink_to(secret)

    monkeypatch.setattr(refreshing, "plan", then_swapped)
    done = refresh("policies")
    assert done.failed == 1
    assert not any("zebra" in one.text for one in search(operator(), "secret zebra").passages)
    assert SourceDocument.objects.get(path="returns.md").error_code == "document.unreadable"
