"""What a file holds as documents: itself, then what is attached to it, each by a name of its own."""

from collections.abc import Iterator

from graftwork.core.document import Document


def parts_of(name: str, document: Document, number: str = "") -> Iterator[tuple[str, str, Document]]:
    """The number (empty, or `2`, or `2.1` for one inside of that), the name and the document of each, in that order."""
    yield number, name, document
    names = [attachment.name for attachment in document.attachments]
    for position, attachment in enumerate(document.attachments, 1):
        below = f"{number}.{position}" if number else str(position)
        # Two attachments of one mail may be called the same, and a document is known by its name.
        again = f" ({position})" if names.count(attachment.name) > 1 else ""
        yield from parts_of(f"{name} > {attachment.name}{again}", attachment, below)
