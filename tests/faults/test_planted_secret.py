"""A secret is planted where connectors find it, everything fails, and the secret is looked for everywhere else."""

import time
from pathlib import Path

import pytest

from support.product import Product, free_port

PLANTED = "correct-horse-battery-staple"
USE_CASE = """
name = "plant_reply"
title = "Reply"
[input.fields.text]
[instructions]
system = "Answer."
[engine]
echo = true
"""
OWN = """
class Opening:
    def __init__(self, settings, secrets, around):
        raise ValueError(f"cannot sign in with {secrets['password']}")

class Reading:
    def __init__(self, settings, secrets, around):
        self.secret = secrets["password"]
    def pull(self, cursor, limit):
        raise ValueError(f"the password {self.secret} was refused")
    check = pull
    def settle(self, records): ...
    def close(self):
        raise ValueError(self.secret)
"""
HEAD = 'name = "{name}"\nuse_case = "plant_reply"\n'
FILES = {
    "opening": 'system = "python"\nclass = "planted:Opening"\nsecrets = { password = "env:PLANTED" }\n[pull]\n',
    "reading": 'system = "python"\nclass = "planted:Reading"\nsecrets = { password = "file:planted.txt" }\n[pull]\n',
    "database": 'system = "sql"\nurl = "postgresql://127.0.0.1:{port}/crm"\nusername = "u"\npassword = "env:PLANTED"\n'
    '[pull]\ntable = "t"\nkey = "id"\nfields = {{ text = "body" }}\n',
    "mailbox": 'system = "mail"\n[imap]\nhost = "127.0.0.1"\nport = {port}\ntls = "none"\nuser = "u"\n'
    'password = "env:PLANTED"\n[pull]\n',
    "http": 'system = "http"\n[http]\nbase_url = "http://127.0.0.1:{port}"\n[http.auth]\nkind = "bearer"\n'
    'token = "env:PLANTED"\n[pull]\nrequest = {{ path = "/items" }}\nkey = "id"\nfields = {{ text = "text" }}\n',
    "written": 'system = "python"\nclass = "planted:Reading"\nsecrets = { password = "' + PLANTED + '" }\n[pull]\n',
}


@pytest.mark.slow
def test_a_planted_secret_is_found_nowhere_but_where_it_was_planted(tmp_path: Path) -> None:
    product = Product(tmp_path, worker_sweep_seconds=1, worker_poll_seconds=0.1)
    product.env |= {"PLANTED": PLANTED, "GRAFTWORK_LOG_LEVEL": "INFO"}
    product.add_usecase("plant_reply", USE_CASE)
    folder = tmp_path / "connectors"
    folder.mkdir()
    (folder / "planted.py").write_text(OWN, encoding="utf-8")
    (tmp_path / "planted.txt").write_text(PLANTED, encoding="utf-8")
    for name, text in FILES.items():
        filled = text.format(port=free_port()) if "{port}" in text else text
        (folder / f"{name}.toml").write_text(HEAD.format(name=name) + filled, encoding="utf-8")
    worker = product.start("worker", "--only", "connectors", "--name", "c")
    time.sleep(8)
    worker.terminate()
    worker.wait(30)
    told = (tmp_path / "log").read_text(encoding="utf-8")
    for command in (["doctor"], ["doctor", "--json"], ["connectors", "status"], ["connectors", "status", "--json"],
                    ["connectors", "letters"], ["audit", "verify"]):  # fmt: skip
        done = product.call(*command, check=False)
        told += done.stdout + done.stderr
    for name in FILES:
        for verb in ("check", "pull"):
            done = product.call("connectors", verb, name, check=False)
            assert done.returncode != 0, (verb, name)
            told += done.stdout + done.stderr
    assert told.count("connector.try_failed") >= 2, "nothing failed, so nothing was shown"
    assert "Traceback" not in told
    assert PLANTED not in told
    planted_here = {tmp_path / "planted.txt", folder / "written.toml"}
    for file in tmp_path.rglob("*"):
        if file.is_file() and file not in planted_here:
            assert PLANTED.encode() not in file.read_bytes(), file
