"""Lets a Python program find its recorded world: names, addresses, TLS, and that night's clock.

Runs in the program under test, before anything of it. Belongs here: what must be changed in this
one process so that recorded peers are reached under their names. Does not belong here: the peers
themselves (`peers`), which run beside it.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False  # nothing is loaded that the program does not load
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from .messages import Surroundings


_POPEN_ARGUMENTS = (
    "bufsize", "executable", "stdin", "stdout", "stderr", "preexec_fn", "close_fds", "shell", "cwd",
    "env", "universal_newlines", "startupinfo", "creationflags",
)  # fmt: skip


def apply(surroundings: Surroundings, program: str = "") -> None:
    """From now on this process is in that night. `program`: its script's name, where it is not that
    of the command line."""
    if surroundings["started_at"]:
        shift_clock(surroundings["started_at"] - surroundings["began"])
    names = _Names(surroundings)
    names.install()
    acts: dict[str, Callable[[Any], None]] = {}
    databases = surroundings["databases"]
    if databases:
        drivers = _load_beside("drivers").Drivers(
            names.find_place, lambda host, port: f"{host}:{port}" in databases
        )
        acts.update(drivers.acts)
    if surroundings["chances"]:
        acts.update(_load_beside("chance").Chance(surroundings, program).find_acts())
    if acts:
        _load_beside("imports").await_imports(acts)
    if surroundings["programs"]:
        _replace_programs(surroundings["programs"], surroundings["other"])


def _load_beside(name: str) -> Any:
    """A module of this folder, which only some nights need; the program does not find it."""
    import _frozen_importlib as bootstrap
    import _frozen_importlib_external as external

    path = f"{__file__.rpartition('/')[0]}/{name}.py"
    spec = external.spec_from_file_location(f"_healer_{name}", path)
    if spec is None or spec.loader is None:
        raise ImportError(name)
    module = bootstrap.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _replace_programs(commands: list[list[str]], place: list[object]) -> None:
    """A program that is on the tape answers from there, wherever it lies and whatever shell it was
    for; all others are started as ever."""
    import os
    import subprocess

    stand_in = __file__.rpartition("/")[0] + "/programs.py"
    start = [sys.executable, "-S", "-E", stand_in, f"{place[0]}:{place[1]}"]
    names = {words[0] for words in commands}
    kind: Any = subprocess.Popen
    real = kind.__init__

    def begin(self: Any, args: Any, *more: Any, **options: Any) -> None:
        is_line = isinstance(args, (str, bytes)) or hasattr(args, "__fspath__")
        words = [os.fsdecode(word) for word in ([args] if is_line else args)]
        if not words or words[0] not in names:
            real(self, args, *more, **options)
            return
        options.update(zip(_POPEN_ARGUMENTS, more))
        options.update(shell=False, executable=None)
        real(self, start + words, **options)
        self.args = args

    kind.__init__ = begin


class _Names:
    """Where each recorded name and address is reached now."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._addresses = surroundings["addresses"]
        self._places = surroundings["places"]
        self._other = tuple(surroundings["other"])
        self._errors = surroundings["errors"]
        self._unknown = frozenset(surroundings["unknown_names"])
        self._authority = surroundings["authority"]

    def install(self) -> None:
        import _socket

        # `socket` is loaded by most programs anyway, and by those that are changed here.
        import socket

        self._socket = socket
        self._real_getaddrinfo = socket.getaddrinfo
        replacements = {"getaddrinfo": self._getaddrinfo, "gethostbyname": self._gethostbyname}
        for name, function in replacements.items():
            setattr(socket, name, function)
        kind: Any = socket.socket
        kind.connect = self._make_connect(_socket.socket.connect, fails_by_number=False)
        kind.connect_ex = self._make_connect(_socket.socket.connect_ex, fails_by_number=True)
        if self._authority:
            self._trust()

    def _getaddrinfo(
        self, host: Any, port: Any, family: int = 0, *more: int, **options: int
    ) -> list[Any]:
        name = host.decode() if isinstance(host, bytes) else host
        if name is None or name in ("localhost", ""):
            return self._real_getaddrinfo(host, port, family, *more, **options)
        address = self._resolve(name)
        try:
            return self._real_getaddrinfo(address, port, 0, *more, **options)
        except OSError:
            raise self._socket.gaierror(-2, "Name or service not known") from None

    def _gethostbyname(self, host: str) -> str:
        return "127.0.0.1" if host == "localhost" else self._resolve(host)

    def _resolve(self, name: str) -> str:
        """The address that it had; one that leads nowhere for a name that nobody asked for."""
        if name in self._unknown:
            raise self._socket.gaierror(-2, "Name or service not known")
        address = self._addresses.get(name.lower())
        if address is not None:
            return address
        is_number = all(part.isdigit() for part in name.split(".")) or ":" in name
        return name if is_number else "192.0.2.1"

    def find_place(self, host: str, port: int) -> tuple[Any, ...]:
        """Where a recorded peer is now; for others one that says that they are not recorded; for
        one that refused, a port at which nobody listens."""
        key = f"{self._addresses.get(host.lower(), host)}:{port}"
        place = tuple(self._places.get(key, ()))
        return place or (("127.0.0.1", 1) if key in self._errors else self._other)

    def _make_connect(self, real: Any, *, fails_by_number: bool) -> Callable[..., Any]:
        def connect(sock: Any, address: Any) -> Any:
            if not isinstance(address, tuple):
                return real(sock, address)
            host = address[0]
            if host in ("", "localhost"):
                host = "127.0.0.1"
            key = f"{self._addresses.get(str(host).lower(), host)}:{address[1]}"
            place = tuple(self._places.get(key, ()))
            if not place:
                error = self._errors.get(key)
                if error is not None:
                    return self._fail(error, fails_by_number=fails_by_number)
                if host.startswith("127.") or host == "::1":
                    return real(sock, address)  # the program's own, or nobody's
                place = self._other
            if sock.family == self._socket.AF_INET6:
                return real(sock, (f"::ffff:{place[0]}", place[1]))
            return real(sock, place)

        return connect

    def _fail(self, name: str, *, fails_by_number: bool) -> int:
        """As that night."""
        import errno

        number = {
            "TimeoutError": errno.ETIMEDOUT,
            "timeout": errno.ETIMEDOUT,
            "ConnectionResetError": errno.ECONNRESET,
        }.get(name, errno.ECONNREFUSED)
        if fails_by_number:
            return number
        import os

        raise OSError(number, os.strerror(number))

    def _trust(self) -> None:
        """The peers' certificates are good ones, for whoever looks at them."""
        import ssl

        authority = self._authority

        def make(real: Any) -> Any:
            def wrap(context: Any, *args: Any, **options: Any) -> Any:
                context.load_verify_locations(cadata=authority)
                return real(context, *args, **options)

            return wrap

        kind: Any = ssl.SSLContext
        kind.wrap_socket = make(kind.wrap_socket)
        kind.wrap_bio = make(kind.wrap_bio)


