"""Which drafters a repair has, what they are told of a file, and where their money is counted."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from healer.app.drafters import FileHistory, LazyDrafter, SpendingFile, require_model_library
from healer.config import Config
from healer.facts.draft import Case, Drafts, ModelRemarks, Source
from healer.facts.repair import Request
from healer.failure import Failure
from healer.support.extras import ExtraName, MissingExtraError
from quarantine.repository import Repository
from sandbox import Report
from tests.support.endpoint import ScriptedEndpoint
from tests.support.git import commit_files, make_repository
from tests.support.world import open_services


def test_the_last_commits_of_a_file_come_newest_first_without_the_one_that_made_it(
    tmp_path: Path,
) -> None:
    root = make_repository(tmp_path / "jobs", {"README": "x"})
    for number, name in enumerate(("job.py", "job.py", "other.py", "job.py")):
        commit_files(root, {name: f"x = {number}\n"}, f"change {number}")
    repository = Repository.open(root)
    base = repository.tip("main")
    assert base is not None
    steps = FileHistory(repository).list_commits("job.py", base, 5)
    assert [(s.before, s.after) for s in steps] == [("x = 1\n", "x = 3\n"), ("x = 0\n", "x = 1\n")]
    assert steps[0].commit == base
    assert len(FileHistory(repository).list_commits("job.py", base, 1)) == 1
    assert FileHistory(repository).list_commits("missing.py", base, 5) == ()


class Answer:
    """A drafter that says its name."""

    name = "answer"

    def draft(self, case: Case, source: Source) -> Drafts:
        return Drafts(reason=f"{case.script} in {source.read('a.py')!r}")


CASE = Case(
    repair="r", script="a.py", base="0" * 40, baseline=Report(),
    failure=Failure(id="f", script="a.py", source="run"),
)  # fmt: skip


class Opener:
    """Opens an `Answer`, or what raises, and keeps what was done."""

    def __init__(self, error: Exception | None = None) -> None:
        self.steps: list[str] = []
        self._error = error

    @contextmanager
    def __call__(self) -> Iterator[Answer]:
        self.steps.append("opened")
        try:
            if self._error:
                raise self._error
            yield Answer()
        finally:
            self.steps.append("closed")


def test_a_lazy_drafter_is_open_only_while_it_drafts() -> None:
    opener = Opener()
    lazy = LazyDrafter("rules", opener)
    assert (lazy.name, opener.steps) == ("rules", [])
    for times in (1, 2):
        assert lazy.draft(CASE, Files({"a.py": b"x"})).reason == "a.py in b'x'"
        assert opener.steps == ["opened", "closed"] * times


def test_a_drafter_that_fails_is_closed_too() -> None:
    opener = Opener(ValueError("no"))
    with pytest.raises(ValueError, match="no"):
        LazyDrafter("rules", opener).draft(CASE, Files())
    assert opener.steps == ["opened", "closed"]


def list_open_files(name: str) -> list[str]:
    """This process's open descriptors of a file."""
    links = (os.path.realpath(path) for path in Path("/proc/self/fd").iterdir())
    return [link for link in links if link.endswith(f"/{name}")]


def test_a_daemon_keeps_nothing_open_of_earlier_calls(tmp_path: Path) -> None:
    root = make_repository(tmp_path / "jobs", {"a.py": "x = 1\n"})
    reply = {"objection": "none", "reason": "It removes the cause."}
    with ScriptedEndpoint([reply] * 3) as endpoint:
        model = {"tiers": ["m"], "reviewer": "m", "base_url": endpoint.base_url}
        request = Request(repair="r", script="a.py", target="main", base="0" * 40)
        with open_services(root, Config.model_validate({"model": model})) as services:
            for _ in range(3):
                reviewer = services.reviewer(request)
                assert reviewer is not None
                assert reviewer.review("r", "it failed", "+ x", "all passed").objection == "none"
                assert list_open_files("spending.sqlite") == []
    assert len(endpoint.requests) == 3


