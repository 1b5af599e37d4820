"""Heartbeat of life are given while every loop turns, and by nobody once one hangs."""

import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from healer.daemon.heartbeat import STUCK_S, Heartbeat, notify_systemd


@pytest.fixture
def systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listens:
        listens.bind(str(tmp_path / "notify"))
        listens.setblocking(False)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        yield listens


def said(systemd: socket.socket) -> list[bytes]:
    found = []
    while True:
        try:
            found.append(systemd.recv(100))
        except BlockingIOError:
            return found


def test_a_daemon_that_turns_says_so(systemd: socket.socket, tmp_path: Path) -> None:
    Heartbeat(tmp_path).show()
    assert said(systemd) == [b"WATCHDOG=1"]
    assert (tmp_path / "alive").read_text() == f"{os.getpid()}\n"


@pytest.mark.parametrize("loop", STUCK_S)
def test_one_loop_that_hangs_ends_the_signs_until_it_turns_again(
    systemd: socket.socket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, loop: str
) -> None:
    made = Heartbeat(tmp_path)
    now = time.monotonic() + STUCK_S[loop] + 1
    monkeypatch.setattr(time, "monotonic", lambda: now)
    for other in set(STUCK_S) - {loop}:
        made.beat(other)
    made.show()
    assert said(systemd) == []
    made.beat(loop)
    made.show()
    assert said(systemd) == [b"WATCHDOG=1"]


def test_a_disk_that_refuses_does_not_end_the_signs(systemd: socket.socket, tmp_path: Path) -> None:
    Heartbeat(tmp_path / "missing").show()
    assert said(systemd) == [b"WATCHDOG=1"]


def test_without_systemd_nothing_is_said(
    systemd: socket.socket, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET")
    notify_systemd("READY=1")
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "nobody"))
    notify_systemd("READY=1")
    assert said(systemd) == []
