"""What is stored is JSON, and reading it runs nothing."""

import base64
import pickle
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from dbos import _serialization as dbos_serialization
from hypothesis import given
from hypothesis import strategies as st

from healer.engine import dbos_patches
from healer.engine.serializer import JsonSerializer
from healer.facts.errors import WorkflowError

SERIALIZER = JsonSerializer()
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda each: st.lists(each) | st.dictionaries(st.text(), each),
    max_leaves=10,
)


@given(JSON)
def test_json_comes_back_as_it_was(value: Any) -> None:
    if isinstance(value, dict) and "__error__" in value:
        return
    assert SERIALIZER.deserialize(SERIALIZER.serialize(value)) == value


def test_an_exception_comes_back_with_its_type_and_message_only() -> None:
    error = SERIALIZER.deserialize(SERIALIZER.serialize(KeyError("total")))
    assert isinstance(error, WorkflowError)
    assert str(error) == "KeyError: 'total'"


def test_a_time_becomes_text() -> None:
    moment = datetime(2026, 11, 20, 2, tzinfo=UTC)
    assert SERIALIZER.deserialize(SERIALIZER.serialize({"at": moment})) == {
        "at": moment.isoformat()
    }


@pytest.mark.parametrize("value", [{1, 2}, b"bytes", object(), Path("/")])
def test_what_is_no_json_is_refused_when_it_is_written(value: object) -> None:
    with pytest.raises(TypeError, match="is not JSON"):
        SERIALIZER.serialize(value)


class Trap:
    """Runs code when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[Path]]:
        return Path.touch, (self.path,)


def test_neither_our_format_nor_dbos_own_unpickles_anything(tmp_path: Path) -> None:
    dbos_patches.refuse_pickle()
    trap = base64.b64encode(pickle.dumps(Trap(tmp_path / "sprung"))).decode()
    with pytest.raises(ValueError, match="Expecting value"):
        SERIALIZER.deserialize(trap)
    with pytest.raises(WorkflowError, match="holds pickled data; it is not read"):
        dbos_serialization.DefaultSerializer().deserialize(trap)
    with pytest.raises(WorkflowError):
        dbos_serialization.DefaultSerializer().serialize("x")
    assert not (tmp_path / "sprung").exists()


def test_rows_name_the_format_as_they_always_did() -> None:
    assert SERIALIZER.name() == "healer_json"
