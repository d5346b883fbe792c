"""A system that breaks at random, before and after it has written: each delivery arrives once."""

import random
import time
from collections import Counter
from pathlib import Path

import pytest

from graftwork.systems.errors import TargetDenied, TargetDown, TryFailed
from support.httpfake import Asked, HttpFake, Reply
from support.httpsystem import PUSH, opened
from support.systems import delivery

FILE = (
    PUSH
    + """
[push.requests.find]
path = "/tickets/{origin.key}/notes"
items = "notes"
mark = "mark"
[[push.requests]]
method = "PUT"
path = "/tickets/{origin.key}"
body = { status = "pending" }
"""
)


@pytest.mark.parametrize("seed", range(3))
def test_each_delivery_arrives_once_whatever_breaks(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    notes: list[dict[str, str]] = []

    def write(asked: Asked) -> Reply:
        when = chance.random()
        if when < 0.3:
            return Reply({}, chance.choice([429, 500, 502, 503]), fault=chance.choice(["", "close"]))
        notes.append(asked.json)
        return Reply({"id": len(notes)}, 201, fault=chance.choice(["", "", "close", "half", "half_chunked"]))

    def mostly(reply: Reply) -> Reply:
        return reply if chance.random() < 0.6 else Reply({}, chance.choice([403, 429, 500, 503]))

    with HttpFake() as fake:
        fake.on("POST", "/tickets/17/notes", write)
        fake.on("GET", "/tickets/17/notes", lambda asked: mostly(Reply({"notes": list(notes)})))
        fake.on("PUT", "/tickets/17", lambda asked: mostly(Reply({})))
        system = opened(fake, tmp_path, FILE)
        for number in range(50):
            unsure = False
            for tries in range(1, 200):  # as the outbox does, without its waits
                try:
                    system.push(delivery(key=f"gw-{number:04}", origin={"key": "17"}, unsure=unsure, tries=tries))
                    break
                except TryFailed as failed:
                    unsure = unsure or failed.unsure
                except (TargetDown, TargetDenied):
                    continue
            else:
                pytest.fail("it never arrived")
        system.close()

    assert Counter(note["mark"] for note in notes) == {f"gw-{number:04}": 1 for number in range(50)}


def test_a_process_that_slept_through_its_lease_writes_nothing(tmp_path: Path) -> None:
    with HttpFake() as fake:
        written: list[Asked] = []
        fake.on("POST", "/tickets/17/notes", lambda asked: (written.append(asked), Reply({"id": 1}, 201))[1])
        fake.on("GET", "/tickets/17/notes", lambda asked: Reply({"notes": []}))
        fake.on("PUT", "/tickets/17", lambda asked: Reply({}))
        system = opened(fake, tmp_path, FILE)
        with pytest.raises(TryFailed) as late:
            system.push(delivery(key="gw-1", origin={"key": "17"}, late_after=time.monotonic() - 1))
        assert (late.value.unsure, written) == (False, [])
        system.push(delivery(key="gw-1", origin={"key": "17"}, late_after=time.monotonic() + 60))
        assert len(written) == 1
        system.close()
