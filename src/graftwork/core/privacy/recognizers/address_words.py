"""Words that say what the number beside them is: kinds of street, flats, post boxes, labels of postcodes."""

# ruff: noqa: RUF001 - letters of other alphabets are the subject

import re
from functools import cache

from graftwork.core.privacy.languages.pack import words
from graftwork.core.privacy.vocabulary import Vocabulary

LETTERS = re.compile(r"[^\W\d_]+")
# Kinds of street that are no ordinary word of English, or say a street without a number as well.
LONE = words(
    """street avenue road lane boulevard drive ave rd blvd highway parkway terrace strasse straße rue rúa calle avenida
    ulica ul avda viale trg út útja utca tér ulice náměstí gasse"""
)
FOREIGN = words(
    """rue rúa rua calle avenida avda carrera plaza praça piazza corso via viale ulica ul ulice utca út útja tér körút
    trg cesta strasse straße str gasse weg platz allee ring chemin allée impasse quai laan straat plein gracht gatan
    vägen largo travessa paseo ronda náměstí třída bulvár sokak sokağı caddesi mahallesi odos leoforos vei veien gate
    c"""
)
FOREIGN_BEFORE = frozenset(word for word in FOREIGN if len(word) > 1) - {"ring", "gate", "weg"}
NO_UNITS = words("no number level floor building block lot door unit fl box")
POSTCODE_LABEL = re.compile(
    r"(?:(?:zip|postal|post)[ -]?codes?|zip|postcode|plz|postleitzahl|code postal|c[oó]digo postal|c\.?p\.?)"
    r"(?:[ \t]+is|[ \t]*:)?[ \t]*$",
    re.IGNORECASE,
)
POSTCODE_WORDS = ("code", "codes", "zip", "is", "plz", "leitzahl", "postal", "cp", "c.p.", "c.p", "postcode")
_OF_POSTCODES = words(
    "zip zips zipcode zipcodes code codes postcode postcodes postalcode postalcodes plz postleitzahl cp p"
)
BEFORE_CHARS, AFTER_CHARS = 50, 60
"""How far from its number such a word is sought."""


@cache
def signs(vocabulary: Vocabulary) -> frozenset[str]:
    """A number with none of these words near is no part of an address, but for what is written with a capital."""
    addresses = vocabulary.pack.addresses
    ends = {letters[-1] for entry in addresses.units | addresses.boxes if (letters := LETTERS.findall(entry))}
    return frozenset(word for word in FOREIGN if len(word) > 1) | LONE | _OF_POSTCODES | ends
