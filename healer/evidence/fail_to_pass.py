"""Which tests speak for a fix: those that fail without it and pass with it.

Belongs here: finding them, also where the script failed while its tests were collected. Does not
belong here: what they are worth (`healer.judge`).
"""

import ast
import textwrap
from collections.abc import Collection, Iterator, Sequence

from healer.evidence.changed_lines import changed_lines
from healer.evidence.experiment import Experiment
from healer.evidence.overlay import Overlay
from healer.judge import failing
from healer.services.runner import Packed, SandboxRunner
from quarantine.project_tests import ProjectTests
from sandbox import Plan

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def healed_tests(seen: Experiment, runner: SandboxRunner) -> tuple[str, ...]:
    """Node ids of tests that fail on the base and pass on the fix.

    A script that fails while its tests are collected fails all of them, also those that have
    nothing to do with the fault. Such tests count only if they fail on the fixed module with the
    changed functions as they were; where the fault is not in a function, all of them count.
    """
    failed = failing(seen.before.tests)
    healed = [node for node in seen.passing if node in failed]
    modules = tuple(f"{node}::" for node in failed if "::" not in node)
    doubtful = [node for node in seen.passing if modules and node.startswith(modules)]
    if not doubtful or seen.plan.tests is None:
        return tuple(healed)
    asked = {path: with_old_functions(seen.base, seen.tree, path) for path in seen.paths}
    old = {path: text for path, text in asked.items() if text is not None}
    if not old:
        return (*healed, *doubtful)
    tests = seen.plan.tests.model_copy(update={"seeds": (None,)})
    without = runner.run(Overlay(seen.tree, old), Plan(tests=tests))
    fails = failing(without.tests)
    return (*healed, *(node for node in doubtful if _fails(node, fails)))


def _fails(node: str, failed: Collection[str]) -> bool:
    return node in failed or node.partition("::")[0] in failed


def with_old_functions(base: Packed, tree: Packed, path: str) -> bytes | None:
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
    old_ones, new_ones = (dict(_functions(parsed)) for parsed in trees)
    lines = changed_lines(old, new)
    changed = [name for name, node in new_ones.items() if lines & _lines(node) and name in old_ones]
    inside = {line for name in changed for line in _lines(new_ones[name])}
    if not changed or not lines <= inside:
        return None
    parts = [_restored(name, old_ones[name], old) for name in changed]
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


def _restored(name: str, node: ast.FunctionDef | ast.AsyncFunctionDef, source: str) -> str:
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
