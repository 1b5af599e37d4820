"""Names of parametrized tests are the same in each of pytest's processes."""

import gzip

import pytest

from tests.conftest import pytest_make_parametrize_id


@pytest.mark.parametrize("value", [gzip.compress(b"x"), b"\x00", b"a\n", "ü".encode()])
def test_bytes_that_are_no_text_are_named_by_their_argument(value: bytes) -> None:
    assert pytest_make_parametrize_id(value, "data") == "data"


@pytest.mark.parametrize("value", [b"text", b"", "ü", 3, None])
def test_other_values_keep_the_name_that_pytest_gives(value: object) -> None:
    assert pytest_make_parametrize_id(value, "data") is None
