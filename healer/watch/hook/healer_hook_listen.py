"""Listens for the exception that ends a job's Python, and for what it asks its world.

Runs inside the job, under Python 3.8 and later. It hears through audit events, so `sys.excepthook`
and everything else stay as the script has them, and it loads nothing before something happened.
An exception goes as a JSON line into a pipe that `healer run` reads; what the job asks goes on the
tape (`healer_hook_watch`). Nothing is written to disk. Whatever goes wrong here is silent: the job
must not notice. Belongs here: what is heard, and who is told. Does not belong here: describing an
exception (`healer_hook_describe`), and what is noted on the tape.
"""

from __future__ import annotations

import os
import sys
from _thread import RLock, get_ident

TYPE_CHECKING = False  # as typing has it: nothing is loaded into the job
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType
    from typing import Any

HERE = os.path.dirname(os.path.abspath(__file__))
LOGGING = "/logging/__init__.py"
SOURCE_READERS = ("/tokenize.py", "/linecache.py")
ERROR = 40  # as logging has it
MAX_DEPTH = 40
LIBPQ = ("psycopg", "psycopg2")
PROGRAMS = ("subprocess", "asyncio.subprocess")
CHANCE = ("random", "uuid", "secrets", "numpy.random")
NETWORK = ("socket.__new__", "socket.connect", "socket.getaddrinfo", "socket.gethostbyname")


def listen(target: str) -> None:
    """`target` is `HANDLE:INODE:TAPE:INODE:OWNER:MOST_BYTES:NETWORK:ROOT`; a handle that is another
    file by now is left. HANDLE is -1 in a Python that the job's Python started: whether its
    exceptions count says its parent. TAPE is -1 where nothing is recorded, OWNER is the process
    that reads the tape, NETWORK is 0 or 1."""
    handle, inode, tape, tape_inode, owner, most_bytes, network, root = target.split(":", 7)
    pipe = int(handle)
    if pipe >= 0 and not _is_file(pipe, int(inode)):
        return
    listener = _Listener(pipe, root)
    if int(tape) >= 0 and _is_file(int(tape), int(tape_inode)):
        listener.watch((int(tape), int(tape_inode), int(most_bytes), int(owner)), network == "1")
    sys.addaudithook(listener.hear)


def _is_file(handle: int, inode: int) -> bool:
    if os.fstat(handle).st_ino != inode:
        return False
    os.set_inheritable(handle, False)
    return True


