"""Results are written beside the documents, once, and nothing of others is overwritten."""

import json
import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from graftwork.systems.errors import Conflict, Rejected
from graftwork.systems.folder.system import FolderSystem
from support.systems import NOW, delivery


def read_one(place, name="in/one.txt", content=b"The report.", **tables):
    """A system, and the delivery about a document that it has read."""
    place.put(name, content)
    system = place.system(**tables)
    record = next(record for record in system.pull(None, 10).records if record.origin["path"] == name)
    return system, delivery(external_id=record.key, thread=record.thread, origin=record.origin)


def changed(one, **changes):
    from dataclasses import replace

    return replace(one, **changes)


def test_a_result_is_written_beside_its_document_and_a_repeat_says_that_it_is_there(place):
    system, one = read_one(place)
    receipt = system.push(one)
    assert not receipt.already
    assert place.names() == ["in/one.txt", "in/one.txt.graftwork.json"]
    result = json.loads(place.get("in/one.txt.graftwork.json"))
    assert result["text"] == one.text
    assert result["delivery"] == one.key
    assert result["item"] == "in/one.txt"
    assert result["decision"] == "accepted"
    before = place.get("in/one.txt.graftwork.json")
    assert system.push(changed(one, unsure=True, tries=2)).already
    assert place.get("in/one.txt.graftwork.json") == before
    assert system.pull(None, 10).records[0].key == "in/one.txt"
    system.close()


def test_the_text_alone_under_a_name_and_in_a_folder_of_its_own(place):
    push = {"format": "text", "name": "{stem}.answer.txt", "folder": "answers/today"}
    system, one = read_one(place, push=push)
    system.push(one)
    assert place.names() == ["answers/today/in/one.answer.txt", "in/one.txt"]
    assert place.get("answers/today/in/one.answer.txt").decode() == f"{one.text}\n"
    assert system.push(one).already
    assert [record.key for record in place.system(push=push).pull(None, 10).records] == ["in/one.txt"]


def test_a_file_of_somebody_else_is_never_overwritten_unless_a_person_says_so(place):
    system, one = read_one(place)
    place.put("in/one.txt.graftwork.json", b"Mine.")
    with pytest.raises(Conflict):
        system.push(one)
    assert place.get("in/one.txt.graftwork.json") == b"Mine."
    system.push(changed(one, overwrite=True))
    assert json.loads(place.get("in/one.txt.graftwork.json"))["text"] == one.text


def test_a_later_decision_on_the_same_item_replaces_ours_and_not_one_that_was_changed_by_hand(place):
    system, one = read_one(place)
    system.push(one)
    later = changed(one, key="gw-2", text="Better.", decided_at=NOW + timedelta(hours=1))
    assert not system.push(later).already
    assert json.loads(place.get("in/one.txt.graftwork.json"))["text"] == "Better."
    with pytest.raises(Conflict):  # the first one, again, after the second
        system.push(one)
    result = json.loads(place.get("in/one.txt.graftwork.json"))
    place.put("in/one.txt.graftwork.json", json.dumps({**result, "text": "By hand."}).encode())
    with pytest.raises(Conflict):
        system.push(changed(later, key="gw-3", text="Best."))


def test_a_document_that_was_changed_or_taken_away_is_a_conflict_and_a_new_date_is_none(place):
    system, one = read_one(place)
    place.put("in/one.txt", b"The report.", when=NOW)
    assert not system.push(one).already
    system, two = read_one(place, "in/two.txt", b"Two")
    place.put("in/two.txt", b"Owt")
    with pytest.raises(Conflict) as conflict:
        system.push(two)
    assert conflict.value.changed == "the content of the document"
    place.remove("in/two.txt")
    with pytest.raises(Conflict):
        system.push(two)
    assert "in/two.txt.graftwork.json" not in place.names()
    unchecked = place.system(push={"check_document": False})
    place.put("in/kept.txt", b"So that the folder is there")
    unchecked.push(two)
    assert "in/two.txt.graftwork.json" in place.names()


def test_of_two_that_write_at_once_one_is_told_that_the_place_is_taken(place):
    place.put("x.txt", b"So that the folder is there")
    store = place.system()._store
    store.create("in/one.json", b"First.", "a")
    with pytest.raises(FileExistsError):
        store.create("in/one.json", b"Second.", "b")
    assert place.get("in/one.json") == b"First."
    store.replace("in/one.json", b"Third.", "c")
    assert place.get("in/one.json") == b"Third."
    assert place.names() == ["in/one.json", "x.txt"]
    store.close()


def test_an_arrived_result_is_recognised_although_the_document_is_gone(place):
    system, one = read_one(place)
    system.push(one)
    place.remove("in/one.txt")
    assert system.push(changed(one, unsure=True)).already


