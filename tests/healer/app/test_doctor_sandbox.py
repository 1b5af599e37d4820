"""The image is built once and described; what is wrong with it is said once."""

from pathlib import Path

import pytest

from healer.app.doctor_sandbox import describe_image, examine_engine, examine_sandbox
from healer.config import Config
from quarantine.repository import Repository
from sandbox import EngineStatus
from sandbox.image import ImageConfig
from tests.support.git import make_repository


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (EngineStatus(ok=True, version="28.1"), ("pass", "Docker Engine 28.1")),
        (EngineStatus(ok=False, problem="It does not answer."), ("fail", "It does not answer.")),
    ],
)
def test_docker_engine(status: EngineStatus, expected: tuple[str, str]) -> None:
    line = examine_engine(status)
    assert (line.status, line.detail) == expected


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"python": "no/such/python"}, "no such file"),
        ({"image": "no-such-image:1"}, "no-such-image:1"),
        ({}, "asks for Python >=3.99, and this machine has only"),
    ],
)
def test_without_an_image_there_is_no_tag_and_one_line(
    tmp_path: Path, settings: dict[str, str], words: str
) -> None:
    files = {"a.py": "x = 1\n", "pyproject.toml": '[project]\nrequires-python = ">=3.99"\n'}
    repository = Repository.open(make_repository(tmp_path / "shop", files))
    lines = examine_sandbox(repository, Config.model_validate({"sandbox": settings}))
    line = next(lines)
    assert (line.name, line.status, words in line.detail) == ("image", "fail", True)
    with pytest.raises(StopIteration) as end:
        next(lines)
    assert end.value.value == ""


def test_the_image_says_what_is_in_it() -> None:
    own = ImageConfig(python=Path("/usr/bin/python3"), programs=("git", "jq"))
    assert describe_image("tag", own) == (
        "tag: /usr/bin/python3 with its packages, the usual programs, and further: git, jq"
    )
    assert describe_image("tag", ImageConfig(image="ours:1")) == "tag from ours:1"
