"""A reviewer in a process of its own: approves whatever is ready, until it is told to end. Run with `python -c`."""

REVIEWER = """
import sys, time
from graftwork.cli.session import open_store; open_store()
from django.utils import timezone
from graftwork.apps.accounts.actions import add_user
from graftwork.apps.accounts.models import User
from graftwork.apps.accounts.queries import actor_for_user, user_by_name
from graftwork.apps.actors import operator
from graftwork.apps.work.actions.reviewing import Verdict, claim_next, decide
from django.db import OperationalError
if not User.objects.filter(username="rita").exists():
    add_user(operator(), "rita", ["reviewer"], timezone.now())
rita = actor_for_user(user_by_name("rita"))
while True:
    try:
        item = claim_next(rita, timezone.now())
        if item is None:
            time.sleep(0.3)
        else:
            decide(rita, item.pk, Verdict("approve", f"Reply to {item.external_id}"), timezone.now())
    except OperationalError:
        time.sleep(0.1)
"""
