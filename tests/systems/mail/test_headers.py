from email import message_from_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graftwork.systems.mail.headers import MAX_THREAD_IN_ID, addresses, decoded, ids, is_address, own_id, thread_in


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("anna@example.com", True),
        ("anna+tag@mail.example.com", True),
        ("o'hara@example.com", True),
        ("anna@localhost", True),
        ("anna@", False),
        ("@example.com", False),
        ("anna", False),
        ("an na@example.com", False),
        ("anna@example.com>", False),
        ("anna@example.com\r\nRCPT TO:<b@example.com>", False),
        ("anna@example.com\n", False),
        ("anna,bob@example.com", False),
        ('"a b"@example.com', False),
        ("anna@[127.0.0.1]", False),
        ("anna@-example.com", False),
        ("änna@example.com", False),
        ("a" * 65 + "@example.com", False),
    ],
)
def test_an_address_is_one_that_may_stand_in_a_command(text: str, good: bool) -> None:
    assert is_address(text) is good


@given(st.text(max_size=300), st.text(min_size=1, max_size=MAX_THREAD_IN_ID), st.booleans())
def test_the_thread_is_found_in_an_id_of_ours_and_the_id_is_one_token(key: str, thread: str, mine: bool) -> None:
    message_id = own_id(key, thread, "support@example.com")
    assert message_id.isascii()
    assert message_id.isprintable()
    assert " " not in message_id
    assert message_id == own_id(key, thread, "Support@EXAMPLE.com")
    known = thread_in(message_id, ["support@example.com"] if mine else ["desk@example.com"])
    assert known == (thread.replace("\x00", "\ufffd").encode(errors="replace").decode() if mine else None)


def test_a_long_thread_does_not_stand_in_the_id() -> None:
    assert thread_in(own_id("k", "t" * 121, "a@example.com"), ["a@example.com"]) == ""


@given(st.binary(max_size=400))
def test_no_header_makes_reading_fail(content: bytes) -> None:
    message = message_from_bytes(b"From: " + content + b"\nReferences: " + content + b"\n\n")
    assert all(is_address(address) and name.isprintable() for name, address in addresses(message, "From", "Reply-To"))
    assert all(known.isascii() and known.isprintable() for known in ids(message, "References"))


@given(st.text(max_size=200))
def test_a_decoded_header_is_one_line(text: str) -> None:
    assert decoded(text).isprintable()


def test_a_name_in_encoded_words_cannot_bring_an_address() -> None:
    message = message_from_bytes(b"From: =?utf-8?q?=2C_evil=40example=2Enet_=3C?= <anna@example.com>\n\n")
    assert [address for _, address in addresses(message, "From")] == ["anna@example.com"]
