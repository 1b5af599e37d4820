"""What DBOS does not promise is read in one release; what is stored is JSON."""

import base64
import pickle
import tomllib
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import dbos
import pytest
from dbos import _serialization as dbos_serialization
from hypothesis import given
from hypothesis import strategies as st

from healer.engine import dbos_patches
from healer.engine.dbos_patches import PRIVATES, RELEASE_READ, JsonSerializer, Private
from healer.facts.errors import WorkflowError

PROJECT = Path(__file__).parents[3]


def test_the_installed_release_of_dbos_is_the_one_that_was_read() -> None:
    """Fails when another one is installed: read what PRIVATES links to in it, then RELEASE_READ."""
    assert version("dbos") == RELEASE_READ
    dbos_patches.require_read_release()


def test_healer_asks_for_no_other_release() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    assert f"dbos=={RELEASE_READ}" in project["dependencies"]


@pytest.mark.parametrize("installed", ["3.4.1", "3.5.0", "4.0.0", "3.3.0"])
def test_a_release_that_nobody_has_read_is_refused_with_the_next_step(installed: str) -> None:
    with pytest.raises(WorkflowError, match=f"{installed} .* pip install dbos=={RELEASE_READ}"):
        dbos_patches.require_read_release(installed)


@pytest.mark.parametrize("private", PRIVATES, ids=lambda private: private.name)
def test_each_private_name_stands_where_its_link_says(private: Private) -> None:
    file, _, line = private.source.rpartition("/")[2].partition("#L")
    assert f"/{RELEASE_READ}/" in private.source
    source = Path(dbos.__file__).parent / file
    assert private.name in source.read_text().splitlines()[int(line) - 1]
    assert hasattr(private.owner, private.name)


def test_what_dbos_looks_for_in_vain_it_looks_for_seldom() -> None:
    longer = dbos_patches.UNUSED_S * 2
    assert [dbos_patches.patience_s(each) for each in (1.0, longer, None)] == [
        dbos_patches.UNUSED_S,
        longer,
        None,
    ]
    ended = dbos_patches.PatientEvent()
    ended.set()
    assert ended.wait(1.0)


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
