"""Streets in Spanish, French and German."""

import pytest

from graftwork.core.privacy.patterns import PatternSet
from graftwork.core.privacy.recognizers.street import RECOGNIZER
from graftwork.core.privacy.text import Text

STREETS = PatternSet([RECOGNIZER])


def found(text: str) -> set[str]:
    return {
        text[finding.start : finding.end] for finding in STREETS.find(Text(text, text)) if finding.kind == "address"
    }


@pytest.mark.parametrize(
    ("text", "street"),
    [
        ("Vive en la calle de los Curtidores, 14, 3º B, desde mayo", "calle de los Curtidores, 14, 3º B"),
        ("C/ Dr. Marañas 46. 28007 Madrid", "C/ Dr. Marañas 46"),
        ("Avda. de la Libertad, s/n, 30009 Murcia", "Avda. de la Libertad, s/n"),
        ("Calle Alta, 3 - 5º 2ª 08022 Barcelona", "Calle Alta, 3 - 5º 2ª"),
        ("Ctra. de Orense, Km 9,100", "Ctra. de Orense, Km 9,100"),
        ("Santa Marta, 22 31200 Estella", "Santa Marta, 22"),
        ("demeurant 14 bis, rue des Tanneurs, 37000 Tours", "14 bis, rue des Tanneurs, 37000 Tours"),
        ("au 3 avenue Victor-Hugo.", "3 avenue Victor-Hugo."),
        ("Elle vit rue des Lilas", "rue des Lilas"),
        ("Goethestr. 3, 24116 Kiel", "Goethestr. 3, 24116 Kiel"),
        ("wohnt in der Langen Straße 12 a", "Langen Straße 12 a"),
        ("Am Alten Speicher 7\n28195 Bremen", "Am Alten Speicher 7\n28195 Bremen"),
        ("Sie wohnt Unter den Eichen 87.", "Unter den Eichen 87"),
        ("Karl-Marx-Allee 103, 3. OG", "Karl-Marx-Allee 103, 3. OG"),
        ("Schlosspark 3, 14059 Berlin", "Schlosspark 3, 14059 Berlin"),
    ],
)
def test_a_street_is_found_with_its_number_and_what_belongs_to_it(text: str, street: str) -> None:
    assert street.rstrip(".") in {value.rstrip(".") for value in found(text)}


@pytest.mark.parametrize(
    "text",
    [
        "la calle estaba vacía a las 3",
        "il court la rue et place deux chaises",
        "Anhang 3",
        "Im Januar 15 Prozent mehr",
        "In der Gruppe 5 waren alle",
        "Am Ende 3 Leute",
        "auf Platz 1",
        "Faktor 3",
        "Vertrag 12",
        "5 places in the car",
        "C. Albicans 10",
        "As of Spring 2009",
        "Engineering 101",
    ],
)
def test_what_only_sounds_like_a_street_is_left_alone(text: str) -> None:
    assert found(text) == set()


def test_a_street_with_a_hundred_thousand_capitals_after_it_takes_no_time() -> None:
    text = "Calle " + "Alta " * 20_000
    assert found(text)
