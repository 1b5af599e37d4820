"""Where failures wait on disk until something durable has taken them.

Belongs here: the folders, who takes a record, and from record to `Failure`. Does not belong here:
writing one (`record`, `runner.failure_record`), or what is done with a failure (`healer.daemon`).

    inbox/ID.json    noticed, taken by nobody
    taken/ID.json    taken; after a crash it is given out again
    kept/ID.json     handled; kept for `healer fix --failure ID`
    broken/ID.json   not readable; never deleted by healer

A rename moves a record from one to the next, so that it is always in exactly one of them.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from healer.failure import Failure, Frame, Raised, fingerprint, parse_traceback
from healer.support.atomic_file import make_private_folder, write_atomically
from healer.watch.hook_chain import read_hook_chain
from healer.watch.pytest_jobs import find_script_under_test, is_pytest_run
from healer.watch.record import deliver, new_id
from healer.watch.wakeup import wake

MAX_RECORD_BYTES = 64 << 20
KEPT = 1_000
"""Handled failures that are kept; the oldest give way."""
WHERE_LISTED = "they are listed by: healer incidents, then healer incident ID"
_PRUNE_EVERY = 100
_FOLDERS = ("inbox", "taken", "kept")


class InboxError(Exception):
    """A record that cannot be read or found: one sentence with the next step."""


class RunStart(NamedTuple):
    """What another start of the same run needs, and a `Failure` does not say."""

    cwd: str
    """Absolute, on this machine."""
    uid: int
    """Of the user who ran it: the record's owner."""


class Inbox:
    """The failures of one repository. Several processes may use it at once."""

    def __init__(self, state_dir: Path) -> None:
        """`state_dir` is healer's folder in the git folder (`Checkout.state_dir`)."""
        self.state_dir = state_dir
        self.on_broken: Callable[[str], None] = _ignore
        """Is told the id of a record that cannot be read, when it is set aside."""
        self._handled_count = 0

    def put(self, failure: Failure) -> Failure:
        """Puts a failure on disk, with its fingerprint, and an id where it has none yet.

        It must be redacted already. When this returns, it survives a crash.
        """
        facts = {
            "id": failure.id or new_id(),
            "fingerprint": failure.fingerprint or fingerprint(failure),
        }
        failure = failure.model_copy(update=facts)
        record = {"format": 1, "id": failure.id, "failure": failure.model_dump(mode="json")}
        deliver(self.state_dir, failure.id, record)
        return failure

    def contains(self, record_id: str) -> bool:
        """Whether a record is here already, waiting, taken or handled."""
        return any((self.state_dir / name / f"{record_id}.json").exists() for name in _FOLDERS)

    def is_open(self, record_id: str) -> bool:
        """Whether it waits here or is being taken: nothing durable has it yet."""
        return any(
            (self.state_dir / name / f"{record_id}.json").exists() for name in ("inbox", "taken")
        )

    def list_pending(self) -> tuple[str, ...]:
        """The ids that wait, oldest first."""
        return _ids(self._folder("inbox"))

    def claim(self, record_id: str) -> Failure | None:
        """Takes one record; None where another was faster, or it is broken and was set aside."""
        if not self._move(record_id, "inbox", "taken"):
            return None
        try:
            return self._read(self.state_dir / "taken" / f"{record_id}.json")
        except InboxError:
            self._move(record_id, "taken", "broken")
            self.on_broken(record_id)
            return None

    def claim_all(self) -> Iterator[Failure]:
        """Takes everything that waits, oldest first."""
        for record_id in self.list_pending():
            failure = self.claim(record_id)
            if failure is not None:
                yield failure

    def mark_handled(self, record_id: str) -> None:
        """Something durable holds this failure now; may be said twice.

        After a power cut, not after a crash, it may be given out once more: whoever takes failures
        knows them by their ids.
        """
        if self._move(record_id, "taken", "kept"):
            self._handled_count += 1
            if self._handled_count % _PRUNE_EVERY == 1:
                self._prune()

    def give_back(self, record_id: str) -> None:
        """Nothing could be done with it now: it waits again."""
        self._move(record_id, "taken", "inbox")

    def broken_file(self, record_id: str) -> Path:
        """Where a record lies that was set aside."""
        return self.state_dir / "broken" / f"{record_id}.json"

    def set_aside(self, record_id: str, trace: str) -> None:
        """It breaks whoever handles it: it waits for a person, with the trace beside it."""
        self._move(record_id, "taken", "broken")
        write_atomically(
            self.broken_file(record_id).with_suffix(".txt"),
            trace.encode("utf-8", "backslashreplace"),
        )

    def offer_again(self, record_id: str) -> None:
        """What was handled is to be looked at once more: it waits again."""
        if self._move(record_id, "kept", "inbox") or self._move(record_id, "taken", "inbox"):
            wake(self.state_dir)

    def recover(self) -> tuple[str, ...]:
        """Gives out again what a dead daemon had taken. Only for the one daemon, at its start."""
        ids = _ids(self._folder("taken"))
        for record_id in ids:
            self._move(record_id, "taken", "inbox")
        return ids

    def read(self, record_id: str) -> Failure:
        """One failure, wherever it is; raises `InboxError` with the next step."""
        if record_id.isalnum():
            for name in (*_FOLDERS, *_FOLDERS):  # twice: it may move while we look
                path = self.state_dir / name / f"{record_id}.json"
                if path.is_file():
                    with suppress(FileNotFoundError):
                        return self._read(path)
        raise InboxError(f"no failure {record_id!r} is recorded here; {WHERE_LISTED}")

    def list_all(self) -> tuple[str, ...]:
        """The ids of all that are readable, waiting, taken or handled, oldest first."""
        return tuple(sorted({each for name in _FOLDERS for each in _ids(self._folder(name))}))

    def find_newest(self, script: str) -> Failure | None:
        """The newest recorded failure of a script (repository-relative), or None."""
        return next((each for each in self.walk_newest() if each.script == script), None)

    def walk_newest(self) -> Iterator[Failure]:
        """Every recorded failure that can be read, the newest first."""
        for record_id in reversed(self.list_all()):
            with suppress(InboxError):
                yield self.read(record_id)

    def find_start(self, record_id: str) -> "RunStart | None":
        """How a run of `healer run` was started; None for what was recorded otherwise."""
        for name in (*_FOLDERS, *_FOLDERS):  # twice: it may move while we look
            path = self.state_dir / name / f"{record_id}.json"
            with suppress(OSError, ValueError, TypeError, KeyError):
                return RunStart(str(json.loads(path.read_bytes())["cwd"]), path.stat().st_uid)
        return None

    def _read(self, path: Path) -> Failure:
        if path.stat().st_size > MAX_RECORD_BYTES:
            raise InboxError(f"{path} is larger than any record of healer's; look at it and delete")
        try:
            return parse_record(path.read_bytes())
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise InboxError(
                f"{path} is no failure record ({type(error).__name__}); look at it and delete it"
            ) from error

    def _folder(self, name: str) -> Path:
        folder = self.state_dir / name
        if not folder.is_dir():
            make_private_folder(folder)
        return folder

    def _move(self, record_id: str, source: str, target: str) -> bool:
        """Renames; a power cut may undo it, and the record is then given out once more."""
        file = f"{record_id}.json"
        try:
            (self._folder(source) / file).rename(self._folder(target) / file)
        except FileNotFoundError:
            return False
        return True

    def _prune(self) -> None:
        folder = self._folder("kept")
        for record_id in _ids(folder)[:-KEPT]:
            (folder / f"{record_id}.json").unlink(missing_ok=True)


