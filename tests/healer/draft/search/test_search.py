"""The search finds small fixes by failing tests, and says when several would do."""

import textwrap

import pytest

from healer.draft.rules.source_file import SourceFile, apply_edits
from healer.draft.search.answers_trusted import conservative
from healer.draft.search.behaviour_groups import groups, least_work
from healer.draft.search.candidates import mutations
from healer.draft.search.drafter import SearchDrafter
from healer.draft.search.localise import suspicion
from healer.draft.search.operators.idioms import IDIOM_OPERATORS
from healer.draft.search.operators.site import sites
from healer.draft.search.ranking import prior
from healer.draft.search.search_cache import Searches
from healer.facts.draft import Case, Drafts, WriteFile
from healer.failure import Failure
from sandbox import Behaved, Ended, Report, Seen, TestResult, TestRun
from sandbox.job import ScreenPlan
from tests.support.local_screening import LocalScreening
from tests.support.memory_tree import MemoryTree


def drafts(
    program: str,
    tests: str,
    *failing: str,
    protected: tuple[str, ...] = (),
    drafter: SearchDrafter | None = None,
) -> Drafts:
    results = tuple(TestResult(node=f"test_job.py::{name}", outcome="failed") for name in failing)
    run = TestRun(results=results, ended=Ended(exit_code=1))
    case = Case(
        repair="r",
        script="job.py",
        failure=Failure(id="f", script="job.py", source="check"),
        base="",
        baseline=Report(tests=(run,)),
        protected=("test_job.py", *protected),
    )
    files = {"job.py": program, "test_job.py": tests}
    tree = MemoryTree({path: textwrap.dedent(text) for path, text in files.items()})
    return (drafter or SearchDrafter(LocalScreening())).draft(case, tree)


def content(found: Drafts, index: int = 0) -> str:
    edit = found.candidates[index].edits[0]
    assert isinstance(edit, WriteFile)
    return edit.content


def test_one_behaviour_left_is_a_clear_answer() -> None:
    found = drafts(
        """
        def last_index(items):
            # the place of the last element
            return len(items)
        """,
        """
        from job import last_index
        def test_three(): assert last_index([1, 2, 3]) == 2
        def test_one(): assert last_index([5]) == 0
        def test_four(): assert last_index("abcd") == 3
        """,
        "test_three",
    )
    assert "len(items) - 1" in content(found)
    assert "# the place of the last element" in content(found)
    assert found.ambiguity == ()
    assert found.candidates[0].doubt == ""


def test_survivors_that_differ_are_a_question_for_a_person() -> None:
    found = drafts(
        """
        def scale(value, factor):
            return value - factor
        """,
        """
        from job import scale
        def test_twos(): assert scale(2, 2) == 4
        """,
        "test_twos",
    )
    assert len(found.candidates) > 1
    assert found.ambiguity
    assert all(len(row.results) == len(found.candidates) for row in found.ambiguity)
    assert "still differ" in found.candidates[0].doubt


def test_a_protected_file_is_never_edited() -> None:
    program = "def one():\n    return 2\n"
    tests = "from job import one\ndef test_one(): assert one() == 1\n"
    found = drafts(program, tests, "test_one", protected=("job.py",))
    assert found.candidates == ()
    assert found.reason


def test_a_test_that_never_ends_is_cut_by_processor_time() -> None:
    found = drafts(
        """
        def ones(number):
            count = 0
            while number:
                number = number - 0
                count += 1
            return count
        """,
        """
        from job import ones
        def test_none(): assert ones(0) == 0
        def test_two(): assert ones(2) == 2
        def test_three(): assert ones(3) == 3
        """,
        "test_two",
    )
    assert "number - 1" in content(found)


def test_lines_that_only_failing_tests_run_are_most_suspicious() -> None:
    seen = [
        Seen(node="a", outcome="failed", lines={"job.py": (1, 2)}),
        Seen(node="b", outcome="passed", lines={"job.py": (1,)}),
    ]
    found = suspicion(seen)
    assert found["job.py", 2] == 1.0
    assert 0 < found["job.py", 1] < 1.0


def test_a_rule_that_passes_needs_no_comparison_with_chance_finds() -> None:
    found = drafts(
        """
        def area(width, height):
            return widht * height
        """,
        """
        from job import area
        def test_area(): assert area(2, 3) == 6
        """,
        "test_area",
    )
    assert "return width * height" in content(found)
    assert found.candidates[0].doubt == ""


def test_an_edit_that_only_deletes_goes_to_a_person() -> None:
    found = drafts(
        """
        def first(items):
            raise ValueError("not yet")
            return items[0]
        """,
        """
        from job import first
        def test_first(): assert first([4, 5]) == 4
        def test_other(): assert first([7]) == 7
        """,
        "test_first",
    )
    assert found.candidates == () or found.candidates[0].doubt


class Unasked(LocalScreening):
    """A screening that must not be asked to try anything."""

    def spectrum(self, tree: bytes, plan: ScreenPlan) -> tuple[Seen, ...]:
        raise AssertionError("the search is made twice")


