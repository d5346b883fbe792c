"""Addresses of network interfaces, and of phones as devices (IMEI, IMSI by their labels)."""

from stdnum import imei

from graftwork.core.privacy.patterns import Pattern, PatternRecognizer
from graftwork.core.privacy.recognizers.labels import TIGHT, bounded, digits, hint, labelled, numbered

_LABELS = (
    r"imei",
    r"imsi",
    r"iccid",
    r"udid",
    r"idfa",
    r"gaid",
    r"mac(?:[ _-]address)",
    r"(?:device|serial|hardware)[ _-]?(?:id|number|no|nr|#)",
    r"serial",
    r"seriennummer|num[eé]ro de s[eé]rie|n[uú]mero de serie",
)


def _is_mac(value: str) -> bool:
    """All the same is a mask or a broadcast, not an interface."""
    return len(set(filter(str.isalnum, value.lower()))) > 1


def _is_imei(value: str) -> bool:
    return bool(imei.is_valid(digits(value)))


RECOGNIZER = PatternRecognizer(
    "mac",
    (
        Pattern(
            "mac",
            bounded(r"(?i)\b(?:[0-9a-f]{2}:){5}(?:[0-9a-f]{2}:[0-9a-f]{2}:)?[0-9a-f]{2}\b"),
            "the address of an interface",
            _is_mac,
            0.95,
        ),
        Pattern(
            "mac", bounded(r"(?i)\b(?:[0-9a-f]{2}-){5}[0-9a-f]{2}\b"), "the address of an interface", _is_mac, 0.93
        ),
        Pattern(
            "mac",
            bounded(r"(?i)\b[0-9a-f]{4}\.[0-9a-f]{4}\.[0-9a-f]{4}\b"),
            "the address of an interface, dotted",
            _is_mac,
            0.85,
        ),
        Pattern("mac", r"\b\d{2}-\d{6}-\d{6}-\d\b", "an IMEI: its check digit is right", _is_imei, 0.96),
        Pattern("id", labelled(_LABELS, TIGHT), "the number of a device, by its label", numbered, 0.86, hint(_LABELS)),
    ),
)
