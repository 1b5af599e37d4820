"""Conditions ask one thing of an observation, and combine as their signs say."""

import pytest

from healer.triage.conditions import (
    IS_OS_ERROR,
    STARTS_A_PROGRAM,
    Condition,
    Rule,
    has_errno,
    has_exit_code,
    has_signal,
    is_from,
    is_named,
    is_type,
    says,
    words,
)
from healer.triage.observation import Observation
from tests.healer.triage.failures import SUBPROCESS, ended, failed

YES, NO = Condition(lambda _: True), Condition(lambda _: False)


def observe(error: str, **more: object) -> Observation:
    failure = failed(error, **more)
    return Observation(failure, failure.exception)


@pytest.mark.parametrize(
    ("condition", "answer"),
    [
        (YES & YES, True),
        (YES & NO, False),
        (NO | YES, True),
        (NO | NO, False),
        (~NO, True),
        (NO & YES | YES, True),
        (YES | NO & NO, True),
        (~(YES & NO), True),
    ],
)
def test_signs_combine_conditions(condition: Condition, answer: bool) -> None:
    assert condition(observe("ValueError: x")) is answer


@pytest.mark.parametrize(
    ("condition", "error", "answer"),
    [
        (is_type("KeyError"), "KeyError: 'a'", True),
        (is_type("HTTPError"), "requests.exceptions.HTTPError: x", True),
        (is_type("requests.exceptions.HTTPError"), "requests.exceptions.HTTPError: x", False),
        (is_type("Error"), "KeyError: 'a'", False),
        (is_from("requests"), "requests.exceptions.HTTPError: x", True),
        (is_from("requests"), "requests_cache.Error: x", False),
        (is_from("requests"), "Requests: x", False),
        (is_named("^Time"), "acme.TimeWasUp: x", True),
        (is_named("^acme"), "acme.TimeWasUp: x", False),
        (says("too many"), "OSError: TOO MANY of them", True),
        (says("too many"), "ValueError: 'too many'", False),
        (says("too many"), "OSError: too few", False),
        (has_errno(28), "OSError: [Errno 28] No space", True),
        (has_errno(2003), 'pymysql.err.OperationalError: (2003, "no")', True),
        (has_errno(28), "OSError: 28 files", False),
        (has_errno(28), "OSError: [Errno 128] x", False),
        (IS_OS_ERROR, "PermissionError: [Errno 13] x", True),
        (IS_OS_ERROR, "shutil.SameFileError: x", True),
        (IS_OS_ERROR, "ConnectionError: x", False),
    ],
)
def test_each_condition_asks_one_thing(condition: Condition, error: str, answer: bool) -> None:
    assert condition(observe(error)) is answer


def test_a_message_that_was_raised_on_purpose_speaks_where_data_would_not() -> None:
    on_purpose = observe("ValueError: too many", source="raise ValueError(text)")
    assert says("too many")(on_purpose)
    assert not says("too many")(observe("KeyError: 'too many'", source="raise KeyError(name)"))


def test_a_program_that_is_started_is_told_by_the_innermost_frame() -> None:
    error = "FileNotFoundError: [Errno 2] No such file or directory: 'x'"
    assert STARTS_A_PROGRAM(observe(error, inside=SUBPROCESS))
    assert not STARTS_A_PROGRAM(observe(error))


@pytest.mark.parametrize(
    ("condition", "exit_code", "signal", "answer"),
    [
        (has_signal(9), None, 9, True),
        (has_signal(9), 137, None, True),
        (has_signal(9), 9, None, False),
        (has_exit_code(2, 64), 64, None, True),
        (has_exit_code(2, 64), 1, None, False),
    ],
)
def test_an_end_is_told_by_its_signal_and_its_code(
    condition: Condition, exit_code: int | None, signal: int | None, answer: bool
) -> None:
    observation = Observation(ended(exit_code, signal=signal), None)
    assert condition(observation) is answer


def test_a_row_that_says_code_is_never_sure() -> None:
    assert Rule("a", "transient", YES, "", "").is_sure
    assert not Rule("a", "code", YES, "", "").is_sure


def test_words_of_a_table() -> None:
    assert words("a b\n  c") == {"a", "b", "c"}
