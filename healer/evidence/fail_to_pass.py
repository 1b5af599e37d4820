"""Which tests speak for a fix: those that fail without it and pass with it.

Belongs here: finding them, also where the script failed while its tests were collected. Does not
belong here: what they are worth (`healer.judge`).
"""

import ast
import textwrap
from collections.abc import Collection, Iterator, Sequence

from healer.evidence.changed_lines import find_changed_lines
from healer.evidence.experiment import Experiment
from healer.evidence.overlay import Overlay
from healer.evidence.tests import run_once
from healer.judge import find_failing_tests
from healer.services.runner import PackableTree, SandboxRunner
from quarantine.project_tests import ProjectTests
from sandbox import Plan

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def find_fail_to_pass(experiment: Experiment, runner: SandboxRunner) -> tuple[str, ...]:
    """Node ids of tests that fail on the base and pass on the fix.

    A script that fails while its tests are collected fails all of them, also those that have
    nothing to do with the fault. Such tests count only if they fail on the fixed module with the
    changed functions as they were; where the fault is not in a function, all of them count.
    """
    failing = find_failing_tests(experiment.before.tests)
    certain = [node for node in experiment.witness_nodes if node in failing]
    modules = tuple(f"{node}::" for node in failing if "::" not in node)
    doubtful = [node for node in experiment.witness_nodes if modules and node.startswith(modules)]
    if not doubtful or experiment.plan.tests is None:
        return tuple(certain)
    base, tree = experiment.base, experiment.tree
    contents = {path: restore_functions(base, tree, path) for path in experiment.paths}
    old = {path: content for path, content in contents.items() if content is not None}
    if not old:
        return (*certain, *doubtful)
    report = runner.run(Overlay(tree, old), Plan(tests=run_once(experiment.plan.tests)))
    failing_without = find_failing_tests(report.tests)
    return (*certain, *(node for node in doubtful if _fails(node, failing_without)))


def _fails(node: str, failing: Collection[str]) -> bool:
    return node in failing or node.partition("::")[0] in failing


def restore_functions(base: PackableTree, tree: PackableTree, path: str) -> bytes | None:
    """The fixed module, whose changed functions become the old ones once it is loaded; None where
    no function is changed that both have, or something outside functions is."""
    if not path.endswith(".py") or ProjectTests.load(base).is_test(path):
        return None
    old, new = (_text(side.read(path)) for side in (base, tree))
    if old is None or new is None:
        return None
    try:
        trees = ast.parse(old), ast.parse(new)
    except (SyntaxError, ValueError, RecursionError):
        return None
    old_functions, new_functions = (dict(_functions(module)) for module in trees)
    lines = find_changed_lines(old, new)
    names = [
        name
        for name, node in new_functions.items()
        if lines & _lines(node) and name in old_functions
    ]
    inside = {line for name in names for line in _lines(new_functions[name])}
    if not names or not lines <= inside:
        return None
    parts = [_restore(name, old_functions[name], old) for name in names]
    return "\n".join([new.rstrip("\n"), "", *parts]).encode()


def _functions(
    tree: ast.AST, prefix: str = ""
) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    """Functions of the module and methods of its classes, by qualified name."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, _FUNCTIONS):
            yield prefix + node.name, node
        elif isinstance(node, ast.ClassDef):
            yield from _functions(node, f"{prefix}{node.name}.")


def _lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> set[int]:
    first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
    return set(range(first, (node.end_lineno or node.lineno) + 1))


def _restore(name: str, node: ast.FunctionDef | ast.AsyncFunctionDef, source: str) -> str:
    lines: Sequence[str] = source.splitlines()
    own = sorted(_lines(node))
    text = textwrap.dedent("\n".join(lines[own[0] - 1 : own[-1]]))
    body = textwrap.indent(f"{text}\nreturn {node.name}", "    ")
    return f"def _as_it_was():\n{body}\n\n{name} = _as_it_was()\n"


def _text(data: bytes | None) -> str | None:
    try:
        return None if data is None else data.decode("utf-8")
    except UnicodeDecodeError:
        return None
