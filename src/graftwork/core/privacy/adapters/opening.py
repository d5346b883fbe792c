"""The optional detectors that were asked for, opened once a process."""

import threading
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from graftwork.core.privacy.adapters.choice import DetectorChoice
from graftwork.core.privacy.adapters.gliner import THRESHOLD, Gliner
from graftwork.core.privacy.adapters.http import HttpDetector
from graftwork.core.privacy.adapters.presidio import SCORE_THRESHOLD, Presidio
from graftwork.core.privacy.detector import Reader

_lock = threading.Lock()


def readers_for(choices: Sequence[DetectorChoice], folder: Path = Path()) -> tuple[Reader, ...]:
    """The same reader for the same choice. A model's path counts from `folder`. Raises `DetectorUnavailable`."""
    if not choices:
        return ()
    with _lock:  # a model is loaded once, whoever asks first
        return tuple(_opened(_placed(choice, folder)) for choice in choices)


def _placed(choice: DetectorChoice, folder: Path) -> DetectorChoice:
    if choice.type != "gliner":
        return choice
    return choice.model_copy(update={"model": str((folder / choice.model).resolve())})


@lru_cache(maxsize=16)
def _opened(choice: DetectorChoice) -> Reader:
    match choice.type:
        case "presidio":
            least = _least(choice, SCORE_THRESHOLD)
            return Presidio(language=choice.language, model=choice.model, score_threshold=least)
        case "gliner":
            return Gliner(choice.model, threshold=_least(choice, THRESHOLD))
        case "http":
            return HttpDetector(
                choice.url or "",
                language=choice.language,
                threshold=_least(choice, 0.0),
                timeout_seconds=choice.timeout_seconds,
            )


def _least(choice: DetectorChoice, usual: float) -> float:
    return usual if choice.threshold is None else choice.threshold
