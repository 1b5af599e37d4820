"""Follows log files and finds the tracebacks in them, each once, whatever happens to the files.

Belongs here: which files there are, and what was found since last time. Does not belong here: one
file (`logfile`), recognising tracebacks (`healer.failure.scan`), waiting for changes (`events`).

A file is known by its inode, not by its name. It is kept open, so that what is written after a
rename is still read; after a restart the renamed file is looked for beside the new one. What was
found and how far was read are saved together, before the inbox gets it: a crash in between neither
loses a failure nor counts it twice.
"""

import glob
import os
import re
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from healer.failure import Failure, chain_of
from healer.failure.blocks import Block
from healer.failure.fingerprint import normalised
from healer.failure.lines import EXCEPTION
from healer.redact import Redactor
from healer.watch.inbox import Inbox
from healer.watch.logs.file import LogFile, identity, open_log, renamed_from
from healer.watch.logs.offsets import Offsets, load, save
from healer.watch.record import format_timestamp, new_id
from healer.watch.report import of_chain

SAVE_EVERY_S = 5.0
"""Offsets that moved over lines without a traceback are saved at most this often."""
FORGET_AFTER_S = 60.0
"""A file that has vanished is still read for this long."""
MAX_FINISHED = 256
MAX_KNOWN = 4_096
_STATUS = re.compile(r"\[\w+ -?\d+\]|\b[1-5]\d\d\b")


class LogFollower:
    """The logs of one repository. Not for several processes at once."""

    def __init__(
        self, inbox: Inbox, state: Path, root: Path, globs: Iterable[str], redactor: Redactor
    ) -> None:
        """Files that exist at the very first start are read from their end on; all others whole.

        `globs` are relative to `root`, or absolute; `state` is healer's folder.
        """
        self._inbox = inbox
        self._file = state / "logs.json"
        self._root = root
        self._globs = tuple(globs)
        self._redactor = redactor
        self._logs: dict[str, LogFile] = {}
        self._finished: dict[tuple[int, int], int] = {}
        self._known: dict[tuple[str, ...], str] = {}
        self._saved_at = 0.0
        saved = load(self._file)
        self._offsets = saved or Offsets()
        self._first_start = saved is None
        self._just_started = True
        self.problems: dict[str, str] = {}
        """Files that cannot be read, and why; for the daemon's log."""
        self._deliver()

    @property
    def unsettled(self) -> bool:
        """A traceback is open: `settle` should be called after a moment without new lines."""
        return any(not log.scanner.idle for log in self._logs.values())

    @property
    def bytes_read(self) -> int:
        """How far all open files were read, together; moves whenever one of them does."""
        return sum(log.read_to for log in self._logs.values())

    def scan(self) -> int:
        """Reads all that is new; gives the number of failures that were put into the inbox."""
        batch = _Batch(self)
        for path in self._paths():
            with self._reporting(path):
                self._follow(path, batch)
        for path in [path for path in self._logs if not Path(path).exists()]:
            self._vanished(path, batch)
        if self._just_started:
            self._renamed_while_away(batch)
            self._just_started = False
        found = self._keep(batch)
        self._first_start = False
        return found

    def settle(self) -> int:
        """Nothing was written for a moment: tracebacks at the end of a file are complete."""
        batch = _Batch(self)
        for path, log in self._logs.items():
            batch.add(log.settled(), path)
        return self._keep(batch)

    def close(self) -> None:
        """Saves how far was read; safe to call twice."""
        self._save([])
        for log in self._logs.values():
            log.file.close()
        self._logs.clear()

    def folders(self) -> dict[Path, bool]:
        """The existing folders in which the globs may match, and whether with all below."""
        found: dict[Path, bool] = {}
        for pattern in self._globs:
            fixed: list[str] = []
            for part in Path(pattern).parts[:-1]:
                if glob.has_magic(part):
                    break
                fixed.append(part)
            folder = self._root.joinpath(*fixed)
            deep = len(fixed) < len(Path(pattern).parts) - 1
            if folder.is_dir():
                found[folder] = found.get(folder, False) or deep
        return found

    def _paths(self) -> list[str]:
        found = {
            str(self._root / name)
            for pattern in self._globs
            for name in glob.iglob(  # noqa: PTH207 - Path.glob takes no absolute pattern
                pattern, root_dir=self._root, recursive=True
            )
        }
        return sorted(found)

    def _follow(self, path: str, batch: "_Batch") -> None:
        log = self._logs.get(path)
        if log is None:
            for opened in self._opened(path):
                batch.add(opened.new_blocks(), path)
                if opened.path == path:
                    self._logs[path] = opened
                else:
                    self._finish(opened, batch)
        else:
            if log.was_written_anew():
                batch.add(log.start_again(), path)
            batch.add(log.new_blocks(), path)
            if identity(path) not in (log.identity, None):
                self._finish(log, batch)
                self._logs[path] = LogFile(path, open_log(path), 0)
                batch.add(self._logs[path].new_blocks(), path)
        self._logs[path].note_head()
        self._logs[path].gone_since = None

    def _opened(self, path: str) -> Iterator[LogFile]:
        """A file seen for the first time by this process, after the one that had its name."""
        saved = self._offsets.files.get(path)
        file = open_log(path)
        log = LogFile(path, file, self._finished.get(identity(path) or (0, 0), 0))
        if saved is None:
            if self._first_start:
                log.read_to = log.safe = os.fstat(file.fileno()).st_size
            yield log
            return
        if log.identity == (saved.device, saved.inode):
            log.head = (saved.head_bytes, saved.head)
            log.read_to = log.safe = saved.offset
            log.skip = list(saved.found)
            if log.was_written_anew():
                log.start_again()
        elif renamed := renamed_from(Path(path), saved):
            yield LogFile(renamed, open_log(renamed), saved.offset, saved.found)
        yield log

    def _vanished(self, path: str, batch: "_Batch") -> None:
        """A deleted or renamed file is read on for a while: its writer may still have it open."""
        log = self._logs[path]
        batch.add(log.new_blocks(), path)
        log.gone_since = log.gone_since or time.monotonic()
        if time.monotonic() - log.gone_since > FORGET_AFTER_S:
            self._finish(log, batch)
            del self._logs[path]
            self._offsets.files.pop(path, None)

    def _renamed_while_away(self, batch: "_Batch") -> None:
        """Files that had lost their names when healer started are read to their ends."""
        for path in [path for path in self._offsets.files if path not in self._logs]:
            saved = self._offsets.files.pop(path)
            if renamed := renamed_from(Path(path), saved):
                with self._reporting(renamed):
                    log = LogFile(renamed, open_log(renamed), saved.offset, saved.found)
                    batch.add(log.new_blocks(), path)
                    self._finish(log, batch)

    def _finish(self, log: LogFile, batch: "_Batch") -> None:
        """Closes a file that has lost its name; under a new one it is not read again."""
        batch.add(log.ended(), log.path)
        self._finished[log.identity] = log.read_to
        if len(self._finished) > MAX_FINISHED:
            del self._finished[next(iter(self._finished))]

    def _reporting(self, path: str) -> "_Reporting":
        return _Reporting(self.problems, path)

    def _keep(self, batch: "_Batch") -> int:
        failures = batch.failures()
        due = time.monotonic() - self._saved_at > SAVE_EVERY_S
        if failures or due or self._first_start or self._files_changed():
            self._save(failures)
        self._deliver()
        return len(failures)

    def _files_changed(self) -> bool:
        """Other files are open than the saved ones: a crash must not make us forget one."""
        saved = self._offsets.files
        return any(
            path not in saved or log.identity != (saved[path].device, saved[path].inode)
            for path, log in self._logs.items()
        )

    def _save(self, failures: list[Failure]) -> None:
        offsets = {path: log.offset() for path, log in self._logs.items()}
        if not failures and offsets == self._offsets.files and not self._first_start:
            return
        self._offsets.files.update(offsets)
        self._offsets.outbox += [failure.model_dump(mode="json") for failure in failures]
        save(self._file, self._offsets)
        self._saved_at = time.monotonic()

    def _deliver(self) -> None:
        """Puts into the inbox what was saved with the offsets and is not there yet."""
        for record in self._offsets.outbox:
            failure = Failure.model_validate(record)
            if not self._inbox.knows(failure.id):
                self._inbox.put(failure)
        self._offsets.outbox = []

    def failure_of(self, block: Block, path: str) -> Failure:
        """The failure that a block of lines tells, without secrets."""
        lines = tuple(self._redactor.text("\n".join(block.lines)).split("\n"))
        chain = chain_of(Block(lines), str(self._root))
        text = f"{path}:\n" + "\n".join(lines)
        return of_chain(chain, format_timestamp(time.time()), text[-64 * 1024 :], new_id())

    def fingerprint_of(self, key: tuple[str, ...]) -> str | None:
        return self._known.get(key)

    def remember(self, key: tuple[str, ...], name: str) -> None:
        if len(self._known) >= MAX_KNOWN:
            self._known.clear()
        self._known[key] = name


