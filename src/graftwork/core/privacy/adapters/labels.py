"""Other detectors' names for what they find, and ours."""

from collections.abc import Iterable, Iterator, Mapping

from graftwork.core.errors import DetectorFailed
from graftwork.core.privacy.finding import KINDS, Finding, Kind
from graftwork.core.privacy.text import Text

# Presidio's entities (also those of its REST service), and the plain words that GLiNER is asked for.
_OURS: Mapping[str, Kind] = {
    "person": "person", "location": "location", "gpe": "location", "organization": "organisation", "nrp": "group",
    "street_address": "address", "phone_number": "phone", "email_address": "mail", "email": "mail",
    "credit_card": "card", "iban_code": "iban", "us_bank_number": "bank", "us_ssn": "national_id",
    "us_itin": "national_id", "uk_nhs": "national_id", "uk_nino": "national_id", "es_nif": "national_id",
    "es_nie": "national_id", "it_fiscal_code": "national_id", "in_aadhaar": "national_id", "in_pan": "national_id",
    "au_tfn": "national_id", "us_passport": "passport", "passport_number": "passport", "us_driver_license": "licence",
    "medical_license": "licence", "ip_address": "ip", "mac_address": "mac", "domain_name": "url",
    "date_time": "date", "crypto": "account", "username": "handle",
}  # fmt: skip


def kind_of(label: str) -> Kind:
    """Our kind for another detector's label; `id` for one nobody has named here, so that nothing is let through."""
    name = label.lower().replace(" ", "_").removeprefix("entity_")
    return name if name in KINDS else _OURS.get(name, "id")


def checked(found: Iterable[tuple[int, int, str, float]], text: Text, detector: str, reason: str) -> Iterator[Finding]:
    """Findings from (start, end, label, score). Raises `DetectorFailed` for a span outside the text.

    A detector that answers about another text than it was asked is broken, and its silence about this one means
    nothing.
    """
    for start, end, label, score in found:
        if not 0 <= start < end <= len(text.normal):
            raise DetectorFailed(detector, "a span lies outside the text")
        yield Finding(start, end, kind_of(label), detector, reason, min(max(score, 0.0), 1.0))