def test_the_same_search_is_made_once_for_all_rounds_of_a_repair() -> None:
    case = (
        "def sign(x):\n    return -1 if x > 0 else 1\n",
        "from job import sign\ndef test_sign(): assert (sign(2), sign(-2)) == (1, -1)\n",
        "test_sign",
    )
    known = Searches()
    first = drafts(*case, drafter=SearchDrafter(LocalScreening(), searches=known))
    again = drafts(*case, drafter=SearchDrafter(Unasked(), searches=known))
    assert first.candidates
    assert again.candidates == first.candidates


def behaved(index: int, **pairs: str) -> Behaved:
    return Behaved(index=index, outcome="passed", pairs=tuple(pairs.items()))


def test_candidates_with_one_behaviour_are_one_group() -> None:
    found, rows = groups(range(2), [behaved(0, a="1", b="2"), behaved(1, a="1", b="2")])
    assert found == [[0, 1]]
    assert rows == []


def test_candidates_that_differ_on_an_input_are_told_apart_by_it() -> None:
    found, rows = groups(range(2), [behaved(0, a="1", b="2"), behaved(1, a="1", b="3")])
    assert found == [[0], [1]]
    assert [row.given for row in rows] == ["b"]
    assert rows[0].results == ("2", "3")


def test_an_input_on_which_all_raise_tells_nothing() -> None:
    found, _ = groups(range(2), [behaved(0, a="raises KeyError"), behaved(1, a="raises TypeError")])
    assert found == [[0, 1]]


def test_an_input_on_which_one_is_only_slow_tells_nothing() -> None:
    quick, slow = (behaved(0, a="1", b="2"), behaved(1, a="1", b="is slow"))
    assert groups(range(2), [quick, slow]) == ([[0, 1]], [])


def test_of_edits_that_do_the_same_the_first_that_is_not_slower_is_taken() -> None:
    slow, quick, quickest = (
        behaved(n, a="1").model_copy(update={"work_s": s}) for n, s in enumerate((0.1, 0.015, 0.01))
    )
    assert least_work([0, 1, 2], [slow, quick, quickest]) == 1
    assert least_work([0, 1], [behaved(0, a="1"), behaved(1, a="1")]) == 0


WAS = behaved(2, a="1", b="2", c="raises KeyError", d="does not end")
KEEPS = behaved(0, a="1", b="2", c="9", d="9")


@pytest.mark.parametrize(
    ("other", "believed", "left"),
    [
        (behaved(1, a="1", b="3", c="9", d="9"), True, [0]),
        (behaved(1, a="1", b="3", c="9", d="9"), False, [0, 1]),
        (behaved(1, a="1", b="2", c="8", d="9"), True, [0, 1]),
        (behaved(1, a="1", b="2", c="9", d="does not end"), False, [0]),
        (behaved(1, a="1", b="2", c="raises KeyError", d="9"), False, [0, 1]),
        (behaved(1, a="1", b="3", c="9", d="does not end"), False, [0, 1]),
        (behaved(1, a="1", b="is slow", c="9", d="9"), True, [0, 1]),
        (behaved(1), True, [0, 1]),
    ],
    ids=["another answer", "in doubt", "no answer before", "still hangs", "still raises",
         "hangs and differs", "slow", "nothing seen"],
)  # fmt: skip
def test_edits_that_change_what_was_right_give_way(
    other: Behaved, believed: bool, left: list[int]
) -> None:
    assert conservative(2, [KEEPS, other, WAS], believed=believed) == left


def test_where_every_edit_changes_what_was_right_none_gives_way() -> None:
    one, other = behaved(0, a="5"), behaved(1, a="6")
    assert conservative(2, [one, other, behaved(2, a="1")], believed=True) == [0, 1]


WALK = """
    def reaches(after, start, goal):
        seen = set()
        def walk(node):
            if node in seen:
                return False
            if node == goal:
                return True
            return any(walk(other) for other in after.get(node, []))
        return walk(start)
    """
IN_A_RING = """
    from job import reaches

    def test_ring():
        assert reaches({1: [2, 4], 2: [3], 3: [1]}, 1, 4)
    """
ELSEWHERE = """
    def test_next():
        assert reaches({1: [2], 2: [3]}, 1, 3)

    def test_nowhere():
        assert not reaches({1: [2], 2: [3], 4: [5]}, 1, 5)

    def test_backwards():
        assert not reaches({1: [2], 2: [3]}, 3, 1)
    """


def test_a_crash_is_mended_so_that_good_answers_stay() -> None:
    """`walk(goal)` and `if start in after` pass as well, and change what the others answer."""
    found = drafts(WALK, IN_A_RING + ELSEWHERE, "test_ring")
    assert len(found.candidates) == 1
    assert "seen.add(node)" in content(found)
    assert not found.ambiguity


