"""The log keeps no secret that stands in a path or that a connector read."""

import logging
import sys

import pytest

from graftwork.config.logs import HideSecrets
from graftwork.systems.secret import keep_out_of_logs


def line(message: str, *args: object, exc_info: object = None) -> str:
    record = logging.LogRecord("django.request", logging.WARNING, "file.py", 1, message, args, exc_info)
    return HideSecrets().format(record)


@pytest.mark.parametrize(
    ("message", "args", "shown"),
    [
        ("Forbidden (%s): %s", ("no cookie", "/sign-in/S3cret-x_y"), "Forbidden (no cookie): /sign-in/..."),
        ("Not Found: /sign-in/S3cret?next=/desk/", (), "Not Found: /sign-in/...?next=/desk/"),
        ("Not Found: %s", ("/desk/S3cret",), "Not Found: /desk/S3cret"),
        ("Forbidden: %s", ("/sign-in",), "Forbidden: /sign-in"),
    ],
)
def test_the_secret_of_a_sign_in_link_is_not_logged(message, args, shown):
    assert line(message, *args) == shown


def test_a_secret_that_a_connector_read_is_not_logged_even_in_a_traceback():
    keep_out_of_logs("correct-horse-battery")
    try:
        raise ConnectionError("postgresql://helpdesk:correct-horse-battery@db/tickets")
    except ConnectionError:
        shown = line("no answer with %s", "correct-horse-battery", exc_info=sys.exc_info())
    assert "correct-horse" not in shown
    assert "ConnectionError" in shown
