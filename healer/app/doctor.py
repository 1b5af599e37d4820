"""What `healer doctor` looks at: everything outside healer that a repair needs.

Belongs here: the order, and one function for each thing of the machine and the repository, with its
next step. Does not belong here: Docker and the image (`doctor_sandbox`), models (`doctor_models`),
mail and trust (`doctor_people`), daemon and disks (`doctor_machine`), the suite on this machine
(`suite`).
"""

import os
import sqlite3
import time
from collections.abc import Generator, Iterator
from pathlib import Path

from healer.app.agent import examine_hub
from healer.app.configuration import read_configuration, read_settings
from healer.app.diagnosis import Diagnosis
from healer.app.doctor_machine import examine_daemon, examine_disks, examine_images
from healer.app.doctor_models import examine_drafts, examine_models, examine_prices
from healer.app.doctor_people import (
    examine_channels,
    examine_mail,
    examine_mailbox,
    examine_signing,
    examine_trust,
)
from healer.app.doctor_sandbox import examine_engine, examine_sandbox
from healer.app.state import open_ledger
from healer.app.suite import examine_suite
from healer.config import Config, ConfigError
from healer.daemon.tasks.telemetry import names_endpoint
from healer.forge.api import ForgeError
from healer.forge.forges import open_forge
from healer.support.extras import install_step, is_installed
from healer.support.postgres import explain, is_of_database, mask
from healer.survey.expiries import describe_soon, find_expiries
from quarantine.errors import RepositoryError
from quarantine.protection import Protection
from quarantine.remote import remote_url, upstream_of
from quarantine.repository import Repository
from sandbox import EngineStatus, engine_status


def diagnose(start: Path, *, with_suite: bool = False) -> Iterator[Diagnosis]:
    """Every thing as soon as it is known, in the order in which one would mend them; the suite,
    which takes longest, is last."""
    try:
        repository = Repository.open(start)
    except RepositoryError as error:
        yield Diagnosis(name="git", status="fail", detail=str(error))
        return
    yield Diagnosis(name="git", status="pass", detail=f"repository {repository.root}")
    try:
        config = read_configuration(repository)
        trust = examine_trust(repository, config)
    except ConfigError as error:
        yield from _examine_job_machine(repository, error)
        return
    yield trust
    status, image = engine_status(), ""
    if trust.status != "fail":
        image = yield from _examine_configured(repository, config, status)
    yield from examine_telemetry(names_endpoint(os.environ), is_here=is_installed("otel"))
    yield from examine_expiries(repository.root, time.time())
    yield examine_daemon(repository, time.time())
    yield from examine_disks(repository, status)
    if status.ok:
        yield from examine_images()
    if with_suite:
        yield from examine_suite(repository, config, image)


def _examine_job_machine(repository: Repository, error: ConfigError) -> Iterator[Diagnosis]:
    """Where the configuration cannot be read as a whole: a machine with an agent and without the
    state's variable repairs nothing, which is no fault."""
    try:
        config = read_settings(repository)
        trust = examine_trust(repository, config)
    except ConfigError:
        yield Diagnosis(name="config", status="fail", detail=str(error))
        return
    is_agent = config.agent.hub and os.environ.get(config.agent.token_env)
    yield Diagnosis(name="config", status="note" if is_agent else "fail", detail=str(error))
    if is_agent:
        yield trust
        if trust.status != "fail":
            yield from examine_hub(repository, config)


def _examine_configured(
    repository: Repository, config: Config, status: EngineStatus
) -> Generator[Diagnosis, None, str]:
    """What the configuration names, which may be an address or a command, so it has to be
    allowed; gives the tag of the sandbox's image, empty where there is none."""
    image = ""
    yield examine_target(repository, config)
    yield examine_state(repository, config)
    yield from examine_forge(repository, config)
    yield from examine_hub(repository, config)
    yield examine_engine(status)
    if status.ok:
        image = yield from examine_sandbox(repository, config)
    yield from examine_models(config, repository)
    if config.model.tiers and is_installed("model"):
        yield examine_prices(config)
        yield examine_drafts(config)
    yield examine_mail(config)
    yield from examine_channels(config, os.environ)
    yield from examine_mailbox(config)
    yield from examine_signing(repository)
    return image


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
    paths = set(repository.tree(tip).paths())
    unknown = [job.script for job in config.job if job.script not in paths]
    if unknown:
        return Diagnosis(
            name="config",
            status="note",
            detail=f"[[job]] names what {config.target} does not have: {', '.join(unknown)}",
            next_step="correct script in healer.toml, or commit it; it is relative to the root",
        )
    return Diagnosis(name="config", status="pass", detail=f"fixes go to {config.target}")


def examine_forge(repository: Repository, config: Config) -> Iterator[Diagnosis]:
    """Whether pull requests and issues can be asked for, where they are wanted; without, fixes wait
    here."""
    if config.push != "pr" and not config.forge.issues:
        return
    upstream = upstream_of(repository, config.target)
    url = remote_url(repository, upstream.remote) if upstream else ""
    try:
        open_forge(config.forge, url, os.environ).find("quarantine/doctor")
        yield Diagnosis(name="forge", status="pass", detail="it answers")
    except ForgeError as error:
        yield Diagnosis(name="forge", status="note", detail=str(error))


def examine_telemetry(is_named: bool, *, is_here: bool) -> Iterator[Diagnosis]:
    """Whether ended repairs can be told, where an OpenTelemetry endpoint is named."""
    if not is_named:
        return
    if is_here:
        detail = "the daemon tells ended repairs to the OTLP endpoint"
        yield Diagnosis(name="telemetry", status="pass", detail=detail)
        return
    yield Diagnosis(
        name="telemetry",
        status="note",
        detail="an OTLP endpoint is named, but its library is not installed: nothing is told",
        next_step=f"{install_step('otel')}, or set OTEL_SDK_DISABLED=true",
    )


def examine_expiries(root: Path | None, now: float) -> Iterator[Diagnosis]:
    """Certificates and tokens of the working folder: the jobs that use them fail when they end."""
    expiries = find_expiries(root) if root else ()
    if soon := describe_soon(expiries, now):
        step = "renew them before: a job that uses one fails that night, and no fix of code helps"
        yield Diagnosis(name="expiry", status="note", detail=soon, next_step=step)
    elif expiries:
        detail = f"{expiries[0].name} is the first that ends, on {expiries[0].day}"
        yield Diagnosis(name="expiry", status="pass", detail=detail)


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
