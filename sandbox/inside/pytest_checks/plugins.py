"""The pytest plugins of the image, on as autoload would have them, and what is quieted of them.

Belongs here: which plugins a session has, and options that count for nothing here: measuring
coverage and spreading tests over processes. Where the plugin of such an option is missing, the
option is accepted all the same. Does not belong here: our own plugins (`recorder`, `time_limit`).

Autoload itself stays off: it would look into the tree, too, for whatever calls itself installed.
"""

from __future__ import annotations

import functools
from importlib.metadata import distributions
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from importlib.metadata import Distribution, EntryPoint

_GROUP: Final = "pytest11"
_QUIET: Final[dict[str, object]] = {
    # pytest-cov
    "no_cov": True,
    # pytest-xdist
    "numprocesses": None,
    "dist": "no",
    "distload": False,
    "tx": [],
    "looponfail": False,
    # pytest-randomly and pytest-random-order: the order is ours, seeds stay the project's
    "randomly_reorganize": False,
    "random_order_bucket": "none",
}
"""Values of options, whatever the project sets: coverage would trace every line, other processes
are not watched, and another order is made by the second run."""


class _Installed(NamedTuple):
    name: str
    plugin: object
    dist: object


@functools.lru_cache(maxsize=None)
def load_installed() -> tuple[_Installed, ...]:
    """The image's plugins by the name of their entry point; one that cannot be imported is left
    out. To be called before the tree is on the path."""
    plugins: dict[str, _Installed] = {}
    for dist, entry in _list_entries():
        try:
            plugin = entry.load()
        except BaseException:  # noqa: BLE001, S112, RUF100 - whatever a broken installation raises
            continue
        facade = SimpleNamespace(project_name=dist.metadata["Name"], version=dist.version)
        plugins.setdefault(entry.name, _Installed(entry.name, plugin, facade))
    return tuple(plugins.values())


def _list_entries() -> Iterator[tuple[Distribution, EntryPoint]]:
    """As `entry_points(group=…)` gives them from Python 3.10 on."""
    for dist in distributions():
        for entry in dist.entry_points:
            if entry.group == _GROUP:
                yield dist, entry


class InstalledPlugins:
    """A pytest plugin that registers the others, under the names that they have outside."""

    def pytest_plugin_registered(self, plugin: object, manager: Any) -> None:
        """With ourselves come the others. What `-p no:NAME` blocks goes again when pytest reads
        it."""
        if plugin is not self:
            return
        for name, module, dist in load_installed():
            if not manager.has_plugin(name) and not manager.is_blocked(name):
                manager.register(module, name)
                manager._plugin_distinfo.append((module, dist))
        for missing in (_Coverage(), _Xdist()):
            if not manager.has_plugin(missing.entry):
                manager.register(missing)
                dist = SimpleNamespace(project_name=missing.project, version="9999")
                manager._plugin_distinfo.append((missing, dist))

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_load_initial_conftests(self, early_config: Any) -> Iterator[Any]:
        """Before any other plugin looks at the options."""
        _quiet(early_config.known_args_namespace)
        return (yield)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_cmdline_main(self, config: Any) -> Iterator[Any]:
        """The same for the options as they were read in the end."""
        _quiet(config.option)
        return (yield)


def _quiet(options: Any) -> None:
    for name, value in _QUIET.items():
        if hasattr(options, name):
            setattr(options, name, value)


class _Coverage:
    """The options of pytest-cov, its marker and its fixture, without any effect."""

    entry = "pytest_cov"
    project = "pytest-cov"

    def pytest_addoption(self, parser: Any) -> None:
        group = parser.getgroup("cov")
        for name in ("--cov", "--cov-report"):
            group.addoption(name, action="append", nargs="?", const=True, default=[])
        for name in ("--cov-config", "--cov-fail-under", "--cov-context", "--cov-precision"):
            group.addoption(name)
        for name in ("--no-cov", "--no-cov-on-fail", "--cov-append", "--cov-reset", "--cov-branch"):
            group.addoption(name, action="store_true")

    def pytest_configure(self, config: Any) -> None:
        config.addinivalue_line("markers", "no_cover: not measured")

    @pytest.fixture
    def no_cover(self) -> None:
        """As pytest-cov has it."""

    @pytest.fixture
    def cov(self) -> None:
        """None, as with `--no-cov`."""


class _Xdist:
    """The options of pytest-xdist, its settings, marker and fixtures, without any effect."""

    entry = "xdist"
    project = "pytest-xdist"

    def pytest_addoption(self, parser: Any) -> None:
        group = parser.getgroup("xdist")
        group._addoption("-n", "--numprocesses")
        group._addoption("-d", action="store_true", dest="distload")
        group._addoption("-f", "--looponfail", action="store_true")
        for name in ("--maxprocesses", "--max-worker-restart", "--maxschedchunk", "--dist"):
            group.addoption(name)
        for name in ("--tx", "--px"):
            group.addoption(name, action="append", default=[])
        for name in ("--loadscope-reorder", "--no-loadscope-reorder"):
            group.addoption(name, action="store_true")
        group.addoption("--testrunuid")
        for name in ("rsyncdirs", "rsyncignore", "looponfailroots"):
            parser.addini(name, "of no effect here", type="args")

    def pytest_configure(self, config: Any) -> None:
        config.addinivalue_line("markers", "xdist_group(name): run by one process")

    @pytest.fixture(scope="session")
    def worker_id(self) -> str:
        """As in a run without workers."""
        return "master"

    @pytest.fixture(scope="session")
    def testrun_uid(self) -> str:
        """A name for the whole run."""
        return "0" * 32
