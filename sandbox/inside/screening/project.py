"""The tree as one worker has it loaded: its tests collected, its modules imported.

Belongs here: running the plan's tests and its command on what is loaded, or on a fresh import.
Does not belong here: which candidate is tried (`trials`), and forks and limits (`forks`): all of
this changes the process that it runs in.
"""

from __future__ import annotations

import functools
import importlib
import sys
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

from . import limits, program, pytest_session
from .shared_state import SharedState
from .tree_copy import TreeCopy

if TYPE_CHECKING:
    from ..messages import Candidate, ScreeningPlan

COMMAND = "(command)"
"""In place of a node id: the plan's command, where all tests have passed."""


class Project:
    """One worker's copy of the tree, and what of it is loaded in this process."""

    def __init__(self, plan: ScreeningPlan, home: str) -> None:
        """`home`: the folder of the copy."""
        self.plan = plan
        self.home = home
        self.copy = TreeCopy(home)
        self.items: dict[str, pytest.Item] = {}
        """pytest's items, by node id."""
        self.order = [*plan["failing"], *plan["passing"]]
        """The node ids that a candidate has to pass, in the order in which they are run."""
        self.limits_s: dict[str, float] = {}
        """Processor time for single tests, by node id; the others have the candidate's."""
        self.affected: frozenset[str] | None = None
        """The tests that may say otherwise of replaced functions; None: all."""

    def take_items(self, items: dict[str, pytest.Item]) -> None:
        """What was collected, and all of the tree that is loaded with it."""
        self.items = items
        files = [getattr(module, "__file__", None) or "" for module in list(sys.modules.values())]
        start = f"{self.home}/"
        own = [file[len(start) :] for file in files if file.startswith(start)]
        self.copy.find_functions([*own, *self.plan["watched"]])
        self.begin(self.plan)

    def begin(self, plan: ScreeningPlan) -> None:
        """From now on this is tried. The failing tests come first, the others as they were
        collected."""
        self.plan = plan
        failing = plan["failing"]
        others = [name for name in plan["passing"] if name not in failing]
        self.order = [*failing, *sort_as_collected(others, list(self.items))]

    def has_all_tests(self) -> bool:
        """Every test of the plan was collected."""
        return all(name in self.items for name in self.order)

    def shared_state(self) -> SharedState | None:
        """What tests share, or None where candidates cannot follow each other in one process."""
        if not self.plan["use_tests"] or not self.has_all_tests():
            return None
        state = SharedState(self._own_modules(), [self.items[name] for name in self.order])
        return state if state.is_comparable else None

    def _own_modules(self) -> list[ModuleType]:
        modules = [m for m in list(sys.modules.values()) if isinstance(m, ModuleType)]
        return [module for module in modules if program.lies_in(module, self.home)]

    def run_one(self, name: str) -> tuple[str, str]:
        """One test, or the command."""
        if name == COMMAND:
            return self.run_command()
        return pytest_session.run_item(self.items[name])

    def run_command(self) -> tuple[str, str]:
        """The plan's command, which there must be."""
        command = self.plan["command"]
        assert command is not None
        return program.run_command(command)

    def run_tests(self) -> tuple[str, str]:
        """All tests that may be affected, in their order, on what is loaded, up to the first that
        does not pass."""
        for name in self.order:
            if self.affected is not None and name not in self.affected:
                continue
            run = functools.partial(pytest_session.run_item, self.items[name])
            limit_s = self.limits_s.get(name)
            outcome, detail = run() if limit_s is None else limits.run_within(limit_s, run)
            if outcome != "passed":
                return outcome, f"{name}\n{detail}"
        return "passed", ""

    def run_everything(self, candidate: Candidate, *, with_command: bool = True) -> tuple[str, str]:
        """The tests and the command on a candidate whose files are written. Its functions are
        replaced where that is the same as an import; else all of the tree is imported anew."""
        if not self.plan["use_tests"]:
            return self.run_command()
        codes = self.copy.compile(candidate)
        if codes is None:
            return "failed", "SyntaxError"
        is_replaced = self.has_all_tests() and self.copy.replace_functions(codes) is not None
        outcome = self.run_tests() if is_replaced else self._run_tests_anew()
        if outcome[0] == "passed" and self.plan["command"] and with_command:
            ending, detail = self.run_command()
            return ending, f"{COMMAND}\n{detail}" if ending == "failed" else detail
        return outcome

    def _run_tests_anew(self) -> tuple[str, str]:
        """Imports everything of the tree anew, and runs the named tests in a second session."""
        for name, module in list(sys.modules.items()):
            if program.lies_in(module, self.home):
                del sys.modules[name]
        importlib.invalidate_caches()
        watcher = pytest_session.ResultWatcher()
        names = [f"{self.home}/{name}" for name in self.order]
        code = pytest_session.run_pytest(self.plan["tests"], self.home, [watcher], ["-x", *names])
        if code == 0 and watcher.passes >= len(self.order):
            return "passed", ""
        return "failed", watcher.detail or f"pytest ended with {code}"


def sort_as_collected(names: list[str], nodes: list[str]) -> list[str]:
    """Test functions in the order of all `nodes`, since those of one module may build on each
    other; the cases of one function as they are given."""
    places: dict[str, int] = {}
    for number, name in enumerate(nodes):
        places.setdefault(_function_of(name), number)
    return sorted(names, key=lambda name: places.get(_function_of(name), len(nodes)))


def _function_of(name: str) -> str:
    """The node id without the case of a parametrized test."""
    return name.partition("[")[0]
