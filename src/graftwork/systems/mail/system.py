"""A mailbox as a connected system: IMAP in, SMTP or the drafts out."""

import logging
import time
from collections.abc import Callable, Sequence

from graftwork.systems.contract import Cursor, Delivery, Pulled, Receipt, Record, Surroundings
from graftwork.systems.errors import TargetDown, TargetError, TryFailed, Unsure
from graftwork.systems.mail.automatic import Ours, Rules
from graftwork.systems.mail.file import MailConnector, MailPull, MailPush
from graftwork.systems.mail.imap import ImapSession, open_mailbox
from graftwork.systems.mail.pool import Pool
from graftwork.systems.mail.pulling import Puller, settle
from graftwork.systems.mail.reading import Reader
from graftwork.systems.mail.reply import Reply, compose
from graftwork.systems.mail.smtp import SmtpSession, open_smtp

logger = logging.getLogger(__name__)

# RFC 2177 asks for less than 29 minutes; some servers, and firewalls on the way, give up after ten.
RENEW_SECONDS = 540.0
LOOK_UP_SECONDS = 1.0


class MailSystem:
    def __init__(self, file: MailConnector, around: Surroundings) -> None:
        self._file, self._around = file, around
        self._tokens = file.oauth2.source(around.folder) if file.oauth2 else None
        kept = file.push.parallel if file.push else 1
        self._mailboxes: Pool[ImapSession] = Pool(self._open_mailbox, kept)
        self._exits: Pool[SmtpSession] = Pool(self._open_exit, kept)
        named = (file.own_address, *(a.user for a in (file.imap, file.smtp) if a), *_more_addresses(file.pull))
        self._ours = Ours(frozenset(address.lower() for address in named if "@" in address))

    def pull(self, cursor: Cursor | None, limit: int) -> Pulled:
        pull = self._file.pull
        assert pull is not None  # nobody pulls where the file has no such table
        rules = Rules(self._ours, pull.automatic == "take", frozenset(name.strip("<> ").lower() for name in pull.lists))
        keep_text = self._file.push is not None and self._file.push.quote
        reader = Reader(pull, self._ours, self._around.read_document, keep_text=keep_text)
        with self._mailboxes.session() as mailbox:
            return Puller(pull, rules, reader, self._around.stopping).pull(mailbox, cursor, limit)

    def settle(self, records: Sequence[Record]) -> None:
        pull = self._file.pull
        if pull is not None and pull.after != "nothing":
            with self._mailboxes.session() as mailbox:
                settle(mailbox, pull, records)

    def push(self, delivery: Delivery) -> Receipt:
        push = self._file.push
        assert push is not None  # nobody pushes where the file has no such table
        reply = compose(delivery, push, self._file.own_address, self._ours, self._around.clock())
        if push.mode == "draft":
            return self._save_draft(reply, push)
        return self._send(reply, push, delivery)

    def check(self) -> Sequence[str]:
        found = []
        if self._file.imap is not None:
            with self._mailboxes.session() as mailbox:
                found += self._folders(mailbox)
                waits = mailbox.can_idle()
                found.append(f"new mail is told of at once (IDLE): {'yes' if waits else 'no, it is looked for'}")
        if self._file.push and self._file.push.mode == "reply":
            with self._exits.session():
                found.append("SMTP: signed in")
        return found

    def watch(self, stopping: Callable[[], bool], on_news: Callable[[], None]) -> None:
        """Waits at the first folder (RFC 2177). Returns at once where the server cannot tell of news by itself."""
        pull = self._file.pull
        if pull is None:
            return
        with self._mailboxes.session() as mailbox:
            if not mailbox.can_idle():
                return
            mailbox.select(pull.folders[0], readonly=True)
            while not stopping():
                mailbox.begin_idle()
                renew = time.monotonic() + RENEW_SECONDS
                while not stopping() and time.monotonic() < renew:
                    if mailbox.news(LOOK_UP_SECONDS):
                        on_news()
                if mailbox.end_idle():
                    on_news()

    def close(self) -> None:
        self._mailboxes.close()
        self._exits.close()

    def _send(self, reply: Reply, push: MailPush, delivery: Delivery) -> Receipt:
        if delivery.unsure:
            if push.sent_folder and self._lies_in(push.sent_folder, reply):
                return Receipt(reply.message_id, already=True)
            raise Unsure("the mail was handed to the SMTP server and its answer did not come")
        try:
            with self._exits.session() as way_out:
                way_out.send(reply, lambda: delivery.is_late)
        except TryFailed as error:
            if error.unsure and not push.sent_folder:
                raise Unsure(error.reason) from None
            raise
        if push.copy_to_sent:
            self._copy_to_sent(reply, push)
        return Receipt(reply.message_id)

    def _copy_to_sent(self, reply: Reply, push: MailPush) -> None:
        """The mail is sent; what its copy meets cannot change that, or it would be sent again."""
        try:
            with self._mailboxes.session() as mailbox:
                mailbox.append(push.sent_folder, reply.content, b"\\Seen")
        except TargetError as error:
            logger.warning("mail.copy_to_sent %s", error.code)

    def _save_draft(self, reply: Reply, push: MailPush) -> Receipt:
        """Looked for on every try. In `sent_folder` too: a person may have sent the draft meanwhile."""
        with self._mailboxes.session() as mailbox:
            drafts = push.drafts_folder or mailbox.folder_of_role(b"\\Drafts", "Drafts")
            folders = [drafts, *([push.sent_folder] if push.sent_folder else [])]
            if any(mailbox.find(folder, reply.message_id) for folder in folders):
                return Receipt(reply.message_id, already=True)
            try:
                mailbox.append(drafts, reply.content, b"\\Draft", b"\\Seen")
            except TargetDown as error:
                raise TryFailed(error.reason, unsure=True) from None
        return Receipt(reply.message_id)

    def _lies_in(self, folder: str, reply: Reply) -> bool:
        with self._mailboxes.session() as mailbox:
            return mailbox.find(folder, reply.message_id)

    def _folders(self, mailbox: ImapSession) -> list[str]:
        pull, push = self._file.pull, self._file.push
        names = list(pull.folders) if pull else []
        if push and push.mode == "draft":
            names.append(push.drafts_folder or mailbox.folder_of_role(b"\\Drafts", "Drafts"))
        names += [name for name in (push.sent_folder if push else "", pull.move_to if pull else "") if name]
        return [f"folder {name}: {mailbox.select(name, readonly=True).mails} mails" for name in dict.fromkeys(names)]

    def _open_mailbox(self) -> ImapSession:
        assert self._file.imap is not None  # the file's check
        return open_mailbox(self._file.imap, self._tokens, self._around.folder)

    def _open_exit(self) -> SmtpSession:
        outgoing = self._file.outgoing
        assert outgoing is not None  # the file's check
        return open_smtp(outgoing, self._tokens, self._around.folder)


def _more_addresses(pull: MailPull | None) -> tuple[str, ...]:
    return pull.own_addresses if pull else ()
