"""Questions that lead from one file into another."""

from healer.draft.llm.prompts.code_base import CodeBase
from tests.support.memory_tree import MemoryTree

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


def test_the_files_that_a_file_imports_are_those_of_the_repository() -> None:
    base = CodeBase(MemoryTree({**FILES, "jobs/__init__.py": "import os\n"}))
    modules = {
        path: base.read_module(path) for path in ("jobs/report.py", "main.py", "jobs/rates.py")
    }
    imported = {
        path: {each.path for each in base.find_imported(m)} for path, m in modules.items() if m
    }
    assert imported == {
        "jobs/report.py": {"jobs/rates.py", "jobs/money.py", "jobs/dates.py", "jobs/__init__.py"},
        "main.py": {"src/tools.py"},
        "jobs/rates.py": set(),
    }


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


def test_what_a_function_names_is_found_where_it_is_bound() -> None:
    files = {
        "job.py": "from rates import RATES\nimport rates as r\nLIMIT = 3\n\n\n"
        "def f():\n    return RATES, r.DAYS, LIMIT, r.f\n",
        "rates.py": "RATES = {\n    'EUR': 1,\n}\nDAYS = 7\nOTHER = 8\n",
    }
    base = CodeBase(MemoryTree(files))
    module = base.read_module("job.py")
    assert module
    bindings = base.find_bindings(module, module.symbols[0].node)
    assert {(m.path, lines[0], lines[-1]) for m, lines in bindings} == {
        ("job.py", 1, 1), ("job.py", 2, 2), ("job.py", 3, 3),
        ("rates.py", 1, 3), ("rates.py", 4, 4),
    }  # fmt: skip