@pytest.mark.parametrize("shape", ["compare/< to <=", "never/heard of"])
def test_every_shape_has_a_rate(shape: str) -> None:
    assert 0 < prior(shape) < 1


def edits(source: str) -> list[str]:
    """What the operators for known traps make of a file."""
    code = SourceFile("job.py", source)
    found = [m for site in sites(code) for operator in IDIOM_OPERATORS for m in operator(site)]
    return [apply_edits(source, mutation.changes) for mutation in found]


def test_a_shared_default_becomes_a_fresh_one() -> None:
    source = "def add(row, rows=[]):\n    rows.append(row)\n    return rows\n"
    (fixed,) = edits(source)
    assert fixed.startswith("def add(row, rows=None):\n    if rows is None:\n        rows = []\n")


def test_a_default_that_cannot_change_stays() -> None:
    assert edits("def add(row, rows=(), limit=3):\n    return [row, *rows]\n") == []


def test_a_lambda_in_a_loop_keeps_its_own_value() -> None:
    assert edits("def make():\n    return [lambda x: x * i for i in range(3)]\n") == [
        "def make():\n    return [lambda x, i=i: x * i for i in range(3)]\n"
    ]


def test_a_lambda_that_uses_no_loop_variable_stays() -> None:
    assert edits("def make(k):\n    return [lambda x: x * k for i in range(3)]\n") == []


SEEN = """def walk(node):
    seen = set()
    def inner(node):
        if node in seen:
            return 0
        return 1 + sum(inner(each) for each in node.after)
    return inner(node)
"""


def test_something_is_put_into_a_collection_that_nothing_is_ever_put_into() -> None:
    assert SEEN.replace("return 1", "seen.add(node)\n        return 1") in edits(SEEN)
    stack = "def f(xs):\n    held = []\n    for x in xs:\n        print(x)\n    return held\n"
    assert stack.replace("(x)\n", "(x)\n        held.append(x)\n") in edits(stack)


@pytest.mark.parametrize(
    "filled",
    [
        "def f(xs):\n    held = []\n    for x in xs:\n        held.append(x)\n    return held\n",
        "def f(xs):\n    held = []\n    held[:] = xs\n    return held\n",
        "def f(xs):\n    held = []\n    fill(held)\n    return held\n",
        "def f(xs):\n    held = []\n    held += xs\n    return held\n",
        "def f(xs):\n    held = []\n    return xs\n",
        "def f(xs):\n    held = [1]\n    return held\n",
    ],
)
def test_a_collection_that_something_may_fill_or_nobody_asks_stays(filled: str) -> None:
    assert edits(filled) == []


def test_code_of_another_function_and_file_is_a_donor() -> None:
    other = SourceFile("b.py", "def g(rows, limit):\n    return rows[:limit]\n")
    code = SourceFile("a.py", "def f(rows, limit):\n    rows.sort()\n    return rows[limit]\n")
    made = {apply_edits(code.text, m.changes) for m in mutations(code, set(), (other,))}
    shapes = {m.shape for m in mutations(code, set(), (other,))}
    assert code.text.replace("rows[limit]", "rows[:limit]") in made
    assert "distant-donor/expression" in shapes
    unknown = SourceFile("b.py", "def g(rows, most):\n    return rows[:most]\n")
    assert "distant-donor/expression" not in {m.shape for m in mutations(code, set(), (unknown,))}


def test_fixes_of_rules_are_told_apart_by_what_they_do() -> None:
    """`int` and `float` both pass; the inputs on which they differ are shown to a person."""
    program = """
        def total(rows):
            return sum(row["n"] for row in rows)
        """
    tests = """
        from job import total

        def test_total():
            assert total([{"n": "2"}, {"n": "3"}]) == 5
        """
    found = drafts(program, tests, "test_total")
    assert {draft.rule for draft in found.candidates} == {"number-from-outside"}
    assert found.ambiguity or len(found.candidates) == 1
    assert "could not be compared" not in found.candidates[0].doubt


@pytest.mark.parametrize(
    ("program", "meant"),
    [
        ("values = [3, 4\nprint(sum(values))\n", "values = [3, 4]\nprint(sum(values))\n"),
        ("def f(x)\n    return x\nprint(f(7))\n", "def f(x):\n    return x\nprint(f(7))\n"),
        (
            "import StringIO\nout = StringIO.StringIO()\nout.write('7')\nprint(out.getvalue())\n",
            "import io\nout = io.StringIO()\nout.write('7')\nprint(out.getvalue())\n",
        ),
    ],
    ids=["a bracket", "a colon", "a module"],
)
def test_two_ways_to_write_one_fix_are_no_doubt(program: str, meant: str) -> None:
    tests = """
        import runpy

        def test_output(capsys):
            runpy.run_path("job.py")
            assert capsys.readouterr().out == "7\\n"
        """
    found = drafts(program, tests, "test_output")
    assert [content(found, n) for n in range(len(found.candidates))] == [meant]
    assert not found.candidates[0].doubt
