"""What the file of a mail connector says: the mailbox (IMAP), the way out (SMTP), what comes in and what goes back."""

from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from graftwork.core.usecase_tables import Part
from graftwork.core.zones import zone_of
from graftwork.systems.file import Pull, Push, TwoWay
from graftwork.systems.mail.headers import is_address
from graftwork.systems.oauth import OAuth2
from graftwork.systems.secret import SecretPlace

Tls = Literal["implicit", "starttls", "none"]
Auth = Literal["password", "xoauth2", "oauthbearer", "none"]

# RFC 8314: 993 and 465 with TLS from the first byte. RFC 6409: 587.
_IMAP_PORTS: dict[Tls, int] = {"implicit": 993, "starttls": 143, "none": 143}
_SMTP_PORTS: dict[Tls, int] = {"implicit": 465, "starttls": 587, "none": 25}


def _check_address(address: str) -> str:
    if not is_address(address):
        raise ValueError("must be a mail address alone, such as support@example.com")
    return address


def _check_line(text: str) -> str:
    if not text.isprintable():
        raise ValueError("must be one line")
    return text


Address = Annotated[str, AfterValidator(_check_address)]
Line = Annotated[str, AfterValidator(_check_line)]


class Account(Part):
    host: str = Field(pattern=r"^[A-Za-z0-9._:-]+$", max_length=255, description="name or address of the server")
    port: int | None = Field(None, ge=1, le=65_535, description="the usual one for `tls` where it is not given")
    tls: Tls = Field("implicit", description="implicit, starttls, or none (a server of your own network only)")
    ca_file: str = Field("", description="certificates to trust instead of the machine's own; PEM, from the workspace")
    user: Line = Field("", max_length=320, description="who signs in")
    password: SecretPlace = Field("", description="place of the password, or of an app password")
    auth: Auth = Field("password", description="password, xoauth2, oauthbearer (both with [oauth2]) or none (SMTP)")
    timeout_seconds: float = Field(30.0, ge=1, le=600, description="longest wait for one answer")

    @model_validator(mode="after")
    def _is_not_read_by_others(self) -> "Account":
        host = f"[{self.host}]" if ":" in self.host else self.host
        if self.tls == "none" and zone_of(f"mail://{host}") != "local":
            raise ValueError('`tls` = "none" is for a server of your own network only; others could read the password')
        return self


class Imap(Account):
    """The mailbox."""

    @model_validator(mode="after")
    def _signs_in(self) -> "Imap":
        if self.auth == "none" or not self.user:
            raise ValueError("needs `user`, and a way to sign in")
        if self.auth == "password" and not self.password:
            raise ValueError("needs `password`, the place where it lies")
        return self

    @property
    def at_port(self) -> int:
        return self.port or _IMAP_PORTS[self.tls]


class Smtp(Account):
    """The way out. `user`, `password` and `auth` are those of [imap] where they are left out."""

    sent_answer_seconds: float = Field(
        120.0, ge=1, le=600, description="longest wait for the answer to a whole mail; after it, it may have been sent"
    )

    @property
    def at_port(self) -> int:
        return self.port or _SMTP_PORTS[self.tls]


class MailPull(Pull):
    folders: tuple[Line, ...] = Field(("INBOX",), min_length=1, max_length=50, description="folders that are read")
    watch: bool = Field(True, description="new mail in the first folder is taken at once, where the server has IDLE")
    since: date | None = Field(None, description="mail that arrived before this day is left alone")
    search: tuple[Line, ...] = Field(
        (), max_length=50, description='further IMAP search keys, each a text: ["UNFLAGGED", "TO", "help@example.com"]'
    )
    max_mail_bytes: int = Field(25_000_000, ge=10_000, le=200_000_000, description="a larger mail is only reported")
    attachments: Literal["append", "field", "names"] = Field(
        "append",
        description="their text goes behind the mail's (append), into the column attachments_text (field), or nowhere",
    )
    max_attachments: int = Field(20, ge=0, le=200, description="most that are read of one mail; the rest is named")
    max_attachment_bytes: int = Field(10_000_000, ge=1_000, le=200_000_000, description="a larger one is only named")
    max_attachment_characters: int = Field(
        50_000,
        ge=100,
        le=2_000_000,
        description="most text of all attachments of one mail; then it is cut, and says so",
    )
    automatic: Literal["skip", "take"] = Field(
        "skip", description="auto-replies, notices of machines, newsletters; bounces and our own mail never come in"
    )
    lists: tuple[Line, ...] = Field(
        (), max_length=100, description='List-Ids whose mail is from people, such as a shared group; ["*"] for all'
    )
    own_addresses: tuple[Address, ...] = Field((), max_length=100, description="further addresses of ours")
    after: Literal["nothing", "seen", "flag", "move"] = Field(
        "nothing", description="what is done with a mail that is stored here"
    )
    flag: str = Field("Graftwork", pattern=r"^[A-Za-z0-9_$-]{1,60}$", description="the keyword set by `after` = flag")
    move_to: Line = Field("", max_length=200, description="the folder for `after` = move")

    @model_validator(mode="after")
    def _has_a_folder_to_move_to(self) -> "MailPull":
        if self.after == "move" and (not self.move_to or self.move_to in self.folders):
            raise ValueError('`after` = "move" needs `move_to`, a folder that is not read')
        return self


