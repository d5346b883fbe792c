"""Names by their place or form: what is found, and what only looks alike."""

import pytest

from graftwork.core.privacy.recognizers.name_forms import RECOGNIZER

HITS = (
    ("Mit freundlichen Grüßen\nR. Klingenschmied", ["R. Klingenschmied"]),
    ("Kind regards,\n\nTorquil Macrae\nSales", ["Torquil Macrae"]),
    ("Cordialement,\nMme Clotilde Le Moigne", ["Clotilde Le Moigne"]),
    ("Un saludo,\nMaría de los Ángeles Quintanilla\n", ["María de los Ángeles Quintanilla"]),
    ("Viele Grüße aus Kiel\n\nSchöneberger", ["Schöneberger"]),
    ("> Best wishes\n> Priya", ["Priya"]),
    ("durch Dr. med. Wolf Raabe", ["Wolf Raabe"]),
    ("Prof. Dr. rer. nat. Edda Meyer", ["Edda Meyer"]),
    ("Rappeler Jean-Loup.", ["Jean-Loup"]),
    ("entre Mme Rosalie d'Harcourt et", ["Rosalie d'Harcourt"]),
    ("Yusuf al-Qasim", ["al-Qasim"]),
)
NEAR_MISSES = (
    "Kind regards from all of us",
    "Best\nof all was the soup",
    "Thanks\n\nplease find the list below",
    "Ihre Bestellung\nist da",
    "Dr. No",
    "la Cour d'Appel",
    "non-Western",
    "trans-Pacific",
    "a real-Time system",
)


@pytest.mark.parametrize(("text", "values"), HITS)
def test_the_whole_value_is_found_and_nothing_beside_it(found, text, values):
    assert found(RECOGNIZER, text) == values


@pytest.mark.parametrize("text", NEAR_MISSES)
def test_what_only_looks_alike_is_left_alone(found, text):
    assert found(RECOGNIZER, text) == []
