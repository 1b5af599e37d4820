"""What is missing is named by its extra, and asking for it loads nothing."""

import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from typing import get_args

import pytest

from healer.support.extras import (
    EXTRAS,
    LIBRARIES,
    ExtraName,
    MissingExtraError,
    install_step,
    is_installed,
    require,
)
from tests.support.healer_jobs import PROJECT

DECLARED = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]


def test_the_extras_are_those_of_the_package() -> None:
    declared = DECLARED["optional-dependencies"]
    assert [f"healer[{','.join(EXTRAS)}]"] == declared.pop("all")
    assert tuple(declared) == EXTRAS == get_args(ExtraName) == tuple(LIBRARIES)


@pytest.mark.parametrize("extra", EXTRAS)
def test_the_core_does_without_them(extra: ExtraName) -> None:
    """What is looked for stands in its extra, and in nothing that everybody has."""
    library = LIBRARIES[extra].split(".")[0]
    assert any(library in line for line in DECLARED["optional-dependencies"][extra])
    assert not [
        line for line in DECLARED["dependencies"] if line.startswith((library, f"py{library}"))
    ]


def test_each_is_explained() -> None:
    table = (PROJECT / "docs" / "operating.md").read_text().split("\n## ")[1]
    assert sorted(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == sorted(EXTRAS)


@pytest.mark.parametrize("extra", EXTRAS)
def test_a_missing_one_is_a_sentence_with_the_next_step(
    extra: ExtraName, without_extra: Callable[[ExtraName], None]
) -> None:
    require(extra, "healer x")
    without_extra(extra)
    assert not is_installed(extra)
    with pytest.raises(MissingExtraError, match=r"^healer x needs the library \w+, which is not"):
        require(extra, "healer x")
    assert install_step(extra) == f"pip install 'healer[{extra}]' in {sys.prefix}"


def test_of_a_package_that_is_not_here_at_all_nothing_is_installed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(LIBRARIES, "otel", "no_such_package.exporter")
    assert not is_installed("otel")


def test_asking_loads_none_of_them() -> None:
    question = (
        "import sys; from healer.support.extras import EXTRAS, is_installed; "
        "print([is_installed(each) for each in EXTRAS], "
        "{'uv', 'apprise', 'mcp', 'openai', 'starlette'} & {*sys.modules})"
    )
    done = subprocess.run(
        [sys.executable, "-c", question], cwd=PROJECT, text=True, check=True, capture_output=True
    )
    assert done.stdout.split("] ") == [f"[{', '.join(['True'] * len(EXTRAS))}", "set()\n"]
