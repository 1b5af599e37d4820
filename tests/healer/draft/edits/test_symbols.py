"""A symbol is found by its name and its new source is fitted in, or a sentence says why not."""

import ast
import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healer.draft.edits.errors import EditRefused
from healer.draft.edits.symbols import first_line, list_definitions, parse_python, replace_symbol

MODULE = '''\
import json


def total(rows):
    amount = 0
    for row in rows:
        amount += row["total"]
    return amount


# Keeps the last answer.
@cache
@retry(times=3)
def fetch(url):
    """Fetches.

    Twice.
    """
    return json.loads(get(url))


class Report:
    limit = 3

    def total(self):
        return sum(self.rows)

    @property
    def name(self):
        return "a"
'''


def symbol(name: str, source: str, text: str = MODULE) -> str:
    """The text with one symbol replaced."""
    fitted = replace_symbol(text, name, source)
    return text[: fitted.start] + fitted.text + text[fitted.end :]


def refusal(name: str, source: str, text: str = MODULE) -> str:
    with pytest.raises(EditRefused) as caught:
        replace_symbol(text, name, source)
    return str(caught.value)


def test_a_function_is_replaced_by_name_and_nothing_else_moves() -> None:
    changed = symbol("total", "def total(rows):\n    return sum(rows)")
    assert changed == MODULE.replace(
        MODULE[MODULE.index("    amount = 0") : MODULE.index("\n\n\n# Keeps")],
        "    return sum(rows)",
    )


def test_a_method_given_at_the_margin_is_indented() -> None:
    changed = symbol(
        "Report.total", 'def total(self):\n    """All.\n\n    Rows.\n    """\n    return 1'
    )
    assert (
        '    def total(self):\n        """All.\n\n        Rows.\n        """\n        return 1\n'
        in changed
    )


def test_a_string_of_several_lines_inside_a_new_symbol_keeps_its_data() -> None:
    changed = symbol("Report.total", 'def total(self):\n    return """a\n  b\n"""')
    assert 'return """a\n  b\n"""\n' in changed


def test_decorators_that_the_new_source_leaves_out_are_kept() -> None:
    changed = symbol("fetch", "def fetch(url):\n    return get(url)")
    assert (
        "# Keeps the last answer.\n@cache\n@retry(times=3)\ndef fetch(url):\n    return get(url)\n"
        in changed
    )


def test_decorators_that_the_new_source_gives_take_the_place_of_the_old() -> None:
    changed = symbol(
        "fetch", "# Keeps the last answer.\n@retry(times=9)\ndef fetch(url):\n    return 1"
    )
    assert "# Keeps the last answer.\n@retry(times=9)\ndef fetch(url):\n    return 1\n" in changed
    assert "@cache" not in changed
    assert changed.count("# Keeps") == 1


def test_a_new_helper_may_stand_beside_the_function_that_needs_it() -> None:
    helper = "def count(row):\n    return row['total']"
    total = "def total(rows):\n    return sum(map(count, rows))"
    for source in (f"{helper}\n\n\n{total}", f"{total}\n\n\n{helper}"):
        changed = symbol("total", source)
        assert changed.count("def total(rows)") == 1
        assert f"import json\n\n\n{source}\n\n\n# Keeps" in changed
    method = symbol("Report.total", "def total(self):\n    return 1\n\ndef fetch(self): return 2")
    assert "    def total(self):\n        return 1\n\n    def fetch(self): return 2\n" in method


@pytest.mark.parametrize(
    ("name", "source", "says"),
    [
        ("totals", "def totals(): pass", "did you mean 'total'?"),
        ("total", "def other(): pass", "must be the one function 'total'"),
        ("total", "import os\ndef total(): pass", "must be the one function 'total'"),
        ("total", "class total: pass", "must be the one function 'total'"),
        ("total", "return 1 +", "does not parse"),
        ("Report", "def Report(): pass", "must be the one class 'Report'"),
        ("Report.total", "", "must be the one function"),
        ("total", "def fetch(url): pass\n\ndef total(): pass", "brings 'fetch', too"),
        ("Report.total", "def name(self): pass\ndef total(self): pass", "brings 'name', too"),
    ],
)
def test_a_symbol_edit_that_does_not_fit_says_why(name: str, source: str, says: str) -> None:
    assert says in refusal(name, source)


