"""Street addresses of many countries, merged from their parts."""

import pytest


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("Send it to 12 High Street, Springfield, IL 62704 today.", "12 High Street, Springfield, IL 62704"),
        ("I live at 4417 Kimberwood Way Apt. 12.", "4417 Kimberwood Way Apt. 12"),
        ("Das Büro: Hochstraße 5, 10115 Berlin", "Hochstraße 5, 10115 Berlin"),
        ("at 26 rue de la Paix, Paris", "26 rue de la Paix, Paris"),
        ("She moved to Calle Olmosa 44 last week.", "Calle Olmosa 44"),
        ("Write to PO Box 1048 please.", "PO Box 1048"),
        ("meet me at 39 oakwood avenue", "39 oakwood avenue"),
        ("It is at Flat 3, 18 Mill Lane, Leeds LS1 4AP now.", "Flat 3, 18 Mill Lane, Leeds LS1 4AP"),
        ("He lives on Pachergasse 64", "Pachergasse 64"),
        ("The parcel goes to Unit 5022 Box 1225, APO AE 44085.", "Unit 5022 Box 1225, APO AE 44085"),
        ("My zip code is 76400", "76400"),
        ("Budapest, Rákóczi út 13.", "Rákóczi út 13"),
    ],
)
def test_an_address_is_one_finding(values, text, address):
    assert ("address", address) in values(text)


@pytest.mark.parametrize(
    "text",
    [
        "See Section 12 and Article 34 of Law no. 657.",
        "In 2004 Windows was slow, 3 Germans said.",
        "We sold 12 apartments on level 3 in 15 days.",
        "On 12 May the Court sat for 3 Days.",
        "Turn to page 14, Street View is on page 15.",
    ],
)
def test_numbers_beside_other_words_are_no_address(values, text):
    assert "address" not in [kind for kind, _ in values(text)]


def test_the_lines_below_an_address_are_its_town_country_and_postcode(values):
    found = values("Amaru Quispez\n12 Brookline Road\nSuite 7\nOberwaldau\nAustria 25173\nDesk: none")
    assert ("address", "12 Brookline Road\nSuite 7") in found
    assert ("location", "Oberwaldau") in found
    assert ("address", "25173") in found


def test_a_doctor_before_a_number_is_no_drive(values):
    found = values("A patient of Dr Bernard Zeller, 2 Market Street, Beverley.")
    assert ("person", "Bernard Zeller") in found
    assert all(not value.startswith(("of", "Dr")) for _, value in found)


@pytest.mark.parametrize(
    ("text", "free"),
    [
        ("+33 1 23 45 67 89 à bientôt", "à"),
        ("+49 30 901820 é", "é"),
        ("room 12 à côté", "à"),
        ("call +49 30 901820 été", "été"),
        ("Phone 901820 über", "über"),
        ("The desk is in Hauptstraße 5 für alle", "f"),
        ("The desk is in Hauptstraße 5 für alle", "für"),
    ],
)
def test_a_letter_with_an_accent_after_a_number_is_no_part_of_an_address(values, text, free):
    assert free not in " ".join(value for kind, value in values(text) if kind == "address").split()


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("The desk is in Hauptstraße 5 f for all", "Hauptstraße 5 f"),
        ("I live at 214 Pavlou Drandaki", "214 Pavlou Drandaki"),
        ("room 12 is free", "room 12"),
    ],
)
def test_a_letter_of_a_house_and_a_street_nobody_knows_stay_in_the_address(values, text, address):
    assert ("address", address) in values(text)
