"""Which language a text is in, by its commonest words: enough to choose rules, and to say when there are none for it.

More languages are known here than have a pack, so that an Italian letter is not read as a Spanish one.
"""

import re
from collections.abc import Collection

# Words that only grammar puts there. What several languages share stands in each: it tells families apart at least.
# ruff: noqa: RUF001 - letters of other alphabets are the subject
_COMMON = {
    "en": """
        the of and to in is that it for was with as on be at by this have from or had not are but his they you were her
        she which there been their has will would who we when your can said my me our please thanks regards dear name
        address he him i it's i'm its out up about my
        """,
    "de": """
        der die das und ist nicht ich zu den mit von sich des auf für im dem ein eine einer einen als auch es an werden
        aus er hat dass sie nach wird bei um noch wie über so zum haben nur oder aber vor zur bis mehr durch wir ihre
        ihr bitte sehr geehrte grüße mich uns mein meine herr frau straße nachname vorname anschrift geburtsdatum
        kundennummer wohnt guten hallo hallo, heiße
        """,
    "fr": """
        le la les de des du et est un une en que qui dans pour pas sur au aux avec ce cette ne se il elle nous vous je
        par son sa ses mais ou été sont plus leur était ont être votre notre c'est d'un d'une qu'il n'est j'ai l'a y
        même très bonjour bonjour, m'appelle suis merci cordialement madame monsieur nom prénom adresse né née téléphone
        """,
    "es": """
        el la los las de del y en que es un una por con para no se su al lo como más pero sus le ha me si sin sobre este
        esta ser son entre cuando muy fue también hasta desde está mi nos durante todo porque señor señora estimado
        gracias saludos años paciente nombre apellidos domicilio fecha nacimiento teléfono presenta presentaba médico
        """,
    "it": """
        il lo la i gli le di del della dei delle che è e un una in per con non si sono da al alla ha nel nella ma anche
        come questo questa più suo sua o ci essere stato molto dal mi gentile signor signora grazie cordiali saluti nome
        cognome
        """,
    "pt": """
        o a os as de do da dos das e em que é um uma para com não se por mais ao na no nas nos como mas foi ele ela seu
        sua ou ser quando muito já está também só pelo pela até isso você obrigado senhor senhora nome endereço
        """,
    "nl": """
        de het een en van ik te dat die in is niet op zijn met voor aan er als maar om hem dan zou of wat mijn bij ook
        naar heb hebben deze over uit wordt door ze wij u geachte bedankt graag groet mevrouw meneer naam adres geboren
        """,
    "pl": """
        i w nie na z do się to że jest o jak za od po ale przez dla tak jego czy był tym oraz co już jej są może proszę
        dziękuję pan pani imię nazwisko
        """,
    "sv": """
        och att det i en som är på för av med den till inte om jag har de ett han var men vi från så hon kan sig eller
        vid ska din hej tack namn
        """,
    "da": """
        og at det i en som er på for af med den til ikke om jeg har de et han var men vi fra så hun kan sig eller ved
        skal din hej tak venlig hilsen navn
        """,
    "cs": """
        a se na je že v to s z do o k i jako ale za by pro jsem tak po jsou která který jeho nebo co už jméno děkuji
        """,
    "ro": """
        și de la în a cu nu o pe că din un este să pentru mai ce care sau fost am sunt al lui ale mulțumesc domnul
        doamna
        """,
    "hu": """
        a az és hogy nem is egy ez van de meg csak volt már mint azt ha vagy még kell lesz köszönöm tisztelt név
        """,
    "tr": """
        ve bir bu için ile da de ne gibi çok daha olan olarak ben o sen biz var değil ama kadar sayın teşekkürler adı
        """,
}  # fmt: skip

