"""The gateway beside a bare pass-through of Starlette and aiohttp, and LiteLLM where it is installed, in one run.

Each server has one core, the mock provider and the load client share the other. GRAFTWORK_BENCH_LITELLM names an
interpreter or a virtual environment that has LiteLLM's proxy; without it that row is missing.
"""

import json
import os
import secrets
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.bench import ROOT, environment, scratch_folder, table, verdict

SECONDS = float(os.environ.get("GRAFTWORK_BENCH_SECONDS", "4"))
WARM_SECONDS = 1.5
LITELLM_SECONDS = 45.0
LANES = 32
GOAL_PER_SECOND = 3_000
GOAL_SHARE = 0.7
GOAL_MASKED_PER_SECOND = 800
GOAL_IDLE_MB = 100
GOAL_FIRST_TOKEN_MS = 1.0
KINDS = ("whole", "stream", "one")
PROVIDER, BARE, OURS, LITELLM = 8801, 8802, 8803, 8804
# 500 characters with what support requests hold; every value is invented.
PROMPT = (
    "Hello, my name is Dana Whitfield and I am writing about order 00000000-B. Please send the replacement to 14 "
    "Larkspur Road, Millbrook, and call me at +44 20 7946 0018 if the courier cannot find the house. My mail is "
    "dana.whitfield@example.com; the card I paid with was 4111 1111 1111 1111. The lamp arrived with a cracked shade "
    "on Tuesday, and the second one flickers when it is switched on. I would rather have it repaired than replaced, "
    "if that is quicker, and would like to know when."
)
ENGINES = """
[plain]
url = "http://127.0.0.1:{port}/v1"
models = ["plain"]
zone = "local"

[away]
url = "http://127.0.0.1:{port}/v1"
models = ["masked"]
zone = "managed"
"""


def main() -> bool:
    """Bare and ours answer one after the other, kind by kind, so that both meet the machine in the same state."""
    with scratch_folder() as folder, _running([*_part("provider"), str(PROVIDER)], PROVIDER, core=1):
        env, key = _workspace(folder)
        bare_command = [*_part("bare"), str(BARE), f"http://127.0.0.1:{PROVIDER}/v1"]
        ours_command = [sys.executable, "-m", "graftwork", "gateway"]
        with _running(ours_command, OURS, core=0, env=env) as gateway:
            idle_mb = _rss_mb(gateway.pid)
            with _running(bare_command, BARE, core=0) as server:
                bare, ours = _measure(folder, server, gateway, key)
        litellm = _measure_litellm(folder)
    return _report(bare, ours, litellm, idle_mb)


def _measure(
    folder: Path, server: "subprocess.Popen[bytes]", gateway: "subprocess.Popen[bytes]", key: str
) -> tuple[dict[str, dict[str, Any]], dict[str, dict[str, Any]]]:
    _load(folder, server, BARE, "", "plain", "whole", WARM_SECONDS)
    for model in ("plain", "masked"):
        _load(folder, gateway, OURS, key, model, "whole", WARM_SECONDS)
    bare, ours = {}, {}
    for kind in KINDS:
        bare[kind] = _load(folder, server, BARE, "", "plain", kind)
        for model in ("plain", "masked"):
            ours[f"{model} {kind}"] = _load(folder, gateway, OURS, key, model, kind)
    return bare, ours


def _workspace(folder: Path) -> tuple[dict[str, str], str]:
    workspace = folder / "workspace"
    workspace.mkdir()
    env = environment(workspace, gateway_port=OURS, gateway_ner="false")
    _graftwork(env, "new", "bench")
    (workspace / "engines.toml").write_text(ENGINES.format(port=PROVIDER), encoding="utf-8")
    return env, _graftwork(env, "gateway", "key", "create", "bench").split()[0]


