"""Places of what is noted."""

import subprocess
import sys
import threading
from unittest import mock

from sandbox.inside.screening.notes_of_tests import MOST_NOTES, Notes, Profile, watch_calls


def double(number: int) -> object:
    return number * 2 if number else object()


def test_what_does_not_come_moves_no_other_note() -> None:
    one, other = Notes("t"), Notes("t")
    for notes, values in ((one, ["a", "b"]), (other, [None, "b"])):
        for value in values:
            notes.begin(3)
            if value is not None:  # the first check of the other one crashes
                notes.keep(3, "f(x)", value)
    assert one.pairs == [("f(x) in line 3 of t", "'a'"), ("f(x) in line 3 (2) of t", "'b'")]
    assert other.pairs == one.pairs[1:]


def test_calls_of_stand_ins_are_kept_and_modules_and_cases_are_not() -> None:
    notes, thing = Notes("t"), mock.Mock()
    thing(1)
    notes.keep_calls(1, "thing", thing)
    notes.keep(1, "sys", sys)
    notes.keep_calls(1, "n", 3)
    assert notes.pairs == [("thing in line 1 of t", "called as [call(1)]")]


def test_an_error_is_kept_by_its_name() -> None:
    notes = Notes("t")
    try:
        {}["x"]
    except KeyError:
        notes.keep_error(2, "assert f()")
    assert notes.pairs == [("assert f() in line 2 of t", "raises KeyError")]


def test_no_more_than_so_many_are_kept() -> None:
    notes = Notes("t")
    for number in range(MOST_NOTES + 9):
        notes.keep(number, "x", number)
    assert len(notes.pairs) == MOST_NOTES


def test_what_calls_give_is_noted_in_other_threads_too() -> None:
    notes = Notes("t")
    with Profile(watch_calls(__file__, "double", notes, {__file__})):
        double(2)
        thread = threading.Thread(target=double, args=(3,))
        thread.start()
        thread.join()
        double(0)  # an object shows nothing
    assert [text for _, text in notes.pairs] == ["4", "6"]
    assert sys.getprofile() is None


def test_after_an_error_only_checks_that_call_the_function_are_kept() -> None:
    notes = Notes("t")
    with Profile(watch_calls(__file__, "double", notes, {__file__})):
        notes.begin(1)
        notes.keep(1, "before", 1)
        notes.keep_error(1, "assert crash()")
        notes.begin(2)
        notes.keep(2, "read()", "what the crash left")
        notes.begin(3)
        notes.keep(3, "str(double(4))", str(double(4)))
    texts = [text for _, text in notes.pairs]
    assert texts == ["1", "raises an error", "8", "'8'"]


def test_after_an_error_checks_that_start_a_program_are_kept() -> None:
    notes = Notes("t")
    with Profile(watch_calls(__file__, "double", notes, {__file__})):
        notes.keep_error(1, "assert crash()")
        notes.begin(2)
        run = subprocess.run([sys.executable, "-c", ""], check=True)
        notes.keep(2, "run.returncode", run.returncode)
    assert [text for _, text in notes.pairs] == ["raises an error", "0"]