def _ignore(_: str) -> None:
    """Nobody is there to be told."""


def _ids(folder: Path) -> tuple[str, ...]:
    names = (path.name for path in folder.iterdir())
    return tuple(sorted(n[:-5] for n in names if n.endswith(".json") and not n.startswith(".")))


def parse_record(data: bytes | str) -> Failure:
    """The failure that a record's JSON holds.

    Raises ValueError, TypeError, KeyError, AttributeError or RecursionError for any other text.
    """
    record = make_storable(json.loads(data))
    if "failure" in record:
        return Failure.model_validate(record["failure"])
    root, cwd = str(record["root"]), str(record["cwd"])
    facts = {name: record[name] for name in Failure.model_fields if name in record}
    printed_chain = parse_traceback(str(record.get("stderr_tail", "")), root, cwd=cwd)
    chain = read_hook_chain(record.get("raised") or (), root, cwd, printed_chain) or printed_chain
    chain = tuple(_name_sources(error, root) for error in chain)
    script = find_script_in_chain(str(record.get("script", "")), chain)
    if not chain and is_pytest_run(facts.get("argv", ())):
        output = f"{record.get('stdout_tail', '')}\n{record.get('stderr_tail', '')}"
        script = find_script_under_test(output, root, cwd) or script
    failure = Failure.model_validate({**facts, "chain": chain, "script": script})
    return failure.model_copy(update={"fingerprint": fingerprint(failure)})


def make_storable(value: Any) -> Any:
    """The same JSON with what no text file or database takes spelt out: bytes that were not UTF-8
    (lone surrogates) and NUL."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode().replace("\0", "\\x00")
    if isinstance(value, list):
        return [make_storable(each) for each in value]
    if isinstance(value, dict):
        return {make_storable(key): make_storable(each) for key, each in value.items()}
    return value


def _name_sources(error: Raised, root: str) -> Raised:
    """Frames in installed copies of the repository's own modules, as frames in their sources."""
    frames = tuple(_name_source(frame, root) for frame in error.frames)
    return error if frames == error.frames else error.model_copy(update={"frames": frames})


def _name_source(frame: Frame, root: str) -> Frame:
    _, is_package, inside = frame.file.rpartition("/site-packages/")
    if frame.own or not is_package or ".." in inside:
        return frame
    for path in (f"src/{inside}", inside):
        if Path(root, path).is_file():
            return frame.model_copy(update={"file": path, "own": True})
    return frame


def find_script_in_chain(script: str, chain: Iterable[Raised]) -> str:
    """The script as the command names it, or where that is no Python file, as the traceback does.

    The outermost own frame of the exception that ended the program is where the script begins.
    """
    last = list(chain)[-1:]
    own = [frame.file for error in last for frame in error.frames if frame.own]
    return own[0] if own and not script.endswith(".py") else script
