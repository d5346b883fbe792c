"""Organisations, and the public bodies that are none of anybody's business."""

import pytest


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("The invoice of Zentrifix GmbH is open.", "Zentrifix GmbH"),
        ("She works for Larkspur Holdings Ltd.", "Larkspur Holdings Ltd"),
        ("He studied at Brackenfell University.", "Brackenfell University"),
        ("We bought it from Hollis and Sons last year.", "Hollis and Sons"),
        ("Jones & Partnerov delivered.", "Jones & Partnerov"),
        ("The case of Barnettson, Melton and Garciano went on.", "Barnettson, Melton and Garciano"),
        ("She works at Teradyna now.", "Teradyna"),
    ],
)
def test_a_company_is_found_whole(values, text, name):
    assert ("organisation", name) in values(text)


@pytest.mark.parametrize(
    "text",
    [
        "The Supreme Court and the Ministry of Finance agreed.",
        "The Council of State heard the Prosecutor General.",
        "Comedy, Kids & Family, Mystery & Suspense",
        "Our Company Group meets in the Bank.",
    ],
)
def test_shared_words_are_no_organisation(values, text):
    assert values(text) == []
