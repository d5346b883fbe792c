"""Streets as Spanish, French and German write them: the kind of street, its name, its number and what follows.

The words for a kind of street are proof enough to read these in a text of any language: a Spanish address in an English
letter is still one.
"""

from collections.abc import Iterable

from graftwork.core.privacy.languages.pack import words
from graftwork.core.privacy.patterns import Pattern, PatternRecognizer


def _any(alternatives: str) -> str:
    """RE2 syntax for one of these, parted by blanks; `_` stands for a blank."""
    return f"(?:{'|'.join(alternatives.split()).replace('_', ' ')})"


_SCORE, _UNNUMBERED_SCORE, _TOWN_SCORE = 0.92, 0.72, 0.66

_WORD = r"\p{Lu}[\pL\pM'.ªº-]*"
_START = r"(?:^|[^\pL\pN])"
_IN = _any("am an_der im in bei ob_der de del de_la la las los le les sur sous en el d'")
_TOWN = r"\p{Lu}[\pL\pM'-]*"
_POSTCODE_AND_TOWN = (
    rf"(?:[ ,.;-]{{0,4}}(?:\r?\n)?[ ]?(?:[A-Z]{{1,2}}-)?\d{{5}},?[ ]-?[ ]?{_TOWN}(?:[ -](?:{_IN}[ -])?{_TOWN}){{0,3}}"
    r"(?:[ ]CEDEX(?:[ ]\d{1,2})?)?)"
)

# Spanish: C/ Mayor, 3, 2º B. The number may be missing (s/n) or come after a comma.
_ES_KIND = (
    r"(?:[Cc]/\.?|Cl\.|(?i:"
    + _any(
        "calle carrer avda avd avenida av avinguda plaza pla[çc]a pza plza pz paseo passeig pº p\\.º pso"
        " carretera ctra crta"
        " camino cam[ií] cno ronda rda rambla traves[ií]a trv travessera glorieta gta r[úu]a praza urbanizaci[óo]n urb"
        " pol[ií]gono pol[ií]g callej[óo]n pasaje pje cuesta costanilla alameda gran_v[ií]a bulevar jir[óo]n barriada"
        " autov[ií]a corredera vereda cañada"
    )
    + r"\b\.?))"
)
_ES_FULL = r"(?i:calle|avda|avenida|paseo|plaza|carretera|ctra|ronda|rambla|pol[ií]gono|c/)\.?"
_ES_SMALL = _any("de del la las los el y i e do da dos das d' en al a")
_ES_NAME = rf"(?:(?:{_ES_SMALL} ){{0,3}}(?:{_WORD}|\d{{1,2}} de \pL+)(?: ?[-/] ?|[ ]{{1,2}})?){{1,6}}"
_ES_NUMBER = (
    r"(?:,? ?(?i:s/?n\b|(?:n[úu]m(?:ero)?\.?|n\.?[ºo°]\.?|km\.?) ?\d{1,4}(?:[.,]\d{1,3})?|\d{1,4}\b"
    r"(?: ?- ?\d{1,2} ?[ªº°]| ?[-/y] ?\d{1,4}\b)?)(?: ?[A-Z]\b)?)"
)
_ES_UNIT = _any(
    "piso bajos? planta puerta pta escalera esc portal bloque blq local [áa]tico izquierda izda? izq derecha dcha?"
    " apartamento apto residencial nave parcela edificio edif? ed torre oficina"
)
_ES_UNITS = (
    r"(?:[,.]? ?-? ?(?:\d{1,2} ?\.?[ªº°oa]\.?(?:[ -]?(?:[A-Z]\b|[Ii]zda?|[Dd]cha?|\d[ªº]))?"
    rf"|(?i:{_ES_UNIT}\b)\.? ?(?:\w{{1,3}}\b\.?)?|\d{{1,2}} ?[A-Z]\b|[A-Z]\b)){{0,5}}"
)

