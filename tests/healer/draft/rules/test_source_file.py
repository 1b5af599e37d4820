"""A file's text with positions: from tree nodes to offsets, and the usual small edits."""

import ast
import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healer.draft.rules.source_file import (
    SourceFile,
    TextEdit,
    apply_edits,
    body_without_docstring,
    parse_source,
)

SCRIPT = """
    import os

    class Report:
        def total(self, rows):
            result = sum(
                rows,
            )
            for row in rows:
                def check(x): return x > 0
                check(row)
            return result
    """
CODE = textwrap.dedent(SCRIPT).lstrip("\n")


def source(text: str = CODE) -> SourceFile:
    return SourceFile("job.py", text)


def call_in(code: SourceFile) -> ast.Call:
    return next(node for node in code.nodes if isinstance(node, ast.Call))


@pytest.mark.parametrize("text", ["def f(:\n", "x = '\0'\n", "(" * 500, "return (\n", "\tx\n y\n"])
def test_a_text_that_is_no_program_has_no_tree_and_no_nodes(text: str) -> None:
    code = source(text)
    assert code.tree is None
    assert code.nodes == ()
    assert code.statement_at(1) is None
    assert code.function_at(1) is None
    assert list(code.nodes_of_statement(1)) == []


@pytest.mark.parametrize("text", ["x = '\\d'\n", "x is 3\n", "assert (1, 2)\n"])
def test_what_python_warns_of_is_a_program_all_the_same(text: str) -> None:
    assert source(text).tree is not None
    assert isinstance(parse_source("\ufeff" + text), ast.Module)


@given(st.text("ab \n\r\u20ac\U0001f600'#=+", max_size=40))
def test_lines_are_split_as_python_counts_them_and_make_the_text_again(text: str) -> None:
    code = source(text)
    assert "".join(code.lines) == text
    assert len(code.lines) == text.count("\n") + 1
    for number, line in enumerate(code.lines, 1):
        assert code.text[code.line_start(number) :].startswith(line)
    assert code.line_start(len(code.lines) + 5) == len(text)


@pytest.mark.parametrize(
    ("text", "segment"),
    [
        ("x = f(1)\n", "f(1)"),
        ("x = 'ä€😀' + f('ü')\n", "f('ü')"),
        ("\ufeffx = f(1)\n", "f(1)"),
        ("x = f(\n    1,\n)\n", "f(\n    1,\n)"),
        ("x = 1; y = f(2)\r\n", "f(2)"),
    ],
)
def test_a_node_s_text_is_found_whatever_letters_stand_before_it(text: str, segment: str) -> None:
    code = source(text)
    assert code.segment(call_in(code)) == segment
    start, end = code.span(call_in(code))
    assert text[start:end] == segment


@given(st.text("aäé€😀 ", max_size=12), st.text("bü😀", min_size=1, max_size=5))
def test_any_letters_before_a_node_leave_its_text_as_it_is(before: str, name: str) -> None:
    code = source(f"x = '{before}' + '{name}'\n")
    constants = [code.segment(n) for n in code.nodes if isinstance(n, ast.Constant)]
    assert constants == [f"'{before}'", f"'{name}'"]


@pytest.mark.parametrize(
    ("number", "line", "indent"),
    [
        (1, "import os", ""),
        (2, "", ""),
        (5, "        result = sum(", " " * 8),
        (99, "", ""),
        (0, "", ""),
    ],
)
def test_a_line_is_given_without_its_end(number: int, line: str, indent: str) -> None:
    assert source().line(number) == line
    assert source().indent(number) == indent


def test_the_file_s_line_end_is_known() -> None:
    assert source("a\r\nb\r\n").newline == "\r\n"
    assert source("a\nb\n").newline == "\n"
    assert source("a\r\nb\r\n").line(1) == "a"


@pytest.mark.parametrize(
    ("line", "kind", "functions"),
    [
        (1, ast.Import, []),
        (4, ast.FunctionDef, ["total"]),
        (5, ast.Assign, ["total"]),
        (6, ast.Assign, ["total"]),
        (8, ast.For, ["total"]),
        (9, ast.Return, ["total", "check"]),
        (10, ast.Expr, ["total"]),
    ],
)
def test_the_statement_and_the_functions_around_a_line_are_found(
    line: int, kind: type[ast.stmt], functions: list[str]
) -> None:
    code = source()
    assert isinstance(code.statement_at(line), kind)
    assert [function.name for function in code.functions_at(line)] == functions
    innermost, outermost = code.function_at(line), code.outermost_function_at(line)
    assert (innermost.name if innermost else None) == (functions[-1] if functions else None)
    assert (outermost.name if outermost else None) == (functions[0] if functions else None)


def test_a_loop_s_header_has_its_own_expressions_only() -> None:
    names = [n.id for n in source().nodes_of_statement(8) if isinstance(n, ast.Name)]
    assert names == ["row", "rows"]


def test_a_node_s_class_is_the_nearest_that_holds_it() -> None:
    code = source()
    function = code.function_at(10)
    assert function is not None
    cls = code.class_around(function)
    assert cls is not None
    assert cls.name == "Report"
    assert code.tree is not None
    assert code.class_around(code.tree.body[0]) is None


