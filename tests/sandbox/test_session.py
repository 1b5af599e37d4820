"""Labels tell a living owner from a dead one."""

import os
import subprocess
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox import session
from sandbox.session import (
    Owner,
    _start_time,
    is_dead,
    labels,
    new_session,
    owner_of_this_process,
)


def test_an_owner_is_dead_only_when_that_is_certain() -> None:
    me = owner_of_this_process()
    assert not is_dead(me)
    assert is_dead(me.model_copy(update={"started": "1"}))
    assert not is_dead(Owner(machine="another", pid=me.pid, started="1"))
    assert Owner.parse(me.label()) == me
    assert Owner.parse("nonsense") is None


@given(st.text("0123456789abcdef-", max_size=40), st.integers(0, 1 << 40), st.text("0123456789"))
def test_an_owner_is_read_from_its_own_label(machine: str, pid: int, started: str) -> None:
    owner = Owner(machine=machine, pid=pid, started=started)
    assert Owner.parse(owner.label()) == owner


@pytest.mark.parametrize(
    "label", ["", "/", "//", "a/b/c", "a/-1/c", "a/1", "a/1/2/3", "a/ 1/2", "a/1.5/2"]
)
def test_a_label_that_is_not_ours_names_no_owner(label: str) -> None:
    assert Owner.parse(label) is None


@given(st.text(max_size=60))
def test_any_label_is_an_owner_or_none(label: str) -> None:
    owner = Owner.parse(label)
    assert owner is None or label.count("/") == 2


def run_and_end() -> Owner:
    """An owner that has ended and was collected."""
    with subprocess.Popen(["sleep", "60"]) as process:
        owner = owner_of_this_process().model_copy(
            update={"pid": process.pid, "started": _start_time(process.pid)}
        )
        assert not is_dead(owner)
        process.kill()
    return owner


def test_a_process_that_ended_is_dead() -> None:
    assert is_dead(run_and_end())


def test_a_process_that_nobody_has_collected_yet_is_dead_too() -> None:
    with subprocess.Popen(["sleep", "60"]) as process:
        owner = owner_of_this_process().model_copy(
            update={"pid": process.pid, "started": _start_time(process.pid)}
        )
        process.kill()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert is_dead(owner)


def test_a_process_whose_name_looks_like_a_status_is_read_right(tmp_path: Path) -> None:
    program = tmp_path / ") Z 1 1"
    program.symlink_to("/bin/sleep")
    with subprocess.Popen([program, "60"]) as process:
        started = _start_time(process.pid)
        process.kill()
    assert started.isdigit()


def test_there_is_no_start_of_a_process_that_is_not_there() -> None:
    assert _start_time(run_and_end().pid) == ""


def test_labels_say_whose_it_is_and_until_when_it_is_of_use() -> None:
    me, before = owner_of_this_process(), int(time.time())
    marks = labels("s1", me, timeout_s=120)
    assert (marks[session.MARK], marks[session.SESSION]) == ("1", "s1")
    assert Owner.parse(marks[session.OWNER]) == me
    created, deadline = int(marks[session.CREATED]), int(marks[session.DEADLINE])
    assert before <= created <= time.time() + 1
    assert abs(deadline - created - (session.IDLE_S + 120 + session.MARGIN_S)) <= 1


def test_two_sessions_never_share_a_name() -> None:
    names = {new_session() for _ in range(200)}
    assert len(names) == 200
    assert all(len(name) == 12 and name.isalnum() for name in names)
