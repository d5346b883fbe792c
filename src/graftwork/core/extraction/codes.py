"""Code lists: which codes a value may be, and what they mean."""

from dataclasses import dataclass
from functools import cached_property

from rapidfuzz import fuzz, process

from graftwork.core.extraction.normalising import normalised

# Below this similarity (0 to 100) the nearest entry is no help to anybody.
_NEAR_ENOUGH = 50


@dataclass(frozen=True)
class CodeList:
    """Codes with their meanings, in the order of the file; a meaning may be empty."""

    meanings: dict[str, str]

    def find(self, text: str) -> str | None:
        """The code that `text` is or means, whatever its case and spacing; `None` where it is neither."""
        return self._known.get(normalised(text))

    def nearest(self, text: str) -> str:
        """The code that is most like `text`, with its meaning, for people; empty where none is."""
        found = process.extractOne(normalised(text), list(self._known), scorer=fuzz.ratio, score_cutoff=_NEAR_ENOUGH)
        if found is None:
            return ""
        code = self._known[found[0]]
        meaning = self.meanings[code]
        return f"{code} ({meaning})" if meaning else code

    @cached_property
    def _known(self) -> dict[str, str]:
        """Codes go before meanings, and the first of two equal meanings stands."""
        known = {normalised(code): code for code in reversed(self.meanings)}
        for code, meaning in self.meanings.items():
            if meaning:
                known.setdefault(normalised(meaning), code)
        return known


def parse_codes(text: str) -> CodeList:
    """Read a code list: `CODE` or `CODE<tab>meaning` a line. Empty lines and lines that begin with # say nothing."""
    meanings: dict[str, str] = {}
    for line in text.lstrip("\ufeff").splitlines():
        code, _, meaning = line.partition("\t")
        if code.strip() and not line.startswith("#"):
            meanings.setdefault(code.strip(), meaning.strip())
    return CodeList(meanings)