@pytest.mark.parametrize(
    ("text", "argument", "after"),
    [
        ("f()\n", "a=1", "f(a=1)\n"),
        ("f(x)\n", "a=1", "f(x, a=1)\n"),
        ("f(k=2)\n", "a=1", "f(k=2, a=1)\n"),
        ("f(x,)\n", "a=1", "f(x, a=1)\n"),
        ("f(\n    x,\n)\n", "a=1", "f(\n    x, a=1\n)\n"),
        ("f(\n    x\n)\n", "a=1", "f(\n    x\n, a=1)\n"),
    ],
)
def test_an_argument_is_added_at_a_call_s_end(text: str, argument: str, after: str) -> None:
    code = source(text)
    assert apply_edits(text, [code.add_argument(call_in(code), argument)]) == after


@pytest.mark.parametrize(
    ("edit", "after"),
    [
        ("replace", "x = y\n"),
        ("wrap", "x = str(a.b('c'))\n"),
        ("insert_after", "x = a.b('c').d\n"),
        ("rename_end", "x = a.new('c')\n"),
        ("requote", "x = a.b('new')\n"),
    ],
)
def test_the_usual_small_edits(edit: str, after: str) -> None:
    text = "x = a.b('c')\n"
    code = source(text)
    call = call_in(code)
    edits = {
        "replace": lambda: code.replace(call, "y"),
        "wrap": lambda: code.wrap(call, "str({})"),
        "insert_after": lambda: code.insert_after(call, ".d"),
        "rename_end": lambda: code.rename_end(call.func, "b", "new"),
        "requote": lambda: code.requote(call.args[0], "new"),
    }
    assert apply_edits(text, [edits[edit]()]) == after


def test_a_line_is_added_before_a_statement_with_its_indentation_and_line_end() -> None:
    text = "def f():\r\n    x = 1\r\n"
    code = source(text)
    (function,) = code.functions_at(2)
    edit = code.add_line(function.body[0], "global x")
    assert apply_edits(text, [edit]) == "def f():\r\n    global x\r\n    x = 1\r\n"


def test_the_line_after_a_node_is_after_its_last() -> None:
    code = source()
    statement = code.statement_at(5)
    assert statement is not None
    assert code.text[code.line_after(statement) :].startswith("        for row in rows:")


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("x = 1\n", "import json\nx = 1\n"),
        ("", "import json\n"),
        ("#!/bin/sh\n# two\nx = 1\n", "#!/bin/sh\n# two\nimport json\nx = 1\n"),
        ('"""Doc."""\nx = 1\n', '"""Doc."""\nimport json\nx = 1\n'),
        (
            "from __future__ import annotations\nx = 1\n",
            "from __future__ import annotations\nimport json\nx = 1\n",
        ),
        ("x = 1\nimport os\n", "x = 1\nimport json\nimport os\n"),
        ("# only a comment", "# only a comment\nimport json\n"),
        ("x = 1\r\n", "import json\r\nx = 1\r\n"),
    ],
)
def test_an_import_goes_where_the_module_s_imports_begin(text: str, after: str) -> None:
    assert apply_edits(text, [source(text).add_import("import json")]) == after


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("import xml\nxml.dom\n", "import xml.dom\nxml.dom\n"),
        ("import os, xml\n", "import os, xml.dom\n"),
        ("import xml as x\n", "import xml.dom\nimport xml as x\n"),
        ("def f():\n    import xml\n", "import xml.dom\ndef f():\n    import xml\n"),
    ],
)
def test_a_part_of_a_package_takes_the_place_of_the_package_s_import(text: str, after: str) -> None:
    assert apply_edits(text, [source(text).add_import("import xml.dom")]) == after


def test_two_parts_of_a_package_do_not_get_into_each_other_s_way() -> None:
    text = "import urllib\n"
    edits = source(text).add_imports(["urllib.parse", "urllib.request"])
    assert apply_edits(text, edits) == "import urllib.request\nimport urllib.parse\n"


def test_edits_are_made_in_any_order_and_each_once() -> None:
    edits = [TextEdit(4, 5, "B"), TextEdit(0, 1, "A"), TextEdit(4, 5, "B"), TextEdit(2, 2, "-")]
    assert apply_edits("a b c", edits) == "A -b B"
    assert apply_edits("a", []) == "a"


def test_edits_that_overlap_are_refused() -> None:
    with pytest.raises(ValueError, match="edits overlap at character 1"):
        apply_edits("abc", [TextEdit(0, 2, "x"), TextEdit(1, 3, "y")])


@given(st.text(max_size=20), st.integers(0, 20), st.integers(0, 20), st.text(max_size=5))
def test_one_edit_changes_what_lies_between_its_ends_only(
    text: str, first: int, second: int, new: str
) -> None:
    start, end = sorted((min(first, len(text)), min(second, len(text))))
    assert apply_edits(text, [TextEdit(start, end, new)]) == text[:start] + new + text[end:]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ('def f():\n    """Doc."""\n    x = 1\n', "x = 1"),
        ('def f():\n    """Doc."""\n', '"""Doc."""'),
        ("def f():\n    x = 1\n    y = 2\n", "x = 1"),
        ("def f():\n    3\n    y = 2\n", "3"),
    ],
)
def test_a_function_s_body_begins_below_its_docstring(text: str, first: str) -> None:
    code = source(text)
    function = code.functions_at(1)[0]
    assert code.segment(body_without_docstring(function)[0]) == first
