"""What must not reach a log: the secret of a sign-in link stands in a path, and Django logs paths that it refuses."""

import logging
import re

_LINK = re.compile(r"(/sign-in/)[^\s?]+")


class HideSecrets(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        text = record.getMessage()
        if "/sign-in/" in text:
            record.msg, record.args = _LINK.sub(r"\1...", text), ()
        return True