def _measure_litellm(folder: Path) -> dict[str, dict[str, Any]] | str:
    """Its figures, or why there are none."""
    program = _litellm_program(os.environ.get("GRAFTWORK_BENCH_LITELLM", ""))
    if program is None:
        return "absent"
    config = folder / "litellm.json"  # JSON is YAML
    parameters = {"model": "openai/plain", "api_base": f"http://127.0.0.1:{PROVIDER}/v1", "api_key": "x"}
    config.write_text(json.dumps({"model_list": [{"model_name": "plain", "litellm_params": parameters}]}))
    command = [str(program), "--config", str(config), "--port", str(LITELLM), "--host", "127.0.0.1"]
    key = f"sk-{secrets.token_hex(32)}"  # it does not start without
    env = {**os.environ, "LITELLM_LOCAL_MODEL_COST_MAP": "True", "NO_PROXY": "*", "LITELLM_MASTER_KEY": key}
    env.pop("PYTHONPATH", None)
    try:
        with _running(command, LITELLM, core=0, env=env, patience_seconds=LITELLM_SECONDS) as process:
            _load(folder, process, LITELLM, key, "plain", "whole", WARM_SECONDS)
            return {kind: _load(folder, process, LITELLM, key, "plain", kind) for kind in KINDS}
    except (AssertionError, OSError, subprocess.SubprocessError) as error:
        return f"did not run: {type(error).__name__}"


def _litellm_program(named: str) -> Path | None:
    """LiteLLM's proxy beside the interpreter, in the virtual environment, or at the path itself."""
    if not named:
        return None
    path = Path(named)
    if path.is_dir():
        return path / "bin" / "litellm"
    return path if path.name == "litellm" else path.parent / "litellm"


def _report(
    bare: dict[str, dict[str, Any]],
    ours: dict[str, dict[str, Any]],
    litellm: dict[str, dict[str, Any]] | str,
    idle_mb: float,
) -> bool:
    head = (
        "",
        "requests/s",
        "p50 / p99",
        "CPU each",
        "waited for the core",
        "streams/s",
        "CPU each",
        "first byte p50, one at a time",
        "failed",
    )
    rows: list[Sequence[object]] = [head]
    rows.append(_row("bare Starlette + aiohttp", bare, ""))
    rows.append(_row("gateway, nothing masked", ours, "plain "))
    rows.append(_row("gateway, masked by rules (500 characters)", ours, "masked "))
    rows.append(("LiteLLM", litellm, *[""] * 7) if isinstance(litellm, str) else _row("LiteLLM", litellm, ""))
    table(rows)
    plain = ours["plain whole"]["per_second"]
    share = plain / bare["whole"]["per_second"]
    cpu_share = bare["whole"]["cpu_us"] / ours["plain whole"]["cpu_us"]
    masked = ours["masked whole"]["per_second"]
    added_ms = ours["masked one"]["first_p50_ms"] - bare["one"]["first_p50_ms"]
    goals = [
        ("requests/s, nothing masked", f"{plain:,.0f}", f"{GOAL_PER_SECOND:,}", plain >= GOAL_PER_SECOND),
        (
            "share of the bare pass-through (by CPU time)",
            f"{share:.2f} ({cpu_share:.2f})",
            f"{GOAL_SHARE}",
            share >= GOAL_SHARE,
        ),
        ("requests/s, masked", f"{masked:,.0f}", f"{GOAL_MASKED_PER_SECOND}", masked >= GOAL_MASKED_PER_SECOND),
        ("first token: added ms, p50", f"{added_ms:.2f}", f"{GOAL_FIRST_TOKEN_MS:g}", added_ms <= GOAL_FIRST_TOKEN_MS),
        ("memory idle, MB", f"{idle_mb:.0f}", f"under {GOAL_IDLE_MB}", idle_mb < GOAL_IDLE_MB),
    ]
    print()
    table([("goal", "measured", "wanted", ""), *((*row[:3], verdict(row[3])) for row in goals)])
    failures = sum(one["failed"] for one in (*bare.values(), *ours.values()))
    return all(row[3] for row in goals) and not failures


