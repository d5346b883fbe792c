"""Microsoft Presidio as one more reader. Not installed with Graftwork: `pip install presidio-analyzer`."""

from collections.abc import Iterator
from typing import Any

from graftwork.core.errors import DetectorFailed, DetectorUnavailable
from graftwork.core.privacy.adapters.labels import checked
from graftwork.core.privacy.finding import Finding
from graftwork.core.privacy.text import Text


class Presidio:
    """Finds with an `AnalyzerEngine`: Presidio's default one, or one that the caller has set up."""

    name = "presidio"

    def __init__(self, analyzer: Any = None, *, language: str = "en", score_threshold: float = 0.35) -> None:
        self._analyzer = analyzer or _default()
        self._language = language
        self._score_threshold = score_threshold

    def find(self, text: Text) -> Iterator[Finding]:
        """Raises `DetectorFailed` when Presidio raises: what it would have found is unknown then."""
        try:
            results = self._analyzer.analyze(
                text.normal, language=self._language, score_threshold=self._score_threshold
            )
        except Exception as error:  # noqa: BLE001 - whatever it was, its message may quote the text
            raise DetectorFailed(self.name, type(error).__name__) from None
        found = [(result.start, result.end, result.entity_type, float(result.score)) for result in results]
        return checked(found, text, self.name, "Presidio recognised it")


def _default() -> Any:
    try:
        from presidio_analyzer import AnalyzerEngine  # noqa: PLC0415 - optional
    except ImportError:
        raise DetectorUnavailable("presidio") from None
    return AnalyzerEngine()
