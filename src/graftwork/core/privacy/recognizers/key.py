"""Keys and tokens of known formats, private keys, bearer tokens, and what is assigned to a name such as `api_key`."""

import math
from collections import Counter

from graftwork.core.privacy.patterns import Pattern, PatternRecognizer
from graftwork.core.privacy.recognizers.labels import bounded, hint

# (who issues it, the form). Each has a mark of its own, so that no label is needed.
_FORMATS: tuple[tuple[str, str], ...] = (
    ("Amazon Web Services", r"\b(?:AKIA|ASIA|ABIA|ACCA|AGPA|AIDA|AIPA|ANPA|ANVA|APKA|AROA|ASCA)[A-Z0-9]{16}\b"),
    ("Google", r"\bAIza[0-9A-Za-z_-]{35}"),
    ("Google", r"\bGOCSPX-[A-Za-z0-9_-]{20,40}"),
    ("Google", r"\bya29\.[A-Za-z0-9_-]{20,}"),
    ("Google", r"\b\d{6,}-[a-z0-9]{32}\.apps\.googleusercontent\.com\b"),
    ("Azure", r"\b[A-Za-z0-9_~.-]{3}\dQ~[A-Za-z0-9_~.-]{31,34}"),
    ("Azure", r"(?i)\b(?:AccountKey|SharedAccessKey)=(?P<value>[A-Za-z0-9+/]{40,90}={0,2})"),
    ("Azure", r"[?&]sig=(?P<value>[A-Za-z0-9%+/]{40,80}(?:%3[dD]|=)?)"),
    ("GitHub", r"\bgh[pousr]_[A-Za-z0-9]{30,255}"),
    ("GitHub", r"\bgithub_pat_[A-Za-z0-9_]{22,255}"),
    ("GitLab", r"\bgl(?:pat|dt|rt|ft|soat|cbt|ptt|oas|agent|imt|feat|wt)-[A-Za-z0-9_.=-]{18,300}"),
    ("Slack", r"\bxox[abcdeoprs]-[A-Za-z0-9-]{10,250}"),
    ("Slack", r"\bxapp-\d-[A-Za-z0-9-]{20,200}"),
    ("Slack", r"\bhooks\.slack\.com/(?:services|workflows)/[A-Za-z0-9/_+-]{20,120}"),
    ("Discord", r"\bdiscord(?:app)?\.com/api/webhooks/\d{15,22}/[A-Za-z0-9_-]{50,90}"),
    ("Discord", r"\b[MNO][A-Za-z0-9_-]{22,27}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,45}"),
    ("Telegram", r"\b\d{8,10}:AA[A-Za-z0-9_-]{32,35}"),
    ("Stripe", r"\b(?:sk|rk|pk)_(?:live|test|prod)_[A-Za-z0-9]{10,250}"),
    ("Stripe", r"\bwhsec_[A-Za-z0-9+/=]{20,100}"),
    ("Anthropic", r"\bsk-ant-[A-Za-z0-9_-]{16,200}"),
    ("OpenAI or another provider of models", r"\bsk-(?:proj-|svcacct-|admin-|None-|or-v1-|lf-)?[A-Za-z0-9_-]{20,250}"),
    ("Hugging Face", r"\b(?:hf|api_org)_[A-Za-z0-9]{28,60}"),
    ("Groq, xAI, Perplexity, Replicate or Fireworks", r"\b(?:gsk_|xai-|pplx-|r8_|fw_)[A-Za-z0-9]{24,100}"),
    ("npm", r"\bnpm_[A-Za-z0-9]{36}"),
    ("PyPI", r"\bpypi-[A-Za-z0-9_-]{16,300}"),
    (
        "RubyGems, Docker, Crates",
        r"\b(?:rubygems_[0-9a-f]{48}|dckr_(?:pat|oat)_[A-Za-z0-9_-]{20,64}|cio[A-Za-z0-9]{32})\b",
    ),
    ("Twilio", r"\b(?:AC|SK)[0-9a-f]{32}\b"),
    ("SendGrid", r"\bSG\.[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{30,64}"),
    (
        "Mailgun, Mailchimp or Brevo",
        r"\b(?:key-[0-9a-f]{32}|[0-9a-f]{32}-us\d{1,2}|xkeysib-[0-9a-f]{64}-[A-Za-z0-9]{16})\b",
    ),
    ("Shopify", r"\bshp(?:at|ca|pa|ss|tka)_[0-9a-fA-F]{32}\b"),
    ("Square", r"\b(?:sq0(?:atp|csp|idp)-[A-Za-z0-9_-]{22,50}|EAAA[A-Za-z0-9_-]{56,64})"),
    ("Facebook", r"\bEAA[A-Za-z0-9]{60,300}"),
    ("DigitalOcean", r"\bdo[opr]_v1_[0-9a-f]{64}\b"),
    ("Databricks", r"\bdapi[0-9a-f]{32}(?:-\d)?\b"),
    (
        "Linear, Notion or Airtable",
        (
            r"\b(?:lin_api_[A-Za-z0-9]{32,48}|ntn_[A-Za-z0-9]{40,60}|secret_[A-Za-z0-9]{43}"
            r"|pat[A-Za-z0-9]{14}\.[0-9a-f]{64})\b"
        ),
    ),
    ("Atlassian", r"\bATATT3[A-Za-z0-9_=-]{50,250}"),
    ("HashiCorp", r"\b(?:hv[sbr]\.[A-Za-z0-9_-]{20,250}|[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_=-]{60,80})"),
    (
        "Grafana, New Relic, Sentry or Postman",
        (
            r"\b(?:gls?a_[A-Za-z0-9]{32}_[0-9a-f]{8}|glc_[A-Za-z0-9+/=]{32,400}|NRAK-[A-Z0-9]{27}"
            r"|sntry[su]_[A-Za-z0-9+/=_-]{40,300}|PMAK-[0-9a-f]{24}-[0-9a-f]{34})"
        ),
    ),
    (
        "Doppler, Dropbox, Figma or Fly",
        (
            r"\b(?:dp\.(?:pt|st|ct|sa)\.[A-Za-z0-9._-]{40,60}|sl\.[A-Za-z0-9_-]{130,150}"
            r"|figd_[A-Za-z0-9_-]{40,60}|fo1_[A-Za-z0-9_-]{43}|FlyV1 [A-Za-z0-9+/=_,-]{40,600})"
        ),
    ),
    (
        "Supabase, PlanetScale, Pulumi or Vercel",
        (
            r"\b(?:sbp_[0-9a-f]{40}|pscale_(?:tkn|pw|oauth)_[A-Za-z0-9_.-]{32,64}|pul-[0-9a-f]{40}"
            r"|vc[a-z]_[A-Za-z0-9]{24,64})"
        ),
    ),
    ("Alibaba or Tencent", r"\b(?:LTAI[A-Za-z0-9]{12,30}|AKID[A-Za-z0-9]{13,40})\b"),
    ("Graftwork", r"\bgw_[A-Za-z0-9_-]{24,120}"),
    ("age", r"\bAGE-SECRET-KEY-1[A-Z0-9]{58}\b"),
    (
        "a wallet",
        r"\b(?:5[HJK][1-9A-HJ-NP-Za-km-z]{49}|[KL][1-9A-HJ-NP-Za-km-z]{51}|xprv[1-9A-HJ-NP-Za-km-z]{100,112})\b",
    ),
)
_NAMES = (
    (
        r"(?:api|app|application|secret|access|private|public|encryption|encrypt|signing"
        r"|shared|master|service|account|client|consumer|session|auth|ssh|license"
        r"|subscription|storage|webhook|deploy|bot|admin|root|aws|gcp|azure|jwt|hmac"
        r"|recovery|backup|activation|product)[ _.-]?(?:secret[ _-]?)?(?:access[ _-]?)?"
        r"(?:keys?|tokens?|secrets?|codes?)"
    ),
    (
        r"apikey|secretkey|secret|token|bearer|jwt|x-api-key|authorization|credential"
        r"|private[ _-]?key|passkey|salt|nonce|cookie|sessionid|session[ _-]?id"
        r"|csrf(?:token)?|session|sid|signature|sig|api[ _-]?schl[uü]ssel|zugangsschl[uü]ssel|cl[eé] (?:api|secr[eè]te"
        r"|d'acc[eè]s)|jeton|clave (?:api|secreta|privada)"
    ),
)
MIN_LENGTH = 8
MIN_BITS = 2.5
"""Entropy per character: about 2.5 in an English word of ten letters, 3.5 to 4 in random hexadecimal."""


