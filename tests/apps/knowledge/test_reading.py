"""A mailbox becomes one document, with what of it was not read told."""

import pytest

from graftwork.apps.knowledge import reading
from graftwork.apps.knowledge.reading import MAX_NOTICES, read_file
from graftwork.core.documents import sandbox
from graftwork.core.documents.errors import DocumentTooLarge
from graftwork.core.documents.sandbox import DocumentReader

GOOD = b"From a@example.com Mon Nov  2 10:00:00 2026\nSubject: Offer\nFrom: a@example.com\n\nTwelve euros.\n\n"
BROKEN = b"From a@example.com Mon Nov  2 10:00:00 2026\n" + b"\x00\x01\x02\x03" * 200 + b"\n\n"


def test_what_is_over_the_limit_of_a_mailbox_is_told_even_after_many_other_notices(tmp_path, monkeypatch):
    monkeypatch.setattr(sandbox, "MOST_MESSAGES", 4)
    monkeypatch.setattr(reading, "MAX_NOTICES", 2)
    file = tmp_path / "inbox.mbox"
    file.write_bytes(GOOD + BROKEN * 3 + GOOD * 2)
    with DocumentReader() as reader:
        document = read_file(reader, file, "0" * 64)
    assert MAX_NOTICES == 100
    assert len(document.attachments) == 1
    assert [notice.text for notice in document.notices][1] == "inbox.mbox: 2 messages were not read."
    assert len(document.notices) == 2


def test_a_mailbox_over_the_limit_of_a_document_is_refused(tmp_path):
    file = tmp_path / "inbox.mbox"
    file.write_bytes(GOOD * 2)
    with DocumentReader(input_limit_bytes=100) as reader, pytest.raises(DocumentTooLarge):
        read_file(reader, file, "0" * 64)
