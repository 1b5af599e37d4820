"""How the Python programs that a traced process starts become traced too.

Belongs here: handing the request down through the environment, and taking it up. Does not belong
here: what is noticed (`lines`, `calls`), and what is asked for (`request`).

A program must not find the request where it looks: it stands in the environment that the kernel
hands down, and not in `os.environ`. Like `lines`, this runs on interpreters from 3.8 on, and
imports nothing that they have not loaded by themselves.
"""

from __future__ import annotations

import marshal
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Kinds = dict[str, Any]
    """What is noticed, by the name of the module beside this one, and what of it it needs."""
    Request = tuple[Kinds, str, str]
    """What is noticed, the tree's root, and the channel's path."""

VARIABLE = "PYTHON_TRACE"
CHANNEL_FD = 3
_PATH = "PYTHONPATH"
_SITE = f"{__file__.rpartition('/')[0]}/site"
_LONGEST = 100_000
"""Of a variable the kernel takes 128 KiB; a longer request is not handed down."""
_POPEN = "subprocess.Popen"
_STARTS = frozenset((_POPEN, "os.exec", "os.posix_spawn", "os.system", "os.fork", "os.forkpty"))
"""Events before a program is started. An environment that `os.execve` and `os.posix_spawn` are
given has been read by then."""


def make_request(kinds: Kinds, root: str) -> Request:
    """Programs report to this process's channel."""
    return kinds, root, f"/proc/{os.getpid()}/fd/{CHANNEL_FD}"


def hand_down(request: Request) -> Heirs:
    """From here on each Python that this process starts or becomes finds the request."""
    heirs = Heirs(request)
    if heirs.is_short:
        heirs.set_variables()
        sys.addaudithook(heirs.on_event)  # it cannot be taken out again
    return heirs


class Heirs:
    """The programs that this one starts."""

    def __init__(self, request: Request) -> None:
        self._whole = request
        self._request = marshal.dumps(request).hex()

    @property
    def is_short(self) -> bool:
        """Whether the kernel takes it."""
        return len(self._request) <= _LONGEST

    def leave_out(self, kind: str) -> None:
        """That kind is not noticed in what is started from here on; empty: all kinds are."""
        kinds, root, channel = self._whole
        rest = {name: places for name, places in kinds.items() if name != kind}
        self._request = marshal.dumps((rest, root, channel)).hex()

    def list_variables(self, path: str) -> dict[str, str]:
        """For a program that is started by other means; `path`: what its own path would be."""
        return {_PATH: f"{_SITE}:{path}" if path else _SITE, VARIABLE: self._request}

    def set_variables(self) -> None:
        """In the environment that is handed down where none is named."""
        own = os.environ.get(_PATH)
        os.putenv(_PATH, f"{_SITE}:{own}" if own else _SITE)
        os.putenv(VARIABLE, self._request)

    def on_event(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event not in _STARTS:
            return
        self.set_variables()
        environment = arguments[3] if event == _POPEN else None
        if environment is os.environ:
            own = _own_variables()
            if type(own) is dict:
                _set_variables(_Lent(own, self._add_to(dict(own), b":")))
        elif isinstance(environment, dict):
            as_bytes = any(isinstance(key, bytes) for key in environment)
            self._add_to(environment, b":" if as_bytes else ":")

    def _add_to(self, environment: dict[Any, Any], colon: Any) -> dict[Any, Any]:
        """Text or bytes, as the `colon` is."""
        encode = os.fsencode if isinstance(colon, bytes) else str
        path, site = encode(_PATH), encode(_SITE)
        own = environment.get(path)
        if own != site and not (own or colon[:0]).startswith(site + colon):
            environment[path] = site + colon + own if own else site
        environment[encode(VARIABLE)] = encode(self._request)
        return environment


class _Lent(dict):  # type: ignore[type-arg]  # of bytes; 3.8 knows no dict[bytes, bytes] here
    """What `os.environ` holds while a program is started with it: read once from the first to the
    last, which is ours, it is again what it was."""

    def __init__(self, own: dict[bytes, bytes], longer: dict[bytes, bytes]) -> None:
        super().__init__(longer)
        self._own = own

    def __getitem__(self, key: bytes) -> bytes:
        if key == os.fsencode(VARIABLE):
            _set_variables(self._own)
        value: bytes = super().__getitem__(key)
        return value


def _own_variables() -> dict[bytes, bytes]:
    """What `os.environ` looks into: what is changed there, the kernel does not hear of."""
    variables: dict[bytes, bytes] = os.environ._data  # type: ignore[attr-defined]  # no other way
    return variables


def _set_variables(variables: dict[bytes, bytes]) -> None:
    os.environ._data = variables  # type: ignore[attr-defined]  # see `_own_variables`


def find_request() -> tuple[Request, Heirs] | None:
    """At the start of a program: what was handed down to it, of which it shall see nothing, and who
    gets it from there."""
    sys.path[:] = [part for part in sys.path if part != _SITE]
    variables = _own_variables()
    text = variables.pop(os.fsencode(VARIABLE), b"").decode()
    path = variables.pop(os.fsencode(_PATH), b"").decode("utf-8", "surrogateescape")
    rest = ":".join(part for part in path.split(":") if part and part != _SITE)
    if rest:
        variables[os.fsencode(_PATH)] = os.fsencode(rest)
    if not text:
        return None
    request: Request = marshal.loads(bytes.fromhex(text))
    return request, hand_down(request)


def open_channel(path: str) -> int:
    """The channel as a descriptor that no program inherits. Raises OSError."""
    if path == f"/proc/{os.getpid()}/fd/{CHANNEL_FD}":
        os.set_inheritable(CHANNEL_FD, False)
        return CHANNEL_FD
    return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
