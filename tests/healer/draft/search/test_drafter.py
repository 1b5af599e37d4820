"""The search finds small fixes by failing tests, and says when several would do."""

import pytest

from healer.draft.search.drafter import SearchDrafter
from healer.draft.search.search_cache import SearchCache
from healer.facts.draft import Drafts
from sandbox import SpectrumTest
from sandbox.job import ScreenPlan
from tests.support.local_screening import LocalScreening
from tests.support.search_cases import content_of, make_case, make_tree
from tests.support.table_screening import TableScreening


def drafts(
    program: str,
    tests: str,
    *failing: str,
    protected: tuple[str, ...] = (),
    drafter: SearchDrafter | None = None,
) -> Drafts:
    case = make_case(*failing, protected=protected)
    return (drafter or SearchDrafter(LocalScreening())).draft(case, make_tree(program, tests))


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
    assert "len(items) - 1" in content_of(found)
    assert "# the place of the last element" in content_of(found)
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


def test_a_failure_that_the_sandbox_does_not_show_is_not_searched_for() -> None:
    """Every edit would pass: nothing tells right from wrong."""
    case = make_case("test_one").model_copy(update={"is_seen": False})
    tree = make_tree("def one():\n    return 2\n", "from job import one\ndef test_one(): pass\n")
    screening = TableScreening()
    assert SearchDrafter(screening).draft(case, tree).candidates == ()
    assert screening.plans == []


def test_an_undefined_name_becomes_one_that_is_there() -> None:
    found = drafts(
        """
        def is_enough(given, wanted):
            return given >= targt
        """,
        """
        from job import is_enough
        def test_less(): assert not is_enough(1, 2)
        def test_more(): assert is_enough(3, 2)
        """,
        "test_less",
        "test_more",
    )
    assert "given >= wanted" in content_of(found)


def test_a_key_is_taken_from_the_tests() -> None:
    found = drafts(
        """
        def total(rows):
            return sum(row["amount"] for row in rows)
        """,
        """
        from job import total
        def test_one(): assert total([{"name": "tea", "price": 3}]) == 3
        def test_two(): assert total([{"name": "tea", "price": 3}, {"price": 4}]) == 7
        """,
        "test_one",
        "test_two",
    )
    assert """row['price'] for""" in content_of(found)


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
        drafter=SearchDrafter(LocalScreening(), budget_s=3.0),
    )
    assert "number - 1" in content_of(found)


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
    assert "return width * height" in content_of(found)
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

    def measure_spectrum(self, tree: bytes, plan: ScreenPlan) -> tuple[SpectrumTest, ...]:
        raise AssertionError("the search is made twice")


def test_the_same_search_is_made_once_for_all_rounds_of_a_repair() -> None:
    case = (
        "def sign(x):\n    return -1 if x > 0 else 1\n",
        "from job import sign\ndef test_sign(): assert (sign(2), sign(-2)) == (1, -1)\n",
        "test_sign",
    )
    known = SearchCache()
    first = drafts(*case, drafter=SearchDrafter(LocalScreening(), cache=known))
    again = drafts(*case, drafter=SearchDrafter(Unasked(), cache=known))
    assert first.candidates
    assert again.candidates == first.candidates


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
    assert "seen.add(node)" in content_of(found)
    assert not found.ambiguity


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
    assert [content_of(found, n) for n in range(len(found.candidates))] == [meant]
    assert not found.candidates[0].doubt


def test_what_was_measured_is_told_also_where_nothing_was_found() -> None:
    found = drafts(
        """
        def right(items):
            return items

        def wrong(items):
            return list(items)
        """,
        """
        from job import right, wrong
        def test_right(): assert right([1]) == [1]
        def test_wrong(): assert wrong([1]) == "nothing that an edit gives"
        """,
        "test_wrong",
    )
    assert found.candidates == ()
    assert [(each.path, each.line, each.weight) for each in found.suspects] == [("job.py", 5, 1.0)]
