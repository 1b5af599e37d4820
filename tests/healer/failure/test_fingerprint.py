"""One incident has one name, two incidents have two: over programs that really fail."""

import functools
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healer.failure import Failure, Frame, Raised, fingerprint, name_cause, parse_traceback
from healer.failure.fingerprint import normalise
from tests.healer.failure.fingerprint_pairs import DIFFERENT, SAME, Program
from tests.support.interpreters import VERSIONS, interpreter


def failure_of(program: Program, python: str = sys.executable) -> Failure:
    """Runs a program in a folder of its own (another one each time), and reads how it failed."""
    with tempfile.TemporaryDirectory() as root:
        files: Mapping[str, str] = (
            program if isinstance(program, dict) else {"scripts/job.py": program}
        )
        for name, text in files.items():
            path = Path(root) / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
        done = subprocess.run(
            [python, "scripts/job.py"], cwd=root, capture_output=True, timeout=60, check=False
        )
    assert done.returncode != 0
    return Failure(
        id="",
        script="scripts/job.py",
        source="run",
        exit_code=done.returncode if done.returncode > 0 else None,
        signal=-done.returncode if done.returncode < 0 else None,
        chain=parse_traceback(done.stderr, root),
    )


@functools.cache
def many() -> int:
    return min(len(SAME), len(DIFFERENT))


def test_there_are_at_least_forty_pairs_of_each_kind() -> None:
    assert many() >= 40
    names = [name for name, _one, _other in SAME + DIFFERENT]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("pair", SAME, ids=lambda pair: pair[0])
def test_these_are_one_incident(pair: tuple[str, Program, Program]) -> None:
    _name, one, other = pair
    assert fingerprint(failure_of(one)) == fingerprint(failure_of(other))


@pytest.mark.parametrize("pair", DIFFERENT, ids=lambda pair: pair[0])
def test_these_are_two_incidents(pair: tuple[str, Program, Program]) -> None:
    _name, one, other = pair
    assert fingerprint(failure_of(one)) != fingerprint(failure_of(other))


@pytest.mark.parametrize("version", VERSIONS)
def test_another_version_of_python_gives_the_same_name(version: str) -> None:
    python = interpreter(version)
    if python is None:
        pytest.skip(f"Python {version} is not installed")
    for name in ("a comprehension", "a cause with data", "a library's frames", "lines above"):
        program = next(one for known, one, _other in SAME if known == name)
        assert fingerprint(failure_of(program, python)) == fingerprint(failure_of(program)), name


def test_a_redacted_line_is_the_same_whatever_number_its_secret_got() -> None:
    def line(number: int) -> list[Raised]:
        source = f'login("<REDACTED:token:{number}>")'
        frame = Frame(file="a.py", line=1, function="f", source=source, own=True)
        return [Raised(type="ValueError", message="", frames=(frame,))]

    assert fingerprint(line(1)) == fingerprint(line(7))


def test_without_own_frames_the_message_counts_without_its_data() -> None:
    def library(message: str, folder: str) -> list[Raised]:
        file = f"{folder}/site-packages/lib/core.py"
        frame = Frame(file=file, line=1, function="f", source="raise Bad(text)")
        return [Raised(type="lib.Bad", message=message, frames=(frame,))]

    first = fingerprint(library("row 17 of /tmp/ab12/x.csv is wrong", "/usr/lib/python3.11"))
    again = fingerprint(library("row 99 of /tmp/zz9/y.csv is wrong", "/home/u/venv/lib/python3.12"))
    other = fingerprint(library("no rows", "/usr/lib/python3.11"))
    assert first == again != other


def test_a_failure_without_script_or_traceback_is_named_by_its_command() -> None:
    def ended(*argv: str, code: int = 1) -> str:
        return fingerprint(Failure(id="", script="", source="run", argv=argv, exit_code=code))

    assert ended("make", "nightly") == ended("make", "nightly")
    assert ended("make", "nightly") != ended("make", "hourly")
    assert ended("make", "nightly") != ended("make", "nightly", code=2)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("row 17", "row 4,096"),
        ("at 0x7f3a2c", "at 0x55d0"),
        ("2026-11-20T20:47:17.123Z gone", "2025-01-02 03:04:05 gone"),
        ("in /tmp/tmpab12cd/x", "in /tmp/tmpzz/y/z"),
        ("host 10.0.0.7:5432", "host 192.168.1.9:80"),
        ("see https://a.example/x?y=1", "see http://b.example.com"),
        ("id 6f1e7c2a-0b5d-4c8e-9a3f-112233445566", "id 00000000-0000-4000-8000-000000000000"),
        ("commit deadbeef01", "commit 0123456789abcdef"),
        ("web-3.prod.internal away", "web-44.prod.internal away"),
        ("took 3.5s", "took 12.75s"),
    ],
)
def test_what_changes_from_run_to_run_is_taken_out(one: str, other: str) -> None:
    assert normalise(one) == normalise(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("no rows", "no columns"), ("a.csv", "b.csv"), ("'NoneType'", "'dict'"), ("added", "deleted")],
)
def test_words_stay(one: str, other: str) -> None:
    assert normalise(one) != normalise(other)


@given(st.text())
def test_any_text_can_be_normalised_and_twice_is_once(text: str) -> None:
    normalise(normalise(text))


@given(st.lists(st.builds(Raised, type=st.text(), message=st.text()), max_size=4))
def test_any_chain_has_a_name(chain: list[Raised]) -> None:
    name = fingerprint(chain)
    assert len(name) == 16
    assert int(name, 16) >= 0


def _raised_in_a_library(script: str, source: str, message: str) -> Failure:
    own = Frame(file=script, line=3, function="main", source=source, own=True)
    library = Frame(file="/x/site-packages/requests/api.py", line=73, function="get", source="...")
    chain = (Raised(type="ConnectionError", message=message, frames=(own, library)),)
    return Failure(id="", script=script, source="run", chain=chain)


def test_one_cause_has_one_name_in_different_repositories() -> None:
    one = _raised_in_a_library("a.py", "get(A)", "host 10.0.0.7:5432 refused")
    other = _raised_in_a_library("b.py", "fetch(b)", "host 10.0.0.9:80 refused")
    assert fingerprint(one) != fingerprint(other)
    assert name_cause(one) == name_cause(other)
    assert name_cause(one) != name_cause(_raised_in_a_library("a.py", "get(A)", "no such host"))


def test_what_has_no_traceback_has_no_cause_to_share() -> None:
    assert name_cause(Failure(id="", script="a.py", source="run", exit_code=1)) == ""
