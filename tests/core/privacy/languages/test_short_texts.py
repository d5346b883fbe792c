"""Short sentences of one language each: the guess decides which rules read them."""

import pytest

from graftwork.core.privacy.languages.guess import guess

CONFIGURED = ("en", "de", "fr", "es")
SENTENCES = {
    "en": """
        He grew up in Leeds | He is a plumber | He studied at Brackenfell | She lives next door | They moved out |
        I can't log in | My card was stolen | Where is my order? | It rained all day | Call me at noon |
        Ask Priya about it | Send it to the office | No news from Jan | We met in Rome | Thanks a lot |
        She was born in Madrid | Her son is a doctor | The bill was paid | What a day | Is Marco in today? |
        Do you have a minute | I'm on my way | Two of them left | You owe me ten pounds | It's in the attic |
        Meet me by the pond | He likes tea | He told me no | Who is on call? | One more thing | Don't do that |
        Pay by Friday | I have no idea | He came by car | She works for Lidl | He had a cold | On leave until May |
        Out of office | He ran a mile in May | A man and a dog | Please see attached | Not in stock | Let me know |
        Nice to meet you | He does la salsa | They said it was late | Yes, go on | I saw him | Wait for me |
        He left at six | This is Ana | My name is Diego | He bought a car | He wrote to Ms Costa | Me and my son |
        Come as you are | Both came in | Read it to me | At the bank | I was at home
        """,
    "de": """
        Er wohnt in Kiel | Sie ist Ärztin | Das Paket ist weg | Ich komme morgen | Wir haben Zeit |
        Wo ist mein Geld? | Kein Strom im Haus | Bitte um Rückruf | Er ist krank | Der Hund bellt |
        Die Karte ist gesperrt | Bin gleich da | Was kostet das? | Ich heiße Tom | Mein Sohn ist sechs |
        Sie hat angerufen | Nicht verfügbar | Das geht nicht | Es regnet | Wir sind umgezogen | Er hat kein Auto |
        Du hast recht | Ruf mich an | Heute ist frei | Der Vertrag liegt vor | Er kam aus Rom | Sie wurde geboren |
        Das war gestern | Ich bin in Wien | Noch ein Tag | Ist das so? | Wer war das | Alles gut | Ohne Gewähr |
        Vielen Dank | Zum Wohl | Mit Gruß | Auf Wiedersehen | Ich habe Fieber | Die Miete ist bezahlt |
        Er arbeitet bei Bosch | Sie fährt nach Bonn | Das ist Marta | Wir warten auf euch | Er will mehr |
        Komm doch mal vorbei | Wie geht es dir | Am Montag nicht | Er schrieb an Frau Costa | Meine Frau ist da |
        Der Zug hat Verspätung | Wann kommt er? | Ich muss los | Dein Paket ist da | Sie lebt allein |
        Ihm fehlt nichts | Seit gestern defekt | Bis morgen | Er war im Urlaub | Für dich
        """,
    "fr": """
        Il habite à Lyon | Elle est médecin | Je suis en retard | Mon colis est perdu | Où est ma carte ? |
        Nous avons déménagé | Il pleut | C'est ma sœur | Je m'appelle Léa | Merci beaucoup | Pas de réseau |
        La facture est payée | Il a dit non | Elle vit seule | On se voit demain | Je ne sais pas |
        Le chat est parti | Il est né à Rome | J'ai perdu ma clé | Avec plaisir | Tu es où ? | Elle a appelé |
        Sans réponse | Il travaille chez Renault | Bonne journée | Nous sommes là | Ils sont partis |
        Vous avez raison | À bientôt | Rien de neuf | Très bien | Je viens avec toi | Le dossier est clos |
        Elle était malade | Il y a un problème | Qui est là ? | Mes enfants vont bien | Son père est mort |
        Ça ne marche plus | Je vous écris | Il n'est pas là | Elle part en mai | Une heure après | C'est cassé |
        Dans la cuisine | Pour vous | Au revoir | Il faut payer | Je l'ai vu hier | Le train est en retard |
        Nous vous remercions | Tout va bien | Il me doit dix euros | Voici ma nouvelle adresse | Ton frère est venu |
        J'habite au deuxième | Elle a écrit à Mme Costa | Il était tard | Quand vient-il ? | Encore une fois
        """,
    "es": """
        Vive en Sevilla | Ella es médica | No tengo luz | Mi tarjeta no funciona | ¿Dónde está mi pedido? |
        Nos hemos mudado | Me llamo Diego | Él nació en Roma | Muchas gracias | Ayer llovió mucho | Llámame mañana |
        El perro ladra | La factura está pagada | No sé nada | Está de vacaciones | Trabaja en un banco |
        Tengo fiebre | Es mi hermana | Hasta luego | ¿Quién es? | Se fue a casa | Te espero aquí | No hay nadie |
        Mi hijo tiene seis años | Estoy en camino | Ya he pagado | Él dijo que no | Somos cuatro | Por favor, llame |
        El tren llega tarde | Sin respuesta | Le escribí a la señora Costa | Quiero cancelar | Esto no va |
        Buenos días a todos | Ella vive sola | Los niños están bien | Una hora después | ¿Qué tal? | Muy bien |
        Con mucho gusto | Fue ayer | Me debe diez euros | Su padre murió | Hace frío | Vamos en coche |
        Era muy tarde | Nunca contesta | El jefe no está | Hoy no puedo | Para ti | Dos de ellos se fueron |
        Más tarde | Entre tú y yo | Se llama Ana | Aquí no es | Tu hermano vino | ¿Cuándo viene? | Perdí las llaves |
        Otra vez lo mismo
        """,
}  # fmt: skip


def _table() -> list[tuple[str, str]]:
    return [(sentence.strip(), language) for language, block in SENTENCES.items() for sentence in block.split("|")]


@pytest.mark.parametrize(("sentence", "language"), _table())
def test_a_short_sentence_is_read_by_the_rules_of_its_language(sentence: str, language: str) -> None:
    # Of too little the guess says nothing, and the first configured language reads it.
    assert (guess(sentence, CONFIGURED) or CONFIGURED[0]) == language


def test_each_language_has_as_many_sentences() -> None:
    assert {language: len(block.split("|")) for language, block in SENTENCES.items()} == dict.fromkeys(CONFIGURED, 60)


@pytest.mark.parametrize(
    "text",
    [
        "4711: a@example.com",
        "write to contacto@ventas.example.com",
        "see https://la.example.com/de/los/que/el.html",
        "Ella Diaz",
        "4111 1111",
    ],
)
def test_addresses_and_names_are_no_language(text: str) -> None:
    assert guess(text, CONFIGURED) in (None, "en")


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Gentile signora, la ringrazio per il suo messaggio e le invio i documenti.", "it"),
        ("Geachte mevrouw, bedankt voor uw bericht, ik stuur u de documenten.", "nl"),
        ("Prezado senhor, obrigado pela sua mensagem, não temos mais informações.", "pt"),
    ],
)
def test_a_language_that_is_not_configured_is_told_where_it_says_enough(text: str, language: str) -> None:
    assert guess(text, CONFIGURED) == language
