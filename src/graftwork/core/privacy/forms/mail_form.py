"""E-mail (RFC 5322, MIME): the headers that say who and what, every part that can be read, attachments by their form.

Headers that machines add on the way (Received, DKIM and the like) name hosts, addresses and people, and help nobody who
reads the mail: they are left out. An attachment that no form can mask is left out too, and a line says so.
"""

import email.encoders
import email.policy
import re
from collections.abc import Callable
from email.charset import QP, Charset
from email.header import decode_header
from email.message import Message
from email.parser import BytesParser
from email.utils import getaddresses

from graftwork.core.errors import FormBroken, FormError
from graftwork.core.privacy.forms import html_form
from graftwork.core.privacy.forms.notices import Notices
from graftwork.core.privacy.forms.rewriter import Rewriter, Rule, rewritten

ADDRESS_HEADERS = ("from", "to", "cc", "bcc", "reply-to", "sender")
ID_HEADERS = ("message-id", "in-reply-to", "references")
TEXT_HEADERS = ("subject", "comments", "keywords", "organization", "thread-topic")
KEPT_HEADERS = ("date", "mime-version", "content-transfer-encoding", "content-language", "auto-submitted", "importance")
DEEPEST = 20

_DOMAIN = "placeholder.invalid"  # RFC 2606: nobody can ever own it
_PLACEHOLDER = re.compile(r"\A\[([A-Z]+_[0-9]+)\]\Z")
_AS_ADDRESS = re.compile(rf"\A([A-Z]+_[0-9]+)@{re.escape(_DOMAIN)}\Z")
_UTF8 = Charset("utf-8")
_UTF8.body_encoding = QP  # base64 would hide from people what was masked

# Masks the bytes of a file, given its name; raises `FormError` where no form can. `files` gives it and knows them all.
MaskBytes = Callable[[str, bytes], bytes]


def rewrite(source: bytes, rewriter: Rewriter, mask_bytes: MaskBytes, notices: Notices, path: str) -> bytes:
    """The mail with its swaps, written anew. Raises `FormBroken` where it is no mail."""
    message = BytesParser(policy=email.policy.compat32).parsebytes(source)
    if not message.keys():
        raise FormBroken(path, "no e-mail: it begins without a header")
    _Mail(rewriter, mask_bytes, notices).rewrite(message, depth=0)
    return message.as_bytes(policy=email.policy.compat32.clone(max_line_length=0))


class _Mail:
    def __init__(self, rewriter: Rewriter, mask_bytes: MaskBytes, notices: Notices) -> None:
        self._rewriter, self._mask_bytes, self._notices = rewriter, mask_bytes, notices

    def rewrite(self, message: Message, depth: int) -> None:
        self._headers(message)
        message.preamble = message.epilogue = None
        if depth > DEEPEST:
            self._replace(message, "too many parts inside each other")
        elif message.get_content_type() == "message/rfc822" or message.is_multipart():
            for part in message.get_payload():
                if isinstance(part, Message):
                    self.rewrite(part, depth + 1)
        elif message.get_content_maintype() == "text" and message.get_content_disposition() != "attachment":
            self._text(message)
        else:
            self._attachment(message)

    def _headers(self, message: Message) -> None:
        headers = list(message.items())
        for name in {name.lower() for name, _ in headers}:
            del message[name]
        for name, raw in headers:
            key, value = name.lower(), _header_text(raw)
            if key in ADDRESS_HEADERS:
                message[name] = self._addresses(value)
            elif key in ID_HEADERS:
                message[name] = " ".join(f"<{self._one(_bare(one), 'id')}>" for one in value.split())
            elif key in TEXT_HEADERS:
                message[name] = _one_line(rewritten(self._rewriter, value, label=name))
            elif key in ("content-disposition", "content-type"):
                message[name] = self._parameters(value)
            elif key in KEPT_HEADERS:
                message[name] = _one_line(value)
            else:
                self._notices.add("headers removed")

    def _addresses(self, value: str) -> str:
        shown: list[str] = []
        for name, address in getaddresses([value]):
            new_name = rewritten(self._rewriter, name, "detect" if "@" in name else "person", "name") if name else ""
            new_address = self._one(address, "mail") if address else ""
            quoted = new_name.replace("\\", "").replace('"', "'")
            shown.append(f'"{quoted}" <{new_address}>' if name else new_address)
        return _one_line(", ".join(shown)) or _one_line(rewritten(self._rewriter, value))

    def _one(self, value: str, rule: Rule) -> str:
        """An address or id. Its placeholder is written so that it parses as one, and read back here."""
        new = rewritten(self._rewriter, _AS_ADDRESS.sub(r"[\1]", value), rule)
        return _PLACEHOLDER.sub(rf"\1@{_DOMAIN}", new)

    def _parameters(self, value: str) -> str:
        """File names stand here. What is not a name (charset, boundary) has no value that detection would find."""
        return _one_line(value if "name" not in value.lower() else rewritten(self._rewriter, value))

    def _text(self, message: Message) -> None:
        text = _decoded(message)
        if message.get_content_subtype() == "html":
            pieces = html_form.pieces(text, self._rewriter)
            new = "".join(piece if isinstance(piece, str) else piece.new for piece in pieces)
        else:
            new = rewritten(self._rewriter, text)
        self._set_text(message, new)

    def _attachment(self, message: Message) -> None:
        payload = message.get_payload(decode=True)
        name = message.get_filename() or f"part.{message.get_content_subtype()}"
        try:
            masked = self._mask_bytes(name, payload if isinstance(payload, bytes) else b"")
        except FormError:
            self._notices.add("attachments removed")
            self._replace(message, "it cannot be masked")
            return
        del message["content-transfer-encoding"]
        message.set_payload(masked)
        email.encoders.encode_base64(message)

    def _replace(self, message: Message, reason: str) -> None:
        del message["content-disposition"]
        del message["content-type"]
        message["Content-Type"] = "text/plain"
        self._set_text(message, f"(An attachment was left out: {reason}.)\n")

    def _set_text(self, message: Message, text: str) -> None:
        del message["content-transfer-encoding"]
        message.set_payload(text.encode("utf-8", "replace").decode("utf-8"), _UTF8)


def _header_text(raw: object) -> str:
    """The characters of a header, encoded words read (RFC 2047)."""
    shown: list[str] = []
    for part, charset in decode_header(str(raw).replace("\r", "").replace("\n", " ")):
        shown.append(part if isinstance(part, str) else _characters(part, charset))
    return "".join(shown).strip()


def _decoded(message: Message) -> str:
    payload = message.get_payload(decode=True)
    return _characters(payload if isinstance(payload, bytes) else b"", message.get_content_charset())


def _characters(raw: bytes, charset: str | None) -> str:
    for name in (charset, "utf-8", "cp1252"):
        try:
            if name:
                return raw.decode(name)
        except (LookupError, UnicodeDecodeError):
            continue
    return raw.decode("latin-1")


def _bare(one: str) -> str:
    return one.strip("<>")


def _one_line(text: str) -> str:
    return " ".join(text.split())
