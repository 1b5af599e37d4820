"""What a fix is held against: parts of it, other drafts, other readings, and its variations."""

import pytest

from healer.evidence.experiment import Experiment
from healer.evidence.neighbour import PART, Neighbour
from healer.evidence.neighbours import find_neighbours, swap_new_keys
from healer.facts.draft import Draft, ReadData, WriteFile
from sandbox import Plan, ProcessEnd, Report
from tests.support.memory_tree import MemoryTree


def neighbours(base: str, fix: str, *drafts: str, tests: str = "") -> list[Neighbour]:
    trees = [MemoryTree({"job.py": text, "test_job.py": tests}) for text in (base, fix)]
    experiment = Experiment(
        trees[0], trees[1], ("job.py", "test_job.py"), {"job.py": (1,)}, Plan(), Report(), Report()
    )
    written = [
        Draft(drafter="rules", rule="r", edits=(WriteFile(path="job.py", content=text),))
        for text in drafts
    ]
    return find_neighbours(experiment, written)


def contents(found: list[Neighbour]) -> set[str]:
    return {each.content.rpartition("return ")[2].strip() for each in found}


HEAD = "def f(a, b, rows):\n    return "


@pytest.mark.parametrize(
    ("base", "fix", "part"),
    [
        ("max(0, a - bb)", "a - b", "max(0, a - b)"),
        ("rows.popp(0)", "rows.pop()", "rows.pop(0)"),
        ("(aa, b >= 10)", "(a, b > 10)", "(a, b >= 10)"),
    ],
)
def test_what_rides_along_with_a_fix_is_taken_back_alone(base: str, fix: str, part: str) -> None:
    found = neighbours(f"{HEAD}{base}\n", f"{HEAD}{fix}\n")
    assert part in {n.content.rpartition("return ")[2].strip() for n in found if n.shape == PART}


@pytest.mark.parametrize(
    ("base", "fix", "other"),
    [
        ('rows["nett"]', 'rows["gross"]', "rows['net']"),
        ("a - bb", "a - b", "a - a"),
        ("len(a) if a else zero", "len(a) if a else 0", "len(a) if a else 1"),
        ("a == b", "a < b", "(a) >= (b)"),
    ],
)
def test_another_reading_of_a_changed_word_is_tried(base: str, fix: str, other: str) -> None:
    tests = 'from job import f\nassert f({"net": 1, "gross": 1})\n'
    found = neighbours(f"{HEAD}{base}\n", f"{HEAD}{fix}\n", tests=tests)
    assert other in contents(found)


def test_a_misspelt_word_is_held_against_no_other_word() -> None:
    head = "def f(a, other):\n    return "
    assert not {"a - a", "a - 1"} & contents(neighbours(f"{head}a - othr\n", f"{head}a - other\n"))
    assert "a - a" in contents(neighbours(f"{head}a - thing\n", f"{head}a - other\n"))


def test_an_empty_list_that_the_fix_brought_is_not_one_of_whatever_has_a_name() -> None:
    found = neighbours(f"{HEAD}a.sorted()\n", f"{HEAD}a or []\n")
    assert "[]" in contents(found)
    assert not {"a or [a]", "a or [b]", "a or [rows]"} & contents(found)


@pytest.mark.parametrize("other", ["a <= moment < b", "a < moment < (b - 1)", "a < moment"])
def test_what_the_fix_left_as_it_was_is_not_varied(other: str) -> None:
    head = "def f(a, b, moment):\n    return "
    found = neighbours(f"{head}a < moment < bb\n", f"{head}a < moment < b\n")
    assert found
    assert other not in contents(found)


def test_a_key_of_a_changed_line_may_be_another_though_the_fix_keeps_it() -> None:
    test = 'def test_f():\n    assert f({"disabled": False})\n'
    found = neighbours(f'{HEAD}not a["disable"]\n', f'{HEAD}not a.get("disable")\n', tests=test)
    assert "not a['disabled']" in contents(found)


def test_drafts_for_the_same_failure_are_neighbours_and_the_fix_itself_is_none() -> None:
    fix, other = f"{HEAD}a - b\n", f"{HEAD}a - len(rows)\n"
    found = neighbours(f"{HEAD}a - bb\n", fix, fix, other)
    assert [n.shape for n in found if n.content == other] == ["rule/r"]
    assert fix not in {n.content for n in found}


def test_no_text_comes_twice_and_none_is_the_base() -> None:
    base = f"{HEAD}max(0, aa - bb)\n"
    found = neighbours(base, f"{HEAD}a - b\n")
    texts = [each.content for each in found]
    assert len(texts) == len(set(texts))
    assert base not in texts
    assert {PART} < {each.shape for each in found}


