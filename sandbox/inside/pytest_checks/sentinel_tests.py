"""Makes tests that must fail, out of nothing or out of a real test.

A copy is a real test whose first comparison is made against a fresh object: it sets up, calls and
compares as the real one does, and honest code cannot make it pass. Code that returns an object
which equals everything, or that patches the test runner, makes it pass and gives itself away.
Belongs here: making the items. Does not belong here: which tests are copied (`weaver`).
"""

from __future__ import annotations

import ast
import os
from typing import TYPE_CHECKING, Any

import pytest

from .. import tree
from ..older_pythons import remove_prefix

if TYPE_CHECKING:
    from collections.abc import Callable

_ROOT = f"{tree.ROOT}/"
_FRESH = "(lambda: 0)"  # a new function object each time; needs no name that could be replaced
_MARKS_THAT_DECIDE = ("skip", "skipif", "xfail")
_EQUALS_EVERYTHING = ("ANY",)


class TestSources:
    """Parsed test modules, from the bytes that came with the job and not from the disk."""

    __test__ = False  # pytest would collect the name

    def __init__(self, read: Callable[[str], bytes | None]) -> None:
        self._read = read
        self._modules: dict[str, ast.Module | None] = {}

    def module(self, path: str) -> ast.Module | None:
        """The module at a path of the tree; None where there is none, or none that parses."""
        if path not in self._modules:
            source = self._read(path)
            try:
                self._modules[path] = ast.parse(source) if source is not None else None
            except (SyntaxError, ValueError, RecursionError):
                self._modules[path] = None
        return self._modules[path]


def make_plain(host: pytest.Item, name: str) -> pytest.Item | None:
    """A failing test beside `host`, or None where something may keep it from running."""
    if not _is_usable(host) or type(host.parent) is not pytest.Module:
        return None
    source = f"def {name}():\n    left, right = object(), object()\n    assert left == right\n"
    return _install(host, name, source, {})


def make_copy(host: pytest.Item, name: str, sources: TestSources) -> pytest.Item | None:
    """A copy of `host` that must fail, or None where that cannot be promised."""
    if not _is_usable(host) or not hasattr(ast, "unparse"):  # 3.9 and newer
        return None
    module = sources.module(remove_prefix(str(host.path), _ROOT))
    function = _find(module, host) if module else None
    copy = make_impossible(function) if function else None
    if copy is None:
        return None
    copy.name = name
    source = ast.unparse(ast.fix_missing_locations(ast.Module(body=[copy], type_ignores=[])))
    options = {
        "callspec": getattr(host, "callspec", None),
        "fixtureinfo": getattr(host, "_fixtureinfo", None),
    }
    return _install(host, name, source, options)


def _is_usable(host: pytest.Item) -> bool:
    return isinstance(host, pytest.Function) and not any(
        mark.name in _MARKS_THAT_DECIDE for mark in host.iter_markers()
    )


def _find(module: ast.Module, host: pytest.Item) -> ast.FunctionDef | None:
    """The definition of a test by the names on the way to it; None if there is not exactly one."""
    original = getattr(host, "originalname", None) or host.name
    names = [node.name for node in host.listchain() if isinstance(node, pytest.Class)]
    body: list[ast.stmt] = module.body
    for name in names:
        classes = [node for node in body if isinstance(node, ast.ClassDef) and node.name == name]
        if len(classes) != 1:
            return None
        body = classes[0].body
    functions = [
        node for node in body if isinstance(node, ast.FunctionDef) and node.name == original
    ]
    return functions[0] if len(functions) == 1 else None


def make_impossible(function: ast.FunctionDef) -> ast.FunctionDef | None:
    """A copy whose first certain `assert left == right` compares both sides with a fresh object.

    None when no such assertion is certain to be reached, or when a side may equal everything.
    """
    copy = ast.parse(ast.unparse(function)).body[0]
    assert isinstance(copy, ast.FunctionDef)
    for index, statement in enumerate(copy.body):
        sides = _sides(statement)
        if sides is None:
            if _may_leave(statement):
                return None
            continue
        left, right = (ast.unparse(side) for side in sides)
        if any(word in left or word in right for word in _EQUALS_EVERYTHING):
            return None
        text = f"assert ({left}) == {_FRESH} or ({right}) == {_FRESH}"
        copy.body[index : index + 1] = ast.parse(text).body
        del copy.body[index + 1 :]
        return copy
    return None


def _sides(statement: ast.stmt) -> tuple[ast.expr, ast.expr] | None:
    """The two sides of `assert a == b` or `self.assertEqual(a, b)`."""
    if isinstance(statement, ast.Assert) and isinstance(statement.test, ast.Compare):
        test = statement.test
        if len(test.ops) == 1 and isinstance(test.ops[0], ast.Eq):
            return test.left, test.comparators[0]
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        return _sides_by_unittest(statement.value)
    return None


def _sides_by_unittest(call: ast.Call) -> tuple[ast.expr, ast.expr] | None:
    if not isinstance(call.func, ast.Attribute) or call.func.attr != "assertEqual":
        return None
    sides = call.args[:2]
    if len(sides) < 2 or any(isinstance(side, ast.Starred) for side in sides):  # noqa: PLR2004 - a pair
        return None
    return sides[0], sides[1]


def _may_leave(statement: ast.stmt) -> bool:
    return any(
        isinstance(node, (ast.Return, ast.Yield, ast.YieldFrom, ast.Await))
        for node in ast.walk(statement)
    )


def _explain_nothing(_excinfo: object, style: object = None) -> str:
    """Nobody reads why a sentinel failed, and pytest's own text takes milliseconds to make."""
    del style
    return "a sentinel"


def _install(
    host: pytest.Item, name: str, source: str, options: dict[str, Any]
) -> pytest.Item | None:
    """Defines the function where `host` is defined and makes an item of it; None if that fails."""
    parent: Any = host.parent
    try:
        namespace = parent.getparent(pytest.Module).obj.__dict__
        functions: dict[str, Any] = {}
        exec(compile(source, os.path.join(_ROOT, name), "exec"), namespace, functions)
        setattr(parent.obj, name, functions[name])
        label = name
        if options.get("callspec") is not None:
            label = f"{name}[{options['callspec'].id}]"
            options["originalname"] = name
        elif type(host) is pytest.Function and options:
            options["originalname"] = name
        item: pytest.Item = type(host).from_parent(
            parent, name=label, **{key: value for key, value in options.items() if value}
        )
        quiet: Any = item
        quiet.repr_failure = _explain_nothing
    except Exception:
        # Anything at all may be odd about a test; one without a copy is still a test.
        return None
    return item
