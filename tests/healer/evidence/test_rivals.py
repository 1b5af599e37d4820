"""The evidence singles a fix out, or another fix passes as well: tried for real, in a process."""

import pytest

from healer.evidence.experiment import Experiment
from healer.evidence.rivals import find_rivals
from healer.evidence.telling_inputs import AGAIN
from healer.judge import Rivals
from sandbox import Command, Plan, ProcessEnd, Report, TestPlan, TestResult, TestRun
from tests.support.local_screening import LocalScreening
from tests.support.memory_tree import MemoryTree

TEST = "test_job.py::test_it"
BASE = 'def net(rows):\n    return sum(row["nett"] for row in rows)\n'
STOCK = "def left(stock, sold):\n    return max(0, stock - sodl)\n"


@pytest.fixture(autouse=True)
def short_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """A loop that never ends is cut soon: among the variants of a loop there are many."""
    monkeypatch.setattr("healer.evidence.experiment.LEAST_S", 0.3)


def rivals(base: str, fix: tuple[str, str], test: str) -> Rivals:
    text = base.replace(*fix)
    tests = f"import job\n\n\ndef test_it():\n    {test}\n"
    trees = [MemoryTree({"job.py": each, "test_job.py": tests}) for each in (base, text)]
    run = TestRun(results=(TestResult(node=TEST, outcome="passed"),), ended=ProcessEnd(exit_code=0))
    after = Report(tests=(run,))
    experiment = Experiment(
        trees[0], trees[1], ("job.py",), {"job.py": (2,)}, Plan(tests=TestPlan()), after, after
    )
    found = find_rivals(experiment, [TEST], LocalScreening())
    assert found is not None
    assert not found.cut_short
    return found


WEAK_NET = 'assert job.net([{"net": 10, "gross": 10}]) == 10'
PINNED_NET = 'assert job.net([{"net": 10, "gross": 12}, {"net": 5, "gross": 9}]) == 15'


@pytest.mark.parametrize(
    ("base", "fix", "weak"),
    [
        (BASE, ('"nett"', '"gross"'), WEAK_NET),
        (STOCK, ("max(0, stock - sodl)", "stock - sold"), "assert job.left(5, 2) == 3"),
    ],
)
def test_a_wrong_fix_has_a_rival_and_an_input_that_tells_them_apart(
    base: str, fix: tuple[str, str], weak: str
) -> None:
    found = rivals(base, fix, weak)
    assert found.tried >= found.passed >= len(found.rivals) >= 1
    assert all(each.fix_gives != each.rival_gives for each in found.rivals)
    assert all(each.given for each in found.rivals)
    assert {each.function for each in found.rivals} <= {"net", "left"}


@pytest.mark.parametrize(
    ("base", "fix", "test"),
    [
        (BASE, ('"nett"', '"net"'), PINNED_NET),
        (STOCK, ("sodl", "sold"), "assert (job.left(5, 2), job.left(2, 5)) == (3, 0)"),
    ],
)
def test_a_right_fix_whose_test_pins_the_case_has_none(
    base: str, fix: tuple[str, str], test: str
) -> None:
    assert rivals(base, fix, test).rivals == ()


MIDDLE = "PRICES = [1, 2]\n\n\ndef middle(rows):\n    return sorted(row)[len(rows) // 2]\n"


@pytest.mark.parametrize(
    ("fix", "left"),
    [
        ("rows.sort()\n    return rows[len(rows) // 2]", "leaving"),
        ("PRICES.extend(rows)\n    return sorted(rows)[len(rows) // 2]", "PRICES becomes"),
        (
            "import os\n    os.environ['A'] = '1'\n    return sorted(rows)[len(rows) // 2]",
            "os.environ becomes {'A': '1'}",
        ),
    ],
)
def test_what_only_the_fix_changes_in_place_has_a_rival_that_does_not(fix: str, left: str) -> None:
    weak = "assert job.middle([3, 1, 2]) == 2"
    found = rivals(MIDDLE, ("return sorted(row)[len(rows) // 2]", fix), weak)
    assert any(left in each.fix_gives and left not in each.rival_gives for each in found.rivals)


