"""What was seen of a fix and of a neighbour is told apart by the shortest input that can."""

import pytest

from healer.evidence.neighbour import Neighbour
from healer.evidence.telling_inputs import (
    AGAIN,
    BASE,
    COMMAND,
    Seen,
    collect_words,
    find_memory,
    tell_apart,
)

READING = Neighbour("job.py", "text\n", "reading/x", 3)
UNFIXED = Neighbour("job.py", "text\n", BASE, 0)
RAISES = "raises KeyError"


def seen(fix: dict[str, str], base: dict[str, str] | None = None) -> Seen:
    return Seen("f", fix, base or {}, {}, {})


def test_the_shortest_input_with_two_answers_is_told() -> None:
    fix = {"(1)": RAISES, "(10)": "1", "(100)": "2", "(7)": "0"}
    rival = tell_apart(seen(fix), READING, {"(1)": "9", "(10)": "5", "(100)": "3", "(7)": "0"})
    assert rival is not None
    assert (rival.given, rival.fix_gives, rival.rival_gives) == ("(10)", "1", "5")
    assert (rival.function, rival.shape, rival.line) == ("f", "reading/x", 3)


@pytest.mark.parametrize(
    ("ours", "other"),
    [
        ("1", "1"),
        ("2.0", "2"),
        ("-0.0", "0.0"),
        ("[0.30000000000000004]", "[0.3]"),
        ("1", "is slow"),
        ("1", "does not end"),
        ("1", RAISES),
        (RAISES, "raises ValueError"),
        (RAISES, "1"),
    ],
)
def test_what_is_no_other_answer_tells_nothing(ours: str, other: str) -> None:
    assert tell_apart(seen({"(1)": ours}), READING, {"(1)": other}) is None


@pytest.mark.parametrize(
    ("code", "is_told"),
    [
        ("def f(a):\n    raise KeyError(a)\n", True),
        ("def f(a):\n    raise KeyError\n", True),
        ("def f(a):\n    raise ValueError(a)\n", False),
        ("def f(a):\n    return a['k']\n", False),
    ],
)
def test_what_is_left_behind_by_an_error_tells_where_the_code_raises_it(
    code: str, is_told: bool
) -> None:
    fix = seen({"({})": f"{RAISES}, leaving ({{'a': 1}})"})
    rival = tell_apart(
        fix, Neighbour("job.py", code, "reading/x", 3), {"({})": f"{RAISES}, leaving ({{}})"}
    )
    assert (rival is not None) is is_told


def test_a_number_below_nought_tells_nothing_against_a_change_of_old_answers() -> None:
    assert tell_apart(seen({"(-1)": "1"}), UNFIXED, {"(-1)": "2"}) is None
    assert tell_apart(seen({"(-1)": "1"}), READING, {"(-1)": "2"}) is not None
    assert tell_apart(seen({"('a-1')": "1"}), UNFIXED, {"('a-1')": "2"}) is not None


@pytest.mark.parametrize("shape", [BASE, "mutant/1 -> 2", "reading/x"])
def test_what_is_unlike_all_that_tests_gave_tells_nothing(shape: str) -> None:
    behaviour = seen({"(']')": "1"}, {"(']')": "2"})._replace(strange=frozenset({"(']')"}))
    rival = tell_apart(behaviour, Neighbour("job.py", "text\n", shape, 3), {"(']')": "3"})
    plain = tell_apart(behaviour._replace(strange=frozenset()), UNFIXED, {"(']')": "2"})
    assert rival is None
    assert plain is not None


def test_a_strange_input_tells_where_the_neighbour_keeps_what_was_said_of_it() -> None:
    behaviour = seen({"(']')": "1"}, {"(']')": "2"})._replace(strange=frozenset({"(']')"}))
    assert tell_apart(behaviour, READING, {"(']')": "2"}) is not None
    assert tell_apart(behaviour, READING, {"(']')": "3"}) is None


def test_what_the_unfixed_code_refuses_by_an_error_of_its_own_stays_refused() -> None:
    base = Neighbour("job.py", "def f(a):\n    raise Unknown(a)\n", BASE, 0)
    refusal = {"('x')": "raises Unknown"}
    assert tell_apart(seen({"('x')": "0"}), base, refusal) is not None
    assert tell_apart(seen({"('x')": "0"}), UNFIXED, refusal) is None
    crash = seen({"('x')": "0"})._replace(crashes=frozenset({"Unknown"}))
    assert tell_apart(crash, base, refusal) is None


def test_a_narrower_handler_tells_where_the_fix_hides_an_error() -> None:
    narrow = Neighbour("job.py", "text\n", "narrow/row", 3)
    assert tell_apart(seen({"('x')": "0"}), narrow, {"('x')": RAISES}) is not None
    assert tell_apart(seen({"('x')": RAISES}), narrow, {"('x')": "0"}) is None
    assert tell_apart(seen({"('x')": "0"}), READING, {"('x')": RAISES}) is None


