"""Hostile and broken files end with an error of their own, and the next file is read."""

import os
import resource
import signal
import threading
import time
import zlib
from pathlib import Path

import pytest

from graftwork.core.document import Document
from graftwork.core.documents import sandbox
from graftwork.core.documents.errors import (
    DocumentBroken,
    DocumentCrashed,
    DocumentEmpty,
    DocumentEncrypted,
    DocumentError,
    DocumentTimedOut,
    DocumentTooLarge,
    DocumentTooMuchMemory,
    DocumentUnreadable,
)
from graftwork.core.documents.options import ReadingOptions
from graftwork.core.documents.reading import read_document
from graftwork.core.documents.sandbox import DocumentReader

SLOW_HTML = b"<div>" * 100_000 + b"x"  # the HTML 5 algorithm is quadratic in depth: about 20 s


def pid_of(reader: DocumentReader) -> int:
    assert reader._child is not None
    return reader._child._process.pid


def test_the_child_reads_what_this_process_would(reader, make_docx, draw_pdf, make_mail, tmp_path):
    message = make_mail()
    message.add_attachment(b"a,b\n1,2\n", maintype="text", subtype="csv", filename="a.csv")
    files = {
        "a.docx": make_docx(lambda document: document.add_heading("Head", 1)),
        "a.pdf": draw_pdf(lambda canvas: canvas.drawString(72, 700, "Hello.")),
        "a.eml": bytes(message),
        "a.txt": "Ångström 😀 words".encode(),
    }
    for name, content in files.items():
        path = tmp_path / name
        path.write_bytes(content)
        assert reader.read(path) == reader.read_bytes(content, name) == read_document(content, name)


def test_one_child_reads_all(reader):
    reader.read_bytes(b"one", "a.txt")
    child = pid_of(reader)
    reader.read_bytes(b"two", "a.txt")
    with pytest.raises(DocumentEmpty):
        reader.read_bytes(b"", "a.txt")
    assert pid_of(reader) == child


def test_errors_of_the_reader_come_through(reader, draw_pdf):
    content = draw_pdf(lambda canvas: canvas.drawString(72, 700, "Secret."), encrypt="word")
    with pytest.raises(DocumentEncrypted) as caught:
        reader.read_bytes(content, "secret.pdf")
    assert caught.value.name == "secret.pdf"
    with pytest.raises(DocumentBroken, match="cannot be unpacked"):
        reader.read_bytes(b"PK\x03\x04 and no more", "a.docx")


def test_a_document_that_takes_too_long_ends_alone():
    with DocumentReader(time_limit_seconds=3) as reader:
        reader.read_bytes(b"first", "a.txt")
        child = pid_of(reader)
        begun = time.monotonic()
        with pytest.raises(DocumentTimedOut) as caught:
            reader.read_bytes(SLOW_HTML, "slow.html")
        assert time.monotonic() - begun < 12
        assert caught.value.limit_seconds == 3
        assert not Path(f"/proc/{child}").exists()
        assert reader.read_bytes(b"next", "b.txt").text == "next"


def test_the_child_has_a_clock_of_its_own():
    with DocumentReader(time_limit_seconds=20) as reader:
        reader.read_bytes(b"first", "a.txt")
        soft, _ = resource.prlimit(pid_of(reader), resource.RLIMIT_CPU)
        assert 20 < soft < 60


def test_a_document_that_needs_too_much_memory_ends_alone():
    rows = b"\n".join(b"%d,%d" % (n, n) for n in range(900_000))
    with DocumentReader(ReadingOptions(), memory_limit_bytes=450_000_000) as reader:
        reader.read_bytes(b"first", "a.txt")
        with pytest.raises(DocumentTooMuchMemory):
            reader.read_bytes(rows, "rows.csv")
        assert reader.read_bytes(b"next", "b.txt").text == "next"