def test_an_item_from_elsewhere_is_written_under_its_own_name(place):
    place.put("x.txt", b"So that the folder is there")
    system = place.system(push={"of": "all"})
    system.push(delivery(external_id="CASE/../../17", key="gw-9"))
    system.push(delivery(external_id="17", key="gw-10"))
    names = place.names()
    assert "17.graftwork.json" in names
    assert len(names) == 3
    assert all("/" not in name for name in names)


@pytest.mark.parametrize("path", ["../out.txt", "/etc/out.txt", "in/../../out.txt", "in//o.txt", "a\x00b", "c:\\o.txt"])
def test_a_path_that_leads_out_is_refused(place, path):
    place.put("x.txt", b"So that the folder is there")
    with pytest.raises((Rejected, Conflict)):
        place.system().push(delivery(origin={"path": path}))
    assert place.names() == ["x.txt"]


@pytest.mark.parametrize("kind", ["local", "remote"])
def test_a_result_is_never_written_through_a_link(kind, request):
    place = request.getfixturevalue(kind)
    (place.workspace / "outside").mkdir()
    place.put("x.txt", b"So that the folder is there")
    (place.folder / "in").symlink_to(place.workspace / "outside")
    with pytest.raises(Conflict):
        place.system().push(delivery(origin={"path": "in/one.txt"}))
    assert list((place.workspace / "outside").iterdir()) == []
    (place.workspace / "victim").write_text("untouched")
    (place.folder / "x.txt.graftwork.json").symlink_to(place.workspace / "victim")
    with pytest.raises(Conflict):
        place.system(push={"check_document": False}).push(delivery(origin={"path": "x.txt"}))
    assert (place.workspace / "victim").read_text() == "untouched"


def test_results_of_many_threads_arrive_once_each(place):
    for number in range(12):
        place.put(f"{number}.txt", b"Text")
    system = place.system()
    records = system.pull(None, 100).records
    deliveries = [delivery(key=f"gw-{record.key}", external_id=record.key, origin=record.origin) for record in records]
    with ThreadPoolExecutor(4) as threads:
        assert not any(receipt.already for receipt in threads.map(system.push, deliveries))
        assert all(receipt.already for receipt in threads.map(system.push, deliveries))
    assert len(place.names()) == 24
    system.close()


def test_what_a_killed_process_left_half_done_is_no_document_and_is_removed(local):
    system, one = read_one(local)
    from hashlib import sha256

    mark = sha256(one.key.encode()).hexdigest()[:16]
    local.put(f"in/.{mark}.graftwork-tmp", b"Half a res")
    assert [record.key for record in local.system().pull(None, 10).records] == ["in/one.txt"]
    system.push(changed(one, unsure=True))
    assert local.names() == ["in/one.txt", "in/one.txt.graftwork.json"]


def test_a_result_is_complete_or_absent_whenever_the_process_is_killed(local):
    """Thirty times, at moments that differ: a whole result or none, and the repeat makes one."""
    text = "x" * 2_000_000
    program = f"""
import os, sys, threading
sys.path[:0] = {[str(p) for p in sys.path if p]!r}
from support.systems import delivery, surroundings
from graftwork.systems.folder.file import FolderConnector
from graftwork.systems.folder.system import FolderSystem
from pathlib import Path
data = {{"name": "a", "use_case": "b", "system": "folder", "url": "inbox", "push": {{}}}}
file = FolderConnector.model_validate(data)
system = FolderSystem(file, surroundings(Path({str(local.workspace)!r})))
for number in range(int(sys.argv[1]), 30):
    threading.Timer(0.0005 * number, os.kill, (os.getpid(), 9)).start() if number == int(sys.argv[1]) else None
    system.push(delivery(key=f"gw-{{number}}", external_id=str(number), text={text!r}))
"""
    script = local.workspace / "kill.py"
    script.write_text(program)
    for number in range(0, 30, 5):
        subprocess.run([sys.executable, str(script), str(number)], timeout=60, check=False)
        for name in local.names():
            if name.endswith(".json"):
                assert json.loads(local.get(name))["text"] == text
    system = local.system()
    for number in range(30):
        system.push(delivery(key=f"gw-{number}", external_id=str(number), text=text, unsure=True))
    assert local.names() == sorted(f"{number}.graftwork.json" for number in range(30))


def test_a_result_can_be_read_by_its_owner_and_group_only(local):
    system, one = read_one(local)
    system.push(one)
    mode = stat.S_IMODE((local.folder / "in/one.txt.graftwork.json").stat().st_mode)
    assert mode & 0o007 == 0


def test_a_full_disk_makes_all_wait(local, monkeypatch):
    import errno

    from graftwork.systems.errors import TargetDown

    system, one = read_one(local)

    def full(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device", "secret name")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(TargetDown) as down:
        system.push(one)
    assert "secret" not in str(down.value)
    monkeypatch.undo()
    assert FolderSystem(local.file(), local.around).push(one)
