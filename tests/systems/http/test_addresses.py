"""Links in answers: followed on the same origin (RFC 6454), read from headers as RFC 8288 says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graftwork.systems.http.addresses import (
    AddressRefused,
    base_of,
    followed,
    next_in_link_header,
    origin_of,
    without_parameter,
)

BASE = base_of("https://desk.example.com/api/", {}, plain_http=False)
CURRENT = "https://desk.example.com/api/tickets?p=1"


@pytest.mark.parametrize(
    ("link", "address"),
    [
        ("https://desk.example.com/api/tickets?p=2", "/api/tickets?p=2"),
        ("https://DESK.example.com:443/x", "/x"),
        ("/other?q=%20", "/other?q=%20"),
        ("?p=2", "/api/tickets?p=2"),
        ("notes", "/api/notes"),
        ("https://desk.example.com", "/"),
        ("../../../x", "/x"),
    ],
)
def test_a_link_on_the_same_origin_is_followed(link: str, address: str) -> None:
    assert followed(link, CURRENT, BASE) == address


@pytest.mark.parametrize(
    "link",
    ["http://desk.example.com/x", "https://desk.example.com:444/x", "https://desk.example.com.evil.example/x",
     "https://evil.example/desk.example.com", "//evil.example", "https://a@desk.example.com/x", "data:,x",
     "https://desk.example.com\\@evil.example/", "/x\ny", "x" * 8_001, "", None, 5, {}],
)  # fmt: skip
def test_a_link_anywhere_else_is_refused(link: object) -> None:
    with pytest.raises(AddressRefused):
        followed(link, CURRENT, BASE)


@given(st.text(max_size=50))
def test_whatever_a_link_says_it_stays_on_the_origin(link: str) -> None:
    try:
        address = followed(link, CURRENT, BASE)
    except AddressRefused:
        return
    assert address.startswith("/")
    assert origin_of(BASE.url + address) == BASE.origin


@pytest.mark.parametrize(
    ("header", "link"),
    [
        ('<https://x.example/2>; rel="next"', "https://x.example/2"),
        ("<https://x.example/2>; rel=next", "https://x.example/2"),
        ('</1>; rel="prev", </3>; rel="next"', "/3"),
        ('</3>; title="a; rel=next, b"; rel="last"', ""),
        ('</3>; REL="last NEXT"', "/3"),
        ('</a,b;c>; rel="next"', "/a,b;c"),
        ("", ""),
        ("nonsense", ""),
        ('</3>; rel="nextish"', ""),
    ],
)
def test_the_next_link_is_found_in_a_header(header: str, link: str) -> None:
    assert next_in_link_header(header) == link


@given(st.text(alphabet='<>;,="rel next/\\ ', max_size=400))
def test_a_header_of_any_form_is_read_in_time(header: str) -> None:
    next_in_link_header(header)


def test_a_header_made_to_be_slow_is_read_in_time() -> None:
    for header in (
        "<" * 16_000,
        "<a>" + "; a" * 5_000,
        '<a>;a="' + "\\" * 16_000,
        "<a>" + " ;" * 8_000,
        "<a>;a= " * 4_000,
    ):
        assert next_in_link_header(header) == ""


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("/x?key=1&p=2", "/x?p=2"),
        ("/x?p=2&key=1", "/x?p=2"),
        ("/x?key=1", "/x"),
        ("/x?keys=1", "/x?keys=1"),
        ("/x", "/x"),
        ("/x?key=1&key=2&p=%20", "/x?p=%20"),
        ("/x?k%65y=1&p=2", "/x?p=2"),
    ],
)
def test_a_key_is_taken_out_of_an_address(address: str, kept: str) -> None:
    assert without_parameter(address, "key") == kept