# What forms, letters and short notes are full of: asked where grammar says too little.
_OF_FORMS = {
    "en": """
        first last date birth phone town city state number customer order invoice case claim policy employee patient
        applicant driver account payment transfer reference subject home insurance storm damage train night meals report
        car meeting team note street road thank hello hi mail email password need called ticket user device restarted
        cannot log preferred time morning tuesday wednesday claimant court heard witness accident after nationality
        employer application findings clear soft advance rent surname sincerely yesterday today tomorrow signed
        according could should about again because while since very much just here what where monday thursday friday
        been being do does did done have had has having am is are was were if so then than no yes not don't doesn't
        didn't can't won't what's that's here's i've i'd i'll we're you're they're there's us them these those some any
        my mine your our their other another one two three last every each only into over under between with without
        after before at by from left right see seen send sent got get gets go goes went come came make made take took
        took put let tell told said says know knew think want wants wanted lives lived works worked grew studied born
        married plays played bought sold paid owes met likes moved called asked wrote will would may might must cannot
        january february march june july october december letter
        """,
    "de": """
        telefon strasse kunde kundin ort plz wohnort versicherung versicherungsnummer schaden schadensmeldung rechnung
        vertrag betreff liebe lieber anbei angebot mobil termin wunschtermin hausarzt befund arzt lunge frei herz tag
        danke dank passwort vergessen überweisung miete verwendungszweck mai juni juli märz januar februar dezember
        oktober dienstag mittwoch donnerstag montag freitag ticket benutzer gerät gelöst unfall fahrzeug kennzeichen
        reisekosten übernachtung bahnfahrt personalausweis zeugnis uhr weg anruf rückruf wurde wurden weil hatte hatten
        war waren kann können muss müssen soll möchte möchten gestern heute morgen laut unser unsere unserer gez
        du dein deine deinen dir dich euch er's ihn ihm bin bist sind seid hab hast habt wirst werde würde würden
        sollte könnte konnte musste wollte will willst wollen mag darf dürfen geht gehen kommt kommen kam ging macht
        machen gemacht gibt gab lebt lebte regnet wohnte arbeitet arbeitete studierte geboren heißt sagt schreibt
        schrieb kein keine keinen einmal schon noch nur doch mal denn wenn dann damit dazu davon wer was wo wann
        warum unter
        vor hinter neben bis seit etwas nichts mehr sehr gut gerne
        wechselt mitarbeiter mitarbeiterin teilzeit zeuge zeugin wohnhaft personalnr nummer lieferadresse sperren hat
        schreiben bereits leider jetzt hier dort dieser diese dieses sein seine seinem ihrem ihren wegen gegen ohne
        zwischen viel alle beim ins am vom habe sagte sagt rief neue neuen nächsten letzten
        """,
    "fr": """
        ville naissance client cliente dossier facture contrat sinistre objet devis chère cher salut coucou bien
        rendez-vous médecin examen patient virement loyer motif avance juillet août janvier février décembre mardi
        mercredi jeudi vendredi lundi euros véhicule voiture accident constat immatriculé pluie audience cour appel
        heures grande salle nouvelle carte envoyer l'attention candidate bonne impression note frais hôtel repas nuit
        place marché traitant passeport résolu l'utilisateur appareil l'arrêt s'est vers d'envoyer portable courriel tél
        hier aujourd'hui demain signé selon nos leurs ces cela aussi encore déjà pendant depuis contre sans chez a
        tu te toi ton ta tes mes moi lui eux elles on y suis es sommes êtes sera serait était avait avaient avez avons
        ai as va vais vont venu vient dit dite disait pris mis vu où quand comment pourquoi qui quoi rien jamais
        toujours bientôt très trop peu beaucoup tout tous toute toutes autre autres entre sous depuis avant après là ici
        habite habitait travaille travaillait né née vit s'appelle c'était d'abord l'autre j'avais n'est n'y qu'on
        règlement livraison salarié sinistre loyer bail candidature
        étaient fait faire peut doit souhaite veuillez lettre nouveau prochain dernier dernière n'a qu'elle
        """,
    "es": """
        apellido ciudad cliente expediente factura contrato siniestro asunto presupuesto querida querido estimada
        adjunto hola abrazo móvil correo electrónico cita cabecera exploración transferencia alquiler concepto enero
        febrero julio agosto diciembre martes miércoles jueves viernes lunes euros vehículo coche accidente matrícula
        lluvia ruego envíen nueva tarjeta atención plaza candidata gastos viaje noche tren dietas pasaporte incidencia
        usuario equipo mañana tarde contraseña póliza cuenta titular provincia localidad ayer hoy según fdo firmado
        llamó nuestro nuestra nuestros ese esa eso aquel ya todavía aún hay había han están estaba contra ante bajo
        hacia nota pago trabajador trabajadora envío pedido bien hermano hermana madre padre hijo hija médica
        yo tú él nosotros ellos ellas usted ustedes mío tu tus mis te ti os nos les era eran fue fueron será sería
        soy eres somos tengo tiene tienen tenía tuvo he hemos has habían hubo voy va vamos iba fui viene estoy buenos
        hace hizo hacer dice decir sabe quiero quería vive vivía vivo trabaja trabajó estudió nació llama llamo donde
        dónde quién qué cómo cuándo nada nunca siempre mucho muchos poco otro otra otros algo alguien aquí allí
        después antes entonces solo sólo así uno unos unas al del
        puede debe quiere desea carta nuevo próximo último última favor dijo
        """,
    "it": """
        telefono via città indirizzo nascita cliente fattura contratto oggetto preventivo cara caro buongiorno ciao
        medico gennaio febbraio luglio agosto dicembre martedì mercoledì giovedì venerdì lunedì
        """,
    "pt": """
        telefone rua apelido cidade morada nascimento cliente fatura contrato assunto orçamento cara caro olá bom dia
        cumprimentos médico janeiro fevereiro julho agosto dezembro
        """,
    "nl": """
        telefoon straat voornaam achternaam plaats geboortedatum klant factuur contract onderwerp offerte beste hallo
        groeten huisarts januari februari juli augustus december dinsdag woensdag donderdag vrijdag maandag
        """,
}  # fmt: skip