MARK = """def run_all(jobs, done, run):
    failed = []
    for job in jobs:
        try:
            run(job["task"])
        except OSError:
            failed.append(job["id"])
    return failed
"""
RUN = """        try:
            run(job["task"])
        except OSError:
            failed.append(job["id"])
"""
TOO_EARLY = RUN.replace("        try:", '        done.append(job["id"])\n        try:')
IN_TIME = RUN.replace('["task"])\n', '["name"])\n            done.append(job["id"])\n')
WEAK_MARK = (
    'done, seen = [], []\n    assert job.run_all([{"id": 1, "name": "a"}], done, seen.append) == []'
    '\n    assert (done, seen) == ([1], ["a"])'
)
PINNED_MARK = f"""{WEAK_MARK}
    def fail(name):
        raise OSError(name)
    assert job.run_all([{{"id": 2, "name": "a"}}], done, fail) == [2]
    assert done == [1]"""


def test_what_is_marked_as_done_before_it_is_shows_itself_where_the_work_fails() -> None:
    found = rivals(MARK, (RUN, TOO_EARLY.replace("task", "name")), WEAK_MARK)
    assert any("raises OSError" in each.given for each in found.rivals)
    assert rivals(MARK, (RUN, IN_TIME), PINNED_MARK).rivals == ()


def test_where_no_test_speaks_for_the_fix_nothing_is_tried() -> None:
    tree = MemoryTree({"job.py": BASE})
    experiment = Experiment(tree, tree, ("job.py",), {}, Plan(), Report(), Report())
    assert find_rivals(experiment, [], LocalScreening()) == Rivals()


SIZE = """UNITS = ["B", "kB", "MB"]


def human(size):
    place = 0
    while size >= 1000:
        size /= 1000
        place += 1
    return f"{size:.1f} {UNITS[place]}"
"""
CHOOSE = """def choose(value, choices):
    lower = {choice.lower(): choice for choice in choices}
    if value.lower() not in lower:
        raise ValueError(value)
    return lower[value]
"""


@pytest.mark.parametrize(
    ("base", "fix", "test", "mend"),
    [
        (
            SIZE,
            ("UNITS[place]", "UNITS[min(place, len(UNITS) - 1)]"),
            'assert job.human(5_000_000_000).endswith("MB")',
            "while (size >= 1000) and place < len(UNITS) - 1:",
        ),
        (
            CHOOSE,
            ("lower[value]", "lower.get(value, value)"),
            'assert job.choose("JSON", ["CSV", "JSON"]) == "JSON"',
            "lower[value.lower()]",
        ),
    ],
)
def test_the_crash_is_mended_and_what_led_to_it_is_not(
    base: str, fix: tuple[str, str], test: str, mend: str
) -> None:
    assert any(mend in each.content for each in rivals(base, fix, test).rivals)


SHARED = "def collect(item, into=None):\n    into.append(item)\n    return into\n"
CRASH = """Traceback (most recent call last):
  File "/job/test_job.py", line 5, in test_it
    assert job.collect(1) == [1]
  File "/job/job.py", line 2, in collect
    into.append(item)
AttributeError: 'NoneType' object has no attribute 'append'
"""


def rivals_of_crash(
    base: str, fix: str, test: str, crash: str = CRASH, command: Command | None = None
) -> Rivals:
    tests = f"import job\n\n\ndef test_it():\n    {test}\n"
    trees = [MemoryTree({"job.py": each, "test_job.py": tests}) for each in (base, fix)]
    reports = [
        Report(tests=(TestRun(results=(result,), ended=ProcessEnd(exit_code=0)),))
        for result in (
            TestResult(node=TEST, outcome="failed", detail=crash),
            TestResult(node=TEST, outcome="passed"),
        )
    ]
    plan = Plan(tests=TestPlan(), command=command)
    experiment = Experiment(trees[0], trees[1], ("job.py",), {"job.py": (1,)}, plan, *reports)
    found = find_rivals(experiment, [TEST], LocalScreening())
    assert found is not None
    return found


def test_a_default_that_calls_share_shows_itself_in_the_second_call() -> None:
    fix = SHARED.replace("into=None", "into=[]")
    found = rivals_of_crash(SHARED, fix, "assert job.collect(1) == [1]\n    job.collect(1, [])")
    assert [rival.shape for rival in found.rivals] == [AGAIN]
    assert found.rivals[0].fix_gives != found.rivals[0].rival_gives


