"""One value into a book of placeholders."""

from graftwork.core.privacy.book import Book, Mention
from graftwork.core.privacy.entities import Gender
from graftwork.core.privacy.finding import Kind


def placeholder_for(book: Book, value: str, kind: Kind, *, gender: Gender | None = None) -> str:
    return str(book.place([Mention(value, kind, gender)])[0])