# French: 12 bis, rue de la Paix; also without a number.
_FR_KIND = (
    "(?i:"
    + _any(
        "rue avenue av ave boulevard boul bd blvd place pl chemin che route rte all[ée]es? impasse imp quai cours"
        " passage square"
        " sentier ruelle venelle r[ée]sidence lotissement hameau lieu[-_]dit faubourg fbg rond-point"
        " esplanade promenade"
        " mont[ée]e voie chauss[ée]e clos parvis villa cit[ée]"
    )
    + r")\b\.?"
)
_FR_FULL = "(?:[Rr]ue|[Aa]venue|[Bb]oulevard|[Ii]mpasse|[Cc]hemin|[Qq]uai|[Aa]llée)"
_FR_SMALL = _any("de_la de_l' de du des d' la le les l' aux? sur sous en et")
_FR_NAME = rf"(?:(?:{_FR_SMALL} ?){{0,2}}(?:{_WORD}|\d{{1,2}}[ -]\pL+)[ ]?){{1,6}}"
_FR_NUMBER = r"\d{1,4}(?: ?(?:bis|ter|quater|[A-D])\b)?(?: ?[-/] ?\d{1,4})?"

# German: Lange Straße 12 a, Am Alten Markt 5, Musterweg 3-5. Some endings are those of other nouns as well.
_DE_END = _any(
    "stra(?:ß|ss)en? str\\. str weg platz allee gasse gässchen ufer damm pfad chaussee"
    " promenade graben"
    " twiete redder deich stiege"
)
_DE_WEAK_END = _any(
    "ring steig stieg markt kamp wall zeile park siedlung hof berg brücke tor anger hang halde leite winkel garten"
    " gärten kai"
)
_DE_WORD = _any("Stra(?:ß|ss)e Str\\. Weg Platz Allee Ring Gasse Ufer Damm Markt Chaussee Promenade")
_DE_LEAD = (
    "(?:"
    + _any(
        "An_de[rnm] Am Im In_de[rnm] Auf_de[rnm] Unter_de[rnm] Zu[rm] Hinter_de[rnm] Vor_de[rnm] Bei_de[rnm]"
        " Beim Ob_der"
    )
    + "[ ])"
)
_DE_NUMBER = r"[ ]\d{1,3}(?:[ ]?[a-hA-H])?\b(?:[ ]?[-/+][ ]?\d{1,3}(?:[ ]?[a-h])?\b)?"
_DE_FLAT = (
    r"(?:[ ]?//?[ ]?(?:Top|Tür|Whg\.?|App\.?|Stiege)?[ ]?\d{1,3}|,? (?:\d{1,2}\. (?:OG|Stock|Etage)|EG|DG"
    r"|(?:Hinter|Vorder)haus)\b){0,2}"
)
_DE_NAME = rf"(?:\p{{Lu}}[\pL.-]*[ -]){{0,2}}(?:\p{{Lu}}[\pL-]*{_DE_END}|\p{{Lu}}[\pL.-]+[ -]{_DE_WORD})"

# What stands between `Am` and a number and is no place: time, parts of a text, amounts.
_NO_PLACES = words(
    """januar jänner februar märz april mai juni juli august september oktober november dezember montag dienstag
    mittwoch donnerstag freitag samstag sonntag jahr jahre monat quartal ende anfang alter gruppe klasse stufe
    phase kapitel abschnitt absatz artikel punkt teil anlage anhang fall schritt zeitraum schnitt durchschnitt
    umfang wert höhe raum zimmer woche kw uhr stunde stunden version ziffer nummer nr seite zeile"""
)


def _place_in_town(value: str) -> Iterable[tuple[int, int]]:
    if _NO_PLACES.isdisjoint(value.lower().replace(".", " ").split()):
        yield from _trimmed(value)


def _trimmed(value: str) -> Iterable[tuple[int, int]]:
    yield 0, len(value.rstrip(" -/"))


