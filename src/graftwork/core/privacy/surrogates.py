"""Stand-ins that keep their format, for tools and schemas that refuse `[MAIL_1]`: an e-mail that parses, a real date.

All come from ranges that nobody owns: `.invalid` (RFC 2606), TEST-NET (RFC 5737), telephone numbers reserved for
fiction, cards under 9999 99 (ISO/IEC 7812: national use, country 999 is nobody's), IBANs of XX (user-assigned).
Dates move by a number of weeks that is the scope's secret, so that weekday, order and distance stay. A stand-in is
given back only where the book knows it; one that already stands in the text is not used: the placeholder stays.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from graftwork.core.privacy.book import Book, Mention
from graftwork.core.privacy.finding import Kind
from graftwork.core.privacy.placeholders import Placeholder

LONGEST_SURROGATE = 48
MAX_SHIFT_WEEKS = 260

_DATE_FORMS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(\d{4})-(\d{2})-(\d{2})"), "{y:04d}-{m:02d}-{d:02d}"),
    (re.compile(r"(\d{4})/(\d{2})/(\d{2})"), "{y:04d}/{m:02d}/{d:02d}"),
    (re.compile(r"(\d{4})(\d{2})(\d{2})"), "{y:04d}{m:02d}{d:02d}"),
)
_DAY_FIRST = re.compile(r"(\d{2})\.(\d{2})\.(\d{4})")


@dataclass(frozen=True, slots=True)
class Surrogates:
    """Which kinds get a stand-in; all others, and values in a form that none is made for, keep their placeholders."""

    kinds: frozenset[Kind]

    def of(self, placeholder: Placeholder, mention: Mention, book: Book, text: str) -> str | None:
        """The stand-in for `mention` in `text`, or `None` where the placeholder must do."""
        if mention.kind not in self.kinds:
            return None
        entry = book.entry(placeholder)
        if entry is not None and entry.surrogate is not None:
            return entry.surrogate
        made = _made(placeholder, mention, book)
        if made is None or len(made) > LONGEST_SURROGATE or made in text:
            return None
        if book.of_surrogate(made) is not None:
            return None
        book.set_surrogate(placeholder, made)
        return made


def surrogate_pattern(surrogates: Iterable[str]) -> re.Pattern[str] | None:
    """Finds any of `surrogates` as a whole, or `None` where there are none."""
    known = frozenset(surrogates)
    return _pattern(known) if known else None


@lru_cache(maxsize=8)
def _pattern(surrogates: frozenset[str]) -> re.Pattern[str]:
    # The cache holds stand-ins, which say nothing about anybody.
    listed = "|".join(map(re.escape, sorted(surrogates, key=len, reverse=True)))
    return re.compile(rf"(?<![\w+@])(?:{listed})(?![\w@])")


def _made(placeholder: Placeholder, mention: Mention, book: Book) -> str | None:
    if mention.kind in ("date", "date_of_birth"):
        return _shifted(mention.value, shift_days(book.secret))
    maker = _MAKERS.get(mention.kind)
    return None if maker is None else maker(placeholder.index, mention.value)


def shift_days(secret: bytes) -> int:
    """How far the dates of a scope are moved: whole weeks, never none, at most five years either way."""
    weeks = int.from_bytes(secret[:8]) % (2 * MAX_SHIFT_WEEKS) - MAX_SHIFT_WEEKS
    return 7 * (weeks if weeks < 0 else weeks + 1)


def _shifted(text: str, days: int) -> str | None:
    """Only dates whose order of day and month is certain: 03/04/2026 is two dates."""
    for pattern, form in _DATE_FORMS:
        if match := pattern.fullmatch(text):
            return _moved(int(match[1]), int(match[2]), int(match[3]), days, form)
    if match := _DAY_FIRST.fullmatch(text):
        return _moved(int(match[3]), int(match[2]), int(match[1]), days, "{d:02d}.{m:02d}.{y:04d}")
    return None


def _moved(year: int, month: int, day: int, days: int, form: str) -> str | None:
    try:
        moved = date(year, month, day) + timedelta(days=days)
    except (ValueError, OverflowError):
        return None
    return form.format(y=moved.year, m=moved.month, d=moved.day)


def _mail(index: int, value: str) -> str:
    del value
    return f"person{index}@mask.invalid"


def _phone(index: int, value: str) -> str | None:
    """555-0100 to 555-0199 of every area code are reserved for fiction (NANPA)."""
    del value
    area, last = divmod(index - 1, 100)
    return f"+1 {201 + area}-555-01{last:02d}" if area < 700 else None


def _card(index: int, value: str) -> str:
    body = f"999999{index:09d}"
    digits = body + _luhn_digit(body)
    for separator in (" ", "-"):
        if separator in value:
            return separator.join(digits[at : at + 4] for at in range(0, 16, 4))
    return digits


def _luhn_digit(body: str) -> str:
    total = 0
    for position, digit in enumerate(reversed(body)):
        doubled = int(digit) * (2 if position % 2 == 0 else 1)
        total += doubled - 9 if doubled > 9 else doubled
    return str(-total % 10)


def _iban(index: int, value: str) -> str:
    """Check digits as in ISO 13616: the number with its country as digits is 1 modulo 97."""
    body = f"{index:016d}"
    number = f"XX{98 - int(f'{body}333300') % 97:02d}{body}"
    return " ".join(number[at : at + 4] for at in range(0, len(number), 4)) if " " in value else number


def _ip(index: int, value: str) -> str | None:
    """TEST-NET-1 to 3 (RFC 5737); documentation addresses (RFC 3849) for IPv6."""
    if ":" in value:
        return f"2001:db8::{index:x}" if index < 65_536 else None
    network, host = divmod(index - 1, 254)
    return f"{('192.0.2', '198.51.100', '203.0.113')[network]}.{host + 1}" if network < 3 else None


def _url(index: int, value: str) -> str:
    del value
    return f"https://url{index}.mask.invalid"


_MAKERS: dict[Kind, Callable[[int, str], str | None]] = {
    "mail": _mail,
    "phone": _phone,
    "card": _card,
    "iban": _iban,
    "ip": _ip,
    "url": _url,
}
