"""Streets and parts of addresses of more countries: what is found, and what only looks alike."""

import pytest

from graftwork.core.privacy.recognizers.street_world import RECOGNIZER

HITS = (
    ("Prinsengracht 263-II", ["Prinsengracht 263-II"]),
    ("in de Kerkstraat 108 bus 3", ["Kerkstraat 108 bus 3"]),
    ("2-11-3 Meguro, Meguro-ku", ["2-11-3 Meguro, Meguro-ku"]),
    ("45 Teheran-ro, Gangnam-gu", ["45 Teheran-ro, Gangnam-gu"]),
    ("153-0063, Japan", ["153-0063"]),
    ("Hauptplatz 7, Top 3", ["Top 3"]),
    ("6a Avenida, Zona 1", ["Zona 1"]),
    ("at Plot 42, Sector 18", ["Plot 42", "Sector 18"]),
    ("Calle Hidalgo 210, Col. Centro", ["Col. Centro"]),
    ("The Mills, Dock Road,", ["Dock Road"]),
    ("Willowmere Cottage, 4 Ferry Bank", ["4 Ferry Bank"]),
    ("CEP 80010-000", ["80010-000"]),
    ("Limerick V94 X2Y1", ["V94 X2Y1"]),
    ("Molenweg 1, 7411 BD Deventer", ["7411 BD"]),
)
NEAR_MISSES = (
    "the private sector 18 months ago",
    "he took the bus home",
    "In 2024 US Congress met",
    "a road, a street",
    "we met in euro-zone",
    "order 153-0063 today",
    "The 1016 GB of storage",
)


@pytest.mark.parametrize(("text", "values"), HITS)
def test_the_whole_value_is_found_and_nothing_beside_it(found, text, values):
    assert found(RECOGNIZER, text) == values


@pytest.mark.parametrize("text", NEAR_MISSES)
def test_what_only_looks_alike_is_left_alone(found, text):
    assert found(RECOGNIZER, text) == []
