"""A module answers what stands where, and what each expression of it names."""

import ast

import pytest

from quarantine.policy.module import Module

SOURCE = '''"""A docstring."""
import os
from json import loads as read


class Job:
    """Another."""

    def run(self, rows):
        if rows:
            os.remove(rows[0])
        return [read(row) for row in rows]

    async def stop(self):
        def inner():
            return 1
        "a string as a comment"
        return inner


def run(rows):
    table = {}
    table.key = rows
    return table
'''


@pytest.fixture(scope="module", name="module")
def parsed_module() -> Module:
    return Module(ast.parse(SOURCE))


def find(module: Module, source: str) -> ast.AST:
    """The first node with this source."""
    return next(
        node
        for node in module.nodes
        if isinstance(node, ast.expr | ast.stmt) and ast.unparse(node) == source
    )


@pytest.mark.parametrize(
    ("source", "scope", "function"),
    [
        ("os.remove(rows[0])", "Job.run", "run"),
        ("return 1", "Job.stop.inner", "inner"),
        ("return inner", "Job.stop", "stop"),
        ("return table", "run", "run"),
        ("import os", "", None),
    ],
)
def test_a_node_lies_in_the_scopes_around_it(
    module: Module, source: str, scope: str, function: str | None
) -> None:
    node = find(module, source)
    around = module.function(node)
    assert module.scope(node) == scope
    assert (around.name if around else None) == function


def test_the_nodes_above_come_innermost_first(module: Module) -> None:
    node = find(module, "os.remove(rows[0])")
    kinds = [type(above).__name__ for above in module.parents(node)]
    assert kinds == ["If", "FunctionDef", "ClassDef", "Module"]
    assert module.parent(module.tree) is None


def test_functions_go_by_their_qualified_names(module: Module) -> None:
    assert list(module.functions) == ["run", "Job.run", "Job.stop", "Job.stop.inner"]


def test_of_two_functions_with_one_name_the_last_counts() -> None:
    module = Module(ast.parse("def f():\n    return 1\ndef f():\n    return 2\n"))
    assert module.functions["f"].lineno == 3


def test_nodes_are_found_by_their_exact_type(module: Module) -> None:
    assert len(module.of(ast.FunctionDef)) == 3
    assert len(module.of(ast.FunctionDef, ast.AsyncFunctionDef)) == 4
    assert module.of(ast.expr) == []


def test_methods_are_functions_of_a_class(module: Module) -> None:
    found = list(module.methods(frozenset({"run", "inner"})))
    assert [(method.name, method.lineno) for method in found] == [("run", 9)]


def test_docstrings_and_bare_strings_are_told_from_other_strings(module: Module) -> None:
    strings = {
        node.value
        for node in module.of(ast.Constant)
        if isinstance(node, ast.Constant) and id(node) in module.docstrings
    }
    assert strings == {"A docstring.", "Another.", "a string as a comment"}


def test_every_written_name_is_an_identifier(module: Module) -> None:
    names = {name for name, _ in module.identifiers}
    assert {"Job", "run", "rows", "row", "read", "loads", "remove", "key", "self"} <= names


@pytest.mark.parametrize(
    ("name", "kind", "line", "scope"),
    [
        ("os", "import", 2, ""),
        ("json.loads", "import", 3, ""),
        ("os.remove", "call", 11, "Job.run"),
        ("json.loads", "call", 12, "Job.run"),
        ("?.key", "store", 23, "run"),
    ],
)
def test_a_use_says_what_is_named_how_and_where(
    module: Module, name: str, kind: str, line: int, scope: str
) -> None:
    uses = {(use.name, use.kind, use.line, use.scope) for use in module.uses}
    assert (name, kind, line, scope) in uses


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("import os\nos.path.join", {"os", "os.path.join"}),
        ("import os.path as p\np.join", {"os.path", "os.path.join"}),
        ("import os\ngetattr(os, '_exit')", {"os", "os._exit", "builtins.getattr"}),
        ("import sys\nsys.modules['a']", {"sys", "sys.modules", "a"}),
        ("from . import a", set()),
        ("x = 1", set()),
    ],
)
def test_what_is_named_is_the_whole_chain(source: str, names: set[str]) -> None:
    assert {use.name for use in Module(ast.parse(source)).uses} == names


def test_the_node_of_a_call_is_the_whole_call(module: Module) -> None:
    (use,) = [use for use in module.uses if use.name == "os.remove"]
    assert ast.unparse(use.node) == "os.remove(rows[0])"
