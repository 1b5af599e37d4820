"""Questions to one file's text and to the repository, also for files that do not parse."""

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healer.draft.llm.prompts.code import (
    LONGEST_WHOLE,
    Module,
    mentions_of,
    names_in,
    signature_of,
)

TEXT = '''\
import json
from decimal import Decimal as D

LIMIT, REST = 3, 4
try:
    import fast
except ImportError:
    fast = None


class Report:
    """A report.

    Of rows.
    """

    def total(self, rows):
        def inner(row):
            return row["total"]
        return sum(inner(row) for row in rows[:LIMIT])

    @property
    def name(self):
        return self.total([])


def total(rows, *, day: int = 3) -> float:
    return Report().total(rows)


if __name__ == "__main__":
    print(total([]))
'''
MODULE = Module("jobs/report.py", TEXT)
BROKEN = Module("b.py", "def f(:\n    x = 1\n    return x\n")


@pytest.mark.parametrize(
    ("line", "name"),
    [(17, "Report.total"), (19, "Report.total.inner"), (22, "Report.name"), (12, "Report"),
     (28, "total"), (4, None), (32, None), (999, None), (0, None)],
)  # fmt: skip
def test_the_innermost_symbol_around_a_line_is_found(line: int, name: str | None) -> None:
    symbol = MODULE.symbol_around(line)
    assert (symbol.name if symbol else None) == name


@pytest.mark.parametrize(
    ("name", "found"),
    [("Report.total", "Report.total"), ("total", "total"), ("inner", "Report.total.inner"),
     ("name", "Report.name"), ("Report", "Report"), ("nothing", None), ("", None)],
)  # fmt: skip
def test_a_symbol_is_found_by_its_whole_name_or_by_a_last_part_that_is_the_only_one(
    name: str, found: str | None
) -> None:
    symbol = MODULE.find_symbol(name)
    assert (symbol.name if symbol else None) == found


def test_a_last_part_that_two_have_means_neither() -> None:
    module = Module("a.py", "class A:\n    def f(self): ...\nclass B:\n    def f(self): ...\n")
    assert module.find_symbol("f") is None
    assert module.find_symbol("A.f") is not None


@pytest.mark.parametrize(
    ("line", "text", "found"),
    [(28, "return Report().total(rows)", 28), (3, "return Report().total(rows)", 28),
     (3, "", 3), (3, "nowhere = 1", 3), (999, "LIMIT, REST = 3, 4", 4)],
)  # fmt: skip
def test_a_line_that_moved_is_found_by_its_text(line: int, text: str, found: int) -> None:
    assert MODULE.find_line(line, text) == found


def test_of_several_equal_lines_the_nearest_is_meant() -> None:
    module = Module("a.py", "x\ny\nx\ny\ny\n")
    assert [module.find_line(line, "x") for line in (1, 2, 5)] == [1, 1, 3]


def test_a_short_symbol_is_shown_whole_with_its_decorators() -> None:
    symbol = MODULE.find_symbol("name")
    assert symbol is not None
    assert MODULE.excerpt(symbol.node) == (
        "    @property\n    def name(self):\n        return self.total([])"
    )


def test_of_a_long_symbol_the_head_and_the_lines_asked_for_are_shown_and_the_rest_is_counted() -> (
    None
):
    body = "".join(f"    x{n} = {n}\n" for n in range(2 * LONGEST_WHOLE))
    module = Module("a.py", f"def f():\n{body}")
    symbol = module.find_symbol("f")
    assert symbol is not None
    shown = module.excerpt(symbol.node, 100)
    assert shown.startswith("def f():\n    x0 = 0\n")
    assert "x98 = 98" in shown
    assert "x50 = 50" not in shown
    counts = [int(line.split()[1][1:]) for line in shown.split("\n") if "not shown" in line]
    lines = [line for line in shown.split("\n") if "not shown" not in line]
    assert sum(counts) + len(lines) == 2 * LONGEST_WHOLE + 1


@pytest.mark.parametrize(
    ("start", "only"),
    [
        ('if __name__ == "__main__":\n    main()\n', True),
        ('if "__main__" == __name__:\n    main()\n', True),
        ('if __name__ == "__main__":\n    x = 1\n    main()\n', False),
        ('if __name__ == "__main__":\n    main()\nelse:\n    x()\n', False),
        ("if READY:\n    main()\n", False),
    ],
)
def test_the_start_of_a_script_is_known(start: str, only: bool) -> None:
    assert Module("a.py", start).only_starts(2) == only
    assert not Module("a.py", start).only_starts(1)


def test_lines_around_a_place_are_shown_also_where_nothing_parses() -> None:
    assert BROKEN.lines_around(2, 1) == {1, 2, 3}
    assert BROKEN.show_lines(BROKEN.lines_around(2, 1)) == "def f(:\n    x = 1\n    return x"
    assert BROKEN.lines_around(1, 0) == {1}
    assert BROKEN.lines_around(4, 9) == {1, 2, 3, 4}


