"""Slowing down whoever guesses passwords.

Failures are counted in Django's cache, which by default lives in each web process: with N processes a guesser gets N
times the tries, and a restart forgets them. With scrypt and passwords of 12 characters that is enough, and a shared
cache (`CACHES`) makes the count one. django-axes was rejected: it writes names and addresses of people to a table of
its own on each failure, for what these lines do.

The name is counted together with the address, so that nobody can shut a colleague out by failing in their name; the
address is counted by itself, against one machine that tries many names. A sign-in link works in any case.
"""

import hashlib

from django.core.cache import cache
from django.http import HttpRequest

FAILURES_PER_NAME = 8
FAILURES_PER_ADDRESS = 60
PAUSE_SECONDS = 300


def is_paused(request: HttpRequest, username: str) -> bool:
    counted = cache.get_many([_name_key(request, username), _address_key(request)])
    by_name: int = counted.get(_name_key(request, username), 0)
    by_address: int = counted.get(_address_key(request), 0)
    return by_name >= FAILURES_PER_NAME or by_address >= FAILURES_PER_ADDRESS


def count_failure(request: HttpRequest, username: str) -> None:
    for key in (_name_key(request, username), _address_key(request)):
        if not cache.add(key, 1, PAUSE_SECONDS):
            try:
                cache.incr(key)
            except ValueError:
                cache.set(key, 1, PAUSE_SECONDS)  # it expired in between


def forget_failures(request: HttpRequest, username: str) -> None:
    cache.delete(_name_key(request, username))


def _address_key(request: HttpRequest) -> str:
    return _key("address", request.META.get("REMOTE_ADDR", ""))


def _name_key(request: HttpRequest, username: str) -> str:
    return _key("name", f"{request.META.get('REMOTE_ADDR', '')}\n{username.casefold()}")


def _key(kind: str, text: str) -> str:
    """Hashed, so that a shared cache holds no names."""
    return f"sign-in:{kind}:{hashlib.sha256(text.encode(errors='replace')).hexdigest()}"
