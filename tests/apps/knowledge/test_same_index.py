"""A folder that is read for an evaluation is searched as it would be as a source of the workspace."""

from email.message import EmailMessage

import pytest

from graftwork.apps.knowledge.store_index import current_index
from graftwork.cli.evaluate_sources import FolderRetriever

pytestmark = pytest.mark.django_db


def mail(subject: str) -> bytes:
    message = EmailMessage()
    message["Subject"], message["From"] = subject, "ada@example.com"
    message.set_content("See what is attached.")
    for price in (12, 14):
        message.add_attachment(f"A parcel to Norway costs {price} euros.", filename="rates.txt")
    message.add_attachment("part,price\nKX-200,14\n", filename="parts.csv")
    return bytes(message)


def test_titles_names_and_passages_are_those_of_the_store(add, folder):
    envelope = b"From ada@example.com Mon Nov  2 10:00:00 2026\n"
    (folder / "offer.eml").write_bytes(mail("Our offer"))
    (folder / "box.mbox").write_bytes(envelope + mail("One") + b"\n" + envelope + mail("Two") + b"\n")
    add("policies", folder)
    wanted = "parcel Norway part price zipper refund attached"
    stored = current_index()[0].search(wanted, limit=100)
    in_folder = FolderRetriever({"policies": folder})._indexes["policies"].search(wanted, limit=100)
    assert len(stored) > 12

    def shown(hits):
        return sorted(
            (one.chunk.document, one.chunk.title, one.chunk.text, one.chunk.headings, one.chunk.document_sha256)
            for one in hits
        )

    assert shown(stored) == shown(in_folder)
    names = {one.chunk.document for one in in_folder}
    assert {"warranty.txt", "offer.eml > rates.txt (2)", "box.mbox > box.mbox-2.eml > parts.csv"} <= names
