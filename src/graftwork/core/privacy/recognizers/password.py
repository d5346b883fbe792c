"""Passwords and codes to get in, by their label (English, German, French, Spanish), in addresses, beside a login."""

import re

from graftwork.core.privacy.patterns import Pattern, PatternRecognizer
from graftwork.core.privacy.recognizers.labels import hint

_WORDS = (
    r"pass[ _-]?(?:word|phrase|code|wd)s?|passwds?|pwd|pw|pass|passwort|kennwort"
    r"|losung(?:swort)?|zugangscode|geheimzahl|mot[ _]de[ _]passe|mdp"
    r"|code secret|code d'acc[eè]s|contrase[nñ]a|clave(?: de acceso| secreta)?|palabra de paso|senha|wachtwoord|parola"
    r"|log[ -]?in credentials?|credentials?|secret word|security answer|mother's maiden name"
)
_PIN = (
    r"passcode|(?:your|my|the|this|ihr|dein|der|votre|le|su|tu|el) c[oó]de|pin(?:[ -]?"
    r"(?:code|number|nr|no))?|otp|one[ -]time (?:code|password|pin)|2fa"
    r"(?:[ -]code)?|mfa code|verification code|access code"
    r"|auth(?:entication|orization)? code|best[aä]tigungscode|tan|puk|unlock code"
    r"|door code|gate code|alarm code|safe code|entry code"
    r"|c[oó]digo (?:pin|de acceso|de verificaci[oó]n)|code pin|code de (?:v[eé]rification|validation)"
)
_HINT = hint((_WORDS,))
_LABEL = rf"(?i)(?:\b|_)(?:{_WORDS})(?:[ _-]?(?:hash|string|text|attempt|value)|'s)?"
_QUOTE = "\"'`"
# Words that stand where a password would, and are none.
_BESIDE = """
is was are were be been being to the a an and or not no yes none null nil true false empty blank required
optional missing invalid incorrect wrong expired reset changed forgotten lost stolen same strong weak secure
protected masked hidden redacted here below above field fields page policy manager managers for from with in on
at by of your my his her their our its it this that must should can may will has had have string str text
password passwort kennwort ist war wird nicht mot de passe est contraseña es process.env secret undefined
credentials email e-mail username user login account name
use choose enter see create please do never keep make set update again too also then when if you we they i he she
"""
_WORDS_BESIDE = frozenset(_BESIDE.split())
_SYMBOL = re.compile(r"[^\w\s.,;:)\]}>'\"…-]")


def _cleaned(value: str) -> str:
    return value.strip(".,;:!?()[]{}<>\"'` ")


def _is_given(value: str) -> bool:
    """What follows a colon or an equals sign is the password, unless it is a word for one or a place for one."""
    word = _cleaned(value).lower()
    hidden = set(word) <= set("*x•.-_#")
    placed = (
        value.lower()
        .lstrip(_QUOTE)
        .startswith(("${", "$(", "{{", "os.environ", "getenv", "<", "process.env", "env.", "%("))
    )
    return len(word) >= 3 and not hidden and not placed and word not in _WORDS_BESIDE  # else no secret


def _is_strange(value: str) -> bool:
    """What follows with no sign between is a password only if it looks like none of the words of a sentence."""
    word = _cleaned(value)
    if not _is_given(value) or len(word) < 4:  # "v2", "24h"
        return False
    mixed = any(map(str.isdigit, word)) and any(map(str.isalpha, word))
    inner = re.search(r"[a-z][A-Z]", word) is not None
    return (
        mixed or inner or _SYMBOL.search(word) is not None or value.rstrip(".,;:)\"' ").endswith(("!", "?", "$", "#"))
    )


def _is_quoted(value: str) -> bool:
    return _is_given(value)


