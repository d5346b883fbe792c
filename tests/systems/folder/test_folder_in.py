"""Documents of a folder become records, on a disk, in a bucket and on an SFTP server."""

import json
import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from graftwork.systems.errors import TargetDown
from graftwork.systems.folder.system import FolderSystem
from support.systems import NOW, surroundings

LATER = NOW + timedelta(days=400)  # the bucket dates by the real clock


def pull_all(system, cursor=None, limit=100):
    records, more = [], True
    while more:
        pulled = system.pull(cursor, limit)
        cursor = json.loads(json.dumps(pulled.cursor))
        records.extend(pulled.records)
        more = pulled.more
    return records, cursor


def keys(records):
    return sorted(record.key for record in records)


def test_documents_become_records_once_and_what_comes_later_comes_later(place):
    place.put("one.txt", b"The first report.")
    place.put("deep/er/two.txt", b"The second report.")
    system = place.system()
    records, cursor = pull_all(system)
    assert keys(records) == ["deep/er/two.txt", "one.txt"]
    one = next(record for record in records if record.key == "one.txt")
    assert one.row["text"] == "The first report."
    assert one.row["file"] == "one.txt"
    assert one.thread == "one.txt"
    assert pull_all(system, cursor)[0] == []
    place.put("three.txt", b"The third.")
    assert keys(pull_all(place.system(), cursor)[0]) == ["three.txt"]  # also in another process
    records, cursor = pull_all(system, cursor)
    assert keys(records) == ["three.txt"]
    assert pull_all(system, cursor)[0] == []
    system.close()


def test_results_hidden_and_temporary_files_and_other_kinds_are_passed_over(place):
    for name in (
        ".hidden.txt", ".folder/in.txt", "~$letter.docx", "half.txt.part", "half.txt.filepart", "one.txt~",
        "one.txt.graftwork.txt", "one.pdf.graftwork.json", "table.xlsx", "picture.png", "one.result.txt",
    ):  # fmt: skip
        place.put(name, b"Not for us.")
    place.put("one.TXT", b"For us.")
    place.put("graftwork.txt", b"For us.")
    system = place.system(push={"format": "text", "name": "{stem}.result.txt"})
    assert keys(pull_all(system)[0]) == ["graftwork.txt", "one.TXT"]
    system.close()


def test_a_pattern_and_no_folders_inside(place):
    for name in ("a.txt", "a.csv", "b.csv", "in/a.csv"):
        place.put(name, b"Text")
    system = place.system(pull={"pattern": ["a.*"], "recursive": False})
    assert keys(pull_all(system)[0]) == ["a.csv", "a.txt"]
    system = place.system(pull={"pattern": ["in/*.csv"]})
    assert keys(pull_all(system)[0]) == ["in/a.csv"]


def test_a_changed_file_stays_the_item_it_was_or_becomes_a_new_one(place):
    place.put("one.txt", b"First.")
    plain, versions = place.system(), place.system(pull={"versions": True})
    (before,), cursor = pull_all(plain)
    (first,), seen = pull_all(versions)
    place.put("one.txt", b"Second, longer.")
    (after,), _ = pull_all(plain, cursor)
    (second,), _ = pull_all(versions, seen)
    assert after.key == before.key == "one.txt"
    assert second.key != first.key
    assert second.thread == first.thread == "one.txt"
    assert second.row["text"] == "Second, longer."


def test_what_cannot_be_read_says_why_and_names_nothing(place):
    place.put("Meier broken.txt", b"BROKEN")
    place.put("large.txt", b"x" * 2_000)
    place.put("fine.txt", b"Fine.")
    records, _ = pull_all(place.system(pull={"max_bytes": 1_000}))
    problems = {record.key: record.problem for record in records}
    assert problems["fine.txt"] == ""
    assert problems["Meier broken.txt"].startswith("document.broken: the document: ")
    assert problems["large.txt"].startswith("document.too_large: ")
    assert not any("Meier" in problem for problem in problems.values())


def test_a_folder_that_is_not_there_is_down_and_is_never_made(local):
    (local.folder).rmdir()
    with pytest.raises(TargetDown):
        local.system().pull(None, 10)
    assert not local.folder.exists()


def test_a_file_that_was_moved_in_with_an_old_date_is_found(place):
    place.put("new.txt", b"New.", when=NOW - timedelta(days=2))
    system = place.system()
    _, cursor = pull_all(system)
    place.put("old.txt", b"Old.", when=NOW - timedelta(days=3_000))
    assert keys(pull_all(system, cursor)[0]) == ["old.txt"]
    assert keys(pull_all(place.system(), cursor)[0]) == ["old.txt"]


def test_a_file_that_was_written_just_now_waits_until_it_is_settled(local):
    local.put("fresh.txt", b"Half", when=NOW - timedelta(seconds=9))
    local.put("old.txt", b"Whole", when=NOW - timedelta(seconds=11))
    records, cursor = pull_all(local.system(pull={"settle_seconds": 10}))
    assert keys(records) == ["old.txt"]
    later = local.system(now=NOW + timedelta(seconds=2), pull={"settle_seconds": 10})
    assert keys(pull_all(later, cursor)[0]) == ["fresh.txt"]


