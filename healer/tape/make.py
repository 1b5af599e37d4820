"""From a job's notes to its tape: joined, bounded, and without secrets.

Belongs here: files, programs, and the tape as a whole. Does not belong here: reading the notes
(`raw`), folders (`folders`), connections (`talks`), secrets (`secrets`), what was written
(`written`), or where a tape is kept (`store`).
"""

import os
import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from healer.redact import Redactor
from healer.tape.chances import Chances
from healer.tape.facts import ListedFile, Process, ProgramRun, RecordedFile, Tape, WrittenFile
from healer.tape.folders import Folders, parent_of
from healer.tape.packages import list_packages
from healer.tape.postgres import Databases
from healer.tape.raw import Record
from healer.tape.secrets import Cleaner, collect_secrets
from healer.tape.settings import clean_settings, find_secrets, is_settings
from healer.tape.talks import Talks
from healer.tape.written import look_at_written

MAX_FILE_BYTES = 16 << 20
MAX_ALL_FILES_BYTES = 48 << 20
_PYTHON = re.compile(r"(?:\S*/)?python[\d.]*(?:\s|$)")


@dataclass(frozen=True)
class RunFacts:
    """What `healer run` knows of the run beside its notes."""

    script: str
    commit: str
    started_at: float
    root: str
    cwd: str
    environment: Mapping[str, str]
    skip: tuple[str, ...] = ()
    """Globs of hosts, files and variables of which nothing is kept."""
    argv: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    folder: str = ""
    exit_code: int = 0
    stdin: bytes = b""
    stdout: bytes | None = None
    """All as on the tape, but for their secrets."""


def make_tape(
    records: Iterable[Record],
    run: RunFacts,
    new_redactor: Callable[[Iterable[str]], Redactor],
) -> Tape:
    """The tape. `new_redactor` gives one that knows these further secrets."""
    notes = _Notes(run)
    for record in records:
        notes.take(record)
    all_talks = (*notes.talks.list_connections(), *notes.databases.list_connections())
    connections = [each for each in all_talks if not _is_skipped(each.host, run.skip)]
    secrets = collect_secrets(connections) | notes.databases.secrets | notes.find_secrets()
    cleaner = Cleaner(new_redactor(secrets))
    variables = {name: v for name, v in run.environment.items() if not _is_skipped(name, run.skip)}
    return Tape(
        script=run.script,
        commit=run.commit,
        started_at=run.started_at,
        timezone=_timezone(run.environment),
        root=run.root,
        cwd=run.cwd,
        environment=cleaner.clean_environment(variables),
        processes=tuple(notes.processes),
        packages=list_packages(notes.processes),
        files=tuple(notes.clean_files(cleaner)),
        absent=tuple(notes.folders.absent),
        listings=tuple(notes.listings.items()),
        listed_files=tuple(notes.listed_files.values()),
        folders=tuple(sorted(notes.folders.there)),
        connections=tuple(cleaner.clean(each) for each in connections),
        names=tuple(dict.fromkeys(host for host, _ in notes.talks.names)),
        programs=tuple(cleaner.redactor.argv(words) for words in notes.programs),
        program_runs=tuple(cleaner.clean_run(each) for each in notes.program_runs),
        written=tuple(notes.look_at_written(cleaner)),
        argv=cleaner.redactor.argv(run.argv),
        command=cleaner.redactor.argv(run.command),
        folder=run.folder,
        exit_code=run.exit_code,
        stdin=cleaner.clean_bytes(run.stdin, "stdin"),
        stdout=None if run.stdout is None else cleaner.clean_text(run.stdout),
        hash_seed=notes.chances.hash_seed,
        chances=tuple(notes.chances.clean(cleaner.redactor)),
        unlike=tuple(notes.chances.list_unlike()),
        gaps=(*notes.list_gaps(), *cleaner.gaps),  # the last: all others add to them
    )


