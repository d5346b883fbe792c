"""Fill a store with drafted items through the product's own actions, sign a reviewer in, print what a client needs."""

import json
import sys
from pathlib import Path

from benchmarks.parts.drain_echo import USE_CASE, drain_all, store
from graftwork.config.setup import create_workspace
from graftwork.config.workspace import find_workspace


def main() -> None:
    items = int(sys.argv[1])
    folder = find_workspace()
    assert folder is not None
    create_workspace(folder)
    Path(folder / "usecases" / "bench_reply.toml").write_text(USE_CASE, encoding="utf-8")
    from graftwork.cli.session import open_store

    open_store()
    store(items)
    drain_all()
    from graftwork.apps.work.models import Item

    ids = Item.objects.order_by("pk").values_list("pk", flat=True)
    spread = [str(ids[position]) for position in range(0, items, max(1, items // 20))]
    print(json.dumps({"session": _session(), "spread": spread}))


def _session() -> str:
    """A signed-in session, as the sign-in page makes one."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore
    from django.utils import timezone

    from graftwork.apps.accounts.actions import add_user
    from graftwork.apps.actors import operator

    user = add_user(operator(), "bench", ["reviewer"], timezone.now())
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return str(session.session_key)


if __name__ == "__main__":
    main()