def test_a_huge_picture_on_a_page_ends_alone():
    side = 40_000
    pixels = zlib.compress(b"\xff" * (side * side // 8), 9)
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</XObject<</I 5 0 R>>>>>>",
        b"<</Length 28>>stream\n500 0 0 500 0 0 cm /I Do    \nendstream",
        b"<</Type/XObject/Subtype/Image/Width %d/Height %d/ColorSpace/DeviceGray/BitsPerComponent 1/Filter/FlateDecode"
        b"/Length %d>>stream\n%s\nendstream" % (side, side, len(pixels), pixels),
    ]
    content = b"%PDF-1.4\n" + b"".join(b"%d 0 obj%s endobj\n" % (n, one) for n, one in enumerate(objects, 1))
    content += b"trailer<</Root 1 0 R/Size 6>>\n%%EOF"
    with DocumentReader(memory_limit_bytes=800_000_000, time_limit_seconds=30) as reader:
        try:
            found = reader.read_bytes(content, "huge.pdf")
            assert found.notices
        except DocumentError:
            pass
        assert reader.read_bytes(b"next", "b.txt").text == "next"


def test_a_child_that_is_killed_ends_its_document_only():
    with DocumentReader() as reader:
        reader.read_bytes(b"first", "a.txt")
        threading.Timer(0.5, os.kill, (pid_of(reader), signal.SIGSEGV)).start()
        with pytest.raises(DocumentCrashed, match="SIGSEGV"):
            reader.read_bytes(SLOW_HTML, "slow.html")
        assert reader.read_bytes(b"next", "b.txt").text == "next"


def test_a_child_that_died_between_two_documents_is_replaced():
    with DocumentReader() as reader:
        reader.read_bytes(b"first", "a.txt")
        child = reader._child
        assert child is not None
        os.kill(pid_of(reader), signal.SIGKILL)
        child._process.wait(timeout=5)
        assert reader.read_bytes(b"next", "b.txt").text == "next"


def test_the_child_is_confined(monkeypatch):
    monkeypatch.setenv("GRAFTWORK_KEYS", "not for the child")
    with DocumentReader(memory_limit_bytes=900_000_000) as reader:
        reader.read_bytes(b"first", "a.txt")
        child = pid_of(reader)
        assert resource.prlimit(child, resource.RLIMIT_AS)[1] == 900_000_000
        assert resource.prlimit(child, resource.RLIMIT_CORE)[1] == 0
        assert resource.prlimit(child, resource.RLIMIT_FSIZE)[1] == 0
        assert b"not for the child" not in Path(f"/proc/{child}/environ").read_bytes()
    assert not Path(f"/proc/{child}").exists()


def test_a_file_over_the_limit_is_refused_before_it_is_read(tmp_path):
    path = tmp_path / "large.txt"
    with path.open("wb") as file:
        file.truncate(10_000_000_000)
    with DocumentReader() as reader:
        with pytest.raises(DocumentTooLarge):
            reader.read(path)
        with pytest.raises(DocumentTooLarge):
            DocumentReader(input_limit_bytes=4).read_bytes(b"12345", "a.txt")
        assert reader._child is None


def test_what_is_no_readable_file_is_told(reader, tmp_path):
    os.mkfifo(tmp_path / "pipe.txt")
    for name in ("absent.txt", "pipe.txt", "."):
        with pytest.raises(DocumentUnreadable):
            reader.read(tmp_path / name)


def test_a_file_that_may_not_be_read_is_told(reader, tmp_path):
    path = tmp_path / "closed.txt"
    path.write_text("words")
    path.chmod(0)
    if os.access(path, os.R_OK):
        path = Path("/proc/self/mem")  # no permission keeps root out, but this is no file that can be read
        with pytest.raises(DocumentError):
            reader.read(path)
        return
    with pytest.raises(DocumentUnreadable):
        reader.read(path)


def test_a_broken_message_of_a_mailbox_ends_itself_only(reader, make_mail, tmp_path):
    envelope = b"From ada@example.com Mon Nov  2 10:00:00 2026\n"
    path = tmp_path / "inbox.mbox"
    good = bytes(make_mail())
    path.write_bytes(b"\n".join((envelope + good, envelope + b"\x00\x01\x02\x03" * 200 + b"\n", envelope + good)))
    found = list(reader.read_all(path))
    assert [isinstance(one, Document) for one in found] == [True, False, True]
    assert [type(one).__name__ for one in reader.read_all(tmp_path / "absent.mbox")] == ["DocumentUnreadable"]


@pytest.fixture
def three_messages(make_mail, tmp_path) -> Path:
    path = tmp_path / "inbox.mbox"
    path.write_bytes(b"\n".join([b"From ada@example.com Mon Nov  2 10:00:00 2026\n" + bytes(make_mail())] * 3))
    return path


@pytest.mark.parametrize(("name", "limit"), [("MOST_MESSAGES", 1), ("MAILBOX_TIMES", -1)])
def test_a_mailbox_of_too_many_messages_or_hours_is_read_as_far_as_the_limit(
    reader, three_messages, monkeypatch, name, limit
):
    monkeypatch.setattr(sandbox, name, limit)
    *read, left = reader.read_all(three_messages)
    assert isinstance(left, DocumentTooLarge)
    assert left.reason == f"{3 - len(read)} messages were not read"
    assert len(read) == max(limit, 0)
    monkeypatch.setattr(sandbox, name, 3)
    assert len(list(reader.read_all(three_messages))) == 3


def test_the_text_of_a_mailbox_counts_as_that_of_one_document(three_messages):
    with DocumentReader(ReadingOptions(most_characters=300)) as reader:
        first, *_ = found = list(reader.read_all(three_messages))
        most = len(first.text)
    assert [len(one.text) for one in found] == [most] * 3
    with DocumentReader(ReadingOptions(most_characters=most + 1)) as reader:
        first, second, left = reader.read_all(three_messages)
    assert (first.text, left.reason) == (second.text, "1 messages were not read")


def test_a_mailbox_over_the_limit_of_a_document_is_not_begun(three_messages):
    size = three_messages.stat().st_size
    with DocumentReader(input_limit_bytes=size - 1) as reader:
        assert [type(one) for one in reader.read_all(three_messages)] == [DocumentTooLarge]
        assert reader._child is None
    with DocumentReader(input_limit_bytes=size) as reader:
        assert len(list(reader.read_all(three_messages))) == 3


def test_a_file_that_is_no_mailbox_is_one_document(reader, tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("words")
    assert [one.text for one in reader.read_all(path)] == ["words"]


def test_two_threads_share_a_reader(reader):
    found: list[str] = []

    def read(words: str) -> None:
        found.append(reader.read_bytes(words.encode(), "a.txt").text)

    threads = [threading.Thread(target=read, args=(f"text {n}",)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [f"text {n}" for n in range(8)]