class MailPush(Push):
    mode: Literal["reply", "draft"] = Field("reply", description="sent at once, or saved as a draft in the mailbox")
    address: Address | None = Field(None, alias="from", description="our address; the user of [imap] where left out")
    name: Line = Field("", max_length=100, description="our name beside the address")
    cc: Literal["none", "all"] = Field("none", description="whether the other addressees of the mail get a copy")
    reply_to: Literal["follow", "ignore"] = Field("follow", description="whether the mail's Reply-To is followed")
    max_recipients: int = Field(10, ge=1, le=100, description="a reply to more is refused")
    subject_prefix: Line = Field("Re: ", max_length=20, description="put before a subject that does not begin with it")
    signature: str = Field("", max_length=5_000, description="put under each reply, after a line of `-- `")
    quote: bool = Field(False, description="whether the mail is quoted under the reply")
    quote_intro: Line = Field("{from}, {date}:", max_length=200, description="the line above what is quoted")
    drafts_folder: Line = Field("", max_length=200, description="found by its role (RFC 6154) where left out")
    sent_folder: Line = Field(
        "", max_length=200, description="looked into where a mail may have been sent; needs [imap]"
    )
    copy_to_sent: bool = Field(
        False, description="whether a copy is put into `sent_folder`; many providers do so themselves"
    )

    @model_validator(mode="after")
    def _sends_only_what_was_approved(self) -> "MailPush":
        if self.on != ("approved",):
            raise ValueError('`on` can only be ["approved"]: of other decisions there is no text to send')
        if self.copy_to_sent and not self.sent_folder:
            raise ValueError("`copy_to_sent` needs `sent_folder`")
        return self


class MailConnector(TwoWay):
    """A mailbox: its mail becomes items, and approved texts become replies in the same thread."""

    imap: Imap | None = None
    smtp: Smtp | None = None
    oauth2: OAuth2 | None = None
    pull: MailPull | None = None
    push: MailPush | None = None

    @model_validator(mode="after")
    def _has_the_servers_it_needs(self) -> "MailConnector":
        push = self.push
        if self.imap is None and (self.pull or (push and (push.mode == "draft" or push.sent_folder))):
            raise ValueError("needs a table [imap]")
        if push and push.mode == "reply" and self.smtp is None:
            raise ValueError("needs a table [smtp] to send replies; or push.mode = draft")
        if push and not is_address(self.own_address):
            raise ValueError("needs `push.from`, our address, where the user of [imap] is none")
        if push and push.mode == "reply" and self.pull and self.pull.automatic == "take":
            raise ValueError("answers to automatic mail would go round in circles: take it with push.mode = draft only")
        accounts = (self.imap, self.outgoing)
        if self.oauth2 is None and any(a and a.auth in ("xoauth2", "oauthbearer") for a in accounts):
            raise ValueError("needs a table [oauth2] for this `auth`")
        return self

    @property
    def own_address(self) -> str:
        if self.push and self.push.address:
            return self.push.address
        account = self.imap or self.smtp
        return account.user if account else ""

    @property
    def outgoing(self) -> Smtp | None:
        """[smtp] with what it takes over from [imap]."""
        if self.smtp is None or self.imap is None or self.smtp.user or self.smtp.auth == "none":
            return self.smtp
        names = ("user", "password", "auth")
        return self.smtp.model_copy(update={name: getattr(self.imap, name) for name in names})
