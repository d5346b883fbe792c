import pytest

from graftwork.core.typed_numbers import NotANumber, typed_number


@pytest.mark.parametrize(
    ("text", "found"),
    [("12", 12), (" 12,5 ", 12.5), ("1000.5", 1000.5), ("1,0000", 1.0), ("1\u00a0000,5", 1000.5), ("-0,25", -0.25)],
)
def test_a_point_and_a_comma_come_before_decimals(text, found):
    assert typed_number(text) == found


@pytest.mark.parametrize("text", ["1,000", "12,345,678", "-1,000", "1.000,5", "", "twelve", "inf", "nan", "9" * 41])
def test_what_may_be_two_numbers_or_none_is_refused_and_not_quoted(text):
    with pytest.raises(NotANumber) as refused:
        typed_number(text)
    assert not text or text not in str(refused.value)
