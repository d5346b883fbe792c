"""Names that their place or their form gives away, in any language: below a closing line, behind a degree, joined.

German joins words as it joins names, so that a surname may pass for a word: what stands below `Mit freundlichen Grüßen`
is a name all the same.
"""

from graftwork.core.privacy.patterns import Pattern, PatternRecognizer

_CLOSINGS = (
    r"(?:mit |beste |viele |liebe |schöne |herzliche |freundliche ){0,2}"
    r"(?:freundlichen |besten |vielen |lieben |herzlichen )?gr(?:ü|ue)(?:ß|ss)en?(?: aus \pL{2,20})?"
    r"|mfg|lg|vg|hochachtungsvoll|ihre?|deine?"
    r"|(?:kind(?:est)?|best|warm(?:est)?|many|with) (?:regards|wishes|thanks)|regards|sincerely(?: yours)?"
    r"|yours(?: sincerely| faithfully| truly)?|cheers|best|thanks|thank you|respectfully"
    r"|(?:bien )?cordialement|bien à (?:vous|toi)|sincères salutations|salutations|amicalement|bises|respectueusement"
    r"|(?:un |muchos |cordiales )?(?:cordial )?saludos?|atentamente|un abrazo|atte|quedo a su disposición"
    r"|cordiali saluti|distinti saluti|un saluto|met vriendelijke groet(?:en)?|groet(?:en|jes)?|hoogachtend"
    r"|(?:com os melhores )?cumprimentos|atenciosamente|abraços?"
)
_TITLE = (
    r"(?:(?:Dr|Prof|Ing|Mag|Dipl|Lic|Mr|Mrs|Ms|Herr|Frau|Sr|Sra|Mme|M|D|Dª|Dra)\.?"
    r"(?:-?[ ]?(?:med|phil|rer|nat|jur|ing|Ing|h\.c)\.)*[ ])?"
)
_NAME = r"\p{Lu}(?:[\pL'\x{2019}-]+|\.)"
_SMALL = r"(?:(?:von|van|der|den|de|la|las|los|le|du|del|dos|da|zu|zur|y|e|i|el|al|bin|ibn|ten|ter|di|d')[ ]){0,3}"
_FULL_NAME = rf"{_NAME}(?:[ ]{_SMALL}{_NAME}){{0,3}}"
# First parts of given names that are joined by a hyphen. The second may be a word: Jean-Loup, Wolf-Dietrich.
_JOINED = (
    "Jean|Marie|Anne|Pierre|Paul|Louis|Luc|Rose|Claude|Charles|Karl|Hans|Heinz|Wolf|Ernst|Ann|Eva|Klaus|Franz|Josef"
    "|Max|Peter|Mary|Sarah|Lise|Nils|Per|Jan|Kevin|Abdul|Abdel|Kim|José|Juan|Maria|María|Ana"
)

RECOGNIZER = PatternRecognizer(
    "name_forms",
    (
        Pattern(
            "person",
            rf"(?:^|\n)[ \t>]*(?i:{_CLOSINGS})[ \t]*[,.!]?[ \t]*(?:\r?\n[ \t>]*){{1,3}}{_TITLE}"
            rf"(?P<value>{_FULL_NAME})[ \t]*(?:$|[\r\n,(|])",
            "a name below a closing line",
            score=0.74,
            hint=rf"(?i)(?:^|\n)[ \t>]*(?:{_CLOSINGS})[ \t]*[,.!]?[ \t]*\r?\n",
        ),
        Pattern(
            "person",
            rf"\b(?:Dr|Prof|Dipl|Mag)\.(?:-?[ ]?(?:med|phil|rer|nat|jur|pol|oec|dent|vet|ing|Ing|h\.[ ]?c|habil|Dr)\.)"
            rf"{{1,4}}[ ](?P<value>{_FULL_NAME})",
            "a name behind a degree",
            score=0.9,
            hint=r"(?:Dr|Prof|Dipl|Mag)\.-?[ ]?\pL{1,5}\.",
        ),
        Pattern(
            "person",
            rf"\b(?P<value>(?:{_JOINED})-\p{{Lu}}\p{{Ll}}+(?:-\p{{Lu}}\p{{Ll}}+)?)(?:$|[^\pL-])",
            "given names that are joined",
            score=0.62,
        ),
        Pattern(
            "person",
            r"\b(?:M\.|Mme|Mlle|Dr|Maître|Me|Madame|Monsieur) "
            r"(?P<value>(?:\p{Lu}[\pL-]+ )?[dD]['\x{2019}]\p{Lu}[\pL-]+)",
            "a name with a French particle, behind an honorific",
            score=0.8,
            hint=r" [dD]['\x{2019}]\p{Lu}",
        ),
        Pattern(
            "person",
            r"(?:^|[ (\"])(?P<value>(?:al|el|ad|as|ash|an|ar|az|at|abd|bin|ibn|bint)-\p{Lu}[\pL'\x{2019}-]+)",
            "a name with an Arabic article",
            score=0.62,
            hint=r"(?:al|el|ad|as|ash|an|ar|az|at|abd|bin|ibn|bint)-\p{Lu}",
        ),
    ),
)
