"""Which drafters a repair has, and in which order.

Belongs here: the choice, and the small adapters between drafters and git. Does not belong here:
anything a drafter does.
"""

import os
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from healer.config import Config, ConfigError
from healer.draft.proposal import Drafter
from healer.draft.rules import RulesDrafter
from healer.draft.search.drafter import SearchDrafter
from healer.redact import Redactor
from healer.workflow.record import Request
from quarantine.history import log_touching
from quarantine.repository import Repository
from sandbox import Sandbox
from sandbox.screen import SandboxScreening

if TYPE_CHECKING:
    from healer.draft.llm.drafter import ModelDrafter


NO_MODEL = "no model is configured; set [model] tiers and base_url in healer.toml"


class Earlier:
    """What a file was before its last change, for drafts that take that change back."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository

    def before(self, path: str, base: str) -> tuple[str, bytes] | None:
        """The commit that changed the file last, seen from `base`, and the content before it."""
        last = next(iter(log_touching(self._repository, base, path, 1)), None)
        parents = self._repository.parents(last.id) if last else ()
        if last is None or not parents:
            return None
        data = self._repository.tree(parents[0]).read(path)
        return (last.id, data) if data is not None else None


class Drafters:
    """Builds the drafters of each repair of one repository."""

    def __init__(
        self,
        *,
        repository: Repository,
        config: Config,
        folder: Path,
        spending: Path,
        redactor: Redactor,
        sandbox: Callable[[], Sandbox],
        stack: ExitStack,
    ) -> None:
        """`folder` is healer's state; `spending` the file of the budgets, which a dry run shares
        with the repository it copies; what has to be closed again goes onto `stack`."""
        self._spending = spending
        self._repository, self._config, self._folder = repository, config, folder
        self._redactor, self._sandbox, self._stack = redactor, sandbox, stack

    def __call__(self, request: Request) -> Sequence[Drafter]:
        """Rules and search first: they are free. The model where tiers are configured."""
        tiers = self._config.model.tiers
        if request.drafter == "rules" or (request.drafter == "auto" and not tiers):
            return (self._search(),)
        if not tiers:
            raise ConfigError(NO_MODEL)
        model = self._model(request)
        return (model,) if request.drafter == "model" else (self._search(), model)

    def _search(self) -> Drafter:
        seconds = self._config.search_s
        if not seconds:
            return RulesDrafter()
        screening = SandboxScreening(self._sandbox())
        return SearchDrafter(screening, Earlier(self._repository), budget_s=seconds)

    def _model(self, request: Request) -> "ModelDrafter":
        from healer.draft.llm.budget import Budget
        from healer.draft.llm.drafter import ModelDrafter
        from healer.draft.llm.history import GitHistory

        given = self._config.model
        wished = request.budget_usd
        budget = Budget(
            self._spending,
            usd_per_repair=given.budget_usd_per_repair if wished is None else wished,
            usd_per_day=given.budget_usd_per_day,
        )
        model = ModelDrafter(
            given,
            self._redactor,
            budget,
            environment=os.environ,
            state=self._folder,
            history=GitHistory(self._repository),
        )
        self._stack.callback(model.close)
        return model
