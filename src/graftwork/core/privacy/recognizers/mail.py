"""Mail addresses, also the disguised ones: `name at example dot com`, `name%40example.com`, payment addresses."""

from collections.abc import Iterator

from graftwork.core.privacy.patterns import Pattern, PatternRecognizer

# Virtual payment addresses (UPI) look like mail without a top-level domain; these are the banks' handles.
_UPI = (
    "upi|ybl|ibl|axl|apl|paytm|oksbi|okaxis|okicici|okhdfcbank|sbi|hdfcbank|icici|axisbank|kotak|barodampay|airtel|jio"
)
_HOST = r"(?:[\pL\pN][\pL\pN-]*\.)+(?:xn--[a-z0-9-]{2,40}|\pL\pL+)"
_LOCAL = r"[\pL\pN_](?:[\pL\pN_.+'~&=!$^-]*[\pL\pN_+=-])?"


def _without_query(value: str) -> Iterator[tuple[int, int]]:
    """`to=name@...` is a field of a query; only a return address (`bounce+name=host@...`) has that sign itself."""
    local = value.partition("@")[0]
    cut = local.rfind("&")
    if "+" not in local:
        cut = max(cut, local.rfind("="))
    if cut + 1 < len(local):
        yield cut + 1, len(value)


def _fits(value: str) -> bool:
    """RFC 5321, 4.5.3.1: 64 octets before the sign, 255 behind it; longer is no address, whatever it looks like."""
    return len(value) <= 320 and ".." not in value  # both limits together


RECOGNIZER = PatternRecognizer(
    "mail",
    (
        Pattern(
            "mail",
            r"\b[A-Za-z0-9][A-Za-z0-9_.+-]*@ {1,2}(?:[a-z0-9-]+\.)+[a-z]{2,24}\b",
            "a mail address with a gap behind its sign",
            score=0.85,
        ),
        Pattern("mail", rf"{_LOCAL}@{_HOST}", "a mail address", score=0.95, hint=r"@[\pL\pN]", locate=_without_query),
        Pattern(
            "mail",
            r'"[^"@\s]{1,64}"@(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,24}',
            "a mail address with a quoted name",
            score=0.95,
        ),
        Pattern(
            "mail",
            r"[A-Za-z0-9_][A-Za-z0-9_.+-]*@(?:\[[0-9A-Fa-f.:]{7,45}\]|(?:\d{1,3}\.){3}\d{1,3}|localhost\b)",
            "a mail address at a numeric or local host",
            score=0.9,
        ),
        Pattern(
            "mail",
            rf"(?i)[a-z0-9][a-z0-9._-]*@(?:{_UPI})\b",
            "a payment address of a known bank",
            score=0.9,
        ),
        Pattern(
            "mail",
            r"(?i)\b(?P<value>[a-z0-9][a-z0-9._+-]{0,63}(?:%40|&#64;|&#x40;|\\u0040)(?:[a-z0-9-]+\.)+[a-z]{2,24})",
            "a mail address with an encoded sign",
            _fits,
            0.95,
        ),
        Pattern(
            "mail",
            (
                r"(?i)\b[a-z0-9][a-z0-9._+-]{0,63} ?[\[({<] ?(?:at|@) ?[\])}>] ?[a-z0-9-]+"
                r"(?:(?: ?[\[({<] ?(?:dot|\.) ?[\])}>] ?| dot |\.)[a-z0-9-]+){0,4}"
                r"(?: ?[\[({<] ?(?:dot|\.) ?[\])}>] ?| dot |\.)[a-z]{2,24}\b"
            ),
            "a mail address with its sign in brackets",
            score=0.9,
        ),
        Pattern(
            "mail",
            r"(?i)\b[a-z0-9][a-z0-9._+-]{0,63} at [a-z0-9-]+(?: dot [a-z0-9-]+){0,3} dot [a-z]{2,24}\b",
            "a mail address spelt out",
            score=0.85,
        ),
    ),
)
