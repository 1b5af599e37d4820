"""Git's objects by name, read through one `git cat-file` that stays.

Belongs here: that process, and what never changes under an object's id, kept in memory. Does not
belong here: what a tree's files mean (`tree`), and questions about history (`repository`).

A repair asks for hundreds of objects and some dozen times where a ref is; a process for each costs
more than the answers. What a ref points to is asked each time and never kept. What the process
does not find (an object that came by a way that it cannot see, such as a new alternate) a new one
is asked for, so nobody is told that something is missing which is there.
"""

import io
import os
import re
import select
import subprocess
import time
import weakref
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from threading import Lock
from typing import IO, Final, NamedTuple, Protocol, cast

from quarantine.errors import GitTimeout, RepositoryError
from quarantine.git import TIMEOUT_S, Git

KEPT_BYTES: Final = 64 * 1024 * 1024
"""Of contents in memory per repository: candidates share all but a file or two."""
MOST_NAMES: Final = 50
"""Asked at once: together they fit in the smallest pipe, so neither side waits for the other."""

_COMMAND: Final = ("cat-file", "--batch")
_FULL_ID: Final = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_EXACT: Final = re.compile(r"HEAD|refs/[\w./+-]{1,1000}")


class StoredObject(NamedTuple):
    """One object as git keeps it."""

    oid: str
    kind: str
    """`blob`, `tree`, `commit` or `tag`."""
    content: bytes


class CommitObject(NamedTuple):
    """What a commit says of itself. Its parents are the real ones, in a shallow clone too."""

    tree: str
    parents: tuple[str, ...]
    author: str
    """`Name <email>`; untrusted text."""
    committed_at: int
    """Unix time."""
    message: str
    """Untrusted text."""


def is_full_id(name: str) -> bool:
    """Whether this is a whole object id, which means the same at any time."""
    return _FULL_ID.fullmatch(name) is not None


class Objects:
    """The objects of one repository, the latest `KEPT_BYTES` of them kept in memory."""

    def __init__(self, git: Git) -> None:
        """Reads as `git` would; nothing is started before the first question."""
        self._git = git
        self._reader = _Reader(git)
        self._lock = Lock()
        self._kept: OrderedDict[str, StoredObject] = OrderedDict()
        self._kept_bytes = 0

    def find_commit(self, name: str) -> str | None:
        """The commit that a whole id, `HEAD` or a ref's full name leads to now. None is no answer:
        other names, and what is not found, are for `git rev-parse`."""
        if not (is_full_id(name) or _EXACT.fullmatch(name)):
            return None
        (commit,) = self._reader.read([f"{name}^{{commit}}"])
        if commit is None:
            return None
        self._keep((commit,))
        return commit.oid

    def read_commit(self, oid: str) -> CommitObject:
        """RepositoryError when the repository lacks it."""
        content = self._read("commit", (oid,))[oid]
        try:
            return _parse_commit(content)
        except (KeyError, ValueError, IndexError) as error:
            raise RepositoryError(
                f"Commit {oid} is malformed; check the repository (git fsck)."
            ) from error

    def read_trees(self, oids: Iterable[str]) -> dict[str, bytes]:
        """Git's own form of several trees by id; RepositoryError when the repository lacks one."""
        return self._read("tree", oids)

    def read_blob(self, oid: str) -> bytes:
        """One file's content; RepositoryError when the repository lacks it."""
        return self.read_blobs((oid,))[oid]

    def read_blobs(self, oids: Iterable[str]) -> dict[str, bytes]:
        """Several contents by id; RepositoryError when the repository lacks one."""
        return self._read("blob", oids)

    def _read(self, kind: str, oids: Iterable[str]) -> dict[str, bytes]:
        unique_ids = list(dict.fromkeys(oids))
        with self._lock:
            objects = {oid: self._kept[oid] for oid in unique_ids if oid in self._kept}
        missing = [oid for oid in unique_ids if oid not in objects]
        if missing:
            new_objects = self._fetch(missing)
            self._keep(new_objects.values())
            objects |= new_objects
        for oid in unique_ids:
            if oid not in objects or objects[oid].kind != kind:
                raise RepositoryError(
                    f"The repository lacks the object {oid}; complete the clone "
                    "(git fetch --refetch), or check it (git fsck)."
                )
        return {oid: objects[oid].content for oid in unique_ids}

    def _fetch(self, oids: list[str]) -> Mapping[str, StoredObject]:
        answers = dict(zip(oids, self._reader.read(oids), strict=True))
        missing = [oid for oid in oids if answers[oid] is None]
        if missing:
            names = "".join(f"{oid}\n" for oid in missing).encode("ascii")
            stream = io.BytesIO(self._git.run(*_COMMAND, stdin=names))
            answers |= {oid: _parse(stream) for oid in missing}
        return {oid: each for oid, each in answers.items() if each is not None}

    def _keep(self, new_objects: Iterable[StoredObject]) -> None:
        with self._lock:
            for each in new_objects:
                if each.oid not in self._kept and len(each.content) <= KEPT_BYTES // 8:
                    self._kept[each.oid] = each
                    self._kept_bytes += len(each.content)
            while self._kept_bytes > KEPT_BYTES:
                _, oldest = self._kept.popitem(last=False)
                self._kept_bytes -= len(oldest.content)


