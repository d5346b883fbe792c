"""The packs of the four languages, their dictionaries and their labels."""

import pytest

from graftwork.core.privacy.languages.form_labels import find_label, words_of
from graftwork.core.privacy.languages.pack import load_pack
from graftwork.core.privacy.languages.word_forms import WordForms
from graftwork.core.privacy.recognizers.form_values import SHAPES
from graftwork.core.privacy.vocabulary import GENERIC, ORDINARY, load_vocabulary

LANGUAGES = ("de", "en", "es", "fr")


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_pack_knows_names_towns_months_and_cues(code: str) -> None:
    pack = load_pack(code)
    assert len(pack.persons.given_names) > 500
    assert len(pack.persons.surnames) > 300
    assert len(pack.places.cities) > 100
    assert len(pack.calendar.months) >= 12
    assert len(pack.persons.cues) > 20


@pytest.mark.parametrize(
    ("code", "ordinary", "unknown"),
    [
        ("de", "Schadensmeldung Kundenbetreuungsteam Telefonnummer Kostenübernahme", "Kasulke Brömmelmeyer Sommerfeld"),
        ("es", "Presentaba Practicamos Anestesiología Quiero Estimados", "Petxarroman Escariz Zubillagoitia"),
        ("fr", "L'accident Prétentions Déclaration J'ai", "Kervadec Brossollet Penmarch"),
    ],
)
def test_ordinary_words_are_told_from_words_nobody_knows(code: str, ordinary: str, unknown: str) -> None:
    vocabulary = load_vocabulary(code)
    assert [word for word in ordinary.split() if not vocabulary.flags(word) & (ORDINARY | GENERIC)] == []
    assert [word for word in unknown.split() if vocabulary.flags(word) & (ORDINARY | GENERIC)] == []


def test_a_compound_is_a_word_but_not_when_it_ends_as_surnames_do() -> None:
    forms = WordForms(["haus", "schlüssel", "sommer", "feld"], compounds=True)
    assert "hausschlüssel" in forms
    assert "sommerfeld" not in forms


def test_an_ending_leads_to_the_listed_form() -> None:
    forms = WordForms(["presentar"], endings=[("aba", "ar"), ("ología", "*")])
    assert "presentaba" in forms
    assert "urología" in forms
    assert "bujaba" not in forms


def test_what_is_elided_before_a_word_does_not_hide_it() -> None:
    forms = WordForms(["accident"], elisions=frozenset(["l"]))
    assert "l'accident" in forms
    assert "o'accident" not in forms


@pytest.mark.parametrize(
    ("text", "announces"),
    [
        ("N° de dossier", "id"), ("Nº de dossier", "id"), ("numéro de dossier", "id"), ("Kundennummer", "account"),
        ("Kunden-Nr.", "account"), ("E-Mail-Adresse", "none"), ("Name der Mutter", "name"), ("Wetter", None),
    ],
)  # fmt: skip
def test_a_label_is_known_however_it_is_written(text: str, announces: str | None) -> None:
    label = find_label(words_of(text))
    assert (label.announces if label else None) == announces


def test_every_section_of_labels_has_a_shape() -> None:
    assert set(SHAPES) >= {"name", "street", "birth", "health_id", "licence", "id"}