def test_where_the_fix_gives_what_the_unfixed_code_gave_the_neighbour_does_the_harm() -> None:
    fix, other = {"(1)": "1", "(10)": "2"}, {"(1)": "5", "(10)": "6"}
    assert tell_apart(seen(fix, {"(1)": "1", "(10)": "2"}), READING, other) is None
    rival = tell_apart(seen(fix, {"(1)": "1", "(10)": RAISES}), READING, other)
    assert rival is not None
    assert rival.given == "(10)"


def test_the_command_tells_where_no_call_does_and_the_base_fails_in_it() -> None:
    fix, other = {COMMAND: "prints '1'"}, {COMMAND: "prints '2'"}
    rival = tell_apart(seen(fix), READING, other)
    assert rival is not None
    assert (rival.function, rival.given) == ("", COMMAND)
    assert tell_apart(seen(fix), UNFIXED, other) is None


def test_a_fix_that_remembers_calls_is_told_where_the_unfixed_code_did_not() -> None:
    fix = {"(1)": "[1], and then [1, 1]"}
    twice = {"(1)": ("[1]", "[1, 1]"), "(10)": ("[]", "[1]")}
    rival = find_memory(Seen("f", fix, {"(2)": "[2]"}, twice, {}), UNFIXED)
    assert rival is not None
    assert (rival.shape, rival.given) == (AGAIN, "(1)")
    assert (rival.fix_gives, rival.rival_gives) == ("[1, 1]", "[1]")
    before = {"(2)": ("[2]", "[2, 2]")}
    assert (
        find_memory(Seen("f", fix, {"(2)": "[2], and then [2, 2]"}, twice, before), UNFIXED) is None
    )
    assert find_memory(seen({"(1)": "'a, and then b'"}, {"(2)": "[2]"}), UNFIXED) is None
    assert find_memory(Seen("f", fix, {}, twice, {}), UNFIXED) is None


@pytest.mark.parametrize(
    ("ours", "repeats", "is_told"),
    [
        ("1", {}, False),
        ("2", {}, True),
        (RAISES, {}, False),
        ("1, and then 3", {"(1)": ("1", "3")}, False),
        ("2, and then 3", {"(1)": ("2", "3")}, True),
    ],
)
def test_where_the_unfixed_code_raises_the_second_time_its_first_answer_counts(
    ours: str, repeats: dict[str, tuple[str, str]], *, is_told: bool
) -> None:
    text = f"1, and then {RAISES}"
    seen_of_both = Seen("f", {"(1)": ours}, {"(1)": text}, repeats, {"(1)": ("1", RAISES)})
    assert (tell_apart(seen_of_both, UNFIXED, {"(1)": text}) is not None) is is_told


def test_the_words_of_inputs_are_those_lost_then_of_the_function_then_of_the_file() -> None:
    base = "N = 7\n\n\ndef f(a):\n    return a.b(3, 'x')\n"
    fix = base.replace("3, 'x'", "2, None, True")
    assert collect_words(base, fix, "f", ["'x'"]) == ("3", "2", "True", "7")


REFUSES = "def f(n):\n    if n <= 0:\n        raise {error}\n    return n\n"


@pytest.mark.parametrize(
    ("ours", "other", "old", "is_told"),
    [
        ("raises ValueError", "0", "0", True),
        ("raises SettingsError", "0", "0", True),
        ("raises TypeError", "0", "0", False),
        ("0", "raises ValueError", "0", False),
        ("1", "raises ValueError", "0", True),
        ("0", "1", "", True),
        ("raises ValueError", "raises ValueError", "0", False),
    ],
    ids=["refused", "by its own class", "a crash", "as before", "another answer", "two", "both"],
)
def test_where_an_error_is_missed_what_is_refused_tells(
    ours: str, other: str, old: str, *, is_told: bool
) -> None:
    behaviour = seen({"(0)": ours}, {"(0)": old} if old else None)._replace(
        missed=frozenset({"ValueError"}), source=REFUSES.format(error="SettingsError")
    )
    text = REFUSES.format(error="SettingsError").replace("<=", "<")
    neighbour = Neighbour("job.py", text, "compare/<= to <", 2)
    assert (tell_apart(behaviour, neighbour, {"(0)": other}) is not None) is is_told
    plain = behaviour._replace(missed=frozenset())
    is_plain = is_told and "raises" not in ours + other
    assert (tell_apart(plain, neighbour, {"(0)": other}) is not None) is is_plain
    strange = behaviour._replace(strange=frozenset({"(0)"}))
    assert is_plain or tell_apart(strange, neighbour, {"(0)": other}) is None


@pytest.mark.parametrize("number", ["1", "-1", "0.5"])
def test_where_only_a_number_is_another_one_what_is_refused_tells_nothing(number: str) -> None:
    source = REFUSES.format(error="ValueError")
    behaviour = seen({"(0)": "raises ValueError"})._replace(
        missed=frozenset({"ValueError"}), source=source
    )
    text = source.replace("<= 0", f"<= {number}")
    neighbour = Neighbour("job.py", text, "constant/int-1", 2)
    assert tell_apart(behaviour, neighbour, {"(0)": "0"}) is None
