"""No log holds the secret of a sign-in link."""

import logging

import pytest

from graftwork.config.logs import HideSecrets


@pytest.mark.parametrize(
    ("template", "arguments", "shown"),
    [
        ("Forbidden (%s): %s", ("no cookie", "/sign-in/S3cret-x_y"), "Forbidden (no cookie): /sign-in/..."),
        ("Not Found: /sign-in/S3cret?next=/desk/", (), "Not Found: /sign-in/...?next=/desk/"),
        ("Not Found: %s", ("/desk/S3cret",), "Not Found: /desk/S3cret"),
        ("Forbidden: %s", ("/sign-in",), "Forbidden: /sign-in"),
    ],
)
def test_the_secret_of_a_link_is_left_out_and_other_paths_stay(template, arguments, shown):
    record = logging.LogRecord("django.request", logging.WARNING, "", 0, template, arguments, None)
    assert HideSecrets().filter(record)
    assert record.getMessage() == shown
