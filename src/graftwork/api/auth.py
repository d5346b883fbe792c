"""Who calls: a token in the Authorization header, and nothing else."""

from django.http import HttpRequest
from django.utils import timezone
from ninja.security import HttpBearer

from graftwork.apps.accounts.queries import actor_for_token
from graftwork.apps.actors import Actor


class Token(HttpBearer):
    """A session of the desk does not count here, so no page that a person visits can act for them."""

    def authenticate(self, request: HttpRequest, token: str) -> Actor:
        del request
        return actor_for_token(token.strip(), timezone.now())


def actor_of(request: HttpRequest) -> Actor:
    actor = getattr(request, "auth", None)
    assert isinstance(actor, Actor), "every operation that acts for somebody is behind `Token`"
    return actor