# Scripts of which none is read here, and the languages they are mostly used for.
_SCRIPTS = (
    ("ru", "Ѐ", "ӿ"), ("el", "Ͱ", "Ͽ"), ("he", "֐", "׿"), ("ar", "؀", "ۿ"), ("hi", "ऀ", "ॿ"), ("th", "฀", "๿"),
    ("ja", "\u3040", "\u30ff"), ("zh", "一", "\u9fff"), ("ko", "가", "힣"),
)  # fmt: skip

UNDETERMINED = "und"
"""ISO 639-2: a language it is, but none we know."""

_SAMPLE_CHARS = 250
_CERTAIN_POINTS = 2.5
_CERTAIN_LEAD = 0.75
_FEW_POINTS = 0.7
_LEAD = 0.4
_LONG_WORDS = 25
# A language nobody configured must say more for itself: short texts share their words with many.
_FOREIGN_POINTS = 1.5
_FOREIGN_LEAD = 1.0
# Two letters at least, and not inside an address of mail or the web.
_WORD = re.compile(r"(?<![@./\w-])[^\W\d_]+(?:'[^\W\d_]+|(?<=[^\W\d_]{2}))(?![@\w/]|[.-]\w)")


def _owners(*lists: dict[str, str]) -> dict[str, tuple[str, ...]]:
    """Who has a word: it counts less the more they are. `de` is Spanish, French, Portuguese, Dutch and Romanian."""
    owners: dict[str, tuple[str, ...]] = {}
    for code in _COMMON:
        for word in {word for entries in lists for word in entries.get(code, "").split()}:
            owners[word] = (*owners.get(word, ()), code)
    return owners


_OWNERS = _owners(_COMMON)
_ALL_OWNERS = _owners(_COMMON, _OF_FORMS)


def guess(text: str, configured: Collection[str] = ()) -> str | None:
    """The ISO 639-1 code of the language of `text`; `und` for prose in none that is known; `None` for too little of it.

    Where little is said, languages that are `configured` come first. Reads a bounded sample of the beginning, the
    middle and the end, so a long text costs no more than a short one.
    """
    sample = _sample(text)
    lower = sample.lower().replace("’", "'")
    points = _points(set(lower.split()), _OWNERS)
    best, most, lead = _best(points)
    if most >= _CERTAIN_POINTS and lead >= _CERTAIN_LEAD:
        return best
    words = set(_WORD.findall(lower))
    points = _points(words, _ALL_OWNERS)
    best, most, lead = _best(points)
    if configured and not _is_foreign(best, points, configured):
        best, most, lead = _best(_points(words, _ALL_OWNERS, configured))
    if most >= _FEW_POINTS and lead >= _LEAD:
        return best
    return _by_script(sample) or (UNDETERMINED if len(words) >= _LONG_WORDS and most < _FEW_POINTS else None)


def _is_foreign(best: str, points: dict[str, float], configured: Collection[str]) -> bool:
    """Is there enough of a language that is not configured, and a good deal more than of those that are?"""
    nearest = max(points.get(code, 0.0) for code in configured)
    most = points[best]
    return best not in configured and most >= _FOREIGN_POINTS and most - nearest >= min(_FOREIGN_LEAD, most / 3)


def _points(
    words: set[str], owners: dict[str, tuple[str, ...]], among: Collection[str] = tuple(_COMMON)
) -> dict[str, float]:
    """What `words` say for each language `among` those known; a word that several of these have is parted."""
    points = {code: 0.0 for code in _COMMON if code in among}
    for word in words & owners.keys():
        codes = [code for code in owners[word] if code in points]
        for code in codes:
            points[code] += 1 / len(codes)
    return points


def _best(points: dict[str, float]) -> tuple[str, float, float]:
    """The likeliest language, its points, and its lead over the next."""
    best = max(points, key=lambda code: points[code], default=UNDETERMINED)
    others = [value for code, value in points.items() if code != best]
    most = points.get(best, 0.0)
    return best, most, most - max(others, default=0.0)


def _sample(text: str) -> str:
    if len(text) <= 3 * _SAMPLE_CHARS:
        return text
    middle = len(text) // 2
    return f"{text[:_SAMPLE_CHARS]} {text[middle : middle + _SAMPLE_CHARS]} {text[-_SAMPLE_CHARS:]}"


def _by_script(sample: str) -> str | None:
    foreign = [letter for letter in sample if letter > "\u036f" and letter.isalpha()]
    if not foreign or len(foreign) < len(sample) / 4:
        return None
    counts = {code: sum(first <= letter <= last for letter in foreign) for code, first, last in _SCRIPTS}
    best = max(counts, key=counts.__getitem__)
    return best if counts[best] else UNDETERMINED
