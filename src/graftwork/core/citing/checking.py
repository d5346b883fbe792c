"""Each sentence of a draft, held against the passages that it cites: what has no support is marked or taken out.

Words, numbers, dates, names, quotes and denials are compared by rules, so every verdict can be explained and is the
same each time. What no comparison of words can see is said in docs/explanation/citations.md.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from graftwork.core.citing.courtesy import bare, is_sign_off, is_signature, restates, states_nothing
from graftwork.core.citing.facts import Source, missing_facts
from graftwork.core.citing.markers import MARKER, markers, only_known, without_markers, written
from graftwork.core.citing.names import is_german
from graftwork.core.citing.passages import Passages, covered
from graftwork.core.citing.sentences import Span, sentences
from graftwork.core.citing.support import Statement, Verdict, judge
from graftwork.core.types import Claim, Excerpt

# Taking something out can put a new marker or sentence together; this often at most.
_MOST_ROUNDS = 8
_RESTATED = 0.6
_GAPS = re.compile(r"\n[ \t]*\n(?:[ \t]*\n)+")
_TRAILING = re.compile(r"[ \t]+(?=\n)")


@dataclass(frozen=True, slots=True)
class Checked:
    """A checked draft; the offsets of `claims` are those of `text`.

    `removed` counts sentences that were taken out, `markers_unknown` markers of passages that do not exist, and
    `markers_moved` those that now name another passage, because only that one says what the sentence says.
    """

    text: str = field(repr=False)
    claims: tuple[Claim, ...] = field(repr=False)
    removed: int = 0
    markers_unknown: int = 0
    markers_moved: int = 0


def check_claims(
    text: str,
    excerpts: Sequence[Excerpt],
    *,
    item_texts: Sequence[str] = (),
    exempt: Sequence[str] = (),
    unsupported: Literal["mark", "remove"] = "mark",
) -> Checked:
    """Hold every sentence of `text` against the excerpts that it cites, or against the nearest where it cites none.

    Numbers and names may also come from `item_texts`. `exempt` are beginnings of sentences that state nothing. With
    `remove`, what has no support is taken out, and the text is empty where nothing is left that states something.
    """
    check = _Check(Passages(excerpts), Source("\n\n".join(item_texts)), tuple(exempt))
    done = Checked(text, ())
    for _ in range(_MOST_ROUNDS):
        before = done
        done = check.round(before, remove=unsupported == "remove")
        if done.text == before.text:
            break
    else:
        done = check.last(done)
    if done.removed and all(claim.support == "states_nothing" for claim in done.claims):
        return replace(done, text="", claims=())
    return done


@dataclass(frozen=True)
class _Check:
    passages: Passages
    item: Source
    exempt: tuple[str, ...]

    def round(self, before: Checked, *, remove: bool) -> Checked:
        text, unknown = only_known(before.text, self.passages.sources.keys())
        claims, moves = self._read(text, move=True)
        after = replace(before, text=text, claims=tuple(claims), markers_unknown=before.markers_unknown + unknown)
        if moves:
            return replace(after, text=_spliced(text, moves), markers_moved=before.markers_moved + len(moves))
        gone = [claim for claim in claims if claim.support == "unsupported"] if remove else []
        return replace(after, text=_without(text, gone), removed=before.removed + len(gone)) if gone else after

    def last(self, before: Checked) -> Checked:
        """A round that takes no sentence out and moves no marker, so that the offsets are those of the text."""
        text, unknown = only_known(before.text, self.passages.sources.keys())
        claims, _ = self._read(text, move=False)
        return replace(before, text=text, claims=tuple(claims), markers_unknown=before.markers_unknown + unknown)

    def _read(self, text: str, *, move: bool) -> tuple[list[Claim], list[tuple[int, int, str]]]:
        """The claims of `text`, and where markers would be put right."""
        german = is_german(text)
        claims, moves = [], []
        signed = False
        for span in sentences(text):
            claim, moved = self._claim(text, span, german=german, signed=signed, move=move)
            signed = is_sign_off(text[span.start : span.end]) or (signed and claim.support == "states_nothing")
            claims.append(claim)
            moves += moved
        return claims, moves

    def _claim(
        self, text: str, span: Span, *, german: bool, signed: bool, move: bool
    ) -> tuple[Claim, list[tuple[int, int, str]]]:
        sentence = text[span.start : span.end]
        statement = Statement(bare(without_markers(sentence)), german)
        if self._states_nothing(sentence, statement, signed=signed):
            return Claim(span.start, span.end, "states_nothing"), []
        cited = {number for marker in markers(sentence) for number in marker.numbers if number in self.passages.sources}
        verdict = self._judged(statement, cited)
        if move and cited and not verdict.supported:
            anywhere = self._judged(statement, set())
            if anywhere.supported and anywhere.citations:
                return self._moved(text, span, anywhere)
        support: Literal["supported", "unsupported"] = "supported" if verdict.supported else "unsupported"
        return Claim(span.start, span.end, support, verdict.citations, verdict.missing), []

    def _judged(self, statement: Statement, cited: set[int]) -> Verdict:
        among = cited or self.passages.sources.keys()
        return judge(statement, self.passages, self.item, among=among, chosen=bool(cited))

    def _moved(self, text: str, span: Span, verdict: Verdict) -> tuple[Claim, list[tuple[int, int, str]]]:
        """The sentence with its last marker naming what supports it, and no other marker."""
        numbers = tuple(sorted({citation.excerpt for citation in verdict.citations}))
        found = list(MARKER.finditer(text, span.start, span.end))
        moves = [(match.start(), match.end(), _gap(text, match)) for match in found[:-1]]
        moves.append((found[-1].start(), found[-1].end(), written(numbers)))
        return Claim(span.start, span.end, "supported", verdict.citations), moves

    def _states_nothing(self, sentence: str, statement: Statement, *, signed: bool) -> bool:
        if not statement.weights and not statement.facts and not statement.quotes:
            return True
        if missing_facts(statement.facts, [self.item]):
            return False
        if signed and is_signature(statement.text):
            return True
        if states_nothing(without_markers(sentence), self.exempt):
            return True
        return restates(statement.text) and self._item_share(statement) >= _RESTATED

    def _item_share(self, statement: Statement) -> float:
        total = sum(statement.weights.values())
        return sum(covered(statement.weights, self.item.keys).values()) / total if total else 1.0


def _gap(text: str, cut: re.Match[str]) -> str:
    """What is left of a marker: "5[1]0" must not become 50."""
    return (
        " "
        if text[max(0, cut.start() - 1) : cut.start()].isalnum() and text[cut.end() : cut.end() + 1].isalnum()
        else ""
    )


def _spliced(text: str, cuts: Iterable[tuple[int, int, str]]) -> str:
    pieces: list[str] = []
    place = 0
    for start, end, instead in cuts:
        pieces += (text[place:start], instead)
        place = end
    return "".join((*pieces, text[place:]))


def _without(text: str, gone: Sequence[Claim]) -> str:
    """`text` without some of its sentences, the lists and paragraphs closed up behind them."""
    kept = _spliced(text, [(claim.start, _end_of_gap(text, claim), "") for claim in gone])
    return _GAPS.sub("\n\n", _TRAILING.sub("", kept)).strip()


def _end_of_gap(text: str, claim: Claim) -> int:
    """Where what follows a removed sentence begins: its line break goes with it where nothing else is on its line."""
    end = claim.end
    while end < len(text) and text[end] in " \t":
        end += 1
    alone = not text[text.rfind("\n", 0, claim.start) + 1 : claim.start].strip()
    return end + 1 if alone and text[end : end + 1] == "\n" else end
