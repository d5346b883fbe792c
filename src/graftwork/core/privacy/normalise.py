"""One form for what can be written in many: full width, zero width, look-alike letters, wrapped lines."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import chain, repeat

from graftwork.core.privacy.text import Text

# Cyrillic and Greek letters that look like a Latin one (after Unicode's confusables, https://www.unicode.org/reports/tr39/).
_LOOK_ALIKE = dict(
    zip(
        "АВЕЅІЈКМНОРСТУХҮаеѕіјорсухԁԛԝһԍӏѵΑΒΕΖΗΙΚΜΝΟΡΤΥΧανορυχιϲϳ",
        "ABESIJKMHOPCTYXYaesijopcyxdqwhglvABEZHIKMNOPTYXavopuxicj",
        strict=True,
    )
)
# Greek and Cyrillic letters that look like themselves: a word that has one is no Latin word in disguise.
_OTHER_SCRIPT = frozenset(map(chr, range(0x370, 0x530))) - _LOOK_ALIKE.keys()
MIN_DIGITS = 2
"""Beside this many digits a word of look-alikes alone is read as Latin: an IBAN, not a word."""

# Left alone although NFKC would change them: patterns and people read them as they are.
_KEPT = "…ªº™℠"
_ONE_FORM = {
    **dict.fromkeys("‐‑‒−﹣－﹘\u00ad", "-"),  # noqa: RUF001 - hyphens are the subject
    **dict.fromkeys("‘’‛ʼ′＇´", "'"),  # noqa: RUF001 - quotation marks are the subject
    **dict.fromkeys("“”„‟″＂«»", '"'),  # noqa: RUF001 - quotation marks are the subject
    **dict.fromkeys("\u2028\u2029\u0085", "\n"),
    **{kept: kept for kept in _KEPT},
}
_INVISIBLE = "\u180e\u200b\u200e\u200f\u2060\u2061\u2062\u2063\u2064\ufeff\u00ad\u061c\u202a\u202b\u202c\u202d\u202e"
_ONE_FORM.update(dict.fromkeys(f"{_INVISIBLE}\u2066\u2067\u2068\u2069", ""))
# Tags (U+E0020 to U+E007E) show nothing, and a model reads them as the ASCII that they are.
_ONE_FORM.update((chr(0xE0000 + code), chr(code)) for code in range(0x20, 0x7F))
# Half of a surrogate pair: RE2 reads UTF-8, which has none.
_ONE_FORM.update(dict.fromkeys(map(chr, range(0xD800, 0xE000)), "\ufffd"))

# What depends on its neighbours.
_OF_CONTEXT = frozenset("\u200c\u200d").union(_LOOK_ALIKE, map(chr, range(0x300, 0x370)))
_ASCII = frozenset(map(chr, range(128)))
_LOOK_ALIKES = re.compile(f"[{''.join(_LOOK_ALIKE)}]")
_TOKEN = re.compile(r"[\w@.+-]+")
_ACCENTED = re.compile(r"[^\W_][\u0300-\u036f]+")
_JOINER = re.compile(r"(?<=[\x21-\x7e\uff01-\uff5e\u200b])[\u200c\u200d]+(?=[\x21-\x7e\uff01-\uff5e\u200b])")
_RANGE_DASH = re.compile(r"(?<=\d)\u2013(?=\d)")

# A soft break of quoted-printable (RFC 2045, 6.7); a mail address that a line break cut at its sign or in its domain.
_SOFT_BREAK = re.compile(r"(?<=[^\s=])=\r?\n(?=\S)")
_TLD = r"(?:com|org|net|edu|gov|info|biz|io|invalid|example|test|[a-z]{2})\b(?![-.]?\w*@)"
_CUT_MAIL = (
    re.compile(rf"@(\r?\n)(?=[A-Za-z0-9-]{{1,63}}(?:\.[A-Za-z0-9-]{{1,63}}){{0,3}}\.{_TLD})"),
    re.compile(rf"@[A-Za-z0-9-]{{1,63}}(\r?\n)(?=[A-Za-z0-9-]{{0,63}}\.{_TLD})"),
    re.compile(rf"@[A-Za-z0-9-]{{1,63}}\.(\r?\n)(?={_TLD})"),
    re.compile(rf"(\n)(?=@[A-Za-z0-9-]{{1,63}}(?:\.[A-Za-z0-9-]{{1,63}}){{0,3}}\.{_TLD})"),
)
# Mailers wrap at 60 to 80 characters, and only a line that is as long as that, and ends inside an address, was wrapped.
_CUT_URL = re.compile(r"https?://[^\s<>\"]{40,1000}?[/=&?%_-](\r?\n)(?=[A-Za-z0-9%_/?&=-]*[/=&?%_0-9-])")


class _Forms(dict[str, str]):
    """The form of each character, worked out when it is first met."""

    def __missing__(self, character: str) -> str:
        form = self[character] = unicodedata.normalize("NFKC", character)
        return form


_FORMS = _Forms(_ONE_FORM)


def normalise(text: str) -> Text:
    """`text` in the form that recognizers read. Offsets lead back to every character that was there.

    Plain text is returned as it is. Takes time linear in the length of the text.
    """
    cuts = list(_cuts(text))
    if text.isascii():
        return _without(text, cuts)
    if not cuts and (normal := _replaced(text)) is not None:
        return Text(text, normal)
    return _mapped(text, cuts)


def _replaced(text: str) -> str | None:
    """`text` in one form, where that leaves each character in its place; `None` where it does not.

    That is nearly every text, and there are few signs to replace in it: a dash, quotation marks, a non-breaking space.
    """
    signs = set(text) - _ASCII
    if not signs.isdisjoint(_OF_CONTEXT):
        return None
    forms = [(sign, _FORMS[sign]) for sign in signs]
    if any(len(form) != 1 for _, form in forms):
        return None
    for sign, form in forms:
        if form != sign:
            text = text.replace(sign, form)
    return _RANGE_DASH.sub("-", text) if "\u2013" in signs else text


def _cuts(text: str) -> Iterator[tuple[int, int]]:
    """Line breaks that stand inside a value."""
    if "=\n" in text or "=\r\n" in text:
        yield from (match.span() for match in _SOFT_BREAK.finditer(text))
    if "\n" not in text:
        return
    if "@" in text:
        yield from (match.span(1) for pattern in _CUT_MAIL for match in pattern.finditer(text) if _in_address(match))
    if "://" in text:
        yield from (match.span(1) for match in _CUT_URL.finditer(text))


def _in_address(match: re.Match[str]) -> bool:
    """What was cut has a local part: a handle at the end or the start of a line has none."""
    return match.start() > 0 and match.string[match.start() - 1].isalnum()


def _without(text: str, cuts: list[tuple[int, int]]) -> Text:
    if not cuts:
        return Text(text, text)
    pieces: list[str] = []
    offsets: list[int] = []
    position = 0
    for start, end in sorted(cuts):
        if start < position:
            continue
        pieces.append(text[position:start])
        offsets.extend(range(position, start))
        position = end
    pieces.append(text[position:])
    offsets.extend(range(position, len(text) + 1))
    return Text(text, "".join(pieces), offsets)


def _mapped(text: str, cuts: list[tuple[int, int]]) -> Text:
    forms = list(map(_FORMS.__getitem__, text))
    if not unicodedata.is_normalized("NFKC", text):
        _join_accents(text, forms)
    if "\u200c" in text or "\u200d" in text:
        for match in _JOINER.finditer(text):
            forms[match.start() : match.end()] = repeat("", match.end() - match.start())
    if "\u2013" in text:
        for match in _RANGE_DASH.finditer(text):
            forms[match.start()] = "-"
    for start, end in cuts:
        forms[start:end] = repeat("", end - start)
    if _LOOK_ALIKES.search(text):
        _unmask_look_alikes(forms)
    normal = "".join(forms)
    if len(normal) == len(text) and "" not in forms:
        return Text(text, normal)
    offsets = list(chain.from_iterable(map(repeat, range(len(text)), map(len, forms))))
    offsets.append(len(text))
    return Text(text, normal, offsets)


def _join_accents(text: str, forms: list[str]) -> None:
    """A letter and the accents that follow it are one character where Unicode has one."""
    for match in _ACCENTED.finditer(text):
        start, end = match.span()
        forms[start] = unicodedata.normalize("NFKC", match[0])
        forms[start + 1 : end] = repeat("", end - start - 1)


def _unmask_look_alikes(forms: list[str]) -> None:
    """Look-alikes are read as Latin inside a word that has Latin letters or digits; a Cyrillic or Greek word stays."""
    # Words are sought in what the text looks like, where nothing invisible cuts them.
    found = [match.span() for match in _TOKEN.finditer("".join(forms)) if _is_disguised(match[0])]
    places = _places(forms) if found else ()
    for start, end in found:
        for place in range(start, end):
            index = places[place]
            forms[index] = _LOOK_ALIKE.get(forms[index], forms[index])


def _places(forms: list[str]) -> Sequence[int]:
    """For each character of the joined forms, which form it is from."""
    return list(chain.from_iterable(map(repeat, range(len(forms)), map(len, forms))))


def _is_disguised(token: str) -> bool:
    if token.isascii() or not _OTHER_SCRIPT.isdisjoint(token):
        return False
    own = sum(map(_LOOK_ALIKE.__contains__, token))
    letters = sum(map(str.isalpha, token))
    return own > 0 and (own < letters or sum(map(str.isdigit, token)) >= MIN_DIGITS)
