"""Sentences of a draft that state nothing: greetings, thanks, offers, questions, and that there is no answer."""

import re
from collections.abc import Sequence

from graftwork.core.citing.word_lists import listed
from graftwork.core.citing.words import fold, words

_TAKES_CARE = r"(?:\w+ly )?(?:get back|be in touch|reply|respond|contact|look into|check|help|assist|answer)\b"
# Each is the beginning of a clause that states nothing; spaces stand for spaces.
_OPENINGS = (
    r"(?:thank you|thanks|many thanks|vielen dank|danke|herzlichen dank|merci)\b",
    r"(?:i|we)(?: am|'m| are|'re)? (?:\w+ )?(?:sorry|apologi[sz]e)\b",
    r"(?:i|we)(?: am|'m| are|'re)? (?:\w+ )?(?:glad|happy|pleased) (?:to (?:help|assist|hear|answer)|that you)\b",
    r"(?:sorry|apologies|our apologies|es tut (?:mir|uns)|wir bedauern|entschuldigen|nous sommes désolés)\b",
    r"(?:i|we) (?:completely |fully )?(?:understand|appreciate|see) (?:your|how|the (?:frustration|inconvenience))\b",
    r"(?:i|we|ich|wir) (?:hope|hoffe|hoffen)\b",
    r"(?:please )?(?:let (?:me|us) know|feel free|do not hesitate|don't hesitate|reach out|get in touch)\b",
    r"(?:please )?contact (?:us|me|our (?:team|support))\b",
    r"(?:please )?reply to this\b",
    r"if (?:you (?:have|need|would like)|there is) (?:any(?:thing)?|further|more|other|additional|questions|help)\b",
    r"(?:bei|für) (?:weiteren |rück)?fragen\b",
    r"(?:bitte )?(?:melden sie sich|zögern sie nicht|kontaktieren sie)\b",
    r"(?:wir|ich) helfen? (?:ihnen )?gern",
    r"n'hésitez pas\b",
    rf"(?:a|one of our|my|our) (?:colleagues?|team|specialists?|agents?) (?:\w+ )?(?:will|is going to) {_TAKES_CARE}",
    r"(?:eine?\w? kolleg|ein mitarbeiter|unser team)\w*\b(?: \w+)? (?:meldet|antwortet|prüft|hilft|kümmert)\b",
    r"(?:eine?\w? kolleg|ein mitarbeiter|unser team)\w*\b.{0,40} (?:melden|antworten|prüfen|helfen|kümmern)\W*$",
    r"(?:un collègue|notre équipe) (?:va )?vous (?:répond|contact)\w*",
    r"(?:i|we)(?:'ll| will)? (?:be (?:happy|glad) to help|look into|get back|help)\b",
    r"(?:here is|here are|below (?:is|are)|hier (?:ist|sind)|voici)\b",
    r"take care\W*$",
    r"have a (?:nice|good|great)\b",
    r"you(?:'re| are) welcome\W*$",
    r"welcome(?:\W*$| to\b)",
    r"(?:of course|sure|certainly|yes|no|ja|nein|oui|non|gern geschehen)\W*$",
)
_OPENING = re.compile("|".join(_OPENINGS))
# Behind "a colleague will look into this and"; by itself, "contact HR before you travel" states something.
_GOES_ON_CARING = re.compile(rf"(?:will )?{_TAKES_CARE}(?: to)?(?: you| us| this| it)?\W*(?:soon|shortly)?\W*$")
_GREETING = re.compile(
    r"(?:dear|hello|hi|hey|greetings|good (?:morning|afternoon|evening|day)|sehr geehrte\w*|guten (?:tag|morgen|abend)|"
    r"hallo|liebe[rs]?|bonjour|bonsoir|ch[eè]re?|madame|monsieur)\b(.{0,80})$",
    re.DOTALL,
)
_SIGN_OFF = re.compile(
    r"(?:(?:best|kind|warm|sincere|many)?\s?(?:regards|wishes)|sincerely|yours\s\w+|yours|cordialement|bien à vous|"
    r"(?:mit\s)?(?:freundlich|best|herzlich|viele|liebe)\w*\sgrü(?:ß|ss)e?n?)\W*$"
)
_GREETED = listed(
    "there all team customer sir madam mr mrs ms dr and und herr frau damen herren madame monsieur to whom it may "
    "concern everyone colleagues kunde kundin client valued geehrte sehr et"
)
# Only of the documents as such: "the policy does not cover this" states something.
_DOCUMENTS = r"\b(?:documents?|passages?|sources?|excerpts?|provided (?:text|information))\b"
_HOLD_NOTHING = (
    r"(?:do(?:es)? not|don't|doesn't|holds? no|contains? no|gives? no|say nothing|says nothing|no (?:answer|mention))"
)
_NO_ANSWER = re.compile(
    rf"{_DOCUMENTS}.{{0,60}}\b{_HOLD_NOTHING}\b"
    r"|\b(?:polic(?:y|ies)|handbook|report) (?:holds?|contains?|gives?) no (?:answer|information)\b"
    r"|\b(?:there is|i (?:have|found|find)|we (?:have|found)) no (?:information|answer|mention|passage)\b"
    r"|^(?:i|we|unfortunately,? (?:i|we)) (?:could|can|was|am|were|are) ?not (?:able to )?(?:find|answer|confirm)\b"
    r"|\b(?:dokumente|unterlagen|abschnitte|texte)\w* .{0,60}\b(?:keine? (?:angabe|antwort|information)|nichts)"
    r"|\baucune (?:information|réponse)\b"
)
# "Thank you, and your refund takes 14 days" states something all the same: an opening frees its own clause only.
_BORDER = re.compile(
    r"(?:[,;:]|\s[\u2013\u2014-])\s+|[;:\u2014]"
    r"|\b(?:and|but|or|so|because|as|since|while|und|aber|oder|weil|da|denn|et|mais|ou|car)\b"
)
_IDLE_WORDS = 2
# A clause with no other words of content promises nothing.
_IDLE = listed(
    """
    patience understanding message messages interest inconvenience frustration trouble delay question questions concern
    concerns help helps helpful assist assistance support time day week weekend feedback trust order enquiry inquiry
    request contact reaching writing asking hesitate free feel further soon shortly possible happy glad assured clear
    clarifies answers get back touch reply look check
    nachricht anfrage geduld verständnis interesse fragen frage bestellung vertrauen hilfe gern gerne melden zögern
    message patience compréhension question questions demande commande confiance aide
    """
)
_RESTATES = re.compile(
    r"(?:you|sie|vous) (?:asked|wrote|mentioned|said|ordered|reported|told|want|would like|fragen|schreiben|haben)\b"
    r"|(?:i|we) (?:understand|see|read) (?:that )?(?:you|your)\b|(?:your (?:question|message|request) (?:is|was|about))"
)
_SIGNS = re.compile(r"^[\s>*_#•·–-]*(?:\(?\d{1,3}[.)]\s+)?[\s*_]*")  # noqa: RUF001
_LABEL_WORDS = 6
_SIGNATURE_WORDS = 6
_OFFICE = listed(
    "your the our support team customer service care desk department office of and for at from in behalf on ihr ihre "
    "und vom von aus dem der das im votre notre équipe client la le du de des"
)


