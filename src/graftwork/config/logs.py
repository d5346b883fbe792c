"""What must not reach a log: secrets of sign-in links, which stand in paths that Django logs, and of connectors."""

import logging
import re

from graftwork.systems.secret import scrub

_LINK = re.compile(r"(/sign-in/)[^\s?]+")


class HideSecrets(logging.Formatter):
    """Cleans the finished line, with its traceback: an exception of a driver may quote how it was called."""

    def format(self, record: logging.LogRecord) -> str:
        return scrub(_LINK.sub(r"\1...", super().format(record)))
