"""Which drafters a repair has, and in which order.

Belongs here: the choice, and the small adapters between drafters and git. Does not belong here:
anything a drafter does.
"""

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from healer.config import Config, ConfigError
from healer.draft.from_memory import EarlierFix, LessonMemory
from healer.draft.llm.endpoint.pace import ModelBreakers
from healer.draft.pins import WithPins
from healer.draft.proposal import ProposedDraft
from healer.draft.rules import RulesDrafter
from healer.draft.search.drafter import SearchDrafter
from healer.draft.search.reverts import FileCommit
from healer.draft.search.search_cache import SearchCache
from healer.evidence.trial import Trial
from healer.facts.draft import Case, Drafter, Drafts, ModelRemarks, Review, Reviewer, Source
from healer.facts.repair import Request
from healer.ledger.store import Ledger
from healer.memory.store import Memory, Vector
from healer.redact import Redactor
from healer.repair.learn import catch_up
from healer.services.runner import SandboxRunner
from healer.support.extras import require
from healer.support.tables import Tables
from healer.tape.recordings import Recordings
from healer.watch.runner import run_log
from quarantine.history import log_touching
from quarantine.repository import Repository

if TYPE_CHECKING:
    from healer.draft.llm.endpoint.budget import Budget
    from healer.draft.llm.endpoint.embed import Embedder


NO_MODEL = "no model is configured; set [model] tiers and base_url in healer.toml"


def require_model_library(config: Config) -> None:
    """Raises MissingExtraError where [model] names a model and no library is here to call it."""
    model = config.model
    if model.tiers or model.investigator or model.reviewer or model.embedding:
        require("model", "[model] of healer.toml")


class FileHistory:
    """What commits did to a file, for drafts that take one back."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository

    def list_commits(self, path: str, base: str, count: int) -> tuple[FileCommit, ...]:
        """The last commits up to `base` that changed the file, newest first; the one that made the
        file is left out, and what is no text."""
        commits = []
        for commit in log_touching(self._repository, base, path, count):
            parents = self._repository.parents(commit.id)
            after = self._repository.tree(commit.id).read(path)
            before = self._repository.tree(parents[0]).read(path) if parents else None
            if before is not None and after is not None:
                texts = (before.decode("utf-8", "replace"), after.decode("utf-8", "replace"))
                commits.append(FileCommit(commit.id, *texts))
        return tuple(commits)


class LazyDrafter:
    """Opened when it is used and closed after it: only then a sandbox starts or a library loads,
    and a daemon that runs for months keeps no connection of an earlier repair."""

    def __init__(self, name: str, build: Callable[[], AbstractContextManager[Drafter]]) -> None:
        self.name = name
        self._build = build

    def draft(self, case: Case, source: Source) -> Drafts:
        """As the drafter itself."""
        with self._build() as drafter:
            return drafter.draft(case, source)


class LazyReviewer:
    """The same for the reviewer."""

    def __init__(self, build: Callable[[], AbstractContextManager[Reviewer]]) -> None:
        self._build = build

    def review(self, repair: str, failure: str, diff: str, evidence: str) -> Review:
        """As the reviewer itself."""
        with self._build() as reviewer:
            return reviewer.review(repair, failure, diff, evidence)


class SpendingFile:
    """Where the money of a repository's model calls is counted."""

    def __init__(
        self, repository: Repository, *, is_dry_run: bool = False, tables: Tables | None = None
    ) -> None:
        """A dry run writes nothing into the repository, and still counts: outside of it. `tables`
        are those that several machines count in, whatever they run."""
        self.tables = tables
        inside = repository.state_dir / "spending.sqlite"
        outside = _outside(repository)
        self.path, self.counted_too = (outside, inside) if is_dry_run else (inside, outside)
        self.lock = repository.git_dir


def _outside(repository: Repository) -> Path:
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    name = hashlib.sha256(os.fsencode(repository.git_dir.resolve())).hexdigest()[:16]
    return Path(state) / "healer" / f"dry-runs-{name}.sqlite"