@pytest.mark.parametrize(
    ("names", "lines"),
    [
        ({"json"}, ["import json"]),
        ({"D"}, ["from decimal import Decimal as D"]),
        ({"Decimal"}, []),
        ({"LIMIT"}, ["LIMIT, REST = 3, 4"]),
        ({"fast"}, TEXT.split("\n")[4:8]),
        ({"rows"}, []),
        (set(), []),
    ],
)
def test_the_modules_bindings_of_names_are_shown(names: set[str], lines: list[str]) -> None:
    numbers = [number for binding in MODULE.binding_lines(names) for number in binding]
    assert [MODULE.lines[number - 1] for number in numbers] == lines


@pytest.mark.parametrize(
    ("text", "name", "imports"),
    [
        ("import a.b", "a.b", [("a.b", "")]),
        ("import a.b as c", "c", [("a.b", "")]),
        ("from a import b", "b", [("a", "b")]),
        ("from a import b as c", "c", [("a", "b")]),
        ("from a import b as c", "b", []),
        ("from . import b", "b", [("jobs", "b")]),
        ("from ..c import b", "b", [("c", "b")]),
        ("def f():\n    from a import b\n", "b", [("a", "b")]),
        ("def f(:", "b", []),
    ],
)
def test_imports_of_a_name_are_found_with_their_absolute_module(
    text: str, name: str, imports: list[tuple[str, str]]
) -> None:
    assert list(Module("jobs/report.py", text).find_imports(name)) == imports


def test_a_file_that_does_not_parse_has_no_symbols_and_no_errors() -> None:
    assert BROKEN.tree is None
    assert BROKEN.symbols == ()
    assert BROKEN.symbol_around(2) is None
    assert list(BROKEN.binding_lines({"x"})) == []
    assert not BROKEN.only_starts(2)


@pytest.mark.parametrize(
    ("name", "signature"),
    [
        ("total", "def total(rows, *, day: int=3) -> float"),
        ("Report", "class Report  # A report."),
        ("Report.total", "def Report.total(self, rows)"),
    ],
)
def test_a_signature_is_one_line(name: str, signature: str) -> None:
    symbol = MODULE.find_symbol(name)
    assert symbol is not None
    assert signature_of(symbol) == signature


def test_bases_and_async_are_part_of_a_signature() -> None:
    module = Module("a.py", "class A(B, C):\n    async def f(self): 'Doc.'\n")
    assert [signature_of(s) for s in module.symbols] == [
        "class A(B, C)", "async def A.f(self)  # Doc."
    ]  # fmt: skip


def test_a_class_is_shown_without_its_methods_and_the_rest_of_a_long_docstring() -> None:
    docstring = "\n".join(f"    line {number}" for number in range(9))
    module = Module("a.py", f'class A:\n    """Doc.\n{docstring}\n    """\n    x = 1\n\n{METHOD}')
    node = module.symbols[0].node
    assert isinstance(node, ast.ClassDef)
    shown = module.show_lines(module.class_lines(node))
    assert shown.startswith('class A:\n    """Doc.\n    line 0\n')
    assert "    x = 1" in shown
    assert "line 8" not in shown
    assert "def f" not in shown


METHOD = "    @cached\n    def f(self):\n        return 1\n"


def test_a_gap_that_is_shorter_than_the_words_for_it_is_shown() -> None:
    module = Module("a.py", "\n".join(f"x{n} = {n}" for n in range(1, 11)))
    assert module.show_lines({1, 3}) == "x1 = 1\nx2 = 2\nx3 = 3"
    assert module.show_lines({1, 5}) == "x1 = 1\n# [3 lines not shown]\nx5 = 5"
    assert module.show_lines({1}, until=10) == "x1 = 1\n# [9 lines not shown]"


def test_names_and_attributes_are_mentioned() -> None:
    assert mentions_of(ast.parse("b.c(d)\na.b = c")) == {"a", "b", "c", "d"}


TABLE = """\
FORMATS = {
    "plain": Format(
        None,
    ),
    "grid": 1,
}
# Said of the next.
# Both lines.
NAMES = [
    "a",
]
"docstring"
NAMES.sort()
"""


def test_an_entry_of_a_table_has_all_its_lines() -> None:
    module = Module("a.py", TABLE)
    statements = [*module.statement_lines]
    assert statements == [range(1, 7), range(9, 12), range(13, 14)]
    entries = module.entry_lines(statements[0])
    assert entries == {2: range(2, 5), 3: range(2, 5), 4: range(2, 5), 5: range(5, 6)}
    assert module.entry_lines(statements[1]) == {10: range(10, 11)}
    assert module.entry_lines(statements[2]) == {}


def test_a_comment_stands_right_above_its_statement() -> None:
    module = Module("a.py", TABLE)
    assert module.comment_lines(9) == {7, 8}
    assert module.comment_lines(13) == set()
    assert Module("a.py", "# first\nx = 1").comment_lines(2) == {1}


def test_every_name_that_code_mentions_is_known() -> None:
    assert names_in(ast.parse("a = b.c(d, e=f)\nimport g")) == {"a", "b", "d", "f"}


@given(st.text(max_size=120), st.integers(-2, 12))
def test_any_text_answers_every_question(text: str, line: int) -> None:
    module = Module("a.py", text)
    module.symbol_around(line)
    module.only_starts(line)
    assert list(module.binding_lines(set())) == []
    assert isinstance(module.show_lines(module.lines_around(max(line, 1), 2)), str)
    assert module.find_line(line, "") == line
    assert list(module.find_imports("no such name")) == []