def _load(name: str) -> ModuleType:
    """A module beside this one, which the job does not find among its own."""
    import _frozen_importlib as bootstrap
    import _frozen_importlib_external as external

    path = "%s/%s.py" % (HERE, name)
    spec = external.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(name)
    module = bootstrap.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class _Listener:
    def __init__(self, pipe: int, root: str) -> None:
        self.pipe = pipe
        self.root = root.rstrip("/") + "/"
        self.busy = set()  # type: set[int]
        self.acts = {
            "sys.excepthook": self.report_exception,
            "open": self.hear_open,
        }  # type: dict[str, Callable[..., None]]
        self.tape = None  # type: Any
        self.programs = None  # type: Any
        self.databases = None  # type: Any
        self.chance = None  # type: Any
        self.note_open = None  # type: Callable[..., None] | None
        self.last_logged = 0
        self.take_turns()

    def take_turns(self) -> None:
        """What is loaded late is loaded by one thread: of two that look on, each would note all. A
        forked child waits for no thread of its parent."""
        self.turn = RLock()

    def watch(self, place: tuple[int, int, int, int], network: bool) -> None:
        """From now on what the job asks its world is noted on the tape at `place`: its handle and
        inode, the most bytes, and its owner."""
        handle, inode, most_bytes, owner = place
        self.tape = _load("healer_hook_tape").Tape(handle, inode, most_bytes, owner)
        os.register_at_fork(after_in_child=self.take_turns)
        self.acts.update(_load("healer_hook_watch").Watcher(self.tape).acts())
        self.note_import, self.acts["import"] = self.acts["import"], self.watch_imports
        self.target = "-1:0:%d:%d:%d:%d:%d:%s" % (
            handle, inode, owner, most_bytes, network, self.root.rstrip("/"),
        )  # fmt: skip
        self.note_start = self.acts["subprocess.Popen"]
        self.acts["subprocess.Popen"] = self.watch_programs
        self.note_open, self.acts["open"] = self.acts["open"], self.hear_open
        if network:
            self.acts.update(dict.fromkeys(NETWORK, self.watch_network))

    def watch_network(self, _args: tuple[Any, ...]) -> None:
        """Takes part only now: most jobs ask no network."""
        with self.turn:
            if self.acts[NETWORK[0]] == self.watch_network:  # else another thread was first
                network = _load("healer_hook_network").Network(self.tape)
                _load("healer_hook_sendfile").look_on(network)
                self.acts.update(network.acts())

    def watch_imports(self, args: tuple[Any, ...]) -> None:
        """Takes part where a driver is imported whose sockets are not Python's, or what draws."""
        name = args[0]
        if name in PROGRAMS or name in CHANCE or name.partition(".")[0] in LIBPQ:
            with self.turn:
                self.await_import(name)
        self.note_import(args)

    def await_import(self, name: str) -> None:
        if name in PROGRAMS:
            self.load_programs()
            wrap = self.programs.wrap_asyncio if "." in name else self.programs.wrap_start
            _load("healer_hook_imports").await_import(name, wrap)
        elif name in CHANCE:
            self.watch_chance(name)
        else:
            if self.databases is None:
                self.databases = _load("healer_hook_databases").Databases(self.tape, _load)
            self.databases.await_import(name)

    def watch_chance(self, name: str) -> None:
        if self.chance is None:
            self.chance = _load("healer_hook_chance").Chance(self.tape)
        self.chance.begin(_load("healer_hook_imports").await_import, name)

    def watch_programs(self, args: tuple[Any, ...]) -> None:
        """Takes part only now: most jobs start no program."""
        with self.turn:
            self.load_programs()
            self.programs.wrap()
        self.note_start(args)

    def load_programs(self) -> None:
        if self.programs is None:
            self.programs = _load("healer_hook_programs").Programs(self.tape, self.target)

    def hear(self, event: str, args: tuple[Any, ...]) -> None:
        act = self.acts.get(event)
        if act is None:
            return
        thread = get_ident()
        if thread in self.busy:
            return
        self.busy.add(thread)
        try:
            act(args)
            if act == self.watch_network:
                self.acts[event](args)
        except Exception as error:
            if _is_ours(error):
                if self.tape is not None:
                    self.tape.stumble()
            elif event != "sys.excepthook":
                raise  # a signal's handler of the job said so just now
        except BaseException:
            if event != "sys.excepthook":
                raise
        finally:
            self.busy.discard(thread)

    def report_exception(self, args: tuple[Any, ...]) -> None:
        error = args[2]
        # After an interrupt Python ends itself by that signal, but not where an import ran
        # in between; nothing is told of it that the exit status does not tell.
        if isinstance(error, KeyboardInterrupt):
            return
        _hide(error, set())
        describe = _load("healer_hook_describe")
        self.send({"raised": describe.chain(error, self.root)})

    def hear_open(self, args: tuple[Any, ...]) -> None:
        """A traceback that is printed reads its sources: the first time in each file it is heard
        whether it is `logging` that asks for it."""
        path = args[0]
        if type(path) is str and path.endswith(".py"):
            self.look_for_logging()
        elif self.note_open is not None:
            self.note_open(args)

    def look_for_logging(self) -> None:
        frame = sys._getframe()  # type: Any
        while frame is not None and frame.f_code.co_filename.startswith(HERE):
            frame = frame.f_back
        if frame is None or not frame.f_code.co_filename.endswith(SOURCE_READERS):
            return
        for _ in range(MAX_DEPTH):
            frame = frame.f_back
            if frame is None:
                return
            code = frame.f_code
            if code.co_name == "formatException" and code.co_filename.endswith(LOGGING):
                self.report_logged(frame)
                return

    def report_logged(self, frame: Any) -> None:
        """An exception that the job caught and logs as an error."""
        error = (frame.f_locals.get("ei") or (None, None))[1]
        record = None
        while frame is not None and record is None and frame.f_code.co_name != "handle":
            frame = frame.f_back
            record = frame.f_locals.get("record") if frame is not None else None
        if getattr(record, "levelno", 0) < ERROR or not isinstance(error, Exception):
            return
        if id(error) == self.last_logged or not _is_from(error, self.root):
            return
        self.last_logged = id(error)
        describe = _load("healer_hook_describe")
        self.send({"logged": describe.chain(error, self.root)})

    def send(self, message: dict[str, Any]) -> None:
        if self.pipe < 0:
            return
        import json

        data = json.dumps(message).encode("ascii") + b"\n"
        while data:
            data = data[os.write(self.pipe, data) :]


def _is_from(error: BaseException, root: str) -> bool:
    """Whether it passed through the repository's own code."""
    trace = error.__traceback__
    while trace is not None:
        file = os.path.abspath(trace.tb_frame.f_code.co_filename)
        if file.startswith(root) and "/site-packages/" not in file:
            return True
        trace = trace.tb_next
    return False


def _is_ours(error: BaseException) -> bool:
    """Whether it began in the hook's own code."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return trace is not None and trace.tb_frame.f_code.co_filename.startswith(HERE)


def _hide(error: BaseException | None, visited_ids: set[int]) -> None:
    """Takes the hook's own lines out of what Python is about to print."""
    if error is None or id(error) in visited_ids or len(visited_ids) > 50:
        return
    visited_ids.add(id(error))
    while error.__traceback__ is not None and _is_own_line(error.__traceback__):
        error.__traceback__ = error.__traceback__.tb_next
    trace = error.__traceback__
    while trace is not None:
        following = trace.tb_next
        if following is not None and _is_own_line(following):
            trace.tb_next = following.tb_next
        else:
            trace = following
    _hide(error.__cause__, visited_ids)
    _hide(error.__context__, visited_ids)


def _is_own_line(trace: Any) -> bool:
    name = trace.tb_frame.f_code.co_filename  # type: str
    return name.startswith(HERE)
