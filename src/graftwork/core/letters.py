"""Text that can be stored: a model may answer with halves of letters, which no UTF-8 holds."""

import re

_HALF = re.compile("[\ud800-\udfff]")


def whole_letters(text: str) -> str:
    r"""`text` with halves put together where both are there, and U+FFFD for one that stands alone.

    JSON writes letters beyond U+FFFF as two escapes (RFC 8259, section 7), and servers that stream send them apart.
    """
    if _HALF.search(text) is None:
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
