"""Which code a prompt shows: by what ran, nearest to the failure first, and never tests as code."""

from typing import Any

from healer.draft.llm.endpoint import tokens
from healer.draft.llm.prompts.code_base import CodeBase
from healer.draft.llm.prompts.context import list_failing_tests
from healer.draft.llm.prompts.excerpts import Excerpts
from healer.draft.llm.prompts.failing_tests import FailingTests as ShownTests
from healer.failure import Frame
from healer.redact import Redactor
from sandbox import FailingTests, ProcessEnd, Report, TestResult, TestRun
from tests.healer.draft.llm.cases import Files, case, failure

JOB = """\
LIMIT = 3


class Report:
    \"\"\"Rows of a night.\"\"\"

    kind = "nightly"

    def __init__(self, rows):
        self.rows = clean(rows)

    def total(self):
        return sum(pick(row) for row in self.rows)

    def unrelated(self):
        return "unrelated"


def clean(rows):
    return [strip(row) for row in rows][:LIMIT]


def strip(row):
    return row[1:]


def pick(row):
    return HOOKS["pick"](row)


def hook(row):
    return row["total"]


def never():
    return "never"


HOOKS = {"pick": hook}
"""
REST = "".join(f"\n\ndef other{n}(value):\n    return value * {n} + {n}\n" for n in range(60))
"""So much that the file is not shown whole."""
TEST = """\
from job import Report


def test_total():
    assert Report([{}]).total() == 0
"""
NODE = "test_night.py::test_total"
LINES = {line.split("(")[0].split()[-1]: number for number, line in enumerate(JOB.split("\n"), 1)
         if line.lstrip().startswith("def ")}  # fmt: skip


def excerpts(executed: dict[str, tuple[int, ...]], *frames: Frame, **more: Any) -> tuple[str, str]:
    """The code and the signatures that are shown where the only test executes these places."""
    result = TestResult(node=NODE, outcome="failed", detail="E   assert 1 == 0")
    trace = FailingTests(nodes=(NODE,), executed=executed)
    report = Report(
        tests=(TestRun(results=(result,), ended=ProcessEnd(exit_code=1)),),
        failing=(trace,) if executed else (),
    )
    of = case(failure=failure(chain=()), script="job.py", baseline=report, **more)
    base = CodeBase(Files({"job.py": JOB + REST, "test_night.py": TEST}))
    shown = Excerpts(base, Redactor(), 5_000)
    code = shown.show_code(of, list(frames), list_failing_tests(of))
    return code, shown.show_signatures()


def lines_of(*names: str) -> tuple[int, ...]:
    return tuple(LINES[name] for name in names)


def crash_in(name: str) -> Frame:
    line = LINES[name] + 1
    return Frame(file="job.py", line=line, function=name, source="", own=True)


def test_a_function_that_had_returned_before_the_crash_is_shown() -> None:
    ran = lines_of("__init__", "clean", "strip", "total", "pick", "hook")
    code, _ = excerpts({"job.py": ran}, crash_in("hook"))
    assert code.startswith("# job.py\n")
    assert 'return row["total"]' in code
    assert "return [strip(row) for row in rows][:LIMIT]" in code
    assert "return row[1:]" in code
    assert "LIMIT = 3" in code


def test_what_did_not_run_is_a_signature_at_most() -> None:
    code, signatures = excerpts({"job.py": lines_of("total", "pick")}, crash_in("total"))
    assert "return HOOKS" in code
    assert "never" not in code + signatures
    assert "def strip" not in code


def test_what_ran_without_a_call_that_can_be_read_comes_last() -> None:
    code, _ = excerpts({"job.py": lines_of("pick", "hook", "total")}, crash_in("total"))
    assert code.index("def pick") < code.index("def hook")


