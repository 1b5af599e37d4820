"""What `healer doctor` looks at: everything outside healer that a repair needs.

Belongs here: one function for each thing, with its next step. Does not belong here: repairing it.
"""

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Literal

from healer.app.drafters import SpendingFile
from healer.app.sandbox_setup import DeclaredImage, build_declared, image_config, open_sandbox
from healer.app.state import make_state_dir, open_ledger, read_configuration
from healer.config import Config, ConfigError
from healer.draft.llm.endpoint.budget import Budget
from healer.draft.llm.endpoint.calls import Caller
from healer.draft.llm.endpoint.prices import fill_prices
from healer.draft.llm.endpoint.profile import Profile, probe
from healer.draft.llm.endpoint.settings import make_endpoint, make_endpoints
from healer.failure import Fact
from healer.forge.api import ForgeError
from healer.forge.forges import open_forge
from healer.notify.outbox import Outbox
from healer.redact import Redactor
from healer.support.postgres import explain, is_of_database, mask
from quarantine.errors import RepositoryError
from quarantine.protection import Protection
from quarantine.remote import remote_url, upstream_of
from quarantine.repository import Repository
from sandbox import EngineStatus, SandboxError, engine_status, self_check
from sandbox.image import ImageConfig

DISK_MB = 1_000
"""Free space below which a repair may fail: an image is about 100 MB, a state folder grows."""


class Diagnosis(Fact):
    """One thing that was looked at."""

    name: str
    status: Literal["pass", "note", "fail"]
    """`note`: a repair can run without it."""
    detail: str
    next_step: str = ""


def diagnose(start: Path) -> tuple[Diagnosis, ...]:
    """Every thing, in the order in which one would mend them."""
    return tuple(_diagnoses(start))


def _diagnoses(start: Path) -> Iterator[Diagnosis]:
    try:
        repository = Repository.open(start)
    except RepositoryError as error:
        yield Diagnosis(name="git", status="fail", detail=str(error))
        return
    yield Diagnosis(name="git", status="pass", detail=f"repository {repository.root}")
    try:
        config = read_configuration(repository)
    except ConfigError as error:
        yield Diagnosis(name="config", status="fail", detail=str(error))
        return
    yield examine_target(repository, config)
    yield examine_state(repository, config)
    yield from examine_forge(repository, config)
    status = engine_status()
    yield examine_engine(status)
    if status.ok:
        yield from _examine_sandbox(repository, config)
    with ExitStack() as stack:
        asks_models = bool(config.model.tiers or config.model.investigator)
        caller = (
            stack.enter_context(_open_caller(config, stack, repository)) if asks_models else None
        )
        yield from examine_models(config, caller)
    if config.model.tiers:
        yield examine_prices(config)
    yield examine_mail(config)
    yield examine_disk(shutil.disk_usage(repository.git_dir).free, repository.git_dir)


def examine_target(repository: Repository, config: Config) -> Diagnosis:
    """The branch that fixes go to, what is protected there, and where they are pushed."""
    tip = repository.tip(config.target)
    if tip is None:
        branches = ", ".join(repository.branches()[:5])
        return Diagnosis(
            name="config",
            status="fail",
            detail=f"the target branch {config.target!r} does not exist",
            next_step=f"set target in healer.toml to one of: {branches}",
        )
    try:
        Protection.load(repository.tree(tip))
    except RepositoryError as error:
        return Diagnosis(name="config", status="fail", detail=str(error))
    if config.push and upstream_of(repository, config.target) is None:
        return Diagnosis(
            name="config",
            status="fail",
            detail=f"push = true, but {config.target} has no remote",
            next_step="git remote add origin URL, or set push = false",
        )
    return Diagnosis(name="config", status="pass", detail=f"fixes go to {config.target}")


def examine_forge(repository: Repository, config: Config) -> Iterator[Diagnosis]:
    """Whether pull requests can be asked for, where they are wanted; without, fixes wait here."""
    if config.push != "pr":
        return
    upstream = upstream_of(repository, config.target)
    url = remote_url(repository, upstream.remote) if upstream else ""
    try:
        open_forge(config.forge, url, os.environ).find("quarantine/doctor")
        yield Diagnosis(name="forge", status="pass", detail="it answers")
    except ForgeError as error:
        yield Diagnosis(name="forge", status="note", detail=str(error))


def examine_state(repository: Repository, config: Config) -> Diagnosis:
    """Where repairs are written down: SQLite in the git folder, or a shared PostgreSQL."""
    if config.state == "sqlite":
        detail = f"SQLite {sqlite3.sqlite_version} in the git folder"
        return Diagnosis(name="state", status="pass", detail=detail)
    place = mask(config.state)
    try:
        open_ledger(repository, config).close()
    except ConfigError as error:
        return Diagnosis(name="state", status="fail", detail=str(error))
    except Exception as error:
        if not is_of_database(error):
            raise
        return Diagnosis(name="state", status="fail", detail=f"{place}: {explain(error)}")
    return Diagnosis(name="state", status="pass", detail=f"PostgreSQL at {place}")