def test_what_crashed_may_be_mended_where_it_stands_though_the_fix_does_it_before() -> None:
    base = "def f(value, rows):\n    t = {r.lower(): r for r in rows}\n    return t[value]\n"
    fix = base.replace("    return", "    if value not in t:\n        return value\n    return")
    trees = [MemoryTree({"job.py": text}) for text in (base, fix)]
    crash = (
        'Traceback (most recent call last):\n  File "/job/job.py", line 3, in f\n'
        "    return t[value]\nKeyError: 'A'\n"
    )
    before = Report(command=ProcessEnd(exit_code=1, stderr=crash))
    experiment = Experiment(trees[0], trees[1], ("job.py",), {}, Plan(), before, Report())
    assert "t[value.lower()]" in contents(find_neighbours(experiment))


def test_what_crashed_may_be_of_the_wrong_type_from_where_it_comes() -> None:
    base = "def f(a):\n    one, two = a.split()\n    g()\n    return one + two + 1\n"
    fix = base.replace("    return", "    if '/' in a:\n        return 1\n    return")
    crash = (
        'Traceback (most recent call last):\n  File "/job/job.py", line 4, in f\n'
        '    return one + two + 1\nTypeError: can only concatenate str (not "int") to str\n'
    )
    trees = [MemoryTree({"job.py": text}) for text in (base, fix)]
    before = Report(command=ProcessEnd(exit_code=1, stderr=crash))
    experiment = Experiment(trees[0], trees[1], ("job.py",), {}, Plan(), before, Report())
    texts = {each.content for each in find_neighbours(experiment)}
    assert base.replace("a.split()", "map(int, a.split())") in texts


def test_a_change_of_a_comment_or_of_tests_has_no_neighbours() -> None:
    assert neighbours("x = 1  # a\n", "x = 1  # b\n", tests="def test_x():\n    assert 1\n") == []


def test_a_second_name_for_a_value_is_no_other_fix() -> None:
    base = "def f(a, b):\n    rows = []\n    rows.append(c)\n    return rows\n"
    found = neighbours(base, base.replace("(c)", "(a)"))
    texts = {each.content for each in found}
    assert not [text for text in texts if "    rows = a\n" in text or "    a = []\n" in text]
    assert found


@pytest.mark.parametrize(
    ("docstring", "is_tried"),
    [("Weight 1 where none stands.", False), ("From 1 to 2.", True), ("Of 1.5 or 10.", True)],
)
def test_a_number_that_the_docstring_says_is_no_other_one(docstring: str, is_tried: bool) -> None:
    head = f'def f(a):\n    """{docstring}"""\n    return '
    found = neighbours(f"{head}float(a)\n", f"{head}float(a or 1)\n")
    assert ("mutant/1 -> 2" in {each.shape for each in found}) is is_tried


def test_a_key_that_the_failing_night_brought_may_be_meant() -> None:
    base, fix = f"{HEAD}a['usd']\n", f"{HEAD}a['usd']['day_ago']\n"
    trees = [MemoryTree({"job.py": text}) for text in (base, fix)]
    experiment = Experiment(
        trees[0], trees[1], ("job.py",), {"job.py": (1,)}, Plan(), Report(), Report()
    )
    data = ReadData(
        name="rates", text='{"usd": {"day_ago": 1.1, "value": 1.2}}', before='{"usd": 1.2}'
    )
    assert contents(list(swap_new_keys(experiment, [data]))) == {"a['usd']['value']"}
    assert list(swap_new_keys(experiment, [])) == []


@pytest.mark.parametrize(
    ("base", "fix", "other"),
    [
        (
            "    text = text.rstrip()\n    return text\n",
            "    text = text.rstrip().lstrip('-')\n    return text\n",
            "    text = text.strip()\n    return text\n",
        ),
        (
            "    text = text.rstrip()\n    return text\n",
            "    text = text.rstrip()\n    if text[:1] == '-':\n        text = text[1:]\n"
            "    return text\n",
            "    text = text.strip()\n    return text\n",
        ),
        (
            "    rows = read(text)\n    rows = rows[1:]\n    return rows\n",
            "    rows = read(text)\n    rows.sort()\n    rows = rows[1:]\n    return rows\n",
            "    rows = read(text)\n    rows = rows[2:]\n    return rows\n",
        ),
    ],
    ids=["in the same line", "in the line before", "in the line behind"],
)
def test_other_words_around_the_change_are_edited_as_well(base: str, fix: str, other: str) -> None:
    head = "def f(text):\n"
    assert head + other in {each.content for each in neighbours(head + base, head + fix)}
