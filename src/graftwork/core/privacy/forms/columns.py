"""What the name of a column or key says about its values: `email`, `first_name`, `Geburtsdatum`, `customer.iban`."""

import re
import unicodedata
from collections.abc import Mapping

from graftwork.core.privacy.finding import Kind
from graftwork.core.privacy.forms.wordlist import words

_BOUNDARY = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[^0-9A-Za-zÀ-ɏ]+")

_NAMES: Mapping[Kind, str] = {
    "person": (
        "name, full name, first name, last name, middle name, given name, family name, surname, forename, maiden name, "
        "customer name, client name, patient name, contact name, employee name, contact person, cardholder, "
        "card holder, account holder, beneficiary, recipient name, sender name, "
        "vorname, nachname, familienname, zuname, geburtsname, rufname, kundenname, ansprechpartner, kontoinhaber, "
        "nom, prenom, nom de famille, nom complet, nom client, titulaire, "
        "nombre, apellido, apellidos, primer apellido, segundo apellido, nombre completo, nombre cliente, titular"
    ),
    "mail": (
        "email, e mail, mail, email address, e mail address, mail address, emailadresse, e mail adresse, mailadresse, "
        "courriel, adresse mail, adresse email, adresse e mail, correo, correo electronico"
    ),
    "phone": (
        "phone, phone number, telephone, telephone number, tel, mobile, mobile number, mobile phone, cell, cell phone, "
        "fax, fax number, telefon, telefonnummer, handy, handynummer, mobil, mobilnummer, faxnummer, rufnummer, "
        "portable, numero de telephone, telefono, movil, telefono movil, numero de telefono"
    ),
    "address": (
        "address, street, street address, address line, address line 1, address line 2, address 1, address 2, "
        "home address, postal address, billing address, shipping address, delivery address, house number, zip, "
        "zip code, postcode, postal code, anschrift, adresse, strasse, straße, hausnummer, plz, postleitzahl, "
        "lieferadresse, rechnungsadresse, rue, code postal, adresse postale, direccion, calle, codigo postal, domicilio"
    ),
    "card": (
        "card number, credit card, credit card number, cc number, card no, pan, kartennummer, kreditkarte, "
        "kreditkartennummer, numero de carte, carte bancaire, numero de tarjeta, tarjeta"
    ),
    "iban": "iban, iban number, iban nummer, iban nr",
    "bank": (
        "account number, bank account, bank account number, sort code, routing number, bic, swift, swift code, "
        "kontonummer, bankleitzahl, blz, bankverbindung, numero de compte, cuenta, cuenta bancaria, numero de cuenta"
    ),
    "date_of_birth": (
        "dob, date of birth, birth date, birthdate, birthday, birth day, geburtsdatum, geburtstag, geb, "
        "date de naissance, naissance, fecha de nacimiento, fecha nacimiento, nacimiento"
    ),
    "age": "age, alter, edad",
    "national_id": (
        "ssn, social security, social security number, national id, national id number, national insurance number, "
        "nino, tax id, tax number, tin, steuer id, steuernummer, steueridentifikationsnummer, "
        "sozialversicherungsnummer, personalausweis, personalausweisnummer, ausweisnummer, numero de securite sociale, "
        "nir, dni, nie, nif, codice fiscale, bsn"
    ),
    "passport": "passport, passport number, passport no, reisepass, reisepassnummer, passeport, pasaporte",
    "licence": "driver license, drivers license, driving licence, license number, licence number, fuhrerschein",
    "health_id": (
        "mrn, medical record number, patient id, patient number, health insurance number, nhs number, insurance id, "
        "versichertennummer, krankenversichertennummer, patientennummer, numero de historia clinica"
    ),
    "ip": "ip, ip address, client ip, remote ip, source ip, ip adresse, adresse ip, direccion ip",
    "mac": "mac, mac address, mac adresse",
    "handle": "username, user name, login, login name, handle, screen name, twitter, benutzername, nutzername, usuario",
    "password": "password, passwd, pwd, passphrase, pin, passwort, kennwort, mot de passe, contrasena, clave",
    "key": "api key, apikey, secret, secret key, access token, auth token, private key, client secret, bearer token",
    "vehicle": "license plate, licence plate, number plate, vin, kennzeichen, fahrgestellnummer, matricula",
    "account": "customer number, customer id, kundennummer, kunden nr, client number, numero client, numero de cliente",
    "organisation": "company, company name, employer, firma, firmenname, arbeitgeber, entreprise, societe, empresa",
}


def plain_name(name: str) -> str:
    """`Straße_Nr`, `firstName`, `E-Mail` as words: lower case, without accents, one space between."""
    words = " ".join(word for word in _BOUNDARY.split(name) if word)
    return "".join(c for c in unicodedata.normalize("NFD", words.lower()) if not unicodedata.combining(c))


_KINDS: Mapping[str, Kind] = {
    plain_name(name.strip()): kind for kind, names in _NAMES.items() for name in names.split(",")
}
# With a word in front these still say the same (`billing_email`, `Kunde Telefon`); `name` alone does not, for there are
# file names and product names.
_LAST_WORDS: Mapping[str, Kind] = {
    name: kind
    for name, kind in _KINDS.items()
    if kind in ("mail", "phone", "iban", "date_of_birth", "password", "passport", "person", "card", "national_id")
    and name not in ("name", "nom", "nombre", "mail", "pan", "pin", "cell", "geb", "portable", "mobile", "clave", "tin")
}


def kind_of_column(name: str) -> Kind | None:
    """The kind of all values below this name, or `None` where the name does not say."""
    words = plain_name(name)
    if (kind := _KINDS.get(words)) is not None:
        return kind
    parts = words.split()
    for count in (3, 2, 1):
        if len(parts) > count and (kind := _LAST_WORDS.get(" ".join(parts[-count:]))) is not None:
            return kind
    return None


# What `name` below one of these is: `customer.name`, but not `product.name`.
_PEOPLE = frozenset(
    words(
        "person people user users customer customers client clients patient patients contact contacts employee "
        "employees member members author sender recipient owner holder applicant candidate guest driver manager doctor "
        "agent tenant kunde kunden patientin mitarbeiter absender empfanger nutzer benutzer personne utilisateur "
        "persona usuario paciente cliente empleado from to cc"
    )
)
_BARE = frozenset({"name", "nom", "nombre", "full name"})


def kind_of_path(path: tuple[str, ...]) -> Kind | None:
    """As `kind_of_column`, for names in names; a bare `name` is a person's only below what can have one."""
    if not path:
        return None
    if len(path) > 1 and plain_name(path[-1]) in _BARE:
        return "person" if plain_name(path[-2]).split()[-1:] and plain_name(path[-2]).split()[-1] in _PEOPLE else None
    return kind_of_column(path[-1])
