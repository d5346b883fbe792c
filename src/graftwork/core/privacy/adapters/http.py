"""Any detector behind a URL: Presidio's analyzer service, or one of the company's that speaks the same way.

Asked: `POST URL` with `{"text": …, "language": …}`. Answered: a list of `{"start", "end", "entity_type", "score"}`,
offsets in characters. The text goes there as it is, so the detector belongs in the company's own network.
"""

import http.client
import json
import urllib.request
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from graftwork.core.errors import DetectorFailed
from graftwork.core.privacy.adapters.labels import checked
from graftwork.core.privacy.finding import Finding
from graftwork.core.privacy.text import Text

LIMIT_BYTES = 16 << 20


class HttpDetector:
    """Asks once and waits at most `timeout_seconds`; anything but a proper answer raises `DetectorFailed`."""

    def __init__(
        self,
        url: str,
        *,
        name: str = "http",
        language: str = "en",
        threshold: float = 0.0,
        timeout_seconds: float = 2.0,
    ) -> None:
        if urlsplit(url).scheme not in ("http", "https"):
            raise DetectorFailed(name, "its URL is neither http nor https")
        self.name = name
        self._url = url
        self._language = language
        self._threshold = threshold
        self._timeout_seconds = timeout_seconds

    def find(self, text: Text) -> Iterator[Finding]:
        answer = self._ask(text.normal)
        try:
            found = [(one["start"], one["end"], one["entity_type"], float(one.get("score", 0.5))) for one in answer]
        except (TypeError, KeyError, ValueError, AttributeError):
            raise DetectorFailed(self.name, "its answer is no list of findings") from None
        findings = list(checked(found, text, self.name, "the company's detector recognised it"))
        return (one for one in findings if one.score >= self._threshold)

    def _ask(self, text: str) -> Any:
        body = json.dumps({"text": text, "language": self._language}).encode()
        request = urllib.request.Request(  # noqa: S310 - the scheme is checked above
            self._url, body, {"Content-Type": "application/json"}, method="POST"
        )
        try:
            with _direct.open(request, timeout=self._timeout_seconds) as response:
                return json.loads(response.read(LIMIT_BYTES))
        except (OSError, http.client.HTTPException) as error:
            raise DetectorFailed(self.name, type(error).__name__) from None
        except ValueError:
            raise DetectorFailed(self.name, "its answer is not JSON") from None


class _RefuseRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        """None: a redirect could carry the text out of the network that the URL was checked for."""


# No proxy either, whatever the environment says: it might stand elsewhere.
_direct = urllib.request.build_opener(_RefuseRedirects, urllib.request.ProxyHandler({}))
