"""Sentinels among real tests, in a run of pytest in this process."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sandbox.inside.pytest_checks.sentinel_names import SentinelNames
from sandbox.inside.pytest_checks.weaver import Weaver

TESTS = """\
import pytest


def test_sum():
    assert 1 + 1 == 2


@pytest.mark.skip
def test_later():
    assert 1 == 2


class TestGroup:
    @pytest.mark.parametrize("n", [1, 2])
    def test_each(self, n):
        assert n * 2 == n + n
"""
NAMES = SentinelNames(("test_p1", "test_p2"), ("test_c1", "test_c2", "test_c3", "test_c4"))


class Collect:
    """A plugin that weaves, and keeps what it saw."""

    def __init__(self, weaver: Weaver) -> None:
        self.weaver = weaver
        self.hosts: dict[str, str] = {}
        self.nodes: list[str] = []
        self.outcomes: dict[str, str] = {}

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(
        self, session: pytest.Session, items: list[pytest.Item]
    ) -> None:
        self.hosts = self.weaver.weave(session, items)
        self.nodes = [item.nodeid for item in items]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" or report.outcome == "skipped":
            self.outcomes[report.nodeid] = report.outcome


Weave = Callable[..., Collect]


@pytest.fixture
def weave(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Weave]:
    """Runs the tests of a folder with sentinels of these names."""
    # A name of its own: the modules of all these runs are imported into one process.
    (tmp_path / f"test_{tmp_path.name}.py").write_text(TESTS)
    monkeypatch.setattr("sandbox.inside.pytest_checks.sentinel_tests._ROOT", f"{tmp_path}/")

    def run(names: SentinelNames, first: tuple[str, ...] = ()) -> Collect:
        def read(path: str) -> bytes | None:
            file = tmp_path / path
            return file.read_bytes() if file.exists() else None

        plugin = Collect(Weaver(names, first, read))
        options = ["-q", "-p", "no:cacheprovider", "-p", "no:xdist", "--import-mode=importlib"]
        # Else all folders above it are looked through: those of thousands of other tests.
        place = [f"--rootdir={tmp_path}", f"--confcutdir={tmp_path}", "-c", "/dev/null"]
        pytest.main([*options, *place, str(tmp_path)], [plugin])
        return plugin

    yield run


def test_without_names_nothing_is_woven(weave: Weave) -> None:
    plugin = weave(SentinelNames())
    assert plugin.hosts == {}
    assert len(plugin.nodes) == 4


def test_every_sentinel_fails_and_every_real_test_stays(weave: Weave) -> None:
    plugin = weave(NAMES)
    sentinels = [node for node in plugin.nodes if plugin.weaver.is_sentinel(node)]
    real = [node for node in plugin.nodes if not plugin.weaver.is_sentinel(node)]
    assert len(real) == 4
    assert {plugin.outcomes[node] for node in sentinels} == {"failed"}
    assert [plugin.outcomes[node] for node in real].count("passed") == 3
    names = {node.rpartition("::")[2].partition("[")[0] for node in sentinels}
    assert {"test_p1", "test_p2"} <= names


def test_copies_are_made_of_tests_that_surely_run_and_come_last(weave: Weave) -> None:
    plugin = weave(NAMES)
    copies = {name: host for name, host in plugin.hosts.items() if name.startswith("test_c")}
    assert len(copies) == 3
    assert not any("test_later" in host for host in copies.values())
    assert [plugin.weaver.is_sentinel(node) for node in plugin.nodes[-3:]] == [True] * 3


def test_the_tests_that_a_fix_is_for_are_copied_first(weave: Weave, tmp_path: Path) -> None:
    names = SentinelNames(("test_p1",), ("test_c1",))
    node = f"test_{tmp_path.name}.py::test_sum"
    assert weave(names, (node,)).hosts == {"test_c1": node}


@pytest.mark.parametrize(
    ("node", "is_sentinel"),
    [
        ("test_p1", True),
        ("a/test_ours.py::test_c1", True),
        ("test_ours.py::TestGroup::test_c2[1]", True),
        ("a[1]/test_ours.py::TestGroup::test_c2[http://[::1]:80/]", True),
        ("test_ours.py::test_sum[::test_c1]", False),
        ("test_ours.py::test_sum", False),
        ("test_p1.py::test_sum", False),
        ("test_ours.py::test_p1x", False),
        ("", False),
    ],
)
def test_a_sentinel_is_known_by_its_own_name_alone(node: str, is_sentinel: bool) -> None:
    assert Weaver(NAMES, (), lambda _: None).is_sentinel(node) is is_sentinel
