"""A child process that ends when its parent does, even when the parent is killed without a chance to say so."""

import os
import signal
import threading

VARIABLE = "GRAFTWORK_LIFELINE"
STDIN = 0


def hold() -> None:
    """Where the parent asked for it, watch the pipe that is our standard input: its end closes when the parent dies."""
    if os.environ.pop(VARIABLE, "") == "stdin":
        threading.Thread(target=_wait_for_the_end, name="lifeline", daemon=True).start()


def _wait_for_the_end() -> None:
    # Not through `sys.stdin`: a thread that waits in its lock would make the interpreter abort when it ends.
    while os.read(STDIN, 1):
        continue
    os.kill(os.getpid(), signal.SIGTERM)
