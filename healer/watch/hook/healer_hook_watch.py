"""Notes on the tape what a job asks of its world: files, folders, programs.

Runs inside the job, under Python 3.8 and later, and loads nothing that is not loaded anyway.
Belongs here: files, folders and programs, as audit events tell of them. Does not belong here: what
a record looks like (`healer_hook_tape`), bytes of connections (`healer_hook_network`).
"""

from __future__ import annotations

import os
import stat
import sys

TYPE_CHECKING = False  # as typing has it: nothing is loaded into the job
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from healer.watch.hook.healer_hook_tape import Tape

MAX_FILE_BYTES = 4 << 20
"""Of a larger file only its size and time are noted: it is read after the run, where it is still
the same."""
MAX_FILES = 4_096
MAX_NAMES = 1_000
NO_INPUTS = (".py", ".pyc", ".pyi", ".so", ".pth", ".egg-link")
SECRETS = (".pem", ".key", ".p12", ".pfx", ".jks", ".netrc", ".pgpass")
"""Of these it is only noted that they were read."""
UNHEARD = frozenset(
    {"MySQLdb", "mysql.connector", "pyodbc", "oracledb", "cx_Oracle",
     "pymssql", "grpc", "pycurl", "curl_cffi", "playwright", "confluent_kafka", "zmq"}
)  # fmt: skip
SPAWNERS = ("multiprocessing.popen_spawn_posix", "multiprocessing.popen_forkserver")
"""Loaded where a Python is started that no audit event tells of, and that does not note."""
FOREIGN = ("/.git/", "/site-packages/", "/dist-packages/", "/__pycache__/")
MACHINE = ("/proc/", "/sys/", "/dev/", "/usr/lib/", "/usr/share/zoneinfo/", "/etc/ssl/")