def _row(name: str, found: dict[str, dict[str, Any]], prefix: str) -> Sequence[object]:
    whole, stream, one = (found[f"{prefix}{kind}"] for kind in ("whole", "stream", "one"))
    return (
        name,
        f"{whole['per_second']:,.0f}",
        f"{whole['p50_ms']:.1f} / {whole['p99_ms']:.1f} ms",
        f"{whole['cpu_us']:,.0f} µs",
        f"{whole['waited_share']:.0%} of the time",
        f"{stream['per_second']:,.0f}",
        f"{stream['cpu_us']:,.0f} µs",
        f"{one['first_p50_ms']:.2f} ms",
        whole["failed"] + stream["failed"] + one["failed"],
    )


def _load(
    folder: Path,
    server: "subprocess.Popen[bytes]",
    port: int,
    key: str,
    model: str,
    kind: str,
    seconds: float = SECONDS,
) -> dict[str, Any]:
    body = {
        "model": model,
        "messages": [{"role": "system", "content": "Answer kindly."}, {"role": "user", "content": PROMPT}],
        "max_tokens": 64,
        **({} if kind == "whole" else {"stream": True}),
    }
    file = folder / "body.json"
    file.write_text(json.dumps(body), encoding="utf-8")
    lanes = "1" if kind == "one" else str(LANES)
    seconds = seconds / 2 if kind == "one" else seconds
    command = [*_pinned(1), *_part("load"), f"http://127.0.0.1:{port}", key or "x", str(file), str(seconds), lanes]
    cpu, waited = _scheduled_seconds(server.pid)
    done = subprocess.run(
        command, env=_env(), cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True, timeout=seconds + 60
    )
    result: dict[str, Any] = json.loads(done.stdout)
    # What the server computed, and how long it stood ready while the core did something else: on a machine that others
    # use too, requests a second say little without.
    cpu_after, waited_after = _scheduled_seconds(server.pid)
    result["cpu_us"] = (cpu_after - cpu) / result["count"] * 1e6
    result["waited_share"] = min(1.0, (waited_after - waited) / seconds)
    return result


@contextmanager
def _running(
    command: Sequence[str], port: int, *, core: int, env: dict[str, str] | None = None, patience_seconds: float = 30
) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([*_pinned(core), *command], env=env or _env(), cwd=ROOT)
    try:
        until = time.monotonic() + patience_seconds
        while not _answers(port):
            assert process.poll() is None, f"{command} ended"
            assert time.monotonic() < until, f"{command} does not answer"
            time.sleep(0.1)
        yield process
    finally:
        process.terminate()
        process.wait(15)


def _answers(port: int) -> bool:
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=1, data=b"{}").close()
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


def _graftwork(env: dict[str, str], *arguments: str) -> str:
    return subprocess.run(
        [sys.executable, "-m", "graftwork", *arguments], env=env, cwd=env["GRAFTWORK_WORKSPACE"], check=True,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    ).stdout  # fmt: skip


def _scheduled_seconds(pid: int) -> tuple[float, float]:
    """How long all threads of a process ran, and how long they waited for a core (Linux, proc(5), schedstat)."""
    ran = waited = 0
    for file in Path(f"/proc/{pid}/task").glob("*/schedstat"):
        one = file.read_text(encoding="ascii").split()
        ran, waited = ran + int(one[0]), waited + int(one[1])
    return ran / 1e9, waited / 1e9


def _rss_mb(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise AssertionError("no VmRSS")


def _part(kind: str) -> list[str]:
    return [sys.executable, "-m", "benchmarks.parts.gateway_parts", kind]


def _pinned(core: int) -> list[str]:
    return ["taskset", "-c", str(core)] if shutil.which("taskset") and (os.cpu_count() or 1) > 1 else []


def _env() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT)}
