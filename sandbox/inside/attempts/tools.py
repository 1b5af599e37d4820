"""What attempts are made of: a registry, and the usual ways to try something.

A probe returns nothing when the sandbox held, and a few words when it did not. Belongs here: what
several attempts share. Does not belong here: any attempt.
"""

from __future__ import annotations

import contextlib
import os
import socket
from typing import TYPE_CHECKING

from . import kernel

if TYPE_CHECKING:
    from collections.abc import Callable

    Probe = Callable[[], str]

PROBES: dict[str, Probe] = {}
_CONNECT_TIMEOUT_S = 1.0


def probe(name: str) -> Callable[[Probe], Probe]:
    def register(function: Probe) -> Probe:
        PROBES[name] = function
        return function

    return register


def refused_call(name: str, *arguments: int) -> Probe:
    return lambda: kernel.refusal(name, *arguments)


def no_connection(family: int, kind: int, address: tuple[str, int]) -> Probe:
    def attempt() -> str:
        with socket.socket(family, kind) as sock:
            sock.settimeout(_CONNECT_TIMEOUT_S)
            try:
                sock.connect(address)
                sock.send(b"x")
            except OSError:
                return ""
        return f"{address[0]} port {address[1]} was reached"

    return attempt


def no_socket(family: int, kind: int = socket.SOCK_DGRAM, protocol: int = 0) -> Probe:
    def attempt() -> str:
        try:
            socket.socket(family, kind, protocol).close()
        except OSError:
            return ""
        return f"a socket of family {family} was made"

    return attempt


def no_reading(*paths: str) -> Probe:
    def attempt() -> str:
        for path in paths:
            try:
                with open(path, "rb") as file:
                    if file.read(16):
                        return f"{path} can be read"
            except OSError:
                continue
        return ""

    return attempt


def no_writing(*paths: str) -> Probe:
    def attempt() -> str:
        for path in paths:
            try:
                os.close(os.open(path, os.O_WRONLY))
            except OSError:
                continue
            return f"{path} can be opened for writing"
        return ""

    return attempt


def no_new_file(*folders: str) -> Probe:
    def attempt() -> str:
        for folder in folders:
            with contextlib.suppress(OSError):
                os.close(os.open(f"{folder}/probe", os.O_WRONLY | os.O_CREAT))
                return f"a file was made in {folder}"
        return ""

    return attempt


def writes(path: str, text: str) -> str:
    try:
        with open(path, "w") as file:
            file.write(text)
    except OSError:
        return ""
    return f"{text} was written to {path}"


def status(key: str) -> str:
    with open("/proc/self/status") as file:
        for line in file:
            name, _, value = line.partition(":")
            if name == key:
                return value.strip()
    return "?"


def lines(path: str) -> list[str]:
    with open(path) as file:
        return file.read().splitlines()


def read_exit_code(status: int) -> int:
    """`os.waitstatus_to_exitcode`, which Python 3.8 does not have."""
    return -os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
