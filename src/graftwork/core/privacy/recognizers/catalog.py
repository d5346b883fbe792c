"""Every recognizer that is made of patterns."""

from graftwork.core.privacy.patterns import PatternRecognizer
from graftwork.core.privacy.recognizers import (
    account,
    age,
    bank,
    card,
    date,
    date_of_birth,
    handle,
    health_id,
    iban,
    id,  # noqa: A004 - the kind is called so
    ip,
    key,
    licence,
    mac,
    mail,
    name_forms,
    national_id,
    national_id_world,
    passport,
    password,
    phone,
    street,
    street_world,
    url,
    vehicle,
)

PATTERN_RECOGNIZERS: tuple[PatternRecognizer, ...] = tuple(
    module.RECOGNIZER
    for module in (
        account,
        age,
        bank,
        card,
        date,
        date_of_birth,
        handle,
        health_id,
        iban,
        id,
        ip,
        key,
        licence,
        mac,
        mail,
        name_forms,
        national_id,
        national_id_world,
        passport,
        password,
        phone,
        street,
        street_world,
        url,
        vehicle,
    )
)
