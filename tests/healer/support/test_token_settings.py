"""A token goes to whom it is meant for, encrypted, and is named by a variable alone."""

import pytest
from pydantic import TypeAdapter, ValidationError

from healer.support.token_settings import VariableName, check_address

EXAMPLE = "https://a.example.com"


def check(value: str) -> str:
    return check_address("url", value, example=EXAMPLE, instead=" and set token_env instead")


@pytest.mark.parametrize(
    ("value", "address"),
    [
        ("", ""),
        ("https://a.example.com/", "https://a.example.com"),
        ("https://a.example.com:8643/api//", "https://a.example.com:8643/api"),
        ("http://127.0.0.1:8643", "http://127.0.0.1:8643"),
        ("http://[::1]:8643", "http://[::1]:8643"),
    ],
)
def test_an_address_has_no_slash_at_its_end(value: str, address: str) -> None:
    assert check(value) == address


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("a.example.com", "is no URL like"),
        ("ftp://a.example.com", "is no URL like"),
        ("https://", "is no URL like"),
        ("http://a.example.com", "unencrypted"),
        ("http://127.0.0.1.example.com", "unencrypted"),
        ("https://ada@a.example.com", "holds a password; take it out and set token_env instead"),
    ],
)
def test_others_are_refused(value: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        check(value)


@pytest.mark.parametrize("value", ["", "1A", "A-B", "A B", "ghp_é"])
def test_a_token_itself_is_mostly_no_name_of_a_variable(value: str) -> None:
    names = TypeAdapter(VariableName)
    assert names.validate_python("HEALER_TOKEN_2") == "HEALER_TOKEN_2"
    with pytest.raises(ValidationError):
        names.validate_python(value)
