"""Web addresses, with a scheme and without."""

from collections.abc import Iterator

from graftwork.core.privacy.patterns import Pattern, PatternRecognizer

# Top-level domains that stand for themselves in running text. Those that are words or file endings as well ("is", "py")
# count only where the address has `www.`, a scheme or a path.
_DOMAINS = (
    "com|org|net|edu|gov|mil|int|info|biz|name|mobi|app|dev|cloud|online|shop|store|site|tech|blog|agency|solutions"
    "|global|digital|health|bank|finance|email|network|systems|company|group|world|live|life|today|news|media|xyz|club"
    "|ai|io|co|eu|uk|de|fr|nl|ch|pl|pt|se|fi|dk|cz|sk|hu|ro|bg|hr|si|lt|lv|ee|gr|ie|lu|mt|ru|ua|by|tr|il|ae|sa|ir|pk"
    "|bd|lk|cn|jp|kr|tw|hk|sg|th|vn|ph|au|nz|ca|mx|br|ar|cl|pe|uy|za|ng|gh|ke|eg|ma|tn|us|tv|cc|ws|invalid|example|test"
    "|onion|local|internal|intranet"
)
_WORD_DOMAINS = "at|be|in|is|it|es|no|to|me|my|so|do|as|am|la|li|py|rs|sh|md|pm|pro|im"
_CLOSING = {")": "(", "]": "[", "}": "{"}


def _trimmed(value: str) -> Iterator[tuple[int, int]]:
    """Without the punctuation of the sentence, and without a bracket that was opened before the address."""
    end = len(value)
    while end and (value[end - 1] in ".,;:!?'\"*_~" or _closes_nothing(value[:end])):
        end -= 1
    yield 0, end


def _closes_nothing(value: str) -> bool:
    opening = _CLOSING.get(value[-1])
    return opening is not None and value.count(value[-1]) > value.count(opening)


def _not_local(value: str) -> Iterator[tuple[int, int]]:
    host = value.partition("://")[2].partition("/")[0].partition(":")[0].lower()
    if host not in {"localhost", "127.0.0.1"}:
        yield from _trimmed(value)


RECOGNIZER = PatternRecognizer(
    "url",
    (
        Pattern(
            "url",
            r"(?i)\b(?:https?|hxxps?|ftps?|sftp|wss?|ssh|git|ldaps?|smb|rtsp|s3|gs)(?:://|%3a%2f%2f)[^\s<>\"'`|\\^{}]+",
            "an address with a scheme",
            score=0.8,
            hint=r"(?:://|%3[aA]%2[fF])",
            locate=_not_local,
        ),
        Pattern(
            "url",
            r"(?i)\bwww\d?\.[a-z0-9-]+(?:\.[a-z0-9-]+)+(?::\d{1,5})?(?:[/?#][^\s<>\"'`|\\^{}]*)?",
            "an address that begins with www",
            score=0.8,
            locate=_trimmed,
        ),
        Pattern(
            "url",
            (
                rf"\b(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+(?:{_DOMAINS})\b(?::\d{{2,5}})?"
                rf"(?:[/?#][^\s<>\"'`|\\^{{}}]*)?"
            ),
            "a domain with a known top level",
            score=0.6,
            hint=rf"[A-Za-z0-9]\.(?:{_DOMAINS})\b",
            locate=_trimmed,
        ),
        Pattern(
            "url",
            rf"\b(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+(?:{_WORD_DOMAINS})/[^\s<>\"'`|\\^{{}}]+",
            "a domain with a path",
            score=0.6,
            hint=rf"[a-z0-9]\.(?:{_WORD_DOMAINS})/",
            locate=_trimmed,
        ),
    ),
)