class Drafters:
    """Builds the drafters and the reviewer of each repair of one repository."""

    def __init__(
        self,
        *,
        repository: Repository,
        config: Config,
        state_dir: Path,
        spending: SpendingFile,
        redactor: Redactor,
        runners: Callable[[Request], SandboxRunner],
        recordings: Recordings,
        ledger: Ledger,
        stack: ExitStack,
        run_log_dir: Path,
    ) -> None:
        """`run_log_dir` is the state folder of the user's repository, also where `repository` is
        only a copy of it (a dry run); the memory, which all repairs share, goes onto `stack`."""
        self._spending = spending
        self._repository, self._config, self._state_dir = repository, config, state_dir
        self._redactor, self._runners, self._stack = redactor, runners, stack
        self._ledger, self._run_log_dir = ledger, run_log_dir
        self._recordings = recordings
        self._breakers = ModelBreakers()
        self._searches = SearchCache()
        self._memory: Memory | None = None

    def __call__(self, request: Request) -> Sequence[Drafter]:
        """What healed this failure before, then rules and search: they are free. The model where
        tiers are configured. Of a proposal nothing but that."""
        if request.proposal is not None:
            return (ProposedDraft(request.proposal),)
        # "rules" is part of the name of a workflow's step; what the search drafts is called so.
        free = (
            LazyDrafter("memory", lambda: nullcontext(self._earlier_fix(request))),
            LazyDrafter("rules", lambda: nullcontext(WithPins(self._search(request)))),
        )
        model = LazyDrafter("model", lambda: self._open_model(request))
        if request.drafter == "model":
            return (model,)
        asks_models = request.drafter == "auto" and self._asks_models()
        return (*free, model) if asks_models else free

    def _asks_models(self) -> bool:
        return bool(self._config.model.tiers or self._config.model.investigator)

    def _search(self, request: Request) -> Drafter:
        seconds = self._config.search_s
        if not seconds:
            return RulesDrafter()
        history = FileHistory(self._repository)
        screening = self._runners(request).open_screening()
        return SearchDrafter(screening, history, seconds, self._searches)

    @contextmanager
    def _open_model(self, request: Request) -> Iterator[Drafter]:
        require_model_library(self._config)
        from healer.draft.llm.drafter import ModelDrafter
        from healer.draft.llm.prompts.history import GitHistory

        if not self._asks_models():
            raise ConfigError(NO_MODEL)

        runner = self._runners(request)
        trial = Trial(request, self._repository, self._config, runner, self._recordings)
        history = GitHistory(self._repository, lambda _: self._last_good_run(request.script))
        with (
            self._incident_memory(request) as memory,
            self._budget(request) as budget,
            ModelDrafter(
                self._config.model, self._redactor, budget, environment=os.environ,
                state=self._state_dir, history=history, memory=memory, experiments=trial,
                breakers=self._breakers,
            ) as drafter,
        ):  # fmt: skip
            yield drafter

    def _last_good_run(self, script: str) -> float | None:
        good = [run.started_at for run in run_log.read(self._run_log_dir) if run.exit_code == 0
                and run.script == script]  # fmt: skip
        return max(good, default=None)

    def _earlier_fix(self, request: Request) -> Drafter:
        return EarlierFix(self._catch_up_memory(request, None))

    @contextmanager
    def _incident_memory(self, request: Request) -> Iterator[LessonMemory]:
        if self._config.model.embedding is None:
            yield LessonMemory(self._catch_up_memory(request, None), lambda *_: None, list)
            return
        require_model_library(self._config)
        from healer.draft.llm.endpoint.embed import Embedder

        with (
            self._budget(request) as budget,
            Embedder(
                self._config.model, self._redactor, budget, environment=os.environ
            ) as embedder,
        ):
            memory = self._catch_up_memory(request, embedder)
            yield LessonMemory(memory, embedder.embed, embedder.take_exchanges)

    def _catch_up_memory(self, request: Request, embedder: "Embedder | None") -> Memory:
        """The memory, with everything learnt that has ended up to now."""
        if self._memory is None:
            memory = Memory(self._state_dir / "memory.sqlite")
            self._memory = self._stack.enter_context(memory)

        def vector_of(text: str) -> Vector | None:
            return embedder.embed(request.repair, text) if embedder else None

        catch_up(self._ledger, self._memory, self._redactor, vector_of)
        return self._memory

    def reviewer(self, request: Request) -> Reviewer | None:
        """The second model that reads a fix before it is believed; None where none is set."""
        if self._config.model.reviewer is None:
            return None
        return LazyReviewer(lambda: self._open_reviewer(request))

    @contextmanager
    def _open_reviewer(self, request: Request) -> Iterator[Reviewer]:
        require_model_library(self._config)
        from healer.draft.llm.review import ModelReviewer

        with (
            self._budget(request) as budget,
            ModelReviewer(
                self._config.model, self._redactor, budget, environment=os.environ,
                state=self._state_dir, breakers=self._breakers,
            ) as reviewer,
        ):  # fmt: skip
            yield reviewer

    def wording(self, repair: str, patterns: str, repairs: str) -> ModelRemarks:
        """What the first tier's model adds to the patterns of a script; nothing without one."""
        if not self._config.model.tiers:
            return ModelRemarks()
        require_model_library(self._config)
        from healer.draft.llm.endpoint.calls import Caller
        from healer.draft.llm.endpoint.settings import make_endpoints
        from healer.draft.llm.pattern_wording import word_patterns

        request = Request(repair=repair, script="", target="", base="")
        endpoint = make_endpoints(self._config.model, os.environ)[0]
        with (
            self._budget(request) as budget,
            Caller(
                budget, self._redactor, state=self._state_dir, breakers=self._breakers
            ) as caller,
        ):
            return word_patterns(
                caller, endpoint, self._redactor, repair, patterns=patterns, repairs=repairs
            )

    def _budget(self, request: Request) -> "Budget":
        """The money of one repair; a with-block of whoever spends it."""
        from healer.draft.llm.endpoint.budget import Budget

        settings, limit_usd = self._config.model, request.budget_usd
        return Budget(
            self._spending.path,
            usd_per_repair=settings.budget_usd_per_repair if limit_usd is None else limit_usd,
            usd_per_day=settings.budget_usd_per_day,
            tokens_per_repair=settings.budget_tokens_per_repair,
            tokens_per_day=settings.budget_tokens_per_day,
            counted_too=self._spending.counted_too,
            lock=self._spending.lock,
            tables=self._spending.tables,
        )
