"""Bytes to text: what the bytes say of themselves first, then UTF-8, then a guess."""

import codecs

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Reading the rest by what the start was takes a fraction of the time; a text does not change its encoding midway.
_SAMPLE_BYTES = 64_000
# Fewer letters outside ASCII than this say too little to tell one code page from another.
_TELLING_BYTES = 24
_WESTERN = "cp1252"
# Of old Macintoshes and mainframes: near enough to the common ones to be mistaken for them.
_RARE = (
    *("mac_cyrillic", "mac_greek", "mac_iceland", "mac_latin2", "mac_roman", "mac_turkish"),
    *("cp037", "cp273", "cp424", "cp500", "cp875", "cp1026", "cp1140"),
)


def decode(content: bytes, declared: str = "") -> str:
    """The text of `content`. Bytes that do not fit become U+FFFD; it never fails.

    A byte order mark wins, then `declared` (what a header or a meta element says), then UTF-8, then a guess.
    """
    for mark, encoding in _BOMS:
        if content.startswith(mark):
            return content[len(mark) :].decode(encoding, "replace")
    for candidate in (declared, _wide(content), "utf-8"):
        text = _strict(content, candidate)
        if text is not None:
            return text
    if _mostly_utf8(content):
        return content.decode("utf-8", "replace")
    return content.decode(_guess(content), "replace")


def encoding_of(content: bytes) -> str:
    """What `decode` takes `content` to be, by the name that Python has for it; without a byte order mark."""
    for mark, encoding in _BOMS:
        if content.startswith(mark):
            return encoding
    if wide := _wide(content):
        return wide
    if _strict(content, "utf-8") is not None or _mostly_utf8(content):
        return "utf-8"
    return _guess(content)


def _strict(content: bytes, encoding: str) -> str | None:
    try:
        return content.decode(_WESTERN if encoding.lower() in ("ascii", "us-ascii", "latin-1") else encoding)
    except (LookupError, ValueError):  # an unknown charset, or a byte that it does not have
        return None


def _wide(content: bytes) -> str:
    """UTF-16 without a mark: in most languages every other byte of it is zero or the same few values."""
    sample = content[:4_000]
    if len(sample) < 4 or len(content) % 2:
        return ""
    half = len(sample) // 2
    even, odd = sample[::2].count(0) / half, sample[1::2].count(0) / half
    if odd > 0.6 and even < 0.1:
        return "utf-16-le"
    return "utf-16-be" if even > 0.6 and odd < 0.1 else ""


def _mostly_utf8(content: bytes) -> bool:
    """A few broken bytes in what is UTF-8 otherwise, such as a text that was cut."""
    sample = content[:_SAMPLE_BYTES]
    text = sample.decode("utf-8", "replace")
    broken, read = text.count("\ufffd"), sum(character > "\x7f" for character in text)
    return read - broken > 4 * broken


def _guess(content: bytes) -> str:
    from charset_normalizer import from_bytes  # noqa: PLC0415 - takes a while, and most text is UTF-8

    sample = content[:_SAMPLE_BYTES]
    if sum(byte > 0x7F for byte in sample) < _TELLING_BYTES:
        return _WESTERN
    best = from_bytes(sample, cp_exclusion=list(_RARE)).best()
    return best.encoding if best is not None else _WESTERN
