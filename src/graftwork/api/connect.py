"""POST /connect/NAME: where connected systems call us. What is signed, and how, says the connector's file."""

import logging

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from graftwork.api.errors import as_response
from graftwork.apps.connectors.actions.receiving import receive_call
from graftwork.systems.errors import CallRefused

log = logging.getLogger(__name__)


@csrf_exempt  # no browser of ours calls here, and the signature is what counts
@require_POST
def receive(request: HttpRequest, name: str) -> HttpResponse:
    """Answers 200 with the counts once everything is stored; a call that comes again changes nothing.

    A call that is refused is answered by the reason, and by nothing of what it said.
    """
    try:
        headers = {key.lower(): value for key, value in request.headers.items()}
        stored = receive_call(name, headers, request.body, timezone.now())
    except CallRefused as error:
        log.warning("connector %s: %s", name, error.message)
        response = as_response(error)
        response.status_code = error.answer
        return response
    except Exception as error:  # noqa: BLE001 - answered as by the REST interface, without its text
        return as_response(error)
    return JsonResponse({"created": stored.created, "known": stored.known, "refused": stored.refused})
