"""What `healer doctor` looks at of models: each is asked once, and what it costs has to be known.

Belongs here: the lines about them. Does not belong here: how a model is asked
(`healer.draft.llm.endpoint`).
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from healer.app.diagnosis import Diagnosis
from healer.app.drafters import SpendingFile
from healer.app.state import make_state_dir
from healer.config import Config
from healer.draft.llm.endpoint.budget import Budget
from healer.draft.llm.endpoint.draft_counts import choose_candidates
from healer.draft.llm.endpoint.prices import fill_prices, is_private
from healer.draft.llm.endpoint.settings import make_endpoint, make_endpoints
from healer.redact import Redactor
from healer.support.extras import install_step, is_installed
from quarantine.repository import Repository

if TYPE_CHECKING:
    from healer.draft.llm.endpoint.calls import Caller
    from healer.draft.llm.endpoint.profile import Profile

_FORMS = {"search_replace": "edits as SEARCH/REPLACE blocks", "patch": "edits as a patch"}
"""Learnt from what applied; JSON, where every model begins, is not worth a word."""


def examine_models(config: Config, repository: Repository | None = None) -> Iterator[Diagnosis]:
    """Each tier, asked once: whether name and key are right, and what the model can do; without
    `repository` nothing is kept of it, and nothing counted."""
    tiers = make_endpoints(config.model, os.environ)
    investigator = config.model.investigator
    last = make_endpoint(investigator, config.model, os.environ) if investigator else None
    if not tiers and last is None:
        yield Diagnosis(
            name="model",
            status="note",
            detail="none is configured; repairs use rules and search",
            next_step="set [model] tiers and base_url in healer.toml",
        )
        return
    if not is_installed("model"):
        yield Diagnosis(
            name="model",
            status="fail",
            detail="[model] of healer.toml needs the library openai, which is not installed",
            next_step=install_step("model"),
        )
        return
    from healer.draft.llm.endpoint.profile import probe  # noqa: PLC0415 - of an extra

    with ExitStack() as stack:
        caller = stack.enter_context(_open_caller(config, stack, repository))
        for tier in tiers:
            yield describe_profile(probe(caller, tier))
        if last is not None:
            yield describe_profile(probe(caller, last, with_tools=True), with_tools=True)


def _open_caller(config: Config, stack: ExitStack, repository: Repository | None) -> "Caller":
    """What calls are made with: counted, and what is learnt kept, where the state is."""
    from healer.draft.llm.endpoint.calls import Caller  # noqa: PLC0415 - of an extra

    settings = config.model
    redactor = Redactor.from_environment(os.environ, names=settings.key_names)
    path = SpendingFile(repository).path if repository else None
    if path is None:
        path = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "spending.sqlite"
    budget = Budget(
        path,
        usd_per_repair=settings.budget_usd_per_day,
        usd_per_day=settings.budget_usd_per_day,
        tokens_per_repair=settings.budget_tokens_per_day,
        tokens_per_day=settings.budget_tokens_per_day,
        lock=repository.git_dir if repository else None,
    )
    state = make_state_dir(repository) if repository else None
    return Caller(stack.enter_context(budget), redactor, state=state)


def describe_profile(profile: "Profile", *, with_tools: bool = False) -> Diagnosis:
    """What one call has shown of a model, in a line."""
    endpoint, dialect = fill_prices(profile.endpoint), profile.dialect
    name = f"{endpoint.name} at {endpoint.base_url}"
    if profile.problem and profile.is_passing:
        return Diagnosis(
            name="model",
            status="fail",
            detail=f"{name}: {profile.problem}",
            next_step="ask again later; if that is no help, look at [model] base_url and whether "
            "the endpoint runs",
        )
    if profile.problem:
        sentence, _, step = profile.problem.partition("; ")
        return Diagnosis(name="model", status="fail", detail=sentence, next_step=step)
    kinds = {"schema": "JSON by schema", "json": "JSON", "fence": "JSON in a text"}
    facts = [kinds[dialect.format]]
    if with_tools:
        facts = ["tool calls"] if profile.calls_tools else ["no tool calls: asked for JSON steps"]
    facts += [_FORMS[dialect.edits.form]] if dialect.edits.form in _FORMS else []
    facts += ["Responses API"] if dialect.api == "responses" else []
    facts += ["streams only"] if dialect.stream else []
    facts += ["it thinks first"] if profile.is_thinking else []
    facts += [f"{dialect.context_tokens:,} tokens of context"] if dialect.context_tokens else []
    if not dialect.context_tokens and is_private(endpoint.base_url):
        needs = endpoint.max_prompt_tokens + endpoint.max_output_tokens
        facts.append(f"it does not tell its context, which has to hold {needs:,} tokens")
    if endpoint.prices_known:
        prices = (endpoint.usd_per_million_in, endpoint.usd_per_million_out)
        facts.append("${:g} and ${:g} per million tokens".format(*prices))
    if profile.cost.cost_usd:
        facts.append(f"this call ${profile.cost.cost_usd:.6f}")
    return Diagnosis(name="model", status="pass", detail=f"{name}: {', '.join(facts)}")


def examine_drafts(config: Config) -> Diagnosis:
    """How many drafts models and budget come to."""
    settings, endpoints = config.model, make_endpoints(config.model, os.environ)
    counts = [f"{choose_candidates(settings, each)} of {each.name}" for each in endpoints]
    names = {each.model for each in endpoints}
    names |= {settings.investigator.model} if settings.investigator else set()
    opinions = min(settings.most_opinions, len(names) - 1)
    words = "1 second opinion by the same model, for a person to see"
    if not settings.most_opinions:
        words = "no second opinion, as second_opinions says"
    elif opinions:
        words = f"{opinions} second opinion{'s' if opinions != 1 else ''}"
        words += ", which may merge" if settings.is_agreement_proof else ", for a person to see"
    detail = f"in each attempt {', '.join(counts)}; {words}"
    return Diagnosis(name="drafts", status="note", detail=detail)


def examine_prices(config: Config) -> Diagnosis:
    """Whether money can limit every tier: by its own prices, or by the kept table's."""
    places = map(fill_prices, make_endpoints(config.model, os.environ))
    names = [place.name for place in places if not place.prices_known]
    if not names:
        return Diagnosis(name="prices", status="pass", detail="of every tier are known")
    most = config.model.budget_tokens_per_repair
    return Diagnosis(
        name="prices",
        status="note",
        detail=f"unknown of {', '.join(names)}; at most {most:,} tokens in a repair instead",
        next_step="set usd_per_million_in and usd_per_million_out of the tier, 0 where it is free",
    )
