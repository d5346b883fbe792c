"""Orders of the house about connectors and imports: files of connectors, letters, and what a worker does."""

from datetime import UTC, datetime, timedelta
from typing import Any

FILE = """
name = "{name}"
title = "{title}"
use_case = "note_reply"
system = "python"
class = "support.scripted_system:Scripted"
settings = {{ name = "{name}" }}
[pull]
every_seconds = 60
[push]
tries = 3
"""


def add_connector(name: str, title: str = "", text: str = "") -> None:
    from django.conf import settings

    folder = settings.GRAFTWORK_WORKSPACE.connectors_folder
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.toml").write_text(text or FILE.format(name=name, title=title or name), encoding="utf-8")


def set_lane(connector: str, direction: str, **values: Any) -> None:
    """`values` of a lane; those that end with `_ago` or `_in` are seconds from now."""
    from graftwork.apps.connectors.models import Lane

    given = {}
    for name, value in values.items():
        if name.endswith("_ago"):
            given[name.removesuffix("_ago")] = _now() - timedelta(seconds=value)
        elif name.endswith("_in"):
            given[name.removesuffix("_in")] = _now() + timedelta(seconds=value)
        else:
            given[name] = value
    Lane.objects.update_or_create(connector=connector, direction=direction, defaults=given)


def add_letters(connector: str, ids: list[str], state: str, code: str, message: str) -> None:
    """A letter for each of these items; for `refused`, a record for each."""
    from graftwork.apps.connectors.models import Delivery, Refusal
    from graftwork.apps.vault.actions import scope_keys
    from graftwork.apps.work.models import Item, Review

    then = _now() - timedelta(minutes=12)
    for number, pk in enumerate(ids):
        if state == "refused":
            key = scope_keys(["connectors/test"])["connectors/test"]
            Refusal.objects.create(
                connector=connector, key_hash=f"{number:064}", scope_key=key, record_sealed=b"", error_code=code,
                error_message=message, first_seen_at=then, seen_at=_now(),
            )  # fmt: skip
            continue
        item = Item.objects.get(pk=pk)
        review = Review.objects.create(
            item=item, decision="accepted", previous_state="ready", decided_at=then, effective_at=then
        )
        Delivery.objects.create(
            item=item, review=review, connector=connector, event="approved", state=state, not_before=_now(), tries=3,
            created_at=then, error_code=code, error_message=message,
        )  # fmt: skip


def delivery_states() -> dict[str, str]:
    from graftwork.apps.connectors.models import Delivery

    return dict(Delivery.objects.values_list("item__external_id", "state"))


def import_uploads() -> None:
    """What a worker does, to the end."""
    from graftwork.apps.connectors.models import Upload
    from graftwork.apps.connectors.uploads.importing import import_in_turn
    from graftwork.apps.jobs.process import WorkerProcess

    for pk in Upload.objects.filter(state="importing").values_list("pk", flat=True):
        while import_in_turn(WorkerProcess("test"), pk):
            pass


def forget_connectors() -> None:
    from django.conf import settings

    from graftwork.apps.connectors.models import Delivery, Lane, Refusal, Upload

    for model in (Delivery, Lane, Refusal, Upload):
        model.objects.all().delete()
    for file in settings.GRAFTWORK_WORKSPACE.connectors_folder.glob("*.toml"):
        file.unlink()


def _now() -> datetime:
    return datetime.now(UTC)


ORDERS = (add_connector, set_lane, add_letters, delivery_states, import_uploads, forget_connectors)