def test_a_method_comes_with_its_classs_head_and_how_its_objects_are_made() -> None:
    code, _ = excerpts({"job.py": lines_of("total")}, crash_in("total"))
    assert 'kind = "nightly"' in code
    assert "self.rows = clean(rows)" in code
    assert "unrelated" not in code


def test_without_a_trace_what_is_two_calls_away_is_shown() -> None:
    code, _ = excerpts({}, crash_in("__init__"))
    assert "def clean" in code
    assert "def strip" in code
    assert "def hook" not in code


def test_tests_take_no_place_of_code() -> None:
    code, _ = excerpts({"job.py": lines_of("total"), "test_night.py": (4,)})
    assert "def test_total" not in code
    assert "def total" in code


def test_what_is_executed_and_gone_or_no_python_is_left_out() -> None:
    code, _ = excerpts({"gone.py": (1,), "data.csv": (0,), "job.py": (0, 999)}, crash_in("hook"))
    assert code.startswith("# job.py\n")
    assert "def hook" in code
    assert "data.csv" not in code


WIDE = """\
from rates import TABLE


class Night:
    def ran(self):
        return TABLE["EUR"]

    def beside(self):
        return 1


def alone():
    return 2
"""
RATES = "TABLE = {\n" + "".join(f"    'X{n}': {n},\n" for n in range(90)) + "    'EUR': 1,\n}\n"
WIDE_TEST = """\
import job


def check(night):
    assert night.ran() == 2, "EUR"


def test_ran():
    check(job.Night())
"""
DETAIL = """\
Traceback (most recent call last):
  File "/job/tree/test_night.py", line 9, in test_ran
    check(job.Night())
  File "/job/tree/test_night.py", line 5, in check
    assert night.ran() == 2, "EUR"
           ^^^^^^^^^^^^^^^^
AssertionError: EUR
assert 1 == 2
 +  where 1 = ran()
"""


def show_wide(max_tokens: int, padding: str = "") -> tuple[str, str]:
    """The code and the tests that are shown where the one failing test executes `Night.ran`."""
    node = "test_night.py::test_ran"
    result = TestResult(node=node, outcome="failed", detail=DETAIL)
    run = TestRun(results=(result,), ended=ProcessEnd(exit_code=1))
    trace = FailingTests(nodes=(node,), executed={"job.py": (5,)})
    frame = Frame(file="test_night.py", line=5, function="check", own=True)
    of = case(script="job.py", baseline=Report(tests=(run,), failing=(trace,)))
    files = {"job.py": WIDE + padding, "rates.py": RATES, "test_night.py": WIDE_TEST}
    base = CodeBase(Files(files))
    code = Excerpts(base, Redactor(), max_tokens).show_code(of, [frame], [result])
    return code, ShownTests(base, [result]).show(Redactor())


def test_frames_of_tests_take_no_place_of_code() -> None:
    code, tests = show_wide(5_000)
    assert "check" not in code
    assert "def ran" in code
    assert "def check(night):" in tests


def test_a_long_table_shows_its_ends_and_what_holds_a_word_of_the_failure() -> None:
    code, _ = show_wide(5_000)
    assert "TABLE = {" in code
    assert "'EUR': 1," in code
    assert "'X9': 9," not in code


def test_what_did_not_run_is_shown_where_it_holds_words_of_the_failure() -> None:
    padding = "".join(f"\n\ndef f{n}():\n    return {n} * {n} * {n} * {n}\n" for n in range(60))
    telling = "\n\ndef check_night(night):\n    return night.ran() == 2\n"
    code, _ = show_wide(5_000, padding + telling)
    assert "def ran" in code
    assert "def check_night" in code
    assert "def f39" not in code
    assert "def check_night" not in show_wide(60, padding + telling)[0]


def test_a_small_file_is_shown_whole_and_a_large_one_is_not() -> None:
    assert WIDE in show_wide(5_000)[0]
    assert "def alone" not in show_wide(5_000, REST)[0]


