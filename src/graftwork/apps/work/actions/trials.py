"""Threads of drafts that are made and not kept, such as those of an evaluation.

The guard keeps placeholders and rules by thread, under the thread's key. A trial has threads of its own, so that it
neither sees nor changes what is known of real ones, and leaves nothing behind.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from uuid import uuid4

from graftwork.apps.vault.actions import scope_keys
from graftwork.apps.vault.models import ScopeKey
from graftwork.apps.vault.placeholders import forget_book
from graftwork.apps.work.models import ThreadRule
from graftwork.core.privacy.book import scope_of


@contextmanager
def trial_scopes(threads: Iterable[str]) -> Iterator[dict[str, str]]:
    """A scope for each thread, with a key; its values, rules and keys are deleted afterwards.

    Where the process is killed before that, the values expire after the use case's `vault_days`, as all do.
    """
    trial = uuid4().hex
    scopes = {thread: f"trial:{trial}:{number}" for number, thread in enumerate(dict.fromkeys(threads))}
    scope_keys(scopes.values())
    try:
        yield scopes
    finally:
        for scope in scopes.values():
            forget_book(scope_of("work", scope))
        ThreadRule.objects.filter(scope_key__scope__in=scopes.values()).delete()
        ScopeKey.objects.filter(scope__in=scopes.values()).delete()
