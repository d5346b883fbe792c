"""Restoring what models do to placeholders: 20 kinds of mangling, every label, random values; and every split."""

import random
import string
import time

from benchmarks.bench import table, verdict
from graftwork.core.privacy.book import Book
from graftwork.core.privacy.placeholders import LABELS
from graftwork.core.privacy.restore import Restorer, restore

RESTORED_GOAL = 0.95
PER_LABEL = 12
SEED = 20261122
PLAIN_CHARACTERS = 2_000_000

# How the placeholder of label L and index N comes back; `@` is where the value must stand in the result.
MANGLINGS: dict[str, tuple[str, str]] = {
    "as it was": ("[L_N]", "@"),
    "lower case": ("[l_N]", "@"),
    "title case": ("[T_N]", "@"),
    "no brackets": ("L_N", "@"),
    "lower case, no brackets": ("l_N", "@"),
    "angle brackets": ("<L_N>", "@"),
    "double braces": ("{{L_N}}", "@"),
    "round brackets": ("(L_N)", "@"),
    "full-width brackets": ("【L_N】", "@"),
    "space for the underscore": ("[L N]", "@"),
    "hyphen for the underscore": ("[L-N]", "@"),
    "non-breaking hyphen": ("[L\u2011N]", "@"),
    "no underscore": ("[LN]", "@"),
    "Markdown escapes": (r"\[L\_N\]", "@"),
    "HTML entities": ("&lt;L_N&gt;", "@"),
    "JSON escapes": (r"\u005bL_N\u005d", "@"),
    "percent-encoded": ("%5BL_N%5D", "@"),
    "bold outside": ("**[L_N]**", "**@**"),
    "bold inside": ("[**L_N**]", "@"),
    "zero-width character": ("[L\u200b_N]", "@"),
    "inflection": ("[L_N]'s", "@'s"),
}


def main() -> bool:
    book, values = _book(random.Random(SEED))
    counted = {name: _count(shapes, book, values) for name, shapes in MANGLINGS.items()}
    tried = sum(count[0] for count in counted.values())
    restored = sum(count[1] for count in counted.values())
    wrong = sum(count[2] for count in counted.values())
    splits, equal = _splits(book, values)
    good = restored / tried >= RESTORED_GOAL
    weakest = min(counted, key=lambda name: counted[name][1] / counted[name][0])
    weakest_share = counted[weakest][1] / counted[weakest][0]
    table(
        [
            ("what", "measured", "reference", "goal", ""),
            (f"mangled placeholders restored, {len(MANGLINGS) - 1} kinds, {tried} tried", f"{restored / tried:.1%}",
             "13 of 18 kinds", f"{RESTORED_GOAL:.0%}", verdict(good)),
            ("the weakest kind", f"{weakest}: {weakest_share:.1%}", "-", "-", ""),
            ("wrong values", wrong, "-", 0, verdict(wrong == 0)),
            (f"streamed = whole, split in two at every character, {splits} splits", f"{equal / splits:.2%}", "-",
             "100 %", verdict(equal == splits)),
            ("plain text through the restorer", f"{_plain_speed(book):.0f} MB/s", "-", "20 MB/s", ""),
        ]
    )  # fmt: skip
    return good and wrong == 0 and equal == splits


def _book(chance: random.Random) -> tuple[Book, dict[str, str]]:
    """A book with some values of every kind, and the value of each placeholder."""
    book = Book()
    values: dict[str, str] = {}
    for kind in LABELS:
        for _ in range(PER_LABEL):
            value = "".join(chance.choices(string.ascii_letters + string.digits + r" \$.*+?|^{}äß漢", k=14))
            placeholder = book.placeholder_for(f"q{value}q", kind)
            values[placeholder] = f"q{value}q"
    return book, values


def _count(shapes: tuple[str, str], book: Book, values: dict[str, str]) -> tuple[int, int, int]:
    """How many were tried, came back, and came back as something else than their value or themselves."""
    shape, result = shapes
    restored = wrong = 0
    for placeholder, value in values.items():
        mangled = _mangled(shape, placeholder)
        shown = restore(f"Dear {mangled}, hello.", book).text
        if shown == f"Dear {result.replace('@', value)}, hello.":
            restored += 1
        elif shown != f"Dear {mangled}, hello.":
            wrong += 1
    return len(values), restored, wrong


def _mangled(shape: str, placeholder: str) -> str:
    label, _, index = placeholder.strip("[]").partition("_")
    names = {"L": label, "l": label.lower(), "T": label.title(), "N": index}
    protected = shape.replace("&lt;", "\x01").replace("&gt;", "\x02")
    return "".join(names.get(char, char) for char in protected).replace("\x01", "&lt;").replace("\x02", "&gt;")


def _splits(book: Book, values: dict[str, str]) -> tuple[int, int]:
    tried = equal = 0
    for number, (shape, _) in enumerate(MANGLINGS.values()):
        placeholder = list(values)[number * 7 % len(values)]
        text = f"Dear {_mangled(shape, placeholder)}, see [x](https://a.example/{placeholder}) 😀 {placeholder}."
        whole = restore(text, book).text
        for at in range(len(text) + 1):
            restorer = Restorer(book)
            tried += 1
            equal += restorer.feed(text[:at]) + restorer.feed(text[at:]) + restorer.close() == whole
    return tried, equal


def _plain_speed(book: Book) -> float:
    text = "Plain words follow here and there, as in any mail that people write.\n" * (PLAIN_CHARACTERS // 69)
    restorer = Restorer(book)
    started = time.process_time()
    restorer.feed(text)
    return len(text) / (time.process_time() - started) / 1e6