def test_a_small_repository_is_shown_whole_and_a_large_one_is_not() -> None:
    files = {
        "job.py": f"from rates import RATES\n{JOB}",
        "rates.py": "RATES = {'EUR': 1}\n",
        "uses.py": "import rates\nprint(rates.RATES)\n",
        "__init__.py": "",
        "beside.py": "print(mispelt)\n",
        "test_night.py": TEST,
    }
    of = case(failure=failure(chain=()), script="job.py", baseline=Report())
    code = Excerpts(CodeBase(Files(files)), Redactor(), 5_000).show_code(of, [], [])
    assert JOB.strip() in code
    assert "# rates.py\nRATES = {'EUR': 1}" in code
    assert "print(rates.RATES)" in code
    assert not any(name in code for name in ("# test_night.py", "# beside.py", "# __init__.py"))
    large = CodeBase(Files({**files, "rates.py": f"{files['rates.py']}{REST}"}))
    assert "'EUR'" not in Excerpts(large, Redactor(), 5_000).show_code(of, [], [])
    many = CodeBase(Files({**files, **{f"a{n}.py": "x = 1\n" for n in range(30)}}))
    assert "'EUR'" not in Excerpts(many, Redactor(), 5_000).show_code(of, [], [])


def test_what_only_one_of_several_tests_executes_is_shown_too() -> None:
    results = [TestResult(node=f"test_night.py::test_{n}", outcome="failed") for n in "ab"]
    report = Report(
        tests=(TestRun(results=tuple(results), ended=ProcessEnd(exit_code=1)),),
        failing=tuple(
            FailingTests(nodes=(result.node,), executed={"job.py": lines_of(name)})
            for result, name in zip(results, ("strip", "pick"), strict=True)
        ),
    )
    of = case(failure=failure(chain=()), script="job.py", baseline=report)
    base = CodeBase(Files({"job.py": JOB + REST, "test_night.py": TEST}))
    code = Excerpts(base, Redactor(), 5_000).show_code(of, [], results)
    assert "def strip" in code
    assert "def pick" in code


def test_no_more_is_shown_than_there_is_room_for() -> None:
    for max_tokens in (20, 40, 80, 160):
        assert tokens.estimate(show_wide(max_tokens)[0]) <= max_tokens + 10


IMPORTER = "".join(f"import part{n}\n" for n in range(30)) + (
    "\n\ndef run(rows):\n    # rows are cut\n    return rows[: part7.LIMIT_7]\n"
)
PART = """\
LIMIT_{n} = {n}
RUN = "{n}"


class Part{n}:
    run = {n}


def other{n}(value):
    return [value * {n} for _ in range({n})]
"""
IMPORT_TEST = """\
import job


def test_run():
    assert job.run([1, 2]) == [1]
"""


def test_of_files_that_were_only_imported_nothing_is_shown_but_what_code_that_ran_names() -> None:
    node = "test_night.py::test_run"
    result = TestResult(
        node=node, outcome="failed", detail="E   assert [1, 2] == [1]: rows are not cut"
    )
    parts = {f"part{n}.py": PART.format(n=n) for n in range(30)}
    line = IMPORTER.split("\n").index("def run(rows):") + 1
    trace = FailingTests(
        nodes=(node,), executed={"job.py": (line,)}, loaded=dict.fromkeys(parts, (1,))
    )
    run = TestRun(results=(result,), ended=ProcessEnd(exit_code=1))
    of = case(
        failure=failure(chain=()), script="job.py", baseline=Report(tests=(run,), failing=(trace,))
    )
    base = CodeBase(Files({"job.py": IMPORTER + REST, "test_night.py": IMPORT_TEST, **parts}))
    code = Excerpts(base, Redactor(), 20_000).show_code(of, [], [result])
    assert "return rows[: part7.LIMIT_7]" in code
    assert "LIMIT_7 = 7" in code
    assert [path for path in parts if f"# {path}" in code] == ["part7.py"]
