"""Draft the rows of a file once, through Graftwork or on the bare engine, and print tokens and seconds as JSON.

`graftwork`: `graftwork run` from the moment the model is loaded, store and files included. `bare`: the binding's own
call from as many threads as there are slots, nothing stored. `cold`: the same without copying the prefix to the slots.
`noreuse`: the same without any prefix cache.
"""

import json
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from graftwork.config.setup import create_workspace
from graftwork.config.workspace import find_workspace

USE_CASE = "support_reply"


def main() -> None:
    kind, rows, model = sys.argv[1], Path(sys.argv[2]), sys.argv[3] or None
    folder = find_workspace()
    assert folder is not None
    create_workspace(folder)
    from graftwork.cli.session import open_store

    open_store()
    from graftwork.apps.work.usecases import get_usecase, pinned

    use_case = get_usecase(USE_CASE)
    if model:
        use_case = pinned(use_case.with_engine(model=model, model_sha256=None))
    print(
        json.dumps(_through_graftwork(use_case, rows, folder) if kind == "graftwork" else _bare(use_case, rows, kind))
    )
    sys.stdout.flush()
    os._exit(0)


def _through_graftwork(use_case: Any, rows: Path, folder: Path) -> dict[str, Any]:
    from graftwork.apps.jobs.process import become
    from graftwork.apps.work.drafter import Drafter
    from graftwork.apps.work.engines import close_engines, engine_for, engine_thread
    from graftwork.apps.work.running import Run, RunRequest, process_name

    output = folder / "out.jsonl"
    drafter = Drafter(use_case, engine_for(use_case), engine_thread())
    request = RunRequest(use_case, rows, output)
    run = Run(
        request,
        drafter,
        become(process_name(output)),
        lease_seconds=60,
        batch_items=128,
        on_progress=lambda _: None,
    )
    run.run()
    close_engines()
    return {"tokens": run.tokens, "seconds": run.seconds}


def _bare(use_case: Any, rows: Path, kind: str) -> dict[str, Any]:
    from graftwork.core import flow
    from graftwork.core.engines.catalog import load_catalog, models_folder
    from graftwork.core.engines.pull import locate
    from graftwork.core.items import read_row

    os.environ["GOMP_SPINCOUNT"] = "1000"  # as the product sets it: libgomp reads it when the binding is loaded
    from graftwork.core.engines.server_process import ServerParameters, serve

    slots_folder = Path(os.environ["GRAFTWORK_WORKSPACE"]) / "slots"
    slots_folder.mkdir()
    entry = load_catalog(None).get(use_case.engine.model)
    server = serve(
        ServerParameters(
            model_path=str(locate(entry, models_folder())),
            model_name=entry.name,
            slots=use_case.engine.slots,
            context_tokens_per_slot=4096,
            threads=0,
            port=0,
            api_key="bench",
            slots_folder=str(slots_folder),
        )
    )
    contents = [
        read_row(use_case, json.loads(line), line=number).content
        for number, line in enumerate(rows.read_text(encoding="utf-8").splitlines(), 1)
    ]
    bodies = [_body(flow.request_for(use_case, content), reuse=kind != "noreuse") for content in contents]
    started = time.perf_counter()
    if kind == "bare":
        _spread_prefix(server.listening_address, bodies[0], use_case.engine.slots)
    with ThreadPoolExecutor(use_case.engine.slots) as pool:
        answers = list(pool.map(server.handle_chat_completions, bodies))
    seconds = time.perf_counter() - started
    answers = [json.loads(answer) if isinstance(answer, str | bytes) else answer for answer in answers]
    return {
        "tokens": sum(answer["usage"]["completion_tokens"] for answer in answers),
        "seconds": seconds,
        "prompt_tokens": sum(answer["usage"]["prompt_tokens"] for answer in answers),
        "cached_tokens": sum(answer["timings"].get("cache_n", 0) for answer in answers),
    }


def _body(request: Any, *, reuse: bool) -> dict[str, Any]:
    return {
        "messages": [{"role": message.role, "content": message.content} for message in request.messages],
        "max_tokens": request.max_tokens,
        "temperature": request.sampling.temperature,
        "top_p": request.sampling.top_p,
        "seed": request.sampling.seed,
        "cache_prompt": reuse,
    }


def _spread_prefix(address: str, body: dict[str, Any], slots: int) -> None:
    """What `EmbeddedEngine.prepare` does, with nothing of ours around it."""
    import urllib.request

    def post(path: str, content: dict[str, Any]) -> None:
        headers = {"Content-Type": "application/json", "Authorization": "Bearer bench"}
        request = urllib.request.Request(f"{address}{path}", json.dumps(content).encode(), headers)
        with urllib.request.urlopen(request, timeout=300) as response:
            response.read()

    system = body["messages"][0]
    first = {**body, "messages": [system, {"role": "user", "content": "<item>"}], "max_tokens": 1, "id_slot": 0}
    post("/v1/chat/completions", first)
    post("/slots/0?action=save", {"filename": "prefix.bin"})
    for slot in range(1, slots):
        post(f"/slots/{slot}?action=restore", {"filename": "prefix.bin"})


if __name__ == "__main__":
    main()
