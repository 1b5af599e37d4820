"""Encoded words are found and decoded; names, digests and bytes are left alone."""

import base64
import time

import pytest

from healer.redact.encodings import decode_words


def decoded(text: str) -> list[tuple[str, str]]:
    return [(text[start:end], plain) for start, end, plain in decode_words(text)]


def test_percent_signs_are_decoded_where_they_hide_a_name_and_its_value() -> None:
    assert decoded("GET /x?s=%7B%22a%22%3A1%7D now") == [("%7B%22a%22%3A1%7D", '{"a":1}')]


@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_base64_of_text_is_decoded_with_and_without_its_end(encode: object) -> None:
    assert callable(encode)
    word = encode("password=hunter2 of the shöp?".encode()).decode()
    assert decoded(f"body {word}") == [(word, "password=hunter2 of the shöp?")]
    bare = word.rstrip("=")
    assert decoded(f"body {bare}") == [(bare, "password=hunter2 of the shöp?")]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a%20short%20note%20of%20ours",
        "averyveryverylongnameofafunction",
        "3f786850e387550fdab836ed7e6dc881de23001b",
        base64.b64encode(bytes(range(200, 240))).decode(),
        "%" * 50,
    ],
)
def test_what_hides_no_text_is_left_out(text: str) -> None:
    assert decoded(text) == []


def test_long_texts_take_linear_time() -> None:
    begin = time.process_time()
    for text in ("%3D" * 100_000, "aB1" * 100_000, "a" * 300_000, "%" * 300_000):
        list(decode_words(text))
    assert time.process_time() - begin < 2
