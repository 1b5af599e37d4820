"""What `healer web` reads and does, on the real ledger and with the real commands.

Belongs here: `healer.web`'s Protocol met with what the other commands use. Does not belong here:
pages (`healer.web`), what an approval or a repair does (`healer.repair`).

Whatever takes long runs as a command of its own, as if it were typed: the page answers at once, a
repair outlives the page, and a crash of one is not a crash of the other.
"""

import hashlib
import subprocess
import sys
import threading
import time
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from healer.app.fix_request import FixOptions, make_request
from healer.app.incidents import list_next_commands, tell_life
from healer.app.remote import Remote
from healer.app.state import make_state_dir, open_ledger, open_shared_tables
from healer.app.web_incidents import IncidentDesk, describe_line
from healer.app.web_links import carry_out, look_up_link
from healer.config import Config
from healer.facts.errors import UsageError
from healer.ledger.rows import RepairRow
from healer.render.clean import one_line
from healer.render.repair_view import RepairView
from healer.repair.probation import Probation
from healer.repair.refusals import require_none_waiting
from healer.repair.request import find_or_open
from healer.repair.view import list_objections, view_repair
from healer.support.atomic_file import make_private_folder, open_private
from healer.web.repairs import AskView, CostRow, IncidentView, LedgerLine, RefusedError, Word
from quarantine.errors import RepositoryError
from quarantine.repository import Repository

CLOSED_SHOWN = 100


@dataclass
class _Command:
    """A command that was started for one repair."""

    process: subprocess.Popen[bytes]
    output: Path
    progress: Path