RECOGNIZER = PatternRecognizer(
    "password",
    (
        Pattern(
            "password",
            (
                rf"{_LABEL}[{_QUOTE}\])*>]{{0,4}}[ \t]*(?:=>|:=|->|[:=])[ \t]*(?:\r?\n[ \t]*)?[{_QUOTE}(]?"
                rf"(?P<value>[^\s{_QUOTE}<>;,&()]{{2,}}[^\s{_QUOTE}<>;,&]{{0,128}})"
            ),
            "a password, by its label",
            _is_given,
            0.9,
            _HINT,
        ),
        Pattern(
            "password",
            (
                rf"{_LABEL}(?:[ \t:=]+[a-z]{{1,14}}){{0,5}}?(?:[ \t]+|[\"'`\])]{{0,3}}[ \t]*[:=-]>?[ \t]*)[\"`]"
                rf"(?P<value>[^\"`\n]{{3,80}})[\"`]"
            ),
            "a password, quoted",
            _is_quoted,
            0.91,
            _HINT,
        ),
        Pattern(
            "password",
            (
                rf"{_LABEL}(?:[ \t:=]+[a-z]{{1,14}}){{0,5}}?(?:[ \t]+|[\"'`\])]{{0,3}}[ \t]*[:=-]>?[ \t]*)'"
                r"(?P<value>[^'\n]{3,80})'"
            ),
            "a password, quoted",
            _is_quoted,
            0.91,
            _HINT,
        ),
        Pattern(
            "password",
            (
                rf"{_LABEL}[ \t]+(?:(?:is|was|to|of|as|ist|war|lautet|est|es|era|now|still|set"
                rf"|changed|reset|with|like|are)[ \t:]+){{0,3}}"
                rf"(?P<value>[^\s{_QUOTE}<>]{{4,128}})"
            ),
            "a password behind its word",
            _is_strange,
            0.88,
            _HINT,
        ),
        Pattern(
            "password",
            rf"{_LABEL}(?:[ \t]+[\pL']{{1,14}}){{1,5}}?[ \t]+(?:is|was|ist|war|lautet|est|était|es|era)[ \t:]+"
            rf"(?P<value>[^\s{_QUOTE}<>]{{4,128}})",
            "a password, by a label further off",
            _is_strange,
            0.86,
            _HINT,
        ),
        Pattern(
            "password",
            rf"{_LABEL}(?:[ \t]+[a-z]{{1,14}}){{1,5}}[ \t]*[:=][ \t]*(?P<value>[^\s{_QUOTE}<>]{{4,128}})",
            "a password, by a label further off",
            _is_strange,
            0.87,
            _HINT,
        ),
        Pattern(
            "password",
            rf"{_LABEL}(?:[ \t]+[a-z]{{1,14}}){{0,5}}[ \t]*[(\[](?P<value>[^\s()\[\]{_QUOTE}<>]{{4,128}})[)\]]",
            "a password in brackets",
            _is_strange,
            0.88,
            _HINT,
        ),
        Pattern(
            "password",
            r"(?i)\bcredentials?[ \t:]+[^\s/|:]{1,64} ?[/|:] ?(?P<value>[^\s/|,;\"'<>]{4,64})",
            "a word beside a login",
            _is_strange,
            0.8,
            _HINT,
        ),
        Pattern(
            "password",
            r"(?i)\b[a-z][a-z0-9+.-]{1,20}://[^\s:/@\"'<>]{0,128}:(?P<value>[^\s/\"'<>]{1,256})@[a-z0-9.\[-]",
            "a password in an address",
            score=0.97,
            hint=r"://[^\s/@]*:",
        ),
        Pattern(
            "password",
            (
                rf"(?i)(?:\b|_)(?:{_PIN})(?: (?:for|of|to)(?: [a-z]{{1,12}}){{1,3}}?)?"
                rf"[\"'\])]{{0,3}}[ \t]*(?:(?:is|was|ist|est|es|lautet"
                rf"|number|[:=#])[ \t]*){{0,2}}[\"'(]?(?P<value>\d{{3}}[ -]\d{{3}}|[A-Z]?-?\d{{3,10}})\b"
            ),
            "a code to get in, by its label",
            score=0.85,
            hint=hint((_PIN,)),
        ),
        Pattern(
            "password",
            r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+(?: ?[/|;,:] ?| - )(?P<value>[^\s/|,;:@\"'<>]{5,64})",
            "a word beside the address of a login",
            _is_strange,
            0.8,
            hint=r"@[\w-]+\.[\w.-]+ ?[/|;,:-]",
        ),
        Pattern(
            "password",
            r"(?:^|[\s\"'`])-(?:p|-password|-pass|-passwd|-pw)(?:[= ]|\b)(?P<value>[^\s\"'`-][^\s\"'`]{5,63})",
            "a password on a command line",
            _is_strange,
            0.85,
        ),
        Pattern(
            "password",
            r"(?i)\bcurl\b[^\n]{0,200}? (?:-u|--user)[ =]?[\"']?[^\s:\"']{1,64}:(?P<value>[^\s\"']{1,128})",
            "a password on a command line",
            score=0.9,
            hint=r"(?i)\bcurl\b",
        ),
        Pattern(
            "password",
            (
                r"\$2[abxy]\$\d\d\$[./A-Za-z0-9]{53}|\$argon2(?:id|i|d)\$[^\s\"']{20,200}|\$[156]\$[./A-Za-z0-9]{1,16}\$[./A-Za-z0-9]{22,86}"
                r"|\bpbkdf2_sha256\$\d+\$[^\s\"']{10,200}"
            ),
            "a password, hashed",
            score=0.95,
            hint=r"\$",
        ),
    ),
)