class Watcher:
    """Hears audit events, and notes what they tell of files, folders and programs."""

    def __init__(self, tape: Tape) -> None:
        self.tape = tape
        self.files = set()  # type: set[str]
        self.written = set()  # type: set[str]
        self.weighed = 0
        libraries = {sys.prefix, sys.base_prefix, sys.exec_prefix}
        self.machine = MACHINE + tuple(folder + "/lib" for folder in sorted(libraries))
        tape.note(
            b"P",
            {
                "argv": list(getattr(sys, "orig_argv", sys.argv)),
                "python": sys.executable,
                "prefix": sys.prefix,
                "base_prefix": sys.base_prefix,
                "version": list(sys.version_info[:3]),
                "cwd": _cwd(),
                "hash_seed": tape.hash_seed,
                "parent": os.getppid(),
            },
        )

    def acts(self) -> dict[str, Callable[[tuple[Any, ...]], None]]:
        """What is to be called at which audit event."""
        return {
            "open": self.hear_open,
            "import": self.hear_import,
            "os.listdir": self.hear_listing,
            "os.scandir": self.hear_listing,
            "os.mkdir": self.hear_folder,
            "os.rename": self.hear_rename,
            "os.remove": self.hear_removal,
            "os.truncate": self.hear_truncation,
            "sqlite3.connect": self.hear_database,
            "subprocess.Popen": self.hear_program,
            "os.system": self.hear_program,
            "os.posix_spawn": self.hear_program,
            "os.exec": self.hear_exec,
        }

    def hear_open(self, args: tuple[Any, ...]) -> None:
        path, mode, flags = args
        if isinstance(path, bytes):
            path = os.fsdecode(path)
        if not isinstance(path, str) or path.endswith(NO_INPUTS):
            return
        full = os.path.abspath(path)
        if self._is_foreign(full):
            return
        if mode is None:
            reads = not flags & os.O_WRONLY
            writes = bool(flags & (os.O_WRONLY | os.O_RDWR))
            keeps = not flags & os.O_TRUNC
        else:
            reads = "r" in mode or "+" in mode
            writes = bool(set("wax+") & set(mode))
            keeps = "w" not in mode and "x" not in mode
        if (reads and keeps) or (writes and keeps):
            self.note_file(full)
        if writes:
            self.note_written(full)

    def note_written(self, full: str) -> None:
        """A file that is about to be written, made or removed, and whether it is there before."""
        if full not in self.written:
            self.written.add(full)
            self.tape.note(b"w", (full, _nearest_folder(full), os.path.lexists(full)))

    def hear_rename(self, args: tuple[Any, ...]) -> None:
        """Both ends of it: how files are replaced in one step."""
        self._hear_change(args[0], args[2])
        self._hear_change(args[1], args[3])

    def hear_removal(self, args: tuple[Any, ...]) -> None:
        self._hear_change(args[0], args[1])

    def hear_truncation(self, args: tuple[Any, ...]) -> None:
        self._hear_change(args[0], -1)

    def _hear_change(self, path: object, folder: int) -> None:
        """`folder` is a handle that a relative path starts from; -1: the current one."""
        if isinstance(path, bytes):
            path = os.fsdecode(path)
        if not isinstance(path, str):
            return
        if folder >= 0:
            path = os.path.join(os.readlink("/proc/self/fd/%d" % folder), path)
        full = os.path.abspath(path)
        if self._is_foreign(full):
            return
        self.note_file(full)
        self.note_written(full)

    def _is_foreign(self, full: str) -> bool:
        return full.startswith(self.machine) or any(part in full for part in FOREIGN)

    def hear_import(self, args: tuple[Any, ...]) -> None:
        """A library that talks to its servers in C: nothing of that passes by here."""
        if args[0] in UNHEARD:
            self.tape.note(b"g", args[0])
        elif args[0] in SPAWNERS:
            self.tape.note(b"x", [sys.executable, args[0]])

    def note_file(self, full: str) -> None:
        """A file as it is before the job reads it, or that there is none."""
        if full in self.files or full in self.written or len(self.files) >= MAX_FILES:
            return
        self.files.add(full)
        try:
            status = os.stat(full)
        except OSError as error:
            self.tape.note(b"a", (full, error.errno, _nearest_folder(full)))
            return
        if not stat.S_ISREG(status.st_mode):
            return
        fact = (full, status.st_size, status.st_mtime_ns, status.st_ino, status.st_mode)
        name = os.path.basename(full)
        if name.endswith(SECRETS):
            self.tape.note(b"S", fact)
        elif status.st_size > MAX_FILE_BYTES:
            self.tape.note(b"L", fact)
        else:
            with open(full, "rb") as file:
                self.tape.note(b"f", fact, file.read(MAX_FILE_BYTES + 1))

    def hear_database(self, args: tuple[Any, ...]) -> None:
        """An SQLite file before the job's first statement, with what its journal holds."""
        path = args[0]
        if isinstance(path, bytes):
            path = os.fsdecode(path)
        if not isinstance(path, str) or path in ("", ":memory:"):
            return
        if path.startswith("file:"):
            path = path[5:].partition("?")[0]
        full = os.path.abspath(path)
        for end in ("-wal", "-journal", ""):
            if not end or os.path.exists(full + end):
                self.note_file(full + end)
        self.note_written(full)

    def hear_listing(self, args: tuple[Any, ...]) -> None:
        path = args[0]
        if isinstance(path, bytes):
            path = os.fsdecode(path)
        if path is not None and not isinstance(path, str):
            return
        full = os.path.abspath(path or ".")
        if full in self.files or full.startswith(self.machine):
            return
        if any(part in full + "/" for part in FOREIGN):
            return
        self.files.add(full)
        try:
            with os.scandir(full) as entries:
                every = sorted(entries, key=_name_of)
        except OSError as error:
            self.tape.note(b"a", (full, error.errno, _nearest_folder(full)))
            return
        names = [_name_of(each) for each in every[:MAX_NAMES]]
        self.tape.note(b"l", (full, names, [self.weigh(each) for each in every[:MAX_NAMES]]))

    def weigh(self, entry: os.DirEntry[str]) -> tuple[int, int] | None:
        """Size and time of a file in a listed folder; None: a folder, or one of too many."""
        self.weighed += 1
        if self.weighed > MAX_FILES or not entry.is_file():
            return None
        try:
            status = entry.stat()
        except OSError:
            return None
        return status.st_size, status.st_mtime_ns

    def hear_program(self, args: tuple[Any, ...]) -> None:
        """A program that the job starts: `subprocess.Popen`, `os.system` and their like."""
        words = args[1] if len(args) > 1 else args[0]
        if isinstance(words, (str, bytes)):
            words = [words]
        self.tape.note(b"x", [os.fsdecode(word) for word in words])

    def hear_exec(self, args: tuple[Any, ...]) -> None:
        """The places of PATH are tried one after the other."""
        if os.path.lexists(args[0]):
            self.hear_program(args)

    def hear_folder(self, args: tuple[Any, ...]) -> None:
        path = args[0]
        if isinstance(path, (str, bytes)):
            self.tape.note(b"d", os.path.abspath(os.fsdecode(path)))


def _name_of(entry: os.DirEntry[str]) -> str:
    return entry.name + "/" * entry.is_dir()


def _cwd() -> str:
    try:
        return os.getcwd()
    except OSError:
        return ""


def _nearest_folder(full: str) -> str:
    """The innermost folder on the way to a file that is there."""
    folder = os.path.dirname(full)
    while folder != "/" and not os.path.isdir(folder):
        folder = os.path.dirname(folder)
    return folder
