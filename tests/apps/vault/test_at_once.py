"""Several at the same moment, on a real database file: no key is lost, no scope gets two, the audit chain stays one."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from support.product import Product

pytestmark = pytest.mark.slow

PROCESSES = 3

WAIT = "import json, sys, time\nfrom graftwork.cli.session import open_store; open_store()\n"
GO = "while time.time() < float(sys.argv[1]): pass\n"


def at_once(product: Product, imports: str, code: str) -> list[str]:
    """What each of some processes prints, which all begin `code` at the same moment."""
    start = str(time.time() + 2.5)
    running = [
        subprocess.Popen(
            [sys.executable, "-c", f"{WAIT}{imports}\nnumber = {number}\n{GO}{code}", start],
            env=product.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for number in range(PROCESSES)
    ]  # fmt: skip
    printed = []
    for process in running:
        out, err = process.communicate(timeout=60)
        assert process.returncode == 0, err
        printed.append(out.strip())
    return printed


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Product:
    product = Product(tmp_path_factory.mktemp("at-once"))
    product.call("keys", "list")  # makes the database
    return product


def test_processes_that_make_one_scope_key_at_once_agree_on_it(product):
    made = at_once(
        product,
        "from graftwork.apps.keyring import keyring\n"
        "from graftwork.apps.vault.actions import scope_keys\n"
        "from graftwork.apps.vault.sealing import unwrap_raw\n",
        "for n in range(20):\n"
        "    [key] = scope_keys([f'n:{n}']).values()\n"
        "    print(key.pk, unwrap_raw(key, keyring()).hex())\n",
    )
    assert len(set(made)) == 1
    assert len(set(made[0].splitlines())) == 20


def test_rotations_at_once_lose_no_key(product):
    rows = "".join(json.dumps({"id": f"r-{n}", "text": f"note {n}"}) + "\n" for n in range(30))
    (product.folder / "rows.jsonl").write_text(rows, encoding="utf-8")
    product.add_usecase(
        "note_reply",
        'name = "note_reply"\ntitle = "N"\n[input.fields.text]\n[instructions]\nsystem = "A."\n[engine]\necho = true\n',
    )
    folder = str(product.folder)
    product.call("run", "note_reply", "--input", f"{folder}/rows.jsonl", "--output", f"{folder}/out.jsonl")
    keys = Path(folder) / "data" / "keys.json"
    before = set(json.loads(keys.read_text(encoding="utf-8"))["master_keys"])
    at_once(
        product,
        "from graftwork.apps.actors import operator\nfrom graftwork.apps.vault.actions import rotate\n",
        "rotate(operator())\nrotate(operator())\n",
    )
    after = json.loads(keys.read_text(encoding="utf-8"))
    assert len(set(after["master_keys"]) - before) == PROCESSES * 2
    shown = product.python(
        "from graftwork.apps.work.models import Item\nfrom graftwork.apps.work.queries import item_content\n"
        "from graftwork.apps.vault.queries import scopes_by_master_key\n"
        "items = Item.objects.select_related('scope_key').order_by('pk')\n"
        "texts = [item_content(item).fields['text'] for item in items]\n"
        "import json; print(json.dumps([texts, list(scopes_by_master_key())]))"
    )
    assert json.loads(shown) == [[f"note {n}" for n in range(30)], [after["active"]]]


def test_writers_of_the_audit_log_stand_in_one_line(product):
    at_once(
        product,
        "from django.db import transaction\nfrom django.utils import timezone\n"
        "from graftwork.apps.audit.actions import record\nfrom graftwork.apps.audit.chain import Event\n",
        "for n in range(20):\n"
        "    with transaction.atomic():\n"
        "        record(f'w{number}', [Event('x.done', f'x:{n}', {})] * 2, timezone.now())\n",
    )
    shown = product.python(
        "from graftwork.apps.audit.models import AuditEntry\nfrom graftwork.apps.audit.queries import verify\n"
        "verify()\nimport json\n"
        "rows = AuditEntry.objects.filter(action='x.done').order_by('sequence').values_list('actor', 'subject')\n"
        "print(json.dumps(list(rows)))"
    )
    written = json.loads(shown)
    assert len(written) == PROCESSES * 40
    for number in range(PROCESSES):
        assert [subject for actor, subject in written if actor == f"w{number}"] == [
            f"x:{n}" for n in range(20) for _ in range(2)
        ]