def examine_engine(status: EngineStatus) -> Diagnosis:
    """Docker Engine."""
    if not status.ok:
        return Diagnosis(name="docker", status="fail", detail=status.problem)
    return Diagnosis(name="docker", status="pass", detail=f"Docker Engine {status.version}")


def _examine_sandbox(repository: Repository, config: Config) -> Iterator[Diagnosis]:
    root = repository.root or repository.git_dir
    try:
        image = image_config(config, repository, root)
        tag = build_declared(image)
        yield Diagnosis(name="image", status="pass", detail=describe_image(tag, image))
        with open_sandbox(config, image) as sandbox:
            probes = self_check(sandbox)
    except SandboxError as error:
        yield Diagnosis(name="image", status="fail", detail=str(error))
        return
    open_probes = [probe.name for probe in probes if not probe.held]
    if open_probes:
        yield Diagnosis(
            name="isolation",
            status="fail",
            detail=f"not held: {', '.join(open_probes)}",
            next_step="healer sandbox check shows each; update Docker Engine or set a runtime",
        )
    else:
        detail = f"all {len(probes)} probes held"
        yield Diagnosis(name="isolation", status="pass", detail=detail)


def describe_image(tag: str, image: ImageConfig) -> str:
    """What is in the box, for who wonders why a job does not run in it."""
    if image.python is None:
        return f"{tag} from {image.image}"
    programs = ", ".join(image.programs) or "none that scripts here call"
    what = f"{image.python} with its packages"
    if isinstance(image, DeclaredImage):
        what = f"healer's Python with what {image.requirements.origin} declares"
    return f"{tag}: {what}, the usual programs, and further: {programs}"


def examine_models(config: Config, caller: Caller | None = None) -> Iterator[Diagnosis]:
    """Each tier, asked once: whether name and key are right, and what the model can do; without
    `caller` nothing is kept of it, and nothing counted."""
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
    with ExitStack() as stack:
        caller = caller or stack.enter_context(_open_caller(config, stack, None))
        for tier in tiers:
            yield describe_profile(probe(caller, tier))
        if last is not None:
            yield describe_profile(probe(caller, last, with_tools=True), with_tools=True)


def _open_caller(config: Config, stack: ExitStack, repository: Repository | None) -> Caller:
    """What calls are made with: counted, and what is learnt kept, where the state is."""
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


def describe_profile(profile: Profile, *, with_tools: bool = False) -> Diagnosis:
    """What one call has shown of a model, in a line."""
    endpoint, dialect = fill_prices(profile.endpoint), profile.dialect
    name = f"{endpoint.name} at {endpoint.base_url}"
    if profile.problem and profile.is_passing:
        return Diagnosis(
            name="model",
            status="fail",
            detail=f"{name}: {profile.problem}",
            next_step="check [model] base_url and that the endpoint runs",
        )
    if profile.problem:
        sentence, _, step = profile.problem.partition("; ")
        return Diagnosis(name="model", status="fail", detail=sentence, next_step=step)
    kinds = {"schema": "JSON by schema", "json": "JSON", "fence": "JSON in a text"}
    facts = [kinds[dialect.format]]
    if with_tools:
        facts = ["tool calls"] if profile.calls_tools else ["no tool calls: asked for JSON steps"]
    facts += ["Responses API"] if dialect.api == "responses" else []
    facts += ["streams only"] if dialect.stream else []
    facts += ["it thinks first"] if profile.is_thinking else []
    facts += [f"{dialect.context_tokens:,} tokens of context"] if dialect.context_tokens else []
    if endpoint.prices_known:
        prices = (endpoint.usd_per_million_in, endpoint.usd_per_million_out)
        facts.append("${:g} and ${:g} per million tokens".format(*prices))
    if profile.cost.cost_usd:
        facts.append(f"this call ${profile.cost.cost_usd:.6f}")
    return Diagnosis(name="model", status="pass", detail=f"{name}: {', '.join(facts)}")


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


def examine_mail(config: Config) -> Diagnosis:
    """The mail server, by connecting to it."""
    if not config.mail.smtp:
        return Diagnosis(
            name="mail",
            status="note",
            detail="no server is configured; nobody is told of what healer cannot repair",
            next_step="set [mail] smtp, from and to in healer.toml",
        )
    problem = Outbox(Path(os.devnull), config.mail).check()
    if problem:
        return Diagnosis(
            name="mail",
            status="fail",
            detail=problem,
            next_step="check [mail] smtp; until then mails are kept, and sent later",
        )
    return Diagnosis(name="mail", status="pass", detail=config.mail.smtp)


def examine_disk(free_bytes: int, folder: Path) -> Diagnosis:
    """Whether there is room for images and for healer's own state."""
    free_mb = free_bytes // 1_000_000
    if free_mb < DISK_MB:
        return Diagnosis(
            name="disk",
            status="fail",
            detail=f"{free_mb} MB are free in {folder}",
            next_step=f"free at least {DISK_MB} MB; healer sandbox prune removes old images",
        )
    return Diagnosis(name="disk", status="pass", detail=f"{free_mb // 1000} GB are free")