def test_a_symbol_that_is_defined_twice_is_refused() -> None:
    text = "if X:\n    def f(): pass\nelse:\n    def f(): return 1\n"
    said = refusal("f", "def f(): pass", text=text)
    assert "defined 2 times (lines 2, 4)" in said


def test_a_symbol_of_a_file_that_does_not_parse_is_refused_with_the_way_out() -> None:
    said = refusal("f", "def f(): 1", text="def f(:\n")
    assert "use replace_text" in said


_BODIES = st.sampled_from(
    ["return 1", "if x:\n    return 2\nreturn 3", '"""Doc.\n\nMore.\n"""\nreturn x', "pass"]
)


@given(body=_BODIES, depth=st.integers(0, 3), given_depth=st.integers(0, 2), tabs=st.booleans())
def test_a_replaced_symbol_parses_at_any_depth_and_is_what_was_given(
    body: str, depth: int, given_depth: int, tabs: bool
) -> None:
    unit = "\t" if tabs else "  "
    heads = [f"{unit * level}class C{level}:" for level in range(depth)]
    method = [f"{unit * depth}def f(x):", f"{unit * (depth + 1)}raise KeyError"]
    after = [f"{unit * depth}y = 1"]
    text = "\n".join([*heads, *method, *after, ""])
    name = ".".join([*(f"C{level}" for level in range(depth)), "f"])
    new = "def f(x):\n" + textwrap.indent(body, "    ")
    result = symbol(name, textwrap.indent(new, "    " * given_depth), text)
    tree = ast.parse(result)
    node = next(node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))
    expected = ast.parse(new).body[0]
    assert isinstance(expected, ast.FunctionDef)
    assert ast.get_docstring(node) == ast.get_docstring(expected)
    assert ast.unparse(node.body[-1]) == ast.unparse(expected.body[-1])
    assert result.endswith(f"\n{unit * depth}y = 1\n")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("def f(): pass\nclass A:\n    def g(self): pass\n", ["f", "A", "A.g"]),
        ("async def f():\n    def g(): pass\n", ["f", "f.g"]),
        ("if X:\n    def f(): pass\nelse:\n    def f(): pass\n", ["f", "f"]),
        ("try:\n    import a\nexcept ImportError:\n    class a: pass\n", ["a"]),
        ("with open('x') as f:\n    def g(): pass\n", ["g"]),
        ("f = lambda: [def_ for def_ in ()]\n", []),
        ("", []),
    ],
)
def test_every_function_and_class_is_listed_by_its_qualified_name(
    text: str, names: list[str]
) -> None:
    assert [each.name for each in list_definitions(ast.parse(text))] == names


def test_a_decorator_is_the_first_line_of_what_it_decorates() -> None:
    (plain, decorated) = list_definitions(ast.parse("def f(): pass\n@a\n@b\nclass C: pass\n"))
    assert (first_line(plain.node), first_line(decorated.node)) == (1, 2)


@pytest.mark.parametrize("text", ["def f(:", "x = 1\0", "(" * 500, "x = '\ud800'", "\tx\n  y"])
def test_what_does_not_parse_is_none(text: str) -> None:
    assert parse_python(text) is None


def test_a_doubtful_escape_parses_without_a_warning() -> None:
    assert parse_python("x = '\\d'\nassert (1, 2)\n") is not None


@pytest.mark.parametrize("name", ["Report.total", "Report.total()", "Report . total"])
def test_brackets_and_blanks_in_a_name_are_no_part_of_it(name: str) -> None:
    assert "return 7" in symbol(name, "def total(self):\n    return 7")


def test_a_function_in_a_function_is_found_with_and_without_its_locals() -> None:
    text = "def outer():\n    def inner():\n        return 1\n    return inner\n"
    for name in ("outer.inner", "outer.<locals>.inner"):
        assert symbol(name, "def inner(): return 2", text) == text.replace(
            "def inner():\n        return 1", "def inner(): return 2"
        )