RECOGNIZER = PatternRecognizer(
    "street",
    (
        Pattern(
            "address",
            rf"{_START}(?P<value>{_ES_KIND} ?{_ES_NAME}{_ES_NUMBER}{_ES_UNITS})",
            "a kind of street, its name and number, as Spanish writes them",
            score=_SCORE,
            hint=rf"{_START}{_ES_KIND} ?(?:{_ES_SMALL} ){{0,3}}[\p{{Lu}}\d]",
            locate=_trimmed,
        ),
        Pattern(
            "address",
            rf"{_START}(?P<value>{_ES_FULL} ?{_ES_NAME})",
            "a kind of street and its name, as Spanish writes them",
            score=_UNNUMBERED_SCORE,
            hint=rf"{_ES_FULL} ?(?:{_ES_SMALL} ){{0,3}}\p{{Lu}}",
            locate=_trimmed,
        ),
        Pattern(
            "address",
            rf"{_START}(?P<value>(?:{_WORD}[ ](?:{_ES_SMALL}[ ]){{0,2}}){{0,2}}{_WORD}{_ES_NUMBER}{_ES_UNITS})"
            r"[ .,;-]{1,4}(?:[A-Z]{1,2}-)?\d{5}[ ,-]{1,3}\p{Lu}",
            "a name and a number before a postcode and a town",
            score=_UNNUMBERED_SCORE,
            hint=r"\d{5}[ ,-]{1,3}\p{Lu}",
            locate=_trimmed,
        ),
        Pattern(
            "address",
            rf"{_START}(?P<value>{_FR_NUMBER},? {_FR_KIND} {_FR_NAME}{_POSTCODE_AND_TOWN}?)",
            "a number, a kind of street and its name, as French writes them",
            score=_SCORE,
            hint=rf"\d(?: ?(?:bis|ter|quater|[A-D]))?,? {_FR_KIND} ",
            locate=_trimmed,
        ),
        Pattern(
            "address",
            rf"{_START}(?P<value>{_FR_FULL}[ ]{_FR_NAME}{_POSTCODE_AND_TOWN}?)",
            "a kind of street and its name, as French writes them",
            score=_UNNUMBERED_SCORE,
            hint=rf"{_FR_FULL}[ ](?:{_FR_SMALL} ?){{0,2}}[\p{{Lu}}\d]",
            locate=_trimmed,
        ),
        Pattern(
            "address",
            rf"{_START}(?P<value>{_DE_LEAD}?{_DE_NAME}{_DE_NUMBER}{_DE_FLAT}{_POSTCODE_AND_TOWN}?)",
            "a street and its number, as German writes them",
            score=_SCORE,
            hint=rf"(?i:{_DE_END}|{_DE_WORD})[ ]\d",
            locate=_place_in_town,
        ),
        Pattern(
            "address",
            rf"{_START}(?P<value>{_DE_LEAD}?(?:\p{{Lu}}[\pL.-]*[ -]){{0,2}}\p{{Lu}}[\pL-]*{_DE_WEAK_END}"
            rf"{_DE_NUMBER}{_DE_FLAT}"
            rf"{_POSTCODE_AND_TOWN})",
            "a name that may be a street, a number, a postcode and a town",
            score=_SCORE,
            hint=rf"(?i:{_DE_WEAK_END})[ ]\d",
            locate=_place_in_town,
        ),
        Pattern(
            "address",
            rf"(?:(?:[\pL\d,)]|^|\n)[ ]|^|\n)(?P<value>{_DE_LEAD}(?:\p{{Lu}}[\pL-]+[ ]?){{1,3}}\b{_DE_NUMBER}{_DE_FLAT}"
            rf"{_POSTCODE_AND_TOWN}?)(?:$|[^\pL\pN:%€ -]|[ ]-)",
            "a name such as `Am Markt` and a number, as German writes streets",
            score=_UNNUMBERED_SCORE,
            hint=rf"{_DE_LEAD}(?:\p{{Lu}}[\pL-]+[ ]){{1,3}}\d",
            locate=_place_in_town,
        ),
        Pattern(
            "address",
            rf"{_START}(?P<value>{_FR_NUMBER},? (?:rue|avenue|boulevard|bd|impasse|chemin|all[ée]e|quai|route) "
            r"(?:de la |des |du |de |d'|de l')[\pL-]{3,20})",
            "a number and a kind of street, in lower case, as French writes them",
            score=_UNNUMBERED_SCORE,
            hint=r"\d(?: ?(?:bis|ter))?,? (?:rue|avenue|boulevard|bd|impasse|chemin|all[ée]e|quai|route) d",
        ),
        Pattern(
            "location",
            rf"(?:^|[\n,(][ ]?|\b(?:in|aus|nach|à|en|de) |[A-Z]{{1,2}}-)(?P<value>\d{{5}} {_WORD}(?:[ -]{_IN}"
            rf"[ -]{_WORD}|-{_WORD})?"
            r"(?: CEDEX(?: \d{1,2})?)?)",
            "a postcode and a town",
            score=_TOWN_SCORE,
            hint=rf"\d{{5}} {_WORD}",
        ),
    ),
)