RANK = "def rank(values, part):\n    return sorted(values)[len(values) * part // 4]\n"
BEYOND = (
    CRASH.partition("    assert")[0]
    + """    assert job.rank([1, 2, 3, 4], 4) == 4
  File "/job/job.py", line 2, in rank
    return sorted(values)[len(values) * part // 4]
IndexError: list index out of range
"""
)


@pytest.mark.parametrize(
    ("more", "is_asked"), [("", True), ("\n    assert job.rank([4, 2, 3, 1], 2) == 2", False)]
)
def test_what_the_code_answered_is_wrong_where_its_tests_say_so_behind_the_crash(
    more: str, *, is_asked: bool
) -> None:
    fix = RANK.replace("[len(values) * part // 4]", "[max(0, len(values) * part // 4 - 1)]")
    found = rivals_of_crash(RANK, fix, f"assert job.rank([1, 2, 3, 4], 4) == 4{more}", BEYOND)
    assert ("base" in {each.shape for each in found.rivals}) is is_asked


RANKS = (
    "class Ranks:\n    def __init__(self, values):\n        self.values = values\n\n"
    "    def rank(self, part):\n"
    "        self.last = sorted(self.values)[len(self.values) * part // 4]\n"
    "        return self.last\n"
)


@pytest.mark.parametrize(
    ("given_back", "test", "is_asked"),
    [
        ("self.last", "assert r.rank(4) == 4", True),
        ("self.last", "assert r.rank(4) == 4\n    assert r.rank(2) == 2", False),
        ("self", "assert r.rank(4) is r", True),
    ],
)
def test_a_methods_old_answers_are_wrong_where_tests_say_so_that_bear_copies(
    given_back: str, test: str, *, is_asked: bool
) -> None:
    base = RANKS.replace("return self.last", f"return {given_back}")
    old = "[len(self.values) * part // 4]"
    fix = base.replace(old, "[max(0, len(self.values) * part // 4 - 1)]")
    crash = BEYOND.replace("sorted(values)[len(values) * part // 4]", f"sorted(self.values){old}")
    test = f"r = job.Ranks([1, 2, 3, 4])\n    {test}"
    if given_back == "self":
        test += "\n    assert r.last == 4\n    assert r.rank(2) is r"
    found = rivals_of_crash(base, fix, test, crash)
    assert ("base" in {each.shape for each in found.rivals}) is is_asked


@pytest.mark.parametrize(
    ("more", "is_open"), [("", True), ("\n    assert job.rank([4, 2, 3, 1], 2) == 3", False)]
)
def test_an_index_that_was_beyond_the_list_may_be_one_too_far_everywhere(
    more: str, *, is_open: bool
) -> None:
    fix = RANK.replace("len(values) * part // 4", "min(len(values) * part // 4, len(values) - 1)")
    found = rivals_of_crash(RANK, fix, f"assert job.rank([1, 2, 3, 4], 4) == 4{more}", BEYOND)
    shapes = {each.shape for each in found.rivals}
    assert any(shape.startswith("moved-index/") for shape in shapes) is is_open


def test_an_answer_that_no_test_says_is_named() -> None:
    fix = SHARED.replace(
        "    into.append", "    if into is None:\n        return []\n    into.append"
    )
    found = rivals_of_crash(SHARED, fix, "assert job.collect(1) is not None")
    assert found.unpinned[0] == "collect: another answer"


TURN = "def turn(degrees):\n    return degrees % 'x'\n"
NOT_ALL = """Traceback (most recent call last):
  File "/job/test_job.py", line 5, in test_it
    assert job.turn(450) == 90
  File "/job/job.py", line 2, in turn
    return degrees % 'x'
TypeError: unsupported operand type(s) for %: 'int' and 'str'
"""


def test_what_is_taken_away_and_could_not_be_tried_is_named() -> None:
    loop = "    while degrees >= 360:\n        degrees -= 360\n    return degrees\n"
    fix = TURN.replace("    return degrees % 'x'\n", loop)
    found = rivals_of_crash(TURN, fix, "assert job.turn(450) == 90", NOT_ALL)
    assert set(found.lost_words) == {"%", "'x'"}


