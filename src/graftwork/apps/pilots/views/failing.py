"""Pilots whose figures cannot be computed: said on the page, and noted for whoever runs the house."""

import logging

from graftwork.apps.pilots.models import Pilot

# A number beyond what a float holds, a charter that an earlier version took: of one pilot, and of no other.
FIGURES_FAIL = (ArithmeticError, ValueError)
_LOG = logging.getLogger(__name__)


def note_failure(pilot: Pilot, error: Exception) -> None:
    """The kind of the error alone: its text may hold figures."""
    _LOG.error("The figures of pilot %s cannot be computed: %s.", pilot.name, type(error).__name__)
