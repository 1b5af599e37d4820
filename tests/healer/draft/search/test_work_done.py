"""Without tests: an edit after which the failing line no longer runs only goes round the work."""

import textwrap

import pytest

from healer.draft.rules.source_file import SourceFile
from healer.draft.search.drafter import SearchDrafter
from healer.draft.search.search_facts import SearchTask
from healer.draft.search.variant_maker import Variant
from healer.draft.search.work_done import find_successor_lines, keep_working
from healer.facts.draft import Case
from healer.failure import Failure, Frame, Raised
from sandbox import Fault, ProcessEnd, Report, SpectrumTest
from sandbox.job import Command, ScreenPlan
from sandbox.trees import tar
from tests.support.local_screening import LocalScreening
from tests.support.memory_tree import MemoryTree
from tests.support.search_cases import content_of
from tests.support.table_screening import TableScreening

SCRIPT = """\
rows = [3, 4, 5]
if len(rows) > 2:
    print(rows[3])
"""


def variant(content: str, shape: str = "off-by-one/index-") -> Variant:
    return Variant("job.py", content, shape, 3, 0.0)


def task_of(trace: tuple[str, int] | None = ("job.py", 3)) -> SearchTask:
    plan = ScreenPlan(command=Command(argv=("python", "job.py")), watched=("job.py",))
    codes = {"job.py": SourceFile("job.py", SCRIPT)}
    return SearchTask(tree=tar({"job.py": SCRIPT.encode()}), plan=plan, codes=codes, trace=trace)


def test_only_what_still_runs_the_failing_line_stays() -> None:
    mended = variant(SCRIPT.replace("rows[3]", "rows[2]"))
    moved = variant(f"import os\n{mended.content}")
    evasive = variant(SCRIPT.replace("> 2", "> 3"), "compare/bound")
    taken_back = variant("print(1)\n", "revert/0123456789ab")
    survivors = [evasive, mended, moved, taken_back]
    task = task_of()
    kept = keep_working(LocalScreening(), task, task.plan, survivors)
    assert kept == [mended, moved, taken_back]


def test_where_nothing_is_known_of_the_run_or_the_line_every_survivor_stays() -> None:
    survivors = [variant(SCRIPT.replace("> 2", "> 3"))]
    silent = TableScreening()
    silent.tests = (SpectrumTest(node="command", outcome="passed"),)
    assert keep_working(silent, task_of(), task_of().plan, survivors) == survivors
    assert keep_working(silent, task_of(None), task_of().plan, survivors) == survivors


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        (SCRIPT, {3}),
        (f"import os\n{SCRIPT}", {4}),
        (SCRIPT.replace("    print(rows[3])", "    row = rows[2]\n    print(row)"), {3, 4}),
        ("rows = [3, 4, 5]\n", set()),
        ("rows = [3, 4, 5]\nprint(rows[3])\nif len(rows) > 2:\n    pass\n", {2, 4}),
    ],
)
def test_a_line_s_successors_stand_in_its_place(content: str, lines: set[int]) -> None:
    code = SourceFile("job.py", SCRIPT)
    assert find_successor_lines(code, variant(content), ("job.py", 3)) == lines


def test_a_line_of_another_file_stays_where_it_is() -> None:
    assert find_successor_lines(None, variant(SCRIPT), ("other.py", 7)) == {7}


def test_no_entry_is_closed_and_no_other_argument_taken_to_make_a_script_end_well() -> None:
    script = textwrap.dedent("""\
        import sys


        def show(path):
            print(open(path).read()[0])


        if __name__ == "__main__":
            show(sys.argv[1])
        """)
    frame = Frame(file="job.py", line=5, function="show", own=True)
    error = Raised(type="IndexError", message="string index out of range", frames=(frame,))
    command = ("python", "job.py", "empty.txt")
    case = Case(
        repair="r",
        script="job.py",
        failure=Failure(id="f", script="job.py", source="run", chain=(error,)),
        base="",
        command=command,
        baseline=Report(command=ProcessEnd(exit_code=1, stderr="IndexError")),
    )
    tree = MemoryTree({"job.py": script, "empty.txt": ""})
    drafts = SearchDrafter(LocalScreening(), budget_s=10).draft(case, tree)
    texts = [content_of(drafts, index) for index in range(len(drafts.candidates))]
    assert all('if __name__ == "__main__":\n    show(sys.argv[1])' in text for text in texts)
    assert not isinstance(drafts, Fault)
