"""Drafters that ask a scripted endpoint."""

import random
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from healer.draft.llm.drafter import ModelDrafter
from healer.draft.llm.endpoint.budget import Budget
from healer.draft.llm.endpoint.settings import ModelSettings
from healer.redact import Redactor
from tests.healer.draft.llm.cases import FakeClock
from tests.support.endpoint import OPENAI, Profile, Scripted, ScriptedEndpoint


class Maker:
    """Starts endpoints with a script, and drafters that ask them."""

    def __init__(self, state: Path, stack: ExitStack) -> None:
        self.state = state
        self._stack = stack
        self.budget: Budget

    def __call__(
        self,
        *replies: Scripted,
        profile: Profile = OPENAI,
        clock: FakeClock | None = None,
        parts: dict[str, Any] | None = None,
        **settings: Any,
    ) -> tuple[ModelDrafter, ScriptedEndpoint]:
        endpoint = self._stack.enter_context(ScriptedEndpoint(replies, profile))
        values = {"tiers": ["small"], "base_url": endpoint.base_url} | settings
        ready = ModelSettings.model_validate(values)
        self.budget = Budget(
            self.state / "spending.sqlite",
            usd_per_repair=ready.budget_usd_per_repair,
            usd_per_day=ready.budget_usd_per_day,
            tokens_per_repair=ready.budget_tokens_per_repair,
            tokens_per_day=ready.budget_tokens_per_day,
        )
        drafter = ModelDrafter(
            ready,
            Redactor(),
            self.budget,
            environment={},
            state=self.state,
            clock=clock or FakeClock(),
            rng=random.Random(1),
            **(parts or {}),
        )
        self._stack.callback(drafter.close)
        return drafter, endpoint


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Maker]:
    with ExitStack() as stack:
        yield Maker(tmp_path, stack)
