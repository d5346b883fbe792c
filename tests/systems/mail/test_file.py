import subprocess
import sys
from pathlib import Path

import pytest

from graftwork.systems.errors import ConnectorError, ConnectorInvalid, ConnectorUnknownKey
from graftwork.systems.loading import load_connector
from graftwork.systems.mail.file import MailConnector

WHOLE = """
name = "support_mail"
use_case = "support_reply"
system = "mail"

[imap]
host = "imap.example.com"
user = "support@example.com"
password = "env:MAIL_PASSWORD"

[smtp]
host = "smtp.example.com"

[pull]

[push]
"""


def load(tmp_path: Path, *changes: tuple[str, str]) -> MailConnector:
    text = WHOLE
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path = tmp_path / "support_mail.toml"
    path.write_text(text)
    file = load_connector(path)
    assert isinstance(file, MailConnector)
    return file


def test_the_ports_are_those_of_the_kind_of_tls_and_the_way_out_takes_over_the_account(tmp_path: Path) -> None:
    file = load(tmp_path)
    assert file.imap is not None
    assert file.outgoing is not None
    assert (file.imap.at_port, file.outgoing.at_port) == (993, 465)
    assert (file.outgoing.user, file.outgoing.password) == ("support@example.com", "env:MAIL_PASSWORD")
    assert file.own_address == "support@example.com"
    other = load(tmp_path, ('host = "smtp.example.com"', 'host = "smtp.example.com"\ntls = "starttls"\nuser = "relay"'))
    assert other.outgoing is not None
    assert (other.outgoing.at_port, other.outgoing.user, other.outgoing.password) == (587, "relay", "")


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "10.1.2.3", "mail.internal", "mailhost"])
def test_a_server_of_our_own_network_may_be_spoken_to_in_the_clear(tmp_path: Path, host: str) -> None:
    load(tmp_path, ('host = "imap.example.com"', f'host = "{host}"\ntls = "none"'))


@pytest.mark.parametrize(
    ("old", "new", "key", "reason"),
    [
        ('host = "imap.example.com"', 'host = "imap.example.com"\ntls = "none"', "imap", "own network only"),
        ('password = "env:MAIL_PASSWORD"', "", "imap", "needs `password`"),
        ('password = "env:MAIL_PASSWORD"', 'password = "hunter2secret"', "imap.password", "where the secret lies"),
        ('password = "env:MAIL_PASSWORD"', 'auth = "xoauth2"', "(whole file)", "needs a table [oauth2]"),
        ('user = "support@example.com"', 'user = "support"', "(whole file)", "needs `push.from`"),
        ("[pull]", '[pull]\nafter = "move"', "pull", "needs `move_to`"),
        ("[pull]", '[pull]\nafter = "move"\nmove_to = "INBOX"', "pull", "a folder that is not read"),
        ("[pull]", '[pull]\nautomatic = "take"', "(whole file)", "go round in circles"),
        ("[push]", '[push]\non = ["approved", "rejected"]', "push", "can only be"),
        ("[push]", '[push]\nfrom = "Support <support@example.com>"', "push.from", "a mail address alone"),
        ("[push]", '[push]\nname = "two\\nlines"', "push.name", "must be one line"),
        ("[push]", "[push]\ncopy_to_sent = true", "push", "needs `sent_folder`"),
        ('[smtp]\nhost = "smtp.example.com"', "", "(whole file)", "needs a table [smtp]"),
    ],
)
def test_a_file_that_cannot_work_is_refused_with_the_key(
    tmp_path: Path, old: str, new: str, key: str, reason: str
) -> None:
    with pytest.raises(ConnectorInvalid) as raised:
        load(tmp_path, (old, new))
    assert raised.value.key == key
    assert reason in raised.value.reason
    assert "hunter2secret" not in str(raised.value)


def test_automatic_mail_may_be_taken_where_replies_are_drafts(tmp_path: Path) -> None:
    load(tmp_path, ("[pull]", '[pull]\nautomatic = "take"'), ("[push]", '[push]\nmode = "draft"'))


def test_a_misspelt_key_is_named_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(ConnectorUnknownKey, match="folders"):
        load(tmp_path, ("[pull]", '[pull]\nfolder = ["INBOX"]'))


def test_the_sample_of_the_docs_is_a_connector(tmp_path: Path) -> None:
    guide = (Path(__file__).parents[3] / "docs/how-to/connect-a-mailbox.md").read_text()
    samples = [part.partition("```")[0] for part in guide.split("```toml\n")[1:]]
    whole = [sample for sample in samples if "system = " in sample]
    assert whole
    for number, sample in enumerate(whole):
        name = sample.partition('name = "')[2].partition('"')[0]
        path = tmp_path / str(number) / f"{name}.toml"
        path.parent.mkdir()
        path.write_text(sample)
        try:
            load_connector(path)
        except ConnectorError as error:
            pytest.fail(error.message)


def test_reading_a_file_loads_no_library_that_talks_to_servers() -> None:
    """The web process and `graftwork --help` know of connectors, and shall start fast."""
    code = (
        "import sys, graftwork.systems.mail.system; print([m for m in ('imapclient', 'urllib3') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