class _Reader:
    """One `git cat-file --batch`, started when it is needed and again when it has ended.

    It ends with its owner, however that ends: it reads from our pipe alone. A fork's child has none
    and starts its own.
    """

    def __init__(self, git: Git) -> None:
        self._git = git
        self._lock = Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._end: weakref.finalize[[subprocess.Popen[bytes]], _Reader] | None = None
        _READERS.add(self)

    def read(self, names: Sequence[str]) -> list[StoredObject | None]:
        """What these names mean; None for what git does not find, and where it fails: a process
        that is started for the one question says why."""
        answers: list[StoredObject | None] = []
        with self._lock:
            for at in range(0, len(names), MOST_NAMES):
                answers += self._exchange(names[at : at + MOST_NAMES])
        return answers

    def _exchange(self, names: Sequence[str]) -> list[StoredObject | None]:
        if self._process is None:
            self._process = self._git.start(*_COMMAND)
            self._end = weakref.finalize(self, _end, self._process)
        stdin = cast("IO[bytes]", self._process.stdin)
        stdout = cast("IO[bytes]", self._process.stdout)
        try:
            stdin.write("".join(f"{name}\n" for name in names).encode("utf-8"))
            stream = _Pipe(stdout.fileno(), TIMEOUT_S)
            return [_parse(stream) for _ in names]
        except (OSError, EOFError, ValueError):
            self._drop()
            return [None] * len(names)
        except BaseException:  # half an answer may lie in the pipe
            self._drop()
            raise

    def _drop(self) -> None:
        if self._end is not None:
            self._end()
        self._process = self._end = None

    def forget(self) -> None:
        """In a fork's child: the process and the lock are the parent's."""
        self._lock = Lock()
        if self._end is not None:
            self._end.detach()
        if self._process is not None:
            self._process.returncode = 0  # it is not ours to wait for
            _close_pipes(self._process)
        self._process = self._end = None


_READERS: Final[weakref.WeakSet[_Reader]] = weakref.WeakSet()


def _forget_all() -> None:
    for reader in list(_READERS):
        reader.forget()


os.register_at_fork(after_in_child=_forget_all)


def _end(process: "subprocess.Popen[bytes]") -> None:
    """At once: it only reads."""
    process.kill()
    process.wait()
    _close_pipes(process)


def _close_pipes(process: "subprocess.Popen[bytes]") -> None:
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()


class _Stream(Protocol):
    def readline(self) -> bytes:
        """Up to and with a line's end."""

    def read(self, size: int) -> bytes:
        """Exactly that much, but less at the end."""


class _Pipe:
    """What comes out of a process, waited for within a limit of time; EOFError at its end."""

    def __init__(self, handle: int, timeout_s: float) -> None:
        self._handle = handle
        self._poll = select.poll()
        self._poll.register(handle, select.POLLIN)
        self._until = time.monotonic() + timeout_s
        self._buffer = bytearray()

    def readline(self) -> bytes:
        while (at := self._buffer.find(b"\n")) < 0:
            self._fill()
        return self._take(at + 1)

    def read(self, size: int) -> bytes:
        while len(self._buffer) < size:
            self._fill()
        return self._take(size)

    def _take(self, size: int) -> bytes:
        content = bytes(self._buffer[:size])
        del self._buffer[:size]
        return content

    def _fill(self) -> None:
        if not self._poll.poll(max(0.0, self._until - time.monotonic()) * 1000):
            raise GitTimeout(
                f"git cat-file did not answer within {TIMEOUT_S:g} s and was stopped; see whether "
                "the disk hangs, then try again."
            )
        chunk = os.read(self._handle, 1 << 16)
        if not chunk:
            raise EOFError
        self._buffer += chunk


def _parse(stream: _Stream) -> StoredObject | None:
    """The next answer of `git cat-file --batch`; None where it does not know the name."""
    header = stream.readline()
    if header.endswith((b" missing\n", b" ambiguous\n")):
        return None
    oid, kind, size = header.decode("ascii").split()
    content = stream.read(int(size))
    stream.read(1)
    return StoredObject(oid, kind, content)


def _parse_commit(content: bytes) -> CommitObject:
    header, _, message = content.partition(b"\n\n")
    rows = [line.partition(b" ")[::2] for line in header.split(b"\n")]
    values = dict(reversed(rows))  # of several the first; a signature's lines begin with a space
    return CommitObject(
        tree=values[b"tree"].decode("ascii"),
        parents=tuple(value.decode("ascii") for key, value in rows if key == b"parent"),
        author=values[b"author"].decode("utf-8", "replace").rsplit(" ", 2)[0],
        committed_at=int(values[b"committer"].split()[-2]),
        message=message.decode("utf-8", "replace"),
    )
