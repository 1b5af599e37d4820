"""The tar that a job carries."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.inside.tree import parse
from sandbox.trees import add_files, tar

NAMES = st.from_regex(r"[a-z]{1,8}(/[a-z]{1,8}){0,2}\.py", fullmatch=True)


@given(st.dictionaries(NAMES, st.binary(max_size=200), max_size=5))
def test_what_is_packed_is_what_the_container_unpacks(files: dict[str, bytes]) -> None:
    assert {entry.path: bytes(entry.content) for entry in parse(tar(files))} == files


def test_the_same_files_in_another_order_are_the_same_bytes() -> None:
    assert tar({"a": b"1", "b": b"2"}) == tar({"b": b"2", "a": b"1"})


@pytest.mark.parametrize("other", [{"a": b"2"}, {"b": b"1"}, {"a": b"1", "b": b""}, {}])
def test_other_files_are_other_bytes(other: dict[str, bytes]) -> None:
    assert tar(other) != tar({"a": b"1"})


@given(
    st.dictionaries(NAMES, st.binary(max_size=200), max_size=5),
    st.dictionaries(NAMES, st.binary(max_size=200), max_size=5),
)
def test_more_files_join_those_that_are_there(
    files: dict[str, bytes], more: dict[str, bytes]
) -> None:
    packed = add_files(tar(files), more)
    assert {entry.path: bytes(entry.content) for entry in parse(packed)} == {**more, **files}