def shift_clock(shift_s: float) -> None:
    """The program's clock is ahead by so much; it goes on as clocks do."""
    import time

    shift_ns = int(shift_s * 1e9)
    shift = shift_ns / 1e9
    real, real_ns = time.time, time.time_ns
    time.time = lambda: real() + shift
    time.time_ns = lambda: real_ns() + shift_ns
    for name in ("localtime", "gmtime", "ctime"):
        setattr(time, name, _with_now(getattr(time, name), time))
    strftime, localtime = time.strftime, time.localtime
    time.strftime = lambda form, moment=None: strftime(
        form, localtime() if moment is None else moment
    )
    asctime = time.asctime
    time.asctime = lambda moment=None: asctime(localtime() if moment is None else moment)
    _set_dates(time)


def _with_now(real: Any, time: Any) -> Any:
    return lambda seconds=None: real(time.time() if seconds is None else seconds)


def _set_dates(time: Any) -> None:
    """`datetime`'s own types, changed in place: what was pickled or compared with them still is."""
    import datetime
    import gc

    moment: Any = gc.get_referents(datetime.datetime.__dict__)[0]
    moment["now"] = classmethod(lambda kind, tz=None: kind.fromtimestamp(time.time(), tz))
    moment["today"] = classmethod(lambda kind: kind.fromtimestamp(time.time()))
    moment["utcnow"] = classmethod(_utcnow(time, datetime))
    day: Any = gc.get_referents(datetime.date.__dict__)[0]
    day["today"] = classmethod(lambda kind: kind.fromtimestamp(time.time()))
    clear = getattr(sys, "_clear_type_cache", None)
    if clear is not None:
        clear()


def _utcnow(time: Any, datetime: Any) -> Any:
    utc = datetime.timezone.utc

    def utcnow(kind: Any) -> Any:
        return kind.fromtimestamp(time.time(), utc).replace(tzinfo=None)

    return utcnow