def _bits(value: str) -> float:
    """Shannon's entropy of the characters of `value`, in bits a character."""
    return -sum(count / len(value) * math.log2(count / len(value)) for count in Counter(value).values())


def is_random(value: str) -> bool:
    """Whether `value` looks drawn by chance: long enough, many characters, and of more than one kind."""
    if len(value) < MIN_LENGTH or _bits(value) < MIN_BITS:
        return False
    kinds = sum(any(map(test, value)) for test in (str.isdigit, str.islower, str.isupper))
    return (kinds >= 2 and any(map(str.isdigit, value))) or (len(value) >= 24 and kinds >= 2)  # too long for a word


def _is_known(value: str) -> bool:
    """A mark of letters may begin a long word joined by hyphens; a key has figures or both cases."""
    return any(map(str.isdigit, value)) or value.lower() != value


def _unglued(regex: str) -> str:
    """An underscore may stand before: `TOKEN_ghp_...`. A key of unknown length has no edge behind."""
    if "(?P<value>" in regex:
        return regex
    return bounded(regex) if regex.endswith(r"\b") else bounded(regex).removesuffix(r"(?:\b|_)")


_KNOWN = tuple(
    Pattern(
        "key", _unglued(regex), f"a key in the format of {issuer}", _is_known, 0.95 + (0.01 if "ant" in regex else 0)
    )
    for issuer, regex in _FORMATS
)