def test_the_sign_that_the_failure_blames_is_no_loss_where_all_else_stays() -> None:
    base = "def both(a, b):\n    return a + b\n"
    crash = NOT_ALL.partition('  File "/job/job.py')[0] + (
        '  File "/job/job.py", line 2, in both\n    return a + b\n'
        "TypeError: unsupported operand type(s) for +: 'dict' and 'dict'\n"
    )
    test = "assert job.both({1: 2, 3: 5}, {3: 4}) == {1: 2, 3: 4}"
    assert rivals_of_crash(base, base.replace("+", "|"), test, crash).lost_words == ()
    for body in ("return {1: 2, 3: 4}", "a = a | b\n    return a"):
        fix = f"def both(a, b):\n    {body}\n"
        assert rivals_of_crash(base, fix, test, crash).lost_words != ()


def test_what_is_kept_is_not_taken_away() -> None:
    fix = TURN.replace("'x'", "360 if 'x' else 0")
    assert rivals_of_crash(TURN, fix, "assert job.turn(450) == 90", NOT_ALL).lost_words == ()


COUNTS = """def most(text):
    counts = {c: text.count(c) for c in text}
    return min(counts, key=lambda c: (-counts[k], c))
"""
NO_NAME = """Traceback (most recent call last):
  File "/job/test_job.py", line 5, in test_it
    assert job.most("aab") == "a"
  File "/job/job.py", line 3, in most
    return min(counts, key=lambda c: (-counts[k], c))
NameError: name 'k' is not defined
"""


def test_what_is_taken_away_is_named_where_a_mend_that_keeps_it_passes() -> None:
    fix = COUNTS.replace("min(counts, key=lambda c: (-counts[k], c))", "max(counts)")
    found = rivals_of_crash(COUNTS, fix, 'assert job.most("aaa") == "a"', NO_NAME)
    assert {"min", "key"} <= set(found.lost_words)


DEPTH = "def depth(n):\n    return 0 if n < 0 else 1 + depth(n // 2)\n"
ENDLESS = """Traceback (most recent call last):
  File "/job/test_job.py", line 5, in test_it
    assert [job.depth(n) for n in (0, 1, 5)] == [0, 1, 3]
  File "/job/job.py", line 2, in depth
    return 0 if n < 0 else 1 + depth(n // 2)
RecursionError: maximum recursion depth exceeded
"""


def test_where_the_code_did_not_end_nothing_is_taken_away() -> None:
    test = "assert [job.depth(n) for n in (0, 1, 5)] == [0, 1, 3]"
    found = rivals_of_crash(DEPTH, DEPTH.replace("<", "<="), test, ENDLESS)
    assert found.lost_words == ()


def test_a_key_that_the_failure_names_is_no_input() -> None:
    base = 'def total(rows):\n    return sum(r.get("amount", 0) or r["amont"] for r in rows)\n'
    crash = """Traceback (most recent call last):
  File "/job/job.py", line 2, in total
    return sum(r.get("amount", 0) or r["amont"] for r in rows)
KeyError: 'amont'
"""
    fix = base.replace('r["amont"]', "0")
    found = rivals_of_crash(base, fix, 'assert job.total([{"amount": 0}]) == 0', crash)
    assert [rival.given for rival in found.rivals if rival.shape == "base"] == []


SECONDS = (
    "def seconds(text):\n    total = 0\n    for part in text.split(':'):\n"
    "        total = total * 60 + part\n    return total\n"
)
NO_SUM = """Traceback (most recent call last):
  File "/job/job.py", line 4, in seconds
    total = total * 60 + part
TypeError: unsupported operand type(s) for +: 'int' and 'str'
"""


def test_a_rival_may_be_longer_than_the_fix() -> None:
    total = "sum(int(p) * n for p, n in zip(text.split(':'), (3600, 60, 1)))"
    fix = f"def seconds(text):\n    return {total}\n"
    found = rivals_of_crash(SECONDS, fix, "assert job.seconds('1:02:03') == 3723", NO_SUM)
    assert ("3600", "1") in {(each.fix_gives, each.rival_gives) for each in found.rivals}


