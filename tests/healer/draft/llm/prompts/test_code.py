"""Questions to one file's text and to the repository, also for files that do not parse."""

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healer.draft.llm.prompts.code import LONGEST_WHOLE, CodeBase, Module, names_in, signature_of
from tests.support.memory_tree import MemoryTree

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
    assert BROKEN.lines_around(2, 1) == "def f(:\n    x = 1\n    return x"
    assert BROKEN.lines_around(1, 0) == "def f(:"
    assert MODULE.lines_around(4, 0) == "LIMIT, REST = 3, 4"


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
    assert MODULE.bindings_of(names) == "\n".join(lines)


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
    assert BROKEN.bindings_of({"x"}) == ""
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


def test_every_name_that_code_mentions_is_known() -> None:
    assert names_in(ast.parse("a = b.c(d, e=f)\nimport g")) == {"a", "b", "d", "f"}


FILES = {
    "jobs/report.py": (
        "import jobs.rates\nimport jobs.rates as r\nfrom jobs import money\n"
        "from . import dates\nfrom jobs.money import paid as p\n\n\n"
        "class Report:\n    def total(self):\n        return self.part() + jobs.rates.rate()\n\n"
        "    def part(self):\n        return r.rate() + money.paid() + p()\n\n\n"
        "def run():\n    print(Report(), dates.today(), run(), open(1), x.y.z())\n"
    ),
    "jobs/rates.py": "def rate():\n    return 1\n",
    "jobs/money.py": "def paid():\n    return 1\n",
    "jobs/dates.py": "def today():\n    return 1\n",
    "src/tools.py": "def tool():\n    return 1\n",
    "main.py": "from tools import tool\n\n\ndef start():\n    tool()\n",
    "data.bin": "\0",
}


def callees(path: str, name: str) -> list[str]:
    base = CodeBase(MemoryTree(FILES))
    module = base.read_module(path)
    symbol = module.find_symbol(name) if module else None
    assert module
    assert symbol
    found = base.find_callees(module, symbol.node)
    return [f"{callee.module.path}:{callee.symbol.name}" for callee in found]


def test_what_a_function_calls_is_found_where_it_is_defined_each_once() -> None:
    assert callees("jobs/report.py", "part") == ["jobs/rates.py:rate", "jobs/money.py:paid"]
    assert callees("jobs/report.py", "run") == ["jobs/report.py:Report", "jobs/dates.py:today"]
    assert callees("jobs/report.py", "Report.total") == ["jobs/report.py:Report.part"]
    assert callees("main.py", "start") == ["src/tools.py:tool"]


def test_a_file_is_read_once_and_what_is_no_text_is_none() -> None:
    base = CodeBase(MemoryTree(FILES))
    assert base.read_module("main.py") is base.read_module("main.py")
    assert base.read_module("data.bin") is None
    assert base.read_module("nothing.py") is None
    assert "data.bin" in base.paths


def test_line_ends_are_one_sign_and_a_byte_order_mark_is_none() -> None:
    tree = MemoryTree({"a.py": b"\xef\xbb\xbfx = 1\r\ny = 2\r\n"})
    module = CodeBase(tree).read_module("a.py")
    assert module is not None
    assert module.lines == ["x = 1", "y = 2", ""]


def test_the_repositorys_tests_are_known() -> None:
    base = CodeBase(MemoryTree({"job.py": "", "tests/test_job.py": "def test_a(): pass\n"}))
    assert base.tests.is_test("tests/test_job.py")
    assert not base.tests.is_test("job.py")


@given(st.text(max_size=120), st.integers(-2, 12))
def test_any_text_answers_every_question(text: str, line: int) -> None:
    module = Module("a.py", text)
    module.symbol_around(line)
    module.only_starts(line)
    assert module.bindings_of(set()) == ""
    assert isinstance(module.lines_around(max(line, 1), 2), str)
    assert module.find_line(line, "") == line
    assert list(module.find_imports("no such name")) == []