def bare(text: str) -> str:
    """`text` without the sign of a list or heading before it."""
    return _SIGNS.sub("", text, count=1).rstrip("*_ \t\n")


def states_nothing(text: str, exempt: Sequence[str] = ()) -> bool:
    """Whether the words of a sentence are none that a source could support. What it names is not looked at here."""
    plain = fold(bare(text))
    if not any(letter.isalnum() for letter in plain):
        return True
    starts = (fold(start).strip() for start in exempt if start.strip())
    exempted = max((len(start) for start in starts if plain.startswith(start)), default=0)
    if exempted and not _states_more(plain[exempted:]):
        return True
    opening = _OPENING.match(plain)
    return (
        plain.rstrip("\"'”)").endswith("?")
        or _is_heading(text, plain)
        or _is_greeting(plain)
        or _SIGN_OFF.match(plain) is not None
        or _NO_ANSWER.search(plain) is not None
        or (opening is not None and not _states_more(plain[opening.end() :]))
    )


def is_sign_off(text: str) -> bool:
    """Whether a name is likely to follow: "Kind regards,"."""
    return _SIGN_OFF.match(fold(bare(text))) is not None


def restates(text: str) -> bool:
    """Whether a sentence tells the reader what the reader wrote."""
    return _RESTATES.match(fold(bare(text))) is not None


def is_signature(text: str) -> bool:
    """Whether a line below a sign-off is a name or an office: "Your support team", but no sentence."""
    found = bare(text).split()
    return len(found) <= _SIGNATURE_WORDS and all(word[0].isupper() or _is_office(word) for word in found)


def _is_office(word: str) -> bool:
    return not any(letter.isalpha() for letter in word) or fold(word).strip(".,") in _OFFICE


def _states_more(after: str) -> bool:
    """Whether a clause after the first one says something."""
    return not all(_is_idle(clause.strip()) for clause in _BORDER.split(after)[1:])


def _is_idle(clause: str) -> bool:
    found = words(clause)
    few = len(found) <= _IDLE_WORDS
    known = _OPENING.match(clause) is not None or _GOES_ON_CARING.match(clause) is not None
    return few or known or all(w.weight == 0 or w.folded in _IDLE for w in found)


def _is_heading(text: str, plain: str) -> bool:
    whole_bold = text.strip().startswith(("**", "__")) and text.strip().rstrip(":").endswith(("**", "__"))
    label = plain.endswith(":") and (len(plain.split()) <= _LABEL_WORDS or "follow" in plain or "folg" in plain)
    return text.lstrip().startswith("#") or whole_bold or label


def _is_greeting(plain: str) -> bool:
    match = _GREETING.match(plain)
    if match is None:
        return False
    rest = [word.folded for word in words(match[1]) if word.folded not in _GREETED]
    return len(rest) <= 3 and ("," not in match[1].strip(" ,") or not rest)
