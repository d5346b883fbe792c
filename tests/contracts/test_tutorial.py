"""The tutorial as a newcomer types it: its commands in their order, in an empty folder, without a network.

How a block is treated stands behind its language: `sh` runs, `sh model` runs with `--engine echo`, `sh background` runs
beside the others, `sh skip` is left out; the page tells its reader so.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from contracts.conftest import ROOT, Block, blocks
from support.product import free_port

PAGE = ROOT / "docs" / "tutorial.md"
ADDRESS = "127.0.0.1:8000"
SAYS = {
    "skip": "The test leaves this block out",
    "model": "The test adds `--engine echo`",
    "background": "(The test runs",
}
BACKGROUND = """\
{command} > up.log 2>&1 &
UP=$!
trap 'kill -TERM $UP; wait $UP || true' EXIT
for _ in $(seq 150); do curl -sf http://{address}/api/v1/health > health.json && break; sleep 0.2; done
"""


def test_the_tutorial_says_what_its_test_does_otherwise():
    text = PAGE.read_text(encoding="utf-8")
    found = list(blocks(PAGE))
    assert {block.treatment for block in found} == {"", *SAYS}
    for treatment, sentence in SAYS.items():
        assert text.count(sentence) == sum(block.treatment == treatment for block in found), treatment


@pytest.mark.slow
def test_every_command_of_the_tutorial_works(tmp_path):
    if shutil.which("bash") is None or shutil.which("curl") is None:
        pytest.skip("needs bash and curl")
    address = f"127.0.0.1:{free_port()}"
    script = "set -euo pipefail\n" + "\n".join(_script(block, address) for block in blocks(PAGE))
    done = subprocess.run(
        ["bash", "-c", script], cwd=tmp_path, env=_environment(tmp_path, address),
        capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    log = tmp_path / "graftwork-tutorial" / "up.log"
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}\n{log.read_text() if log.is_file() else ''}"
    for output in (done.stderr, log.read_text(encoding="utf-8")):
        assert "Traceback" not in output
        assert "Fatal Python error" not in output
    exported = (tmp_path / "graftwork-tutorial" / "reviews.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(exported) == 1
    assert '"decision": "edited"' in exported[0]
    assert "audit entries, unbroken" in done.stdout


def _script(block: Block, address: str) -> str:
    text = block.text.strip().replace(ADDRESS, address)
    if block.language != "sh" or block.treatment == "skip":
        return ""
    if block.treatment == "model":
        text = f"{text} --engine echo"
    if block.treatment == "background":
        text = BACKGROUND.format(command=text, address=address)
    return f"echo '--- {text.splitlines()[0][:40].replace(chr(39), '')}'\n{text}"


def _environment(home: Path, address: str) -> dict[str, str]:
    """As on a fresh machine: no settings, no models, a home of its own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GRAFTWORK_", "XDG_"))}
    return {
        **kept,
        "HOME": str(home),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "GRAFTWORK_WEB_PORT": address.rpartition(":")[2],
        "GRAFTWORK_MODELS": str(home / "models"),
    }
