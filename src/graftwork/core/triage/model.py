"""Which clauses a compliance officer should read first, learned from the clauses that people have decided on.

Two views of a clause are put together: its words and letters, weighed by what broke a rule before (TF-IDF and logistic
regression), and the decided clauses nearest to it, by meaning where there are embeddings, else by words. Nothing is
random: the same precedents give the same scores. A regression on the embeddings added nothing to that.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from graftwork.core.triage.errors import TooFewPrecedents
from graftwork.core.triage.precedents import Precedent

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Floats: TypeAlias = NDArray[np.float64]
# One vector of length 1 a text: texts that mean nearly the same lie close together.
Embed: TypeAlias = Callable[[Sequence[str]], NDArray[np.float32]]

LEAST_OF_EACH = 2
_NEAREST = 8
_SHARPNESS = 8.0  # how much nearer precedents outweigh those farther away
# In units of the regression's log odds; half as much or twice as much orders clauses nearly alike.
_NEAREST_WEIGHT = 5.0
_REGULARISATION = 3.0
_AT_ONCE = 512


@dataclass(frozen=True, slots=True)
class Judged:
    """How likely a clause breaks a rule, 0 to 1, and which: that of `precedent`, the nearest one that breaks any.

    The score orders clauses; it is no calibrated probability. `precedent` is the place in the list of examples.
    """

    score: float
    rule: str
    precedent: int


@dataclass(frozen=True)
class Triage:
    _examples: tuple[Precedent, ...] = field(repr=False)
    _embed: Embed | None = field(repr=False)
    _words: Any = field(repr=False)
    _regression: Any = field(repr=False)
    _vectors: Any = field(repr=False)

    @classmethod
    def fit(cls, examples: Sequence[Precedent], embed: Embed | None) -> "Triage":
        """Learn from decided clauses; some seconds for ten thousand. Raises `TooFewPrecedents`."""
        # Takes 100 MB and a second, which only a worker that triages should pay.
        from sklearn.linear_model import LogisticRegression  # noqa: PLC0415

        kept = tuple(examples)
        breaks = np.array([example.breaks for example in kept], dtype=bool)
        if min(int(breaks.sum()), len(kept) - int(breaks.sum())) < LEAST_OF_EACH:
            raise TooFewPrecedents(int(breaks.sum()), len(kept) - int(breaks.sum()))
        clauses = [example.clause for example in kept]
        words = _word_features()
        features = words.fit_transform(clauses)
        # Violations are rare: each class counts as much as the other.
        regression = LogisticRegression(C=_REGULARISATION, class_weight="balanced", solver="liblinear")
        regression.fit(features, breaks)
        return cls(kept, embed, words, regression, embed(clauses) if embed else _unit_length(features))

    def score(self, clauses: Sequence[str]) -> list[Judged]:
        """Each clause judged by itself, in the order given."""
        judged: list[Judged] = []
        for first in range(0, len(clauses), _AT_ONCE):
            judged += self._score(list(clauses[first : first + _AT_ONCE]))
        return judged

    def _score(self, clauses: list[str]) -> list[Judged]:
        features = self._words.transform(clauses)
        near = self._likeness(clauses, features)
        breaks = np.array([example.breaks for example in self._examples])
        odds = self._regression.decision_function(features) + _NEAREST_WEIGHT * _vote(near, breaks)
        precedents = np.argmax(np.where(breaks, near, -np.inf), axis=1)
        scores = 1 / (1 + np.exp(-odds))
        return [
            Judged(float(score), self._examples[place].rule, int(place))
            for score, place in zip(scores, precedents, strict=True)
        ]

    def _likeness(self, clauses: list[str], features: "csr_matrix") -> Floats:
        """Cosine of each clause to each precedent, one row a clause."""
        if self._embed is not None:
            return np.asarray(self._embed(clauses) @ self._vectors.T, dtype=np.float64)
        return np.asarray((_unit_length(features) @ self._vectors.T).toarray(), dtype=np.float64)


def _word_features() -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: PLC0415 - see `Triage.fit`
    from sklearn.pipeline import make_union  # noqa: PLC0415

    return make_union(
        TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True),
        TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True, max_features=100_000),
    )


def _unit_length(features: "csr_matrix") -> "csr_matrix":
    from sklearn.preprocessing import normalize  # noqa: PLC0415 - see `Triage.fit`

    return normalize(features)


def _vote(near: Floats, breaks: NDArray[np.bool_]) -> Floats:
    """The share of the nearest precedents that break a rule, the nearer ones weighing more."""
    count = min(_NEAREST, near.shape[1])
    places = np.argsort(-near, axis=1, kind="stable")[:, :count]
    weights = np.exp(_SHARPNESS * np.take_along_axis(near, places, axis=1))
    return np.asarray((weights * breaks[places]).sum(axis=1) / weights.sum(axis=1), dtype=np.float64)