class _Notes:
    """What the records have told so far."""

    def __init__(self, run: RunFacts) -> None:
        self.run = run
        self.processes: list[Process] = []
        self.files: dict[str, tuple[bytes, int]] = {}
        self.listings: dict[str, tuple[str, ...]] = {}
        self.listed_files: dict[str, ListedFile] = {}
        self.folders = Folders()
        self.written: dict[str, bool] = {}
        """Whether each was there before."""
        self.programs: list[tuple[str, ...]] = []
        self.program_runs: list[ProgramRun] = []
        self._gaps: dict[str, None] = {}
        self.talks = Talks(self._gaps)
        self.databases = Databases()
        self.chances = Chances()
        self._bytes = 0
        self._acts: dict[str, Callable[[Record], None]] = {
            "P": self._take_process,
            "f": self._take_file,
            "L": self._take_large_file,
            "S": self._take_secret_file,
            "a": self._take_absent,
            "l": self._take_listing,
            "w": self._take_written,
            "d": self._take_folder,
            "x": self._take_program,
            "y": self._take_program_run,
            "g": self._take_unheard,
            "h": self.chances.take,
            "F": self._take_trouble,
            "X": self._take_trouble,
            "b": self.databases.take_begin,
            "q": self.databases.take_statement,
            "n": self.talks.take_name,
            **dict.fromkeys("otm", self.talks.take_begin),
            **dict.fromkeys("sr", self.talks.take_piece),
            **dict.fromkeys("Ccke", self.talks.take_state),
        }

    def take(self, record: Record) -> None:
        """One more; what is no note of ours counts for nothing."""
        act = self._acts.get(record.kind)
        if act is not None:
            with suppress(
                ValueError, TypeError, KeyError, IndexError, AttributeError, StopIteration
            ):
                act(record)

    def _take_process(self, record: Record) -> None:
        fact = record.fact()
        self.chances.hash_seed = self.chances.hash_seed or str(fact.get("hash_seed", ""))
        self.processes.append(
            Process(
                argv=tuple(map(str, fact["argv"])),
                python=str(fact["python"]),
                prefix=str(fact["prefix"]),
                base_prefix=str(fact["base_prefix"]),
                version=tuple(fact["version"]),
                cwd=str(fact["cwd"]),
            )
        )

    def _keep_file(self, path: str, mtime_ns: int, data: bytes) -> None:
        if path in self.files or _is_skipped(path, self.run.skip):
            return
        if self._bytes + len(data) > MAX_ALL_FILES_BYTES:
            self._gaps[f"{path} is not kept: the tape holds {MAX_ALL_FILES_BYTES >> 20} MB"] = None
            return
        self._bytes += len(data)
        self.files[path] = (data, mtime_ns)
        self.folders.there.add(parent_of(path))

    def _take_file(self, record: Record) -> None:
        path, _size, mtime_ns, _inode, _mode = record.fact()
        if path in self.written:
            return  # by another process of the job, which would have noted it as it was before
        self._keep_file(path, mtime_ns, record.rest())

    def _take_large_file(self, record: Record) -> None:
        path, size, mtime_ns, inode, _mode = record.fact()
        status = Path(path).stat() if os.path.exists(path) else None  # noqa: PTH110 - a text
        is_same = status is not None and (status.st_size, status.st_mtime_ns, status.st_ino) == (
            size,
            mtime_ns,
            inode,
        )
        if is_same and size <= MAX_FILE_BYTES:
            self._keep_file(path, mtime_ns, Path(path).read_bytes())
        else:
            why = "it is too large" if is_same else "it has changed since"
            self._gaps[f"{path} ({size} bytes) is not kept: {why}"] = None

    def _take_secret_file(self, record: Record) -> None:
        self._gaps[f"{record.fact()[0]} is not kept: it holds secrets"] = None

    def _take_absent(self, record: Record) -> None:
        path, _errno, folder = record.fact()
        self.folders.miss(path, folder)

    def _take_listing(self, record: Record) -> None:
        path, names, sizes = record.fact()
        self.listings.setdefault(path, tuple(names))
        for name, fact in zip(names, sizes, strict=True):
            if fact is not None:
                full = f"{path.rstrip('/')}/{name}"
                self.listed_files.setdefault(full, ListedFile(full, int(fact[0]), int(fact[1])))
        self.folders.need(path)

    def _take_written(self, record: Record) -> None:
        path, folder, *was_there = record.fact()
        self.written.setdefault(str(path), bool(was_there and was_there[0]))
        self.folders.write(path, folder)

    def _take_folder(self, record: Record) -> None:
        self.folders.make(str(record.fact()))

    def _take_program(self, record: Record) -> None:
        self.programs.append(tuple(str(word) for word in record.fact()))

    def _take_program_run(self, record: Record) -> None:
        words, exit_code, sizes = record.fact()
        argv = tuple(str(word) for word in words)
        if _PYTHON.match(argv[0]):
            return  # it notes for itself, and is run again
        data, ends = record.rest(), [sum(sizes[: n + 1]) for n in range(3)]
        parts = (data[: ends[0]], data[ends[0] : ends[1]], data[ends[1] : ends[2]])
        self.program_runs.append(ProgramRun(argv, int(exit_code), *parts))

    def _take_unheard(self, record: Record) -> None:
        fact = record.fact()
        if isinstance(fact, tuple):
            sentence = f"what {fact[0]} is told or tells by {fact[1]} is not recorded"
        else:
            sentence = (
                f"what {fact} says to others is not recorded: it does not use Python's sockets"
            )
        self._gaps[sentence] = None

    def _take_trouble(self, record: Record) -> None:
        if record.kind == "F":
            self._gaps["the tape is full: what came after is not on it"] = None
        else:
            self._gaps["the recorder stumbled: the tape is not whole"] = None

    def find_secrets(self) -> set[str]:
        files = (data for path, (data, _) in self.files.items() if is_settings(path))
        return {secret for data in files for secret in find_secrets(data)}

    def clean_files(self, cleaner: Cleaner) -> Iterable[RecordedFile]:
        for path, (data, mtime_ns) in self.files.items():
            if is_settings(path):
                yield RecordedFile(path, clean_settings(data, path, cleaner), mtime_ns)
            else:
                yield RecordedFile(path, cleaner.clean_bytes(data, path), mtime_ns)

    def look_at_written(self, cleaner: Cleaner) -> Iterable[WrittenFile]:
        files = {p: old for p, old in self.written.items() if not _is_skipped(p, self.run.skip)}
        return look_at_written(files, cleaner)

    def list_gaps(self) -> tuple[str, ...]:
        children = sum(_PYTHON.match(words[0]) is not None for words in self.programs if words)
        if children >= max(len(self.processes), 1):
            self._gaps["what a Python that it starts reads, asks and writes is not recorded"] = None
        return tuple(self._gaps)


def _is_skipped(text: str, globs: Iterable[str]) -> bool:
    return any(fnmatch(text, glob) for glob in globs)


def _timezone(environment: Mapping[str, str]) -> str:
    """As TZ takes it; empty: UTC, or not known."""
    if environment.get("TZ"):
        return environment["TZ"].lstrip(":")
    link = os.path.realpath("/etc/localtime")
    return link.partition("/zoneinfo/")[2]
