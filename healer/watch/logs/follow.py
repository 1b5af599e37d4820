"""Follows log files and finds the tracebacks in them, each once, whatever happens to the files.

Belongs here: which files there are, and what was found since last time. Does not belong here: one
file (`file`), recognising tracebacks (`healer.failure.scan`), waiting for changes (`events`).

A file is known by its inode, not by its name. It is kept open, so that what is written after a
rename is still read; after a restart the renamed file is looked for beside the new one. What was
found and how far was read are saved together, before the inbox gets it: a crash in between neither
loses a failure nor counts it twice.
"""

import glob
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import takewhile
from pathlib import Path
from typing import Self

from healer.failure import Failure
from healer.redact import Redactor
from healer.watch.inbox import Inbox
from healer.watch.logs.batch import Batch, BlockReader
from healer.watch.logs.file import LogFile, find_renamed, identify, open_log
from healer.watch.logs.offsets import Offset, Offsets, load_offsets, save_offsets

SAVE_EVERY_S = 5.0
"""Offsets that moved over lines without a traceback are saved at most this often."""
FORGET_AFTER_S = 60.0
"""A file that has vanished is still read for this long."""
MAX_FINISHED = 256


class LogFollower:
    """The logs of one repository; a with-block. Not for several processes at once."""

    def __init__(
        self, inbox: Inbox, state_dir: Path, root: Path, globs: Iterable[str], redactor: Redactor
    ) -> None:
        """Files that exist at the very first start are read from their end on; all others whole.

        `globs` are relative to `root`, or absolute; `state_dir` is healer's folder.
        """
        self._inbox = inbox
        self._file = state_dir / "logs.json"
        self._root = root
        self._globs = tuple(globs)
        self._reader = BlockReader(root, redactor)
        self._logs: dict[str, LogFile] = {}
        self._finished: dict[tuple[int, int], int] = {}
        self._saved_at = 0.0
        offsets = load_offsets(self._file)
        self._offsets = offsets or Offsets()
        self._first_start = offsets is None
        self._just_started = True
        self.problems: dict[str, str] = {}
        """Files that cannot be read, and why; for the daemon's log."""
        self._deliver()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def is_unsettled(self) -> bool:
        """A traceback is open: `settle` should be called after a moment without new lines."""
        return any(not log.scanner.is_idle for log in self._logs.values())

    @property
    def bytes_read(self) -> int:
        """How far all open files were read, together; moves whenever one of them does."""
        return sum(log.read_to for log in self._logs.values())

    def scan(self) -> int:
        """Reads all that is new; gives the number of failures that were put into the inbox."""
        batch = Batch(self._reader)
        for path in self._paths():
            with self._catch_problem(path):
                self._follow(path, batch)
        for path in [path for path in self._logs if not Path(path).exists()]:
            self._follow_vanished(path, batch)
        if self._just_started:
            self._finish_renamed(batch)
            self._just_started = False
        count = self._keep(batch)
        self._first_start = False
        return count

    def settle(self) -> int:
        """Nothing was written for a moment: tracebacks at the end of a file are complete."""
        batch = Batch(self._reader)
        for path, log in self._logs.items():
            batch.add(log.settle(), path)
        return self._keep(batch)

    def close(self) -> None:
        """Saves how far was read; safe to call twice."""
        self._save([])
        for log in self._logs.values():
            log.close()
        self._logs.clear()

    def folders(self) -> dict[Path, bool]:
        """The existing folders in which the globs may match, and whether with all below."""
        folders: dict[Path, bool] = {}
        for pattern in self._globs:
            *parts, _name = Path(pattern).parts
            plain_parts = list(takewhile(lambda part: not glob.has_magic(part), parts))
            folder = self._root.joinpath(*plain_parts)
            if folder.is_dir():
                is_deep = len(plain_parts) < len(parts)
                folders[folder] = folders.get(folder, False) or is_deep
        return folders

    def _paths(self) -> list[str]:
        names = {
            str(self._root / name)
            for pattern in self._globs
            for name in glob.iglob(  # noqa: PTH207 - Path.glob takes no absolute pattern
                pattern, root_dir=self._root, recursive=True
            )
        }
        return sorted(names)

    def _follow(self, path: str, batch: Batch) -> None:
        log = self._logs.get(path)
        if log is None:
            self._start_to_follow(path, batch)
        else:
            if log.was_written_anew():
                batch.add(log.restart(), path)
            batch.add(log.new_blocks(), path)
            if identify(path) not in (log.identity, None):
                self._finish(log, batch)
                self._logs[path] = LogFile(path, open_log(path), 0)
                batch.add(self._logs[path].new_blocks(), path)
        self._logs[path].remember_head()
        self._logs[path].gone_since = None

    def _start_to_follow(self, path: str, batch: Batch) -> None:
        """Reads a file that this process sees first, after the one that had its name before."""
        file = open_log(path)
        log = LogFile(path, file, self._finished.get(identify(path) or (0, 0), 0))
        offset = self._offsets.files.get(path)
        if offset is None:
            if self._first_start:
                log.read_to = log.safe = os.fstat(file.fileno()).st_size
        elif log.identity == (offset.device, offset.inode):
            log.go_on(offset)
        else:
            self._finish_under_new_name(path, offset, batch)
        self._logs[path] = log
        batch.add(log.new_blocks(), path)

    def _follow_vanished(self, path: str, batch: Batch) -> None:
        """A deleted or renamed file is read on for a while: its writer may still have it open."""
        log = self._logs[path]
        batch.add(log.new_blocks(), path)
        log.gone_since = log.gone_since or time.monotonic()
        if time.monotonic() - log.gone_since > FORGET_AFTER_S:
            self._finish(log, batch)
            del self._logs[path]
            self._offsets.files.pop(path, None)

    def _finish_renamed(self, batch: Batch) -> None:
        """Files that had lost their names when healer started are read to their ends."""
        for path in [path for path in self._offsets.files if path not in self._logs]:
            offset = self._offsets.files.pop(path)
            self._finish_under_new_name(path, offset, batch)

    def _finish_under_new_name(self, path: str, offset: Offset, batch: Batch) -> None:
        """Reads the rest of the file that was called `path` when its offset was saved."""
        if new_path := find_renamed(Path(path), offset):
            with self._catch_problem(new_path):
                log = LogFile(new_path, open_log(new_path), offset.offset, offset.found)
                batch.add(log.new_blocks(), path)
                self._finish(log, batch)

    def _finish(self, log: LogFile, batch: Batch) -> None:
        """Closes a file that has lost its name; under a new one it is not read again."""
        batch.add(log.end(), log.path)
        self._finished[log.identity] = log.read_to
        if len(self._finished) > MAX_FINISHED:
            del self._finished[next(iter(self._finished))]

    @contextmanager
    def _catch_problem(self, path: str) -> Iterator[None]:
        """Turns an OSError of one file into a problem of it, so that the others are still read."""
        try:
            yield
        except OSError as error:
            self.problems[path] = f"{path} cannot be read: {error.strerror}"
        else:
            self.problems.pop(path, None)

    def _keep(self, batch: Batch) -> int:
        failures = batch.failures()
        due = time.monotonic() - self._saved_at > SAVE_EVERY_S
        if failures or due or self._first_start or self._files_changed():
            self._save(failures)
        self._deliver()
        return len(failures)

    def _files_changed(self) -> bool:
        """Other files are open than the saved ones: a crash must not make us forget one."""
        offsets = self._offsets.files
        return any(
            path not in offsets or log.identity != (offsets[path].device, offsets[path].inode)
            for path, log in self._logs.items()
        )

    def _save(self, failures: list[Failure]) -> None:
        offsets = {path: log.to_offset() for path, log in self._logs.items()}
        if not failures and offsets == self._offsets.files and not self._first_start:
            return
        self._offsets.files.update(offsets)
        self._offsets.outbox += failures
        save_offsets(self._file, self._offsets)
        self._saved_at = time.monotonic()

    def _deliver(self) -> None:
        """Puts into the inbox what was saved with the offsets and is not there yet."""
        for failure in self._offsets.outbox:
            if not self._inbox.contains(failure.id):
                self._inbox.put(failure)
        self._offsets.outbox = []
