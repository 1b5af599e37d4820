"""`healer trial`: what healer would have done with this repository's past, with nothing merged.

Belongs here: which pieces of the past are tried, the throw-away copy in which that happens, and
what is kept. Does not belong here: one piece (`trial_cases`), or the report
(`healer.render.trial_report`, `healer.render.trial`).

In the copy everything is merged that would merge, into a branch that ends where the past stood: the
decision is the very one that is taken on a real night. Each case is kept in the state folder, so
that a trial that was ended goes on where it was.
"""

import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from pydantic import ValidationError

from healer.app.build import Show, build_services
from healer.app.drafters import require_model_library
from healer.app.sandbox_setup import prepare_image
from healer.app.state import make_state_dir
from healer.app.trial_cases import CaseRunner, time_of
from healer.app.trust import read_trusted_configuration
from healer.config import Config
from healer.failure import Fact, Failure
from healer.notify.notifier import Notifier
from healer.notify.settings import MailSettings
from healer.render.trial_report import ScriptTrial, TrialCase, TrialReport, sum_up
from healer.repair.request import base_commit
from healer.services import Services
from healer.support.atomic_file import write_atomically
from healer.support.version import read_version
from healer.watch.inbox import Inbox, InboxError
from quarantine.past_fixes import PastFix, find_past_fixes
from quarantine.repository import Repository
from quarantine.scratch import shared_clone

Piece = Failure | PastFix
"""Of the past: a failure that was recorded, or a commit whose fix is undone."""


class TrialOptions(Fact):
    """What `healer trial` was asked."""

    since: int = 0
    """Unix time."""
    most: int = 20
    """Pieces of the past that are tried, the newest ones."""
    drafter: Literal["auto", "rules", "model"] = "auto"
    budget_usd: float | None = None
    """For all of it; None: the configuration's limits for a repair and a day alone."""
    again: bool = False
    """Nothing is taken from an earlier trial."""


@contextmanager
def open_trial(start: Path, options: TrialOptions, show: Show) -> Iterator["Trial"]:
    """A trial of the repository that holds `start`; its copy goes at the end of the block."""
    repository = Repository.open(start)
    config = read_trusted_configuration(repository)
    require_model_library(config)
    base_commit(repository, config)
    prepare_image(config, repository)
    with TemporaryDirectory(prefix="healer-") as scratch:
        copy = shared_clone(repository, Path(scratch) / "trial.git")
        with build_services(copy, as_trial(config), show, origin=repository) as services:
            yield Trial(repository, config, services, options)


def as_trial(config: Config) -> Config:
    """As it decides where all may merge, and nothing leaves the machine but calls to models."""
    jobs = tuple(job.model_copy(update={"autonomy": None}) for job in config.job)
    changes = {"push": False, "state": "sqlite", "autonomy": "merge", "job": jobs, "notes": False}
    return config.model_copy(update=changes)


class Trial:
    """One trial. `cases` is what was found so far."""

    def __init__(
        self, repository: Repository, config: Config, services: Services, options: TrialOptions
    ) -> None:
        """`services` are those of a copy of `repository`."""
        state_dir = make_state_dir(services.repository)
        silent = Notifier(state_dir / "mail", MailSettings(), services.redactor, environment={})
        quiet = replace(services, notifier=silent)
        self._repository, self._config, self._options = repository, config, options
        self._runner = CaseRunner(quiet, state_dir, options.drafter)
        self._inbox = Inbox(repository.state_dir)
        self._kept_dir = make_state_dir(repository) / "trial"
        self._kept_dir.mkdir(mode=0o700, exist_ok=True)
        self._tip = base_commit(repository, config)
        self._opened_at = int(time.time())
        self._has_more, self._stopped = False, ""
        self.cases: list[TrialCase] = []

    def replay(self) -> Iterator[TrialCase]:
        """Tries the past: recorded failures first, then commits that mended something."""
        fixes = find_past_fixes(self._repository, self._tip, self._options.since)
        pieces: Iterator[Piece] = chain(self.list_failures(), fixes)
        for count, piece in enumerate(pieces):
            self._has_more = count >= self._options.most or self._is_spent()
            if self._has_more:
                return
            yield self.try_piece(piece)

    def try_piece(self, piece: Piece) -> TrialCase:
        """One more case, from what was kept of an earlier trial where that was the same."""
        name = f"failure {piece.id}" if isinstance(piece, Failure) else f"commit {piece.commit.id}"
        case = self._read_kept(name)
        if case is None:
            case = self._runner.run(piece)
            write_atomically(self._kept_file(name), case.model_dump_json().encode())
        self.cases.append(case)
        return case

    def try_new_failures(self) -> Iterator[TrialCase]:
        """Those that were recorded since, and not tried yet."""
        ids = {case.id for case in self.cases if case.origin == "failure"}
        for failure in reversed(self.list_failures()):
            if failure.id not in ids and time_of(failure) >= self._opened_at:
                if self._is_spent():
                    return
                yield self.try_piece(failure)

    def list_failures(self) -> list[Failure]:
        """Recorded ones that are not too old, newest first, one of each kind and commit."""
        newest: dict[tuple[str, str], Failure] = {}
        for failure_id in reversed(self._inbox.list_all()):
            with suppress(InboxError):  # `healer status` names those
                failure = self._inbox.read(failure_id)
                if failure.script and time_of(failure) >= self._options.since:
                    newest.setdefault((failure.fingerprint, failure.commit), failure)
        return list(newest.values())

    def report(self) -> TrialReport:
        """What is known up to now."""
        scripts = dict.fromkeys(case.script for case in self.cases)
        return TrialReport(
            since=self._options.since,
            target=self._config.target,
            tip=self._tip,
            drafter=self._options.drafter,
            version=read_version(),
            cases=tuple(self.cases),
            scripts=tuple(self._sum_up(script) for script in scripts),
            has_more=self._has_more,
            stopped=self._stopped,
        )

    def _sum_up(self, script: str) -> ScriptTrial:
        cases = (case for case in self.cases if case.script == script)
        return sum_up(script, cases, self._config.autonomy_of(script))

    def _is_spent(self) -> bool:
        budget = self._options.budget_usd
        if budget is None or sum(case.cost_usd for case in self.cases) < budget:
            return False
        self._stopped = f"the {budget:.2f} USD of --budget are spent"
        return True

    def _kept_file(self, name: str) -> Path:
        """Another version, drafter or configuration may find something else."""
        parts = (name, read_version(), self._options.drafter, self._config.model_dump_json())
        return (
            self._kept_dir / f"{hashlib.sha256(chr(0).join(parts).encode()).hexdigest()[:32]}.json"
        )

    def _read_kept(self, name: str) -> TrialCase | None:
        if self._options.again:
            return None
        try:
            case = TrialCase.model_validate_json(self._kept_file(name).read_bytes())
        except (FileNotFoundError, ValidationError):
            return None
        return case
