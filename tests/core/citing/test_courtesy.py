"""Courtesy states nothing; a promise in its clothes does."""

import pytest

from graftwork.core.citing.checking import check_claims


def supports(text: str, exempt: tuple[str, ...] = ()) -> list[str]:
    return [claim.support for claim in check_claims(text, (), exempt=exempt).claims]


@pytest.mark.parametrize(
    ("courtesy", "promise"),
    [
        ("Kind regards,\nYour support team", "Kind regards,\nWe refund you in full."),
        ("Kind regards,\nThe customer service team", "Kind regards,\nYou may always work abroad."),
        ("Our team will get back to you shortly.", "Our team will refund the full price and send you a new device."),
        ("A colleague will check and reply.", "A colleague will check and refund the full price to you."),
        ("A colleague will look into this and get back to you.", "Contact the works council before travelling."),
        ("Our agents will contact you.", "Our agents will replace every lamp."),
        ("I hope this helps, and have a nice day.", "I hope this helps, and note that work abroad is always allowed."),
        ("Thank you for asking, and for your patience.", "Thank you for asking, managers approve all remote work."),
        ("Thank you for your message and your interest.", "Thank you for your message: returns are always free."),
        ("If you have any questions, please contact us.", "If you have any questions, we refund the full price."),
        ("Please let us know, we are happy to help.", "Please let us know; broken lamps are always replaced."),
        ("Sorry for the delay and the inconvenience.", "Sorry for the delay \u2013 the parcel travels without charge."),
        ("Unser Team meldet sich bei Ihnen.", "Unser Team erstattet Ihnen den vollen Preis."),
        ("Vielen Dank für Ihre Nachricht und bis bald.", "Vielen Dank, und Rücksendungen bleiben immer kostenlos."),
    ],
)
def test_courtesy_states_nothing_and_a_promise_in_its_place_does(courtesy, promise):
    assert set(supports(courtesy)) == {"states_nothing"}
    assert supports(promise)[-1] == "unsupported"


def test_an_exempt_beginning_frees_its_own_clause_only():
    exempt = ("The shop wishes",)
    assert supports("The shop wishes you a sunny week.", exempt) == ["states_nothing"]
    assert supports("The shop wishes you a sunny week, and lamps stay free of charge.", exempt) == ["unsupported"]
