"""The guess of a language: configured ones, others, and too little to tell."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graftwork.core.privacy.languages.guess import UNDETERMINED, guess


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Thank you for your letter, we have sent the invoice to your new address.", "en"),
        ("Vielen Dank für Ihr Schreiben, wir haben die Rechnung an die neue Anschrift geschickt.", "de"),
        ("Merci pour votre courrier, nous avons envoyé la facture à la nouvelle adresse.", "fr"),
        ("Gracias por su carta, hemos enviado la factura a la nueva dirección.", "es"),
        ("Nachname: Brömmel\nTelefon: 0421 5550137", "de"),
        ("Prénom : Zoé\nTéléphone : 05 61 55 01 37", "fr"),
        ("Apellidos: Brotons\nTeléfono: 961 555 013", "es"),
        ("Gentile signora, la ringrazio per il suo messaggio e le invio i documenti che ha chiesto.", "it"),
        ("Geachte mevrouw, bedankt voor uw bericht, ik stuur u de documenten die u heeft gevraagd.", "nl"),
        ("Prezado senhor, obrigado pela sua mensagem, não temos mais informações sobre o pedido.", "pt"),
        ("Dziękuję za wiadomość, proszę o kontakt w tej sprawie, ponieważ nie mam już czasu.", "pl"),
        ("Сергей живёт в Москве", "ru"),
        ("田中さんは東京に住んでいます", "ja"),
        ("", None),
        ("4111 1111", None),
        ("Ada Quill", None),
    ],
)
def test_the_language_of_a_text_is_recognised(text: str, language: str | None) -> None:
    assert guess(text) == language


def test_prose_in_no_known_language_is_called_undetermined() -> None:
    words = " ".join(f"blor{chr(97 + number % 26)}ik{chr(97 + number // 3)}" for number in range(40))
    assert guess(words) == UNDETERMINED


def test_a_long_text_is_read_at_its_beginning_middle_and_end() -> None:
    numbers = "1234567 " * 200
    assert guess(f"{numbers}{'Der Vertrag ist nicht mit der Rechnung gekommen. ' * 60}{numbers}") == "de"


@given(st.text(max_size=400))
def test_any_text_gives_a_code_or_none(text: str) -> None:
    code = guess(text)
    assert code is None or 2 <= len(code) <= 3
