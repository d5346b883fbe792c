"""Names that people go by on line: `@name`, `u/name`, profile pages, `username: name`."""

import re

from graftwork.core.privacy.patterns import Pattern, PatternRecognizer
from graftwork.core.privacy.recognizers.labels import hint, labelled

_LABELS = (
    r"user[ _-]?names?",
    r"user[ _-]?id",
    r"userid",
    r"screen[ _-]?names?",
    r"log[ -]?in(?:[ _-]?(?:name|id))?",
    r"nick(?:[ -]?name)?",
    r"handle",
    r"gamer[ _-]?tag",
    r"skype|telegram|instagram|twitter|discord|snapchat|tiktok|whatsapp|wechat",
    r"benutzer(?:name|kennung)|anmeldename|nutzername",
    r"nom d'utilisateur|identifiant|pseudo(?:nyme)?",
    r"nombre de usuario|usuario|alias",
)
_USERS = (r"users?", r"benutzer(?:in)?", r"utilisat(?:eur|rice)", r"usuari[oa]", r"logins?", r"accounts?")
_PROFILE = (
    r"linkedin\.com/(?:in|pub)|github\.com|gitlab\.com|twitter\.com|x\.com|facebook\.com"
    r"|fb\.com|instagram\.com|tiktok\.com"
    r"|youtube\.com/(?:@|c|user|channel)|medium\.com|t\.me|reddit\.com/(?:u|user)"
    r"|pinterest\.com|threads\.net|mastodon\.social"
    r"|bsky\.app/profile|xing\.com/profile|stackoverflow\.com/users|keybase\.io|patreon\.com|soundcloud\.com|twitch\.tv"
)
# What follows the sign in code and style sheets, not in letters.
_CODE_WORDS = """
app param return returns property override staticmethod classmethod dataclass media import charset keyframes
font pytest test deprecated throws see link author since version todo interface component injectable autowired
ts
"""
_CODE = frozenset(_CODE_WORDS.split())
_NO_NAME_WORDS = """
is was are were and or not no none null true false required missing invalid incorrect field fields page form
with for from here name your their his her the a an to in on of button screen attempt attempts failed details
info credentials account password session sessions request status error errors as at by has had
"""
_NO_NAME = frozenset(_NO_NAME_WORDS.split())

_DOMAINS = frozenset({"com", "org", "net", "gov", "edu", "io", "co", "uk", "de", "fr", "es", "info", "biz"})


def _is_handle(value: str) -> bool:
    """Not a word of code, and not the domain of somebody's mail."""
    first, _, last = value[1:].lower().rpartition(".")
    return (first or last).partition(".")[0] not in _CODE and not (first and last in _DOMAINS)


def _is_name(value: str) -> bool:
    return value.lower() not in _NO_NAME and any(map(str.isalnum, value))


def _is_distinct(value: str) -> bool:
    """A name of an account rather than a word: it has a digit, an underscore or a dot inside."""
    return re.search(r"[\d_]|\w[.-]\w", value) is not None and _is_name(value)


def _is_account(value: str) -> bool:
    """`j.doe`, `jdoe23`, not `web-based`, `e.g` or `example.com`."""
    return "-" not in value and value.lower().rpartition(".")[2] not in _DOMAINS and _is_name(value)


RECOGNIZER = PatternRecognizer(
    "handle",
    (
        Pattern(
            "handle",
            r"(?:^|[^\w@./+%=&-])(?P<value>@[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,38}[A-Za-z0-9_])?)",
            "a name behind an at sign",
            _is_handle,
            0.7,
        ),
        Pattern("handle", r"(?:^|[\s(])(?P<value>/?u/[A-Za-z0-9_-]{3,20})\b", "a name of a forum", score=0.7),
        Pattern(
            "handle",
            rf"(?i)(?:https?://)?(?:[a-z]{{2,3}}\.|www\.|m\.)?(?:{_PROFILE})/@?[\w.%-]*[\w%-](?:/[\w.%-]*[\w%-])?/?",
            "a page of a profile",
            score=0.85,
            hint=rf"(?i)(?:{_PROFILE})/",
        ),
        Pattern(
            "handle",
            labelled(_LABELS, r"(?P<value>[\pL\pN_][\pL\pN_.@#+-]{1,62}[\pL\pN_])"),
            "the name of an account, by its label",
            _is_distinct,
            0.8,
            hint(_LABELS),
        ),
        Pattern(
            "handle",
            (
                rf"(?i)(?:\b|_)(?:{'|'.join(_LABELS)})[\"'`\])*>]{{0,3}}[ \t]*[:=]>?[ \t]*[\"'`(\[<]{{0,3}}"
                r"(?P<value>[\pL\pN_][\pL\pN_.@#+-]{1,62}[\pL\pN_])"
            ),
            "the name of an account, by its label",
            _is_name,
            0.8,
            hint(_LABELS),
        ),
        Pattern(
            "handle",
            rf"(?i)(?:\b|_)(?:{'|'.join(_USERS)})(?:[ \t]+|[ \t]*[:=][ \t]*)[\"'`(\[<]{{0,2}}"
            r"(?P<value>[a-z][a-z0-9]{0,20}(?:[._-][a-z0-9]{2,20}){1,3}|[a-z]{2,20}\d{1,4})\b",
            "the name of an account, by its label",
            _is_account,
            0.72,
            hint(_USERS),
        ),
        Pattern(
            "handle",
            r"(?i)\b(?:user|usr|uid|username|login)=[\"']?(?P<value>[a-z0-9][a-z0-9._-]{1,40})",
            "what is assigned to a name of an account",
            _is_name,
            0.72,
        ),
        Pattern(
            "handle",
            r"://(?P<value>[A-Za-z0-9._%-]{2,64}):[^\s/@\"']{1,200}@",
            "the name in an address with a password",
            score=0.9,
            hint=r"://[^\s/@:]{2,64}:",
        ),
        Pattern(
            "handle",
            (
                rf"(?i)(?:\b|_)(?:{'|'.join(_LABELS)})[ \t:=]*(?:(?:is|was|ist|est|es)[ \t]+)?[\"'`]"
                rf"(?P<value>[^\"'`\n@]{{2,60}})[\"'`]"
            ),
            "the name of an account, quoted",
            _is_name,
            0.8,
            hint(_LABELS),
        ),
    ),
)
