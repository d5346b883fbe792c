"""One request to a token server, and the signature of an assertion."""

import json
import time
from collections.abc import Mapping
from typing import Any

from graftwork.systems.errors import TargetDenied, TargetDown

CONNECT_SECONDS = 10.0
ANSWER_SECONDS = 30.0
MAX_ANSWER_BYTES = 1_000_000

# RFC 6749, section 5.2, and two that Microsoft and OpenID Connect add. Others could be anything, so they are not shown.
_KNOWN_ERRORS = frozenset(
    (
        "invalid_request",
        "invalid_client",
        "invalid_grant",
        "unauthorized_client",
        "unsupported_grant_type",
        "invalid_scope",
        "interaction_required",
        "consent_required",
    )
)


def post_form(url: str, body: bytes, headers: Mapping[str, str]) -> dict[str, Any]:
    """Raises `TargetDenied` or `TargetDown`, with a status and a code and none of the server's words."""
    # Not needed by the web process.
    import urllib3  # noqa: PLC0415

    timeout = urllib3.Timeout(connect=CONNECT_SECONDS, read=ANSWER_SECONDS)
    with urllib3.PoolManager(timeout=timeout, retries=False) as pool:
        try:
            answer = pool.request("POST", url, body=body, headers=headers, redirect=False, preload_content=False)
            content = _bounded(answer)
        except urllib3.exceptions.HTTPError as error:
            raise TargetDown(f"the token server cannot be reached ({type(error).__name__})") from None
        return _judge(answer.status, answer.headers.get("Retry-After", ""), content)


def _bounded(answer: Any) -> bytes:
    until, content = time.monotonic() + ANSWER_SECONDS, b""
    while part := answer.read1(65_536):
        content += part
        if len(content) > MAX_ANSWER_BYTES or time.monotonic() > until:
            raise TargetDown("the token server's answer has no end")
    return content


def _judge(status: int, retry_after: str, content: bytes) -> dict[str, Any]:
    if status == 429 or status >= 500:
        wait = float(retry_after) if retry_after.isascii() and retry_after.isdigit() else None
        raise TargetDown(f"the token server answered {status}", wait)
    try:
        said = json.loads(content)
    except (ValueError, RecursionError):
        said = None
    said = said if isinstance(said, dict) else {}
    if status != 200:
        error = said.get("error")
        code = f", {error}" if isinstance(error, str) and error in _KNOWN_ERRORS else ""
        raise TargetDenied(f"the token server answered {status}{code}")
    return said


def sign_rs256(pem: str, signed: bytes) -> bytes:
    # Half a megabyte of native code that only this grant needs.
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import padding, rsa  # noqa: PLC0415
    from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415
    from cryptography.hazmat.primitives.serialization import load_pem_private_key  # noqa: PLC0415

    try:
        key = load_pem_private_key(pem.encode(), None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise TargetDenied("the private key is no RSA key in PEM without a password") from None
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TargetDenied("the private key is no RSA key in PEM without a password")
    return key.sign(signed, padding.PKCS1v15(), SHA256())
