"""Makes tests that must fail, out of nothing or out of a real test.

A twin is a real test whose first comparison is made against a fresh object: it sets up, calls and
compares as the real one does, and honest code cannot make it pass. Code that returns an object
which equals everything, or that patches the test runner, makes it pass and gives itself away.
"""

import ast
import os
from collections.abc import Callable
from typing import Any

import pytest

_ROOT = "/job/tree/"
_FRESH = "(lambda: 0)"  # a new function object each time; needs no name that could be replaced
_MARKS_THAT_DECIDE = ("skip", "skipif", "xfail")
_EQUALS_EVERYTHING = ("ANY",)


class Sources:
    """Parsed test modules, from the bytes that came with the job and not from the disk."""

    def __init__(self, content: Callable[[str], bytes | None]) -> None:
        self._content = content
        self._parsed: dict[str, ast.Module | None] = {}

    def of(self, path: str) -> ast.Module | None:
        if path not in self._parsed:
            source = self._content(path)
            try:
                self._parsed[path] = ast.parse(source) if source is not None else None
            except (SyntaxError, ValueError, RecursionError):
                self._parsed[path] = None
        return self._parsed[path]


def plain(host: pytest.Item, name: str) -> pytest.Item | None:
    """A failing test beside `host`, or None where something may keep it from running."""
    if not _usable(host) or type(host.parent) is not pytest.Module:
        return None
    source = f"def {name}():\n    left, right = object(), object()\n    assert left == right\n"
    return _install(host, name, source, {})


def twin(host: pytest.Item, name: str, sources: Sources) -> pytest.Item | None:
    """A copy of `host` that must fail, or None where that cannot be promised."""
    if not _usable(host):
        return None
    path = str(host.path).removeprefix(_ROOT)
    parsed = sources.of(path)
    function = _find(parsed, host) if parsed else None
    if function is None:
        return None
    changed = _with_impossible_comparison(function)
    if changed is None:
        return None
    changed.name = name
    module = ast.Module(body=[changed], type_ignores=[])
    options = {
        "callspec": getattr(host, "callspec", None),
        "fixtureinfo": getattr(host, "_fixtureinfo", None),
    }
    return _install(host, name, ast.unparse(ast.fix_missing_locations(module)), options)


def _usable(host: pytest.Item) -> bool:
    return isinstance(host, pytest.Function) and not any(
        mark.name in _MARKS_THAT_DECIDE for mark in host.iter_markers()
    )


def _find(parsed: ast.Module, host: pytest.Item) -> ast.FunctionDef | None:
    """The definition of a test by the names on the way to it; None if there is not exactly one."""
    original = getattr(host, "originalname", None) or host.name
    names = [node.name for node in host.listchain() if isinstance(node, pytest.Class)]
    body: list[ast.stmt] = parsed.body
    for name in names:
        classes = [node for node in body if isinstance(node, ast.ClassDef) and node.name == name]
        if len(classes) != 1:
            return None
        body = classes[0].body
    found = [node for node in body if isinstance(node, ast.FunctionDef) and node.name == original]
    return found[0] if len(found) == 1 else None


def _with_impossible_comparison(function: ast.FunctionDef) -> ast.FunctionDef | None:
    """A copy whose first certain `assert left == right` compares both sides with a fresh object.

    None when no such assertion is certain to be reached, or when a side may equal everything.
    """
    copy = ast.parse(ast.unparse(function)).body[0]
    assert isinstance(copy, ast.FunctionDef)
    for index, statement in enumerate(copy.body):
        sides = _compared(statement)
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


def _compared(statement: ast.stmt) -> tuple[ast.expr, ast.expr] | None:
    """The two sides of `assert a == b` or `self.assertEqual(a, b)`."""
    if isinstance(statement, ast.Assert) and isinstance(statement.test, ast.Compare):
        test = statement.test
        if len(test.ops) == 1 and isinstance(test.ops[0], ast.Eq):
            return test.left, test.comparators[0]
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        return _compared_by_unittest(statement.value)
    return None


def _compared_by_unittest(call: ast.Call) -> tuple[ast.expr, ast.expr] | None:
    if not isinstance(call.func, ast.Attribute) or call.func.attr != "assertEqual":
        return None
    match call.args:
        case [ast.Starred(), *_] | [_, ast.Starred(), *_]:
            return None
        case [left, right, *_]:
            return left, right
    return None


def _may_leave(statement: ast.stmt) -> bool:
    return any(
        isinstance(node, (ast.Return, ast.Yield, ast.YieldFrom, ast.Await))
        for node in ast.walk(statement)
    )


def _no_story(_excinfo: object, style: object = None) -> str:
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
        made: dict[str, Any] = {}
        exec(compile(source, os.path.join(_ROOT, name), "exec"), namespace, made)
        setattr(parent.obj, name, made[name])
        shown = name
        if options.get("callspec") is not None:
            shown = f"{name}[{options['callspec'].id}]"
            options["originalname"] = name
        elif type(host) is pytest.Function and options:
            options["originalname"] = name
        item: pytest.Item = type(host).from_parent(
            parent, name=shown, **{key: value for key, value in options.items() if value}
        )
        quiet: Any = item
        quiet.repr_failure = _no_story
    except Exception:
        # Anything at all may be odd about a test; one without a twin is still a test.
        return None
    return item
