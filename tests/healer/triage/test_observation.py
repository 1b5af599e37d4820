"""What is read out of a failure: numbers and names in their own places, and nowhere else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healer.failure import Failure, Raised
from healer.triage.observation import Observation
from tests.healer.triage.failures import ROOT, ended, failed


def observe(error: str, root: str = "") -> Observation:
    failure = failed(error)
    return Observation(failure, failure.exception, root)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        ("urllib.error.HTTPError: HTTP Error 404: Not Found", 404),
        ("openai.APIError: Error code: 429 - slow", 429),
        ("requests.HTTPError: 503 Server Error", 503),
        ("acme.Error: status_code=502", 502),
        ('acme.Error: "status": 500', None),
        ("acme.Error: got status 418 from it", 418),
        ("acme.Error: HTTP/1.1 500 oops", 500),
        ("acme.Error: 200000 rows", None),
        ("acme.Error: room 404 is empty", None),
        ("acme.Error: 600 seconds", None),
        ("acme.Error: status 99", None),
    ],
)
def test_a_status_is_read_where_one_is_named(error: str, status: int | None) -> None:
    assert observe(error).status == status


@pytest.mark.parametrize(
    ("error", "number"),
    [
        ("OSError: [Errno 28] No space left", 28),
        ("OSError: [WinError 5] denied", 5),
        ("socket.gaierror: [Errno -2] Name", -2),
        ('pymysql.err.OperationalError: (2003, "no")', 2003),
        ("OSError: Errno 28", None),
        ("ValueError: (28, 3)", None),
        ("acme.Error: list of (2003, 4)", None),
    ],
)
def test_an_error_number_is_read_where_the_system_prints_it(error: str, number: int | None) -> None:
    assert observe(error).errno == number


@pytest.mark.parametrize(
    ("error", "root", "is_outside"),
    [
        ("FileNotFoundError: [Errno 2] No such file: '/mnt/in.csv'", ROOT, True),
        ("FileNotFoundError: [Errno 2] No such file: '/srv/app/../in.csv'", ROOT, True),
        ("FileNotFoundError: [Errno 2] No such file: '/srv/app2/in.csv'", ROOT, True),
        ("FileNotFoundError: [Errno 2] No such file: '/srv/app/in.csv'", ROOT, False),
        ("FileNotFoundError: [Errno 2] No such file: '/srv/app'", ROOT, False),
        ("FileNotFoundError: [Errno 2] No such file: 'in.csv'", ROOT, False),
        ("FileNotFoundError: [Errno 2] No such file: '/tmp/in.csv'", ROOT, False),
        ("FileNotFoundError: [Errno 2] No such file: '/mnt/in.csv'", "", False),
        ("FileNotFoundError: nothing here", ROOT, False),
        ("OSError: rename: '/mnt/a' -> '/mnt/b'", ROOT, True),
    ],
)
def test_a_path_is_outside_where_it_lies_in_no_folder_of_ours(
    error: str, root: str, is_outside: bool
) -> None:
    assert observe(error, root).is_path_outside is is_outside


@pytest.mark.parametrize(
    ("error", "module"),
    [
        ("ModuleNotFoundError: No module named 'a.b.c'", "a"),
        ("ImportError: No module named a", "a"),
        ("ImportError: cannot import name 'a' from 'b'", ""),
    ],
)
def test_a_missing_module_is_named_by_its_first_part(error: str, module: str) -> None:
    assert observe(error).module == module


@pytest.mark.parametrize(
    ("failure", "signal"),
    [
        (ended(signal=9), 9),
        (ended(137), 9),
        (ended(143), 15),
        (ended(128), None),
        (ended(200), None),
        (ended(1), None),
        (ended(None), None),
    ],
)
def test_a_signal_is_also_what_a_shell_makes_of_it(failure: Failure, signal: int | None) -> None:
    assert Observation(failure, None).signal == signal


@pytest.mark.parametrize(
    ("observation", "quote"),
    [
        (observe("OSError: [Errno 28] No space.\nmore"), "OSError: [Errno 28] No space"),
        (observe("MemoryError"), "MemoryError"),
        (Observation(ended(1, "one\ntwo.\n"), None), "two"),
        (Observation(ended(3, ""), None), "exit code 3"),
        (Observation(ended(signal=9, stderr="x"), None), "signal 9"),
    ],
)
def test_a_reason_quotes_one_line(observation: Observation, quote: str) -> None:
    assert observation.quote == quote


def test_without_stderr_the_output_speaks() -> None:
    failure = ended(1).model_copy(update={"stdout_tail": "disk full"})
    assert Observation(failure, None).text == "disk full"


def test_an_exception_without_frames_has_no_last_place() -> None:
    failure = Failure(id="1", script="s", source="run")
    bare = Observation(failure, Raised(type="KeyError", message=""))
    assert (bare.last_file, bare.last_function, bare.last_source) == ("", "", "")


@given(st.text(), st.text(), st.text())
def test_any_text_can_be_read(kind: str, message: str, root: str) -> None:
    error = Raised(type=kind, message=message)
    it = Observation(Failure(id="1", script="s", source="run"), error, root)
    assert isinstance(it.quote, str)
    assert isinstance(it.is_path_outside, bool)
    assert it.errno is None or isinstance(it.errno, int)
    assert it.status is None or 100 <= it.status < 600