AMOUNT = '''def amount(text):
    """Reads `12,50` and `1.234,56`.

    >>> amount("1.234,57")
    1234.57
    """
    return float(text.replaec(",", "."))
'''
NO_REPLACE = """Traceback (most recent call last):
  File "/job/job.py", line 7, in amount
    return float(text.replaec(",", "."))
AttributeError: 'str' object has no attribute 'replaec'. Did you mean: 'replace'?
"""


def test_what_a_docstring_shows_and_the_fix_does_not_do_is_named() -> None:
    fix = AMOUNT.replace("replaec", "replace")
    found = rivals_of_crash(AMOUNT, fix, "assert job.amount('12,50') == 12.5", NO_REPLACE)
    assert found.failing_examples == ('amount: amount("1.234,57")', "amount: 1.234,56")


def test_a_fix_that_does_what_the_docstring_shows_fails_no_example() -> None:
    fix = AMOUNT.replace('replaec(",", ".")', 'replace(".", "").replace(",", ".")')
    found = rivals_of_crash(AMOUNT, fix, "assert job.amount('1.234,56') == 1234.56", NO_REPLACE)
    assert found.failing_examples == ()


TOTAL = """def total(rows):
    return sum(row["amont"] for row in rows)


if __name__ == "__main__":
    print(total([{"amount": None}, {"amount": 2}]))
"""
NO_AMOUNT = """Traceback (most recent call last):
  File "/job/job.py", line 2, in total
    return sum(row["amont"] for row in rows)
KeyError: 'amont'
"""


@pytest.mark.parametrize(
    ("fix", "test", "words"),
    [
        ('(row["amount"] or 0)', 'job.total([{"amount": 5}]) == 5', {"or", "0"}),
        ('(row["amount"] or 0)', 'job.total([{"amount": None}, {"amount": 5}]) == 5', set()),
    ],
)
def test_what_only_the_command_needs_is_seen_by_no_test(
    fix: str, test: str, words: set[str]
) -> None:
    fix = TOTAL.replace('row["amont"]', fix)
    command = Command(argv=("python", "job.py"))
    found = rivals_of_crash(TOTAL, fix, f"assert {test}", NO_AMOUNT, command)
    assert set(found.unseen_words) == words


def test_a_function_of_which_nothing_can_be_seen_again_is_named() -> None:
    fix = SHARED.replace("into.append", "into = into or []\n    into.append")
    calls = "assert job.collect(1) == [1]\n    assert job.collect(2, []) == [2]"
    pool = "ProcessPoolExecutor(1, mp_context=get_context('fork'))"
    start = (
        "from concurrent.futures import ProcessPoolExecutor\n"
        "    from multiprocessing import get_context\n"
        f"    with {pool} as pool:\n        give = pool.submit\n"
    )
    elsewhere = (
        f"{start}        assert give(job.collect, 1).result() == [1]\n"
        "        assert give(job.collect, 2, []).result() == [2]"
    )
    assert rivals_of_crash(SHARED, fix, calls).unseen_functions == ()
    assert rivals_of_crash(SHARED, fix, elsewhere).unseen_functions == ("collect",)


REPORT = """def price(text):
    return float(text.replace(",", "."))


def report(rows):
    out = {}
    for name, text in rows:
        out[name] = price(text)
    return out
"""
STRIPPED = ('", ".")', '", ".").strip() or 0')


def mend_report(fix: tuple[str, str], rider: tuple[str, str] = ("", "")) -> Rivals:
    whole = REPORT.replace(*fix).replace(*rider)
    return rivals(
        REPORT,
        (REPORT, whole),
        'assert job.report([("b", "1,5"), ("a", "2")]) == {"a": 2, "b": 1.5}\n'
        '    assert (job.price(" "), job.price("")) == (0, 0)',
    )


def test_what_rides_along_in_another_function_is_seen_there() -> None:
    found = mend_report(STRIPPED, ("out[name] = price(text)", "out.setdefault(name, price(text))"))
    assert "report" in {each.function for each in found.rivals}
    assert mend_report(STRIPPED).rivals == ()


def test_a_handler_that_hides_more_than_the_tests_ask_for_is_told() -> None:
    catches = '    try:\n        return float(text.replace(",", "."))\n'
    catches += "    except ValueError:\n        return 0\n"
    found = mend_report(('    return float(text.replace(",", "."))\n', catches))
    assert found.rivals
    assert found.rivals[0].rival_gives.startswith("raises ValueError")
