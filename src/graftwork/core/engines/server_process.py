"""The child process that holds the model: `python -m graftwork.core.engines.server_process`.

It reads one JSON line from standard input, loads the model, says `{"url": ...}` on standard output, and serves until
standard input ends. The parent holds the other end, so the child ends with it, also when the parent is killed. The key
comes on standard input because everybody on the machine can read a command line.
"""

import json
import os
import select
import signal
import sys
from typing import Any, NoReturn, TypedDict

# How often to see whether the parent is gone: a fork of the parent may still hold the pipe open.
PARENT_CHECK_SECONDS = 2.0


class ServerParameters(TypedDict):
    """`port` 0 takes a free one; `threads` 0 leaves the number to llama.cpp."""

    model_path: str
    model_name: str
    slots: int
    context_tokens_per_slot: int
    threads: int
    port: int
    api_key: str
    slots_folder: str


def main() -> NoReturn:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent decides what ends when
    parent = os.getppid()
    parameters: ServerParameters = json.loads(sys.stdin.buffer.readline())
    server = serve(parameters)
    print(json.dumps({"url": server.listening_address}), flush=True)  # noqa: T201 - the parent waits for this line
    _wait_for_the_end(parent)
    # Not sys.exit: the server's threads would first finish what nobody waits for.
    os._exit(0)


def serve(parameters: ServerParameters) -> Any:
    """A running server; loading the model takes a second or more. Raises RuntimeError where it cannot start."""
    import xllamacpp  # noqa: PLC0415 - heavy, and only this process loads it

    params = xllamacpp.CommonParams()
    params.model.path = parameters["model_path"]
    params.model_alias = {parameters["model_name"]}
    params.api_keys = [parameters["api_key"]]
    params.hostnames = ["127.0.0.1"]
    params.port = parameters["port"]
    # The context is divided among the slots.
    params.n_parallel = parameters["slots"]
    params.n_ctx = parameters["slots"] * parameters["context_tokens_per_slot"]
    if parameters["threads"] > 0:
        params.cpuparams.n_threads = parameters["threads"]
        params.cpuparams_batch.n_threads = parameters["threads"]
    _keep_the_prefix(params, parameters["slots_folder"])
    _shut_side_doors(params)
    params.verbosity = 2  # warnings and errors: a request's text is logged from 4 on
    return xllamacpp.Server(params)


def _keep_the_prefix(params: Any, slots_folder: str) -> None:
    """Each slot keeps its last prompt and goes on from the part that the next one shares with it.

    Through the folder a slot is copied to others (`EmbeddedEngine.prepare`).
    """
    params.endpoint_slots = True
    params.slot_save_path = slots_folder.rstrip("/") + "/"
    params.cache_prompt = True
    params.cont_batching = True
    params.kv_unified = False
    # A second cache of whole prompts in memory (8 GB by default) is for chats that come back; items do not.
    params.cache_ram_mib = 0


def _shut_side_doors(params: Any) -> None:
    params.ui = False
    params.endpoint_metrics = False
    params.endpoint_props = False
    params.cors_origins = ""


def _wait_for_the_end(parent: int) -> None:
    while os.getppid() == parent:
        readable, _, _ = select.select([sys.stdin], [], [], PARENT_CHECK_SECONDS)
        if readable and not os.read(sys.stdin.fileno(), 1024):
            return


if __name__ == "__main__":
    main()
