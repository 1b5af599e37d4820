"""What one process may do to others, and how much it may take: told where nothing holds it."""

import os
import tempfile

import pytest

from sandbox.inside.attempts import processes
from tests.sandbox.inside.attempts.in_child import run_code, run_probe

LIMITS = "import resource\n"
AS_ROOT = pytest.mark.skipif(os.getuid() != 0, reason="says what root may do")


def test_a_descriptor_that_was_left_open_is_told() -> None:
    with tempfile.TemporaryFile() as file:
        code = "from attempts import processes\nprocesses.find_inherited()\n"
        code += "print(PROBES['processes: inherited descriptors']())"
        assert run_code(code, fds=(file.fileno(),)) == f"descriptors [{file.fileno()}]\n"
        assert run_code(code) == "\n"


@pytest.mark.parametrize(
    ("limit", "result"), [(64, ""), (2_000, ""), (2_100, "2001 files were opened")]
)
def test_more_open_files_than_agreed_are_told(limit: int, result: str) -> None:
    before = f"{LIMITS}resource.setrlimit(resource.RLIMIT_NOFILE, ({limit}, {limit}))"
    assert run_probe("processes: open files", before) == result


ALL_SET = (
    "import resource\nfor which in (resource.RLIMIT_NOFILE, resource.RLIMIT_FSIZE, "
    "resource.RLIMIT_CORE): resource.setrlimit(which, (64, 64))"
)


def test_limits_that_are_set_and_cannot_be_raised_hold() -> None:
    assert run_probe("processes: raise a limit", ALL_SET, as_nobody=True) == ""


def test_a_limit_that_is_not_set_is_told() -> None:
    before = LIMITS + "resource.getrlimit = lambda _: (64, resource.RLIM_INFINITY)"
    assert run_probe("processes: raise a limit", before).endswith("is not set")


def test_new_privileges_by_a_program_are_told_until_they_are_given_up() -> None:
    name = "processes: new privileges by a program"
    give_up = "import ctypes\nctypes.CDLL(None).prctl(38, 1, 0, 0, 0)"
    assert run_probe(name, give_up) == ""


@pytest.mark.parametrize(
    ("rights", "result"),
    [
        ({}, ""),
        ({"CapBnd": "e0"}, ""),
        ({"CapBnd": "2000e0"}, "{} bounding 200000"),
        ({"CapEff": "1"}, "{'CapEff': '1'} bounding 0"),
        ({"CapAmb": "20"}, "{'CapAmb': '20'} bounding 0"),
    ],
)
def test_rights_beyond_those_of_the_supervisor_are_told(
    rights: dict[str, str], result: str
) -> None:
    have = dict.fromkeys(("CapInh", "CapPrm", "CapEff", "CapAmb"), "0") | rights
    assert processes.find_extra_rights(have, have.pop("CapBnd", "0")) == result


def test_nobody_can_become_root_or_take_priority() -> None:
    assert run_probe("processes: become root", as_nobody=True) == ""
    assert run_probe("processes: real-time priority", as_nobody=True) == ""


@AS_ROOT
def test_a_user_that_can_be_changed_is_told() -> None:
    assert run_probe("processes: become root") == "a user or group was changed"


@AS_ROOT
def test_the_supervisors_files_are_told_to_root_and_not_to_nobody() -> None:
    name = "processes: see the supervisor's descriptors"
    assert run_probe(name).startswith("['0'")
    assert run_probe(name, as_nobody=True) == ""
