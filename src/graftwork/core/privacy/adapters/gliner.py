"""GLiNER (Zaratiana et al., NAACL 2024) as one more reader. Not part of Graftwork: `pip install 'graftwork[gliner]'`.

Its weights are read from a folder that the company has put there: nothing is fetched from a hub at run time.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from graftwork.core.errors import DetectorFailed, DetectorUnavailable
from graftwork.core.privacy.adapters.labels import checked
from graftwork.core.privacy.finding import Finding
from graftwork.core.privacy.text import Text

LABELS = (
    "person",
    "organization",
    "location",
    "street address",
    "phone number",
    "email",
    "passport number",
    "username",
)
# The model reads 384 words; longer texts are given in pieces that overlap, so that no name is cut in two.
PIECE_CHARACTERS = 1_200
OVERLAP_CHARACTERS = 120
THRESHOLD = 0.4


class Gliner:
    """Finds with a GLiNER model. `model` is loaded already, or a folder with its weights."""

    name = "gliner"

    def __init__(self, model: Any, *, labels: Sequence[str] = LABELS, threshold: float = THRESHOLD) -> None:
        self._model = _loaded(model) if isinstance(model, str | Path) else model
        self._labels = list(labels)
        self._threshold = threshold

    def find(self, text: Text) -> Iterator[Finding]:
        """Raises `DetectorFailed` when the model raises."""
        found: set[tuple[int, int, str, float]] = set()
        step = PIECE_CHARACTERS - OVERLAP_CHARACTERS
        for start in range(0, max(len(text.normal) - OVERLAP_CHARACTERS, 1), step):
            piece = text.normal[start : start + PIECE_CHARACTERS]
            found.update(self._in_piece(piece, start))
        return checked(sorted(found), text, self.name, "GLiNER recognised it")

    def _in_piece(self, piece: str, offset: int) -> list[tuple[int, int, str, float]]:
        try:
            entities = self._model.predict_entities(piece, self._labels, threshold=self._threshold)
        except Exception as error:  # noqa: BLE001 - whatever it was, its message may quote the text
            raise DetectorFailed(self.name, type(error).__name__) from None
        return [(one["start"] + offset, one["end"] + offset, one["label"], float(one["score"])) for one in entities]


def _loaded(folder: str | Path) -> Any:
    if not Path(folder).is_dir():
        raise DetectorUnavailable("gliner (no folder with its weights)")
    try:
        from gliner import GLiNER  # noqa: PLC0415 - optional, and brings torch
    except ImportError:
        raise DetectorUnavailable("gliner") from None
    return GLiNER.from_pretrained(str(folder), local_files_only=True)