def test_a_file_dated_in_the_future_is_read_once_it_was_seen_unchanged(local):
    local.put("future.txt", b"From tomorrow", when=NOW + timedelta(days=900))
    records, cursor = pull_all(local.system())
    assert records == []
    assert keys(pull_all(local.system(now=NOW + timedelta(seconds=11)), cursor)[0]) == ["future.txt"]


def test_on_a_server_whose_clock_is_wrong_a_growing_file_waits(remote):
    an_hour_slow = NOW - timedelta(hours=1)
    remote.put("grows.txt", b"Half", when=an_hour_slow)
    records, cursor = pull_all(remote.system())
    assert records == []
    remote.put("grows.txt", b"Half and more", when=an_hour_slow + timedelta(seconds=20))
    records, cursor = pull_all(remote.system(now=NOW + timedelta(seconds=20)), cursor)
    assert records == []
    records, cursor = pull_all(remote.system(now=NOW + timedelta(seconds=40)), cursor)
    assert [record.row["text"] for record in records] == ["Half and more"]


def test_a_file_that_changes_while_it_is_read_comes_with_the_next_look(local):
    local.put("one.txt", b"First.")
    system = local.system()
    read = system._store.read

    def read_and_change(name, limit):
        content = read(name, limit)
        local.put("one.txt", b"Changed meanwhile.", when=NOW - timedelta(days=1))
        return content

    system._store.read = read_and_change
    pulled = system.pull(None, 10)
    assert pulled.records == []
    records, _ = pull_all(local.system(), pulled.cursor)
    assert [record.row["text"] for record in records] == ["Changed meanwhile."]


@pytest.mark.parametrize("target", ["../secret.txt", "/etc/hostname", "inside.txt", "../outside"])
def test_links_are_never_followed(local, target):
    (local.workspace / "secret.txt").write_text("secret")
    (local.workspace / "outside").mkdir()
    (local.workspace / "outside" / "in.txt").write_text("secret")
    local.put("inside.txt", b"Inside.")
    (local.folder / ("link" if target == "../outside" else "link.txt")).symlink_to(target)
    assert keys(pull_all(local.system())[0]) == ["inside.txt"]


def test_a_name_that_is_not_text_is_a_problem_and_no_failure(local):
    path = Path(os.fsdecode(os.fsencode(local.folder) + b"/caf\xe9.txt"))
    path.write_bytes(b"Menu")
    os.utime(path, (1, 1))
    (record,), _ = pull_all(local.system())
    assert "name" in record.problem
    json.dumps([record.key, dict(record.origin)]).encode()


def test_a_pipe_is_passed_over(local):
    os.mkfifo(local.folder / "pipe.txt")
    assert pull_all(local.system())[0] == []


def test_a_mail_gives_the_fields_that_a_run_gives(local):
    mail = b"From: a@example.com\r\nSubject: Parcel\r\nMessage-ID: <1@example.com>\r\n\r\nWhere is it?\r\n"
    local.put("one.eml", mail)
    (record,), _ = pull_all(local.system())
    assert record.row["subject"] == "Parcel"
    assert record.row["text"] == "Where is it?"
    assert record.key == "one.eml"


def test_a_real_document_is_read_as_a_run_reads_it(local):
    from graftwork.core.document_rows import DocumentRows
    from graftwork.core.intake.folder import read_folder

    local.put("letter.html", b"<html><head><title>Letter</title></head><body><p>First.</p><p>Second.</p></body></html>")
    system = FolderSystem(local.file(), surroundings(local.workspace))
    (record,), _ = pull_all(system)
    with DocumentRows() as documents:
        (row,) = documents.read(read_folder(local.folder, None, 1_000_000))
    assert row.data is not None
    assert {name: record.row[name] for name in row.data if name != "id"} == {
        name: value for name, value in row.data.items() if name != "id"
    }
    assert record.key == row.data["id"]


def test_batches_go_on_from_one_listing_and_a_stop_ends_them(local):
    for number in range(25):
        local.put(f"{number:02}.txt", b"Text")
    system = local.system()
    listed = []
    files = system._store.files
    system._store.files = lambda **how: (listed.append(1), files(**how))[1]
    records, _ = pull_all(system, limit=4)
    assert len(keys(records)) == len(set(keys(records))) == 25
    assert len(listed) == 1
    stopped = FolderSystem(local.file(), replace(local.around, stopping=lambda: True))
    assert stopped.pull(None, 10).records == []


def test_a_batch_that_was_not_stored_comes_again(local):
    for number in range(10):
        local.put(f"{number:02}.txt", b"Text")
    system = local.system()
    first = system.pull(None, 4)
    lost = system.pull(first.cursor, 4)
    again = system.pull(first.cursor, 4)
    assert keys(lost.records) == keys(again.records)


def test_ten_thousand_files_come_in_batches(local):
    for number in range(10_000):
        (local.folder / f"{number:05}.txt").write_bytes(b"Text")
    system = local.system(now=NOW + timedelta(days=4_000))
    records, cursor = pull_all(system, limit=500)
    assert len({record.key for record in records}) == len(records) == 10_000
    assert len(json.dumps(cursor)) < 10_000
    assert pull_all(local.system(now=NOW + timedelta(days=4_000)), cursor)[0] == []
