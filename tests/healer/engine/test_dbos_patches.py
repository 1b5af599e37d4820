"""What DBOS does not promise is read in one release, and still there; with another one we stop."""

import tomllib
from importlib.metadata import version
from pathlib import Path

import dbos
import pytest

from healer.engine import dbos_patches
from healer.engine.dbos_patches import PRIVATES, RELEASE_READ, Private
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