class Files(dict[str, bytes]):
    """A tree of files."""

    def read(self, path: str) -> bytes | None:
        return self.get(path)

    def paths(self) -> tuple[str, ...]:
        return tuple(self)


MODEL = {"tiers": ["m"], "base_url": "http://127.0.0.1/v1"}
FREE = ["memory", "rules"]


@pytest.mark.parametrize(
    ("model", "drafter", "names"),
    [
        ({}, "auto", FREE),
        ({}, "rules", FREE),
        ({}, "model", ["model"]),
        (MODEL, "auto", [*FREE, "model"]),
        (MODEL, "rules", FREE),
        (MODEL, "model", ["model"]),
        ({"investigator": "m", "base_url": "http://127.0.0.1/v1"}, "auto", [*FREE, "model"]),
    ],
)
def test_what_is_free_is_asked_first_and_a_model_only_where_one_is_set(
    tmp_path: Path, model: dict[str, object], drafter: Any, names: list[str]
) -> None:
    root = make_repository(tmp_path / "jobs", {"a.py": "x = 1\n"})
    request = Request(repair="r", script="a.py", target="main", base="0" * 40, drafter=drafter)
    with open_services(root, Config.model_validate({"model": model})) as services:
        assert [each.name for each in services.drafters(request)] == names


EACH_MODEL = {
    **{"tiers": ["m"], "reviewer": "m", "embedding": "m", "investigator": "m"},
    "base_url": "http://127.0.0.1/v1",
}


@pytest.mark.parametrize("use", ["model", "reviewer", "wording"])
def test_a_library_that_is_missing_is_named_by_whoever_needs_it(
    tmp_path: Path, use: str, without_extra: Callable[[ExtraName], None]
) -> None:
    root = make_repository(tmp_path / "jobs", {"a.py": "x = 1\n"})
    request = Request(repair="r", script="a.py", target="main", base="0" * 40, drafter="model")
    config = Config.model_validate({"model": EACH_MODEL})
    with open_services(root, config) as services:
        (model,), reviewer = services.drafters(request), services.reviewer(request)
        assert reviewer is not None
        without_extra("model")
        calls: dict[str, Callable[[], object]] = {
            "model": lambda: model.draft(None, Files()),
            "reviewer": lambda: reviewer.review("r", "failed", "+ x", "passed"),
            "wording": lambda: services.wording("r", "a pattern", "a repair"),
        }
        with pytest.raises(MissingExtraError, match=r"healer\[model\]"):
            calls[use]()


@pytest.mark.parametrize("key", ["tiers", "reviewer", "embedding", "investigator"])
def test_each_kind_of_model_needs_the_library(
    key: str, without_extra: Callable[[ExtraName], None]
) -> None:
    settings = {key: EACH_MODEL[key], "base_url": "http://127.0.0.1/v1"}
    config = Config.model_validate({"model": settings})
    require_model_library(config)
    without_extra("model")
    require_model_library(Config())
    with pytest.raises(MissingExtraError):
        require_model_library(config)


def test_without_a_model_nothing_is_added_to_patterns(tmp_path: Path) -> None:
    root = make_repository(tmp_path / "jobs", {"a.py": "x = 1\n"})
    with open_services(root) as services:
        assert services.wording("r", "a pattern", "a repair") == ModelRemarks()


def test_money_is_counted_in_the_repository_and_of_a_dry_run_outside_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "xdg"))
    repository = Repository.open(make_repository(tmp_path / "jobs", {"a.py": "x = 1\n"}))
    real, dry = SpendingFile(repository), SpendingFile(repository, is_dry_run=True)
    assert real.path == repository.state_dir / "spending.sqlite"
    assert dry.path.is_relative_to(tmp_path / "xdg" / "healer")
    assert (dry.path, dry.counted_too) == (real.counted_too, real.path)
    other = Repository.open(make_repository(tmp_path / "other", {"a.py": "x = 1\n"}))
    assert SpendingFile(other, is_dry_run=True).path != dry.path
