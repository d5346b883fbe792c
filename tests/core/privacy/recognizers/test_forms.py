"""Labels and their values, in four languages: lines, tables, numbers beside a label; a near-miss beside each hit."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graftwork.core.privacy.finding import KINDS
from graftwork.core.privacy.recognizers.forms import Forms
from graftwork.core.privacy.text import Text


def found(text: str) -> list[tuple[str, str]]:
    findings = sorted(Forms().find(Text(text, text)))
    return [(text[finding.start : finding.end], finding.kind) for finding in findings]


@pytest.mark.parametrize(
    ("text", "value", "kind"),
    [
        ("Name: Ada Quill", "Ada Quill", "person"),
        ("full name - ada quill", "ada quill", "person"),
        ('{"first_name": "Ada"}', "Ada", "person"),
        ("**Surname:** Quill", "Quill", "person"),
        ("Name of the insured: Ada Quill", "Ada Quill", "person"),
        ("Name (in capitals): ADA QUILL", "ADA QUILL", "person"),
        ("Nachname: Brömmel", "Brömmel", "person"),
        ("Name des Versicherten: Uta Brömmel", "Uta Brömmel", "person"),
        ("Ansprechpartner: Herr Dr. Uwe Brömmel", "Uwe Brömmel", "person"),
        ("Nom de l'assuré : Zoé Vauquelin", "Zoé Vauquelin", "person"),
        ("Prénom : zoé", "zoé", "person"),
        ("Apellidos: de la Torre Campos.", "de la Torre Campos", "person"),
        ("Nombre y apellidos: Iria Brotons Llopis", "Iria Brotons Llopis", "person"),
        ("Médico: Iria Brotons  NºCol: 28 28 12345", "Iria Brotons", "person"),
        ("Remitido por: Dra. Iria Brotons Hospital Central Calle Alta, 3", "Iria Brotons", "person"),
        ("Domicilio: C/ Alta, 3, 2ºB.", "C/ Alta, 3, 2ºB", "address"),
        ("Anschrift: Lindenweg 3, 10969 Berlin", "Lindenweg 3, 10969 Berlin", "address"),
        ("Adresse : 14 bis, rue des Tanneurs", "14 bis, rue des Tanneurs", "address"),
        ("Localidad/ Provincia: Lugo.", "Lugo", "location"),
        ("PLZ/Ort: 28195 Bremen", "28195 Bremen", "location"),
        ("Geb.-Datum: 21.07.1989", "21.07.1989", "date_of_birth"),
        ("Née le : 3 mai 1980", "3 mai 1980", "date_of_birth"),
        ("Fecha de nacimiento: 03/11/1957.", "03/11/1957", "date_of_birth"),
        ("Edad: 47 Sexo: H.", "47", "age"),
        ("Tfno. 967 555 100", "967 555 100", "phone"),
        ("Rückrufnummer: 0421 5550137", "0421 5550137", "phone"),
        ("NHC: nhc-87941464.", "nhc-87941464", "health_id"),
        ("NASS: 28 1234567 40.", "28 1234567 40", "health_id"),
        ("Versichertennr.: A123456780", "A123456780", "health_id"),
        ("N° de sécurité sociale : 1 57 11 75 115 423 46", "1 57 11 75 115 423 46", "national_id"),
        ("NºCol: 28 28 60324.", "28 28 60324", "licence"),
        ("LANR: 123456601", "123456601", "licence"),
        ("Kd.-Nr. 4471-90823", "4471-90823", "account"),
        ("El pedido n.º 7782-1190 ha llegado", "7782-1190", "id"),
        ("Aktenzeichen: 12 C 345/25", "12 C 345/25", "id"),
        ("Kennzeichen: HH-AB 1234", "HH-AB 1234", "vehicle"),
        ("Mot de passe : tulipe7!", "tulipe7!", "password"),
        ("Benutzername: ubroemmel", "ubroemmel", "handle"),
        ("Arbeitgeber: Nordlicht Logistik GmbH", "Nordlicht Logistik GmbH", "organisation"),
        ("Name der Firma: Nordlicht", "Nordlicht", "organisation"),
        ("Nombre de usuario: ibrotons", "ibrotons", "handle"),
        ("Nacionalidad: Marroquí", "Marroquí", "group"),
    ],
)
def test_a_value_is_found_by_its_label(text: str, value: str, kind: str) -> None:
    assert (value, kind) in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "File name: report.txt",
        "Name der Datei: Nordlicht",
        "IP address: 192.0.2.7",
        "Nombre del archivo: informe.pdf",
        "Note to the patient: take one a day",
        "Patient: stabil und wach",
        "Customer: please see below",
        "Kunde: zufrieden",
        "Médico: no consta",
        "at 10:30 we met",
        "see https://example.com/name",
        "Contract: 12 months",
        "Contrat : 24 mois",
        "Reference: 2019",
        "Dossier : 12/03/2026",
        "Password: required",
        "the case 12 of 30",
        "Address: see above, it has not changed since we last wrote to each other",
    ],
)
def test_what_only_looks_like_a_labelled_value_is_left_alone(text: str) -> None:
    assert found(text) == []


def test_a_value_ends_where_the_next_label_begins() -> None:
    assert found("Nombre: Iria Apellidos: Brotons NHC: 435784") == [
        ("Iria", "person"),
        ("Brotons", "person"),
        ("435784", "health_id"),
    ]


def test_several_names_after_one_label_are_each_found() -> None:
    assert found("Attendees: Ada Quill, Uwe Brömmel and Zoé Vauquelin") == [
        ("Ada Quill", "person"),
        ("Uwe Brömmel", "person"),
        ("Zoé Vauquelin", "person"),
    ]


def test_a_label_alone_on_a_line_announces_the_next_one() -> None:
    assert found("Nachname\nBrömmel\nTelefon\n0421 5550137\n") == [("Brömmel", "person"), ("0421 5550137", "phone")]


@pytest.mark.parametrize("sign", ["|", ";", "\t", ","])
def test_the_columns_of_a_table_are_read_by_its_head(sign: str) -> None:
    table = "\n".join(
        sign.join(cells) for cells in (("Name", "Town", "Phone"), ("Ada Quill", "Kendal", "+44 1539 496012"))
    )
    assert ("Ada Quill", "person") in found(table)
    assert ("+44 1539 496012", "phone") in found(table)


def test_a_ruler_below_the_head_of_a_table_is_no_row() -> None:
    assert ("Uta Brömmel", "person") in found("| Name | Ort |\n|---|---|\n| Uta Brömmel | Bremen |")


def test_a_list_of_words_with_commas_is_no_table() -> None:
    assert found("apples, pears, plums\nred, green, blue\n") == []


@given(st.text(alphabet="Name:Ort|;,\t\n 0123456789éß.ºN°#()\"'", max_size=120))
def test_any_text_gives_spans_inside_it_and_known_kinds(text: str) -> None:
    for finding in Forms().find(Text(text, text)):
        assert 0 <= finding.start < finding.end <= len(text)
        assert finding.kind in KINDS


@pytest.mark.parametrize("piece", ["a:", "Name: ", "1", "\n", "|a", " " * 10 + "x:", "Name\n"])
def test_half_a_million_characters_of_anything_are_read_in_a_few_seconds(piece: str) -> None:
    text = piece * (500_000 // len(piece))
    started = time.process_time()
    for _ in Forms().find(Text(text, text)):
        pass
    assert time.process_time() - started < 10


def test_a_reason_never_quotes_the_text() -> None:
    text = "Name: Ada Quill"
    assert all("Quill" not in finding.reason for finding in Forms().find(Text(text, text)))
