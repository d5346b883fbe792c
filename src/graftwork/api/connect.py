"""POST /connect/NAME: where connected systems call us. What is signed, and how, says the connector's file."""

import logging

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from graftwork.api.errors import as_response
from graftwork.apps.connectors.actions.receiving import receive_call
from graftwork.apps.store_errors import as_store_error
from graftwork.core.errors import GraftworkError, PathUnknown
from graftwork.systems.errors import CallRefused, ConnectorNotFound, TargetDown

log = logging.getLogger(__name__)

# Told to callers whose signature was not found to hold: nothing of what the file asks for.
_SAID_TO_STRANGERS = {401: "it has no signature that holds", 413: "it is too large"}


@csrf_exempt  # no browser of ours calls here, and the signature is what counts
@require_POST
def receive(request: HttpRequest, name: str) -> HttpResponse:
    """Answers 200 with the counts once everything is stored; a call that comes again changes nothing.

    Anybody may ask here, so an answer names no connector, file, variable or path; those stand in the log.
    """
    try:
        headers = {key.lower(): value for key, value in request.headers.items()}
        stored = receive_call(name, headers, request.body, timezone.now())
    except ConnectorNotFound:
        return as_response(PathUnknown())
    except CallRefused as error:
        log.warning("connector %s: %s", name, error.message)
        return _refusal(error)
    except GraftworkError as error:  # its file, its secret, its use case, or a person has stopped it
        return _unavailable(name, error)
    except Exception as error:  # noqa: BLE001 - answered as by the REST interface, without its text
        trouble = as_store_error(error)
        return _unavailable(name, trouble) if trouble else as_response(error)
    return JsonResponse({"created": stored.created, "known": stored.known, "refused": stored.refused})


def _unavailable(name: str, error: GraftworkError) -> HttpResponse:
    log.warning("connector %s takes no calls: %s: %s", name, error.code, error.message)
    return as_response(TargetDown("calls are not taken at the moment"))


def _refusal(error: CallRefused) -> HttpResponse:
    if error.answer == 404:
        return as_response(PathUnknown())
    response = as_response(CallRefused(_SAID_TO_STRANGERS.get(error.answer, error.reason)))
    response.status_code = error.answer
    return response