class _Batch:
    """What one scan finds: one failure for each fingerprint, with a count."""

    def __init__(self, follower: LogFollower) -> None:
        self._follower = follower
        self._first: dict[str, Failure] = {}
        self._counts: dict[str, int] = {}

    def add(self, blocks: Iterable[Block], path: str) -> None:
        for block in blocks:
            if block.swallowed:
                continue
            key = _key(block)
            name = self._follower.fingerprint_of(key)
            if name is None or name not in self._first:
                failure = self._follower.failure_of(block, path)
                if not failure.chain:
                    continue
                name = failure.fingerprint
                self._follower.remember(key, name)
                self._first.setdefault(name, failure)
            self._counts[name] = self._counts.get(name, 0) + 1

    def failures(self) -> list[Failure]:
        return [
            failure.model_copy(update={"count": self._counts[name]})
            for name, failure in self._first.items()
        ]


class _Reporting:
    """Turns an OSError of one file into a noted problem, so that the others are still read."""

    def __init__(self, problems: dict[str, str], path: str) -> None:
        self._problems, self._path = problems, path

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: object, _trace: object) -> bool:
        if isinstance(error, OSError):
            self._problems[self._path] = f"{self._path} cannot be read: {error.strerror}"
            return True
        if error is None:
            self._problems.pop(self._path, None)
        return False


def _key(block: Block) -> tuple[str, ...]:
    """What tells blocks apart before they are parsed: frames, and exceptions without their data.

    Blocks with one key have one fingerprint, so that a storm is parsed once.
    """
    return tuple(
        line if line.startswith("  ") else _exception_key(line)
        for line in block.lines
        if line and (line.startswith(("  ", "T", "D")) or EXCEPTION.match(line))
    )


def _exception_key(line: str) -> str:
    return normalised(line[:200]) + "".join(_STATUS.findall(line[:200]))