class WebBackend(IncidentDesk):
    """The repairs of one repository, for one running page."""

    def __init__(self, repository: Repository, config: Config) -> None:
        self._repository = repository
        self._config = config
        super().__init__(repository.root or repository.git_dir)
        self._output_dir = make_state_dir(repository) / "web"
        make_private_folder(self._output_dir)
        self._stack = ExitStack()
        self._tables = self._stack.enter_context(open_shared_tables(repository, config))
        self._ledger = self._stack.enter_context(open_ledger(repository, config))
        self._commands: dict[str, _Command] = {}
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    def all(self) -> tuple[RepairView, ...]:
        """Newest first, without their evidence."""
        merge_ids = {row.id for row in self._ledger.merged_without("probation")}
        views = (self._briefly(row) for row in self._ledger.newest(CLOSED_SHOWN))
        return tuple(
            view.model_copy(update={"watched": "on probation"})
            if view.repair in merge_ids
            else view
            for view in views
        )

    def page(self, state: str, limit: int, after: str) -> tuple[RepairView, ...]:
        """Newest first, without their evidence. Raises RefusedError where `after` is not known."""
        last = self._row(after) if after else None
        if after and last is None:
            raise RefusedError(f"there is no repair {after!r}; leave `after` out for the newest")
        views: list[RepairView] = []
        while len(views) < limit and (rows := self._ledger.page(limit, last)):
            views += [v for v in map(self._briefly, rows) if state in ("", v.state)]
            last = rows[-1]
        return tuple(views[:limit])

    def version(self) -> str:
        """Of the ledger, and of what the commands that were started here have said."""
        commands = sorted(self._commands.items())
        progress = "".join(
            f"{name} {command.process.poll()} {_last_line(command.progress)}\n"
            for name, command in commands
        )
        return hashlib.sha256((self._ledger.version() + progress).encode()).hexdigest()[:16]

    def get(self, repair: str) -> RepairView | None:
        """One repair by its whole id, with its evidence."""
        row = self._row(repair)
        if row is None:
            return None
        dossier = self._ledger.dossier(repair)
        probation = Probation(self._repository, self._config, self._ledger).describe(row)
        return self._with_command(
            view_repair(row, dossier, self._ledger.entries(repair), probation)
        )

    def approve(self, repair: str, *, overrule: bool, by: str = "") -> None:
        """Starts `healer approve`. Raises RefusedError."""
        row = self._require_waiting(repair)
        dossier = self._ledger.dossier(repair)
        if dossier is None:
            raise RefusedError(f"the evidence of repair {repair} is gone; repair the script again")
        if list_objections(dossier.last_candidate) and not overrule:
            raise RefusedError("a rule says reject; overrule it to approve all the same")
        yes = ("--yes",) if overrule else ()
        self._start(row.id, "approve", row.id, f"--by={by}", *yes)

    def answer(self, repair: str, choice: str, value: str, *, by: str = "") -> None:
        """Starts `healer answer`. Raises RefusedError."""
        row = self._require_waiting(repair)
        if not (row.result and row.result.question):
            raise RefusedError(f"repair {repair} asks nothing; see its state")
        if not choice.isalnum():
            raise RefusedError("no answer was chosen; choose one")
        value_words = (f"--value={value}",) if choice == "none" and value else ()
        self._start(row.id, "answer", row.id, choice, f"--by={by}", *value_words)

    def reject(self, repair: str, reason: str, *, by: str = "") -> None:
        """Starts `healer reject`. Raises RefusedError."""
        row = self._require_waiting(repair)
        self._start(row.id, "reject", row.id, f"--reason={reason}", f"--by={by}")

    def roll_back(self, repair: str, reason: str, *, by: str = "") -> None:
        """Starts `healer rollback`. Raises RefusedError."""
        row = self._row(repair)
        if row is None or row.outcome != "healed":
            raise RefusedError(f"repair {repair} is not merged; see its state")
        self._start(row.id, "rollback", row.id, f"--reason={reason}", f"--by={by}")

    def incident(self, fingerprint: str) -> IncidentView | None:
        """One incident by its whole id."""
        life, now = self.read_life(fingerprint), time.time()
        if life is None:
            return None
        rows = [row for name in reversed(life.repairs) if (row := self._row(name))]
        return IncidentView(
            **describe_line(life.incident).model_dump(),
            life=tuple(tell_life(life, now)),
            commands=list_next_commands(life, now, (row.glance for row in rows)),
            repairs=tuple(map(self._briefly, rows)),
        )

    def ask(self, reference: str) -> AskView:
        """What a link asks. Raises RefusedError for one that is forged or too old."""
        return look_up_link(self, self._remote(), reference)

    def decide(self, reference: str, word: Word) -> str:
        """Carries out a word by a link, once. Raises RefusedError."""
        return carry_out(self, self._remote(), reference, word)

    def _remote(self) -> Remote:
        return Remote(self._repository, self._config, self._ledger, tables=self._tables)

    def submit(self, script: str, args: tuple[str, ...] | None) -> str:
        """Opens the repair, and starts the `healer fix` that follows it. Raises RefusedError."""
        options = FixOptions(script=script, args=args)
        try:
            request = make_request(self._repository, self._config, self._root, options)
            require_none_waiting(self._ledger, request)
        except (UsageError, RepositoryError) as error:
            raise RefusedError(str(error)) from error
        if request.script.startswith("-"):
            raise RefusedError(f"{request.script} begins with a dash; repair it by its command")
        row, _ = find_or_open(self._ledger, request)
        which = ("--failure", request.failure.id) if request.failure else ()
        self._start(
            row.id, "fix", request.script, *which, *(("--", *args) if args is not None else ())
        )
        return row.id

    def ledger(self, limit: int, repair: str = "", before: int = 0) -> tuple[LedgerLine, ...]:
        """Decisions, of one repair or of all, newest first."""
        entries = self._ledger.numbered_entries(repair, limit, before=before)
        scripts = {name: self._row(name) for name in {entry.repair for _, entry in entries}}
        return tuple(
            LedgerLine(
                number=number,
                at=datetime.fromtimestamp(entry.at, UTC),
                repair=entry.repair,
                script=row.script if (row := scripts[entry.repair]) else "",
                what=f"{entry.label}: {entry.outcome}. {entry.detail}".rstrip(". "),
                cost_usd=entry.cost_usd,
            )
            for number, entry in entries
        )

    def costs(self) -> tuple[CostRow, ...]:
        """What was spent, oldest day first."""
        rows = self._ledger.sums.daily_costs()
        return tuple(CostRow.model_validate(row.model_dump()) for row in rows)

    def _row(self, repair: str) -> RepairRow | None:
        try:
            return self._ledger.repair(repair)
        except KeyError:
            return None

    def _require_waiting(self, repair: str) -> RepairRow:
        row = self._row(repair)
        if row is None or row.state != "waiting":
            raise RefusedError(f"repair {repair} does not wait for a decision; see its state")
        return row

    def _briefly(self, row: RepairRow) -> RepairView:
        brief = view_repair(row, None, ())
        failure = row.request.failure if row.request else None
        return self._with_command(brief.model_copy(update={"failure": failure}))

    def _start(self, repair: str, *words: str) -> None:
        """Starts `healer` with these words, unless a command for this repair still runs.

        Its output goes to files, not pipes: it goes on when the page ends.
        """
        with self._lock:
            before = self._commands.get(repair)
            if before and before.process.poll() is None:
                raise RefusedError(f"a command for repair {repair} still runs; wait for it")
            output, progress = (self._output_dir / f"{repair}.{end}" for end in ("out", "err"))
            command = [sys.executable, "-m", "healer", "--repo", str(self._root), *words]
            with (
                open(output, "wb", opener=open_private) as out,
                open(progress, "wb", opener=open_private) as err,
            ):
                process = subprocess.Popen(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=err,
                    cwd=self._root,
                    start_new_session=True,
                )
            self._commands[repair] = _Command(process, output, progress)

    def _with_command(self, repair: RepairView) -> RepairView:
        """With what a command that was started here does or has said."""
        command = self._commands.get(repair.repair)
        if command is None:
            return repair
        if command.process.poll() is None:
            return repair.model_copy(
                update={"state": "running", "step": _last_line(command.progress)}
            )
        problem = _problem(command)
        if problem and repair.state in ("review", "healed"):
            return repair.model_copy(update={"reason": f"Not done: {problem}"})
        return repair.model_copy(update={"step": problem}) if repair.state == "running" else repair


def _problem(command: _Command) -> str:
    """Why the command did not do what it was asked; empty when it did."""
    if command.process.returncode == 0:
        return ""
    return _last_line(command.output) or _last_line(command.progress) or "see healer log"


def _last_line(path: Path) -> str:
    try:
        lines = path.read_text(errors="replace").split("\n")
    except OSError:
        return ""
    return one_line(next((line for line in reversed(lines) if line.strip()), ""), 200)
