"""What names mean: what is bound where, which import a name comes from, where it is defined."""

import ast
import textwrap
import warnings

import pytest

from healer.draft.rules.scope import (
    STANDARD,
    USUAL_ALIASES,
    USUAL_HOMES,
    add_missing_import,
    bound_names,
    class_members,
    find_classes,
    find_functions,
    import_standard,
    imported_names,
    module_names,
    parameter_names,
    qualified_name,
    visible_names,
)
from healer.draft.rules.source_file import SourceFile, apply_edits
from healer.draft.rules.source_files import SourceFiles
from tests.support.memory_tree import MemoryTree

SCRIPT = """
    import os.path
    from json import loads as read, dumps

    LIMIT = 3

    def outer(rows, *more, key=None, **rest):
        total = 0
        for n, row in enumerate(rows):
            total += n
        with open("a") as file:
            text = file.read()
        try:
            pass
        except ValueError as error:
            pass
        def inner(value):
            count = 1
            return count
        return [x for x in rows]

    class Report:
        title = "Day"
        def __init__(self):
            self.rows = []
        def show(self):
            self.shown, local = True, 1
            other.attribute = 2
    """


def source(text: str = SCRIPT) -> SourceFile:
    return SourceFile("job.py", textwrap.dedent(text).lstrip("\n"))


def function(code: SourceFile, name: str) -> ast.FunctionDef:
    return next(n for n in code.nodes if isinstance(n, ast.FunctionDef) and n.name == name)


def expression(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


def test_a_function_binds_what_its_own_lines_bind() -> None:
    names = set(bound_names(function(source(), "outer")))
    assert names == {
        "rows", "more", "key", "rest", "total", "n", "row", "file", "text", "error", "inner", "x",
    }  # fmt: skip  # a set of words is read as one line


def test_a_module_binds_its_imports_its_classes_and_its_functions() -> None:
    assert module_names(source()) == {"os", "read", "dumps", "LIMIT", "outer", "Report"}
    assert module_names(SourceFile("job.py", "def f(:")) == set()


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (
            "match x:\n    case {'a': y, **z}:\n        pass\n    case [u, *v]:\n        pass\n",
            "yuv",
        ),
        ("match x:\n    case A() as w:\n        pass\n", "w"),
        ("(a := 3)\n", "a"),
        ("for b in c:\n    pass\n", "b"),
        ("d: int = 3\n", "d"),
        ("f = lambda g: g\n", "f"),
    ],
)
def test_every_form_of_binding_is_known(text: str, names: str) -> None:
    assert set(names) <= set(bound_names(ast.parse(text)))


def test_a_function_s_parameters_are_all_named() -> None:
    node = ast.parse("def f(a, /, b, *c, d=1, **e): pass").body[0]
    assert isinstance(node, ast.FunctionDef)
    assert sorted(parameter_names(node)) == ["a", "b", "c", "d", "e"]


def test_a_line_sees_its_functions_names_then_the_module_s_then_the_built_in_ones() -> None:
    code = source()
    line = next(n for n, text in enumerate(code.lines, 1) if "return count" in text)
    names = visible_names(code, line)
    assert names["count"] == names["value"] == 0
    assert names["total"] == names["rows"] == 1
    assert names["LIMIT"] == names["Report"] == 2
    assert names["print"] == 3
    assert "title" not in names


def test_a_nearer_binding_hides_the_one_farther_out() -> None:
    code = SourceFile("job.py", "list = 3\ndef f(list):\n    return list\n")
    assert visible_names(code, 3)["list"] == 0
    assert visible_names(code, 1)["list"] == 0


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("import os", {"os": "os"}),
        ("import os.path", {"os": "os"}),
        ("import os.path as p", {"p": "os.path"}),
        ("from os import path", {"path": "os.path"}),
        ("from os import path as p", {"p": "os.path"}),
        ("from . import a", {}),
        ("from .a import b", {}),
        ("def f():\n    import json", {"json": "json"}),
    ],
)
def test_an_import_gives_local_names_their_full_ones(text: str, names: dict[str, str]) -> None:
    assert imported_names(SourceFile("job.py", text)) == names


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("os", "os"),
        ("os.path.join", "os.path.join"),
        ("c.Mapping", "collections.Mapping"),
        ("Path", "pathlib.Path"),
        ("other.path", ""),
        ("os().path", ""),
        ("'a'.join", ""),
    ],
)
def test_a_chain_is_named_in_full_by_the_file_s_imports(text: str, name: str) -> None:
    imports = {"os": "os", "c": "collections", "Path": "pathlib.Path"}
    assert qualified_name(expression(text), imports) == name


def test_a_class_s_members_are_its_own_names_and_those_it_sets_on_itself() -> None:
    cls = next(n for n in source().nodes if isinstance(n, ast.ClassDef))
    assert class_members(cls) == {"title", "__init__", "show", "rows", "shown"}


@pytest.mark.parametrize(
    ("text", "module", "name", "after"),
    [
        ("x = 1\n", "json", "", "import json\nx = 1\n"),
        ("x = 1\n", "pathlib", "Path", "from pathlib import Path\nx = 1\n"),
        ("import json\n", "json", "", "import json\n"),
        ("from pathlib import Path\n", "pathlib", "Path", "from pathlib import Path\n"),
        ("import json as j\n", "json", "", "import json\nimport json as j\n"),
    ],
)
def test_an_import_is_added_only_where_the_name_is_missing(
    text: str, module: str, name: str, after: str
) -> None:
    code = SourceFile("job.py", text)
    assert apply_edits(text, add_missing_import(code, module, name)) == after


def test_functions_and_classes_are_found_in_the_failing_file_first() -> None:
    files = SourceFiles(
        MemoryTree(
            {
                "a.py": "def total(): ...\nclass Report:\n    def total(self): ...\n",
                "job.py": "def total(): ...\n",
                "notes.txt": "def total(): ...\n",
            }
        )
    )
    assert [code.path for code, _ in find_functions(files, "job.py", "total")] == [
        "job.py", "a.py", "a.py",
    ]  # fmt: skip  # a list of paths is read as one line
    methods = [node.lineno for _, node in find_functions(files, "job.py", "Report.total")]
    assert methods == [3]
    assert [code.path for code, _ in find_functions(files, "job.py", "f.<locals>.total")][:1] == [
        "job.py"
    ]
    assert [code.path for code, _ in find_classes(files, "job.py", "Report")] == ["a.py"]
    assert list(find_classes(files, "job.py", "Job")) == []


def test_a_standard_module_is_imported_whatever_it_warns_of() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert import_standard("json") is not None
        assert import_standard("xml.dom.minidom") is not None
        import_standard("imp")


@pytest.mark.parametrize("name", ["antigravity", "this", "numpy", "no_such_module", "json.nothing"])
def test_a_module_that_does_something_or_is_not_standard_is_not_imported(name: str) -> None:
    assert import_standard(name) is None


@pytest.mark.parametrize("name", sorted(USUAL_HOMES))
def test_a_usual_home_has_the_name_that_it_is_said_to_have(name: str) -> None:
    module = import_standard(USUAL_HOMES[name])
    assert module is not None
    assert hasattr(module, name)


def test_usual_aliases_say_the_import_that_makes_them() -> None:
    for alias, (package, statement) in USUAL_ALIASES.items():
        assert statement.endswith(f" as {alias}")
        assert package in statement
    assert {"json", "os", "sys", "datetime"} <= STANDARD