RECOGNIZER = PatternRecognizer(
    "key",
    (
        *_KNOWN,
        Pattern(
            "key",
            r"(?:\b|_)eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*){0,3}",
            "a JSON web token",
            score=0.97,
        ),
        Pattern(
            "key",
            r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----(?:[^-]|-[^-])*(?:-----END [A-Z0-9 ]{0,60}-----)?",
            "a private key",
            score=0.99,
            hint=r"-----BEGIN [A-Z0-9 ]*PRIVATE",
        ),
        Pattern(
            "key",
            (
                r"(?:\b|_)(?:ssh-(?:rsa|dss|ed25519)|ecdsa-sha2-nistp\d{3}|sk-ssh-ed25519@openssh\.com)"
                r" AAAA[0-9A-Za-z+/=]{20,}"
                r"(?: [^\s\"']+)?"
            ),
            "a public key of SSH, which names its owner",
            score=0.96,
        ),
        Pattern(
            "key",
            r"(?i)\b(?:bearer|basic|token|apikey|digest)[ :=]{1,2}[\"']?(?P<value>[A-Za-z0-9._~+/-]{12,}={0,2})",
            "a token in the head of a request",
            is_random,
            0.92,
        ),
        Pattern(
            "key",
            (
                rf"(?i)(?:\b|[_-])(?:{'|'.join(_NAMES)})[\"'`\])*>]{{0,4}}[ \t]*(?:=>|:=|->|[:=]"
                rf"|[ \t](?:is|was|ist|est|es)[ \t])[ \t]*(?:bearer |basic )?[\"'`(<]{{0,2}}"
                r"(?P<value>[A-Za-z0-9+/=_.~!@#$%^*?-]{8,}[A-Za-z0-9=_/+!@#$%^*?-])"
            ),
            "what is assigned to the name of a key",
            is_random,
            0.9,
            hint(_NAMES),
        ),
        Pattern(
            "key",
            (
                rf"(?i)(?:\b|[_-])(?:{'|'.join(_NAMES)})(?:[ \t]+[a-z]{{1,12}}){{0,3}}?[ \t:=]+[\"'`(<]{{0,2}}"
                r"(?P<value>[A-Za-z0-9+/=_.~-]{12,}[A-Za-z0-9=_/+-])"
            ),
            "what stands behind the name of a key",
            is_random,
            0.86,
            hint(_NAMES),
        ),
        Pattern(
            "key",
            r"\b(?:[0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{32}|[0-9a-f]{128})\b",
            "a long random number in hexadecimal",
            is_random,
            0.5,
        ),
    ),
)
