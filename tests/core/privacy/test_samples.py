"""The level at which each language is recognised, held on texts of our own about invented people."""

import pytest

from graftwork.core.privacy.assembly import detector_for
from support.privacy_samples import LANGUAGES, LEAK_LIMIT, OVER_MASKING_LIMIT, SAMPLES, level, samples


@pytest.mark.parametrize("language", LANGUAGES)
def test_direct_identifiers_are_found_and_little_else_is_covered(language: str) -> None:
    detector = detector_for(ner=False)
    reached = level(language, lambda text: [(found.start, found.end) for found in detector.find(text).findings])
    assert reached.direct >= 90
    assert reached.leak <= LEAK_LIMIT
    assert reached.over_masking <= OVER_MASKING_LIMIT


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_sample_is_read_by_the_rules_of_its_language(language: str) -> None:
    detector = detector_for(ner=False)
    assert {detector.find(row["text"]).language for row in samples(language)} == {language}


@pytest.mark.parametrize("language", LANGUAGES)
def test_samples_are_what_their_source_says(language: str) -> None:
    source = (SAMPLES / f"{language}.txt").read_text(encoding="utf-8")
    rows = samples(language)
    assert len(rows) == source.count("\n---\n") + 1
    for row in rows:
        assert all(f":{row['text'][span['start'] : span['end']]}}}" in source for span in row["spans"])


def test_a_text_in_a_language_nobody_configured_says_so_and_is_masked_by_rules() -> None:
    text = "Gentile signora, la ringrazio per il suo messaggio. Può scrivermi a p.quill@example.com."
    found = detector_for(ner=False).find(text)
    assert found.language == "it"
    assert any("it" in notice and "not configured" in notice for notice in found.notices)
    assert "mail" in {finding.kind for finding in found.findings}
