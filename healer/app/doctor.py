"""What `healer doctor` looks at: everything outside healer that a repair needs.

Belongs here: one function for each thing, with its next step. Does not belong here: repairing it.
"""

import os
import shutil
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from healer.app.build import configuration, image_config, new_sandbox
from healer.config import Config, ConfigError
from healer.draft.llm.endpoint.settings import endpoints
from healer.failure import Fact
from healer.notify.outbox import Outbox
from quarantine.errors import RepositoryError
from quarantine.protection import Protection
from quarantine.remote import upstream_of
from quarantine.repository import Repository
from sandbox import SandboxError, engine_status, self_check
from sandbox.image import build_image

DISK_MB = 1_000
"""Free space below which a repair may fail: an image is about 100 MB, a state folder grows."""
TIMEOUT_S = 5.0


class Line(Fact):
    """One thing that was looked at."""

    name: str
    status: Literal["pass", "note", "fail"]
    """`note`: a repair can run without it."""
    detail: str
    next_step: str = ""


def examine_all(start: Path) -> tuple[Line, ...]:
    """Every line, in the order in which one would mend them."""
    return tuple(_lines(start))


def _lines(start: Path) -> Iterator[Line]:
    try:
        repository = Repository.open(start)
    except RepositoryError as error:
        yield Line(name="git", status="fail", detail=str(error))
        return
    yield Line(name="git", status="pass", detail=f"repository {repository.root}")
    try:
        config = configuration(repository)
    except ConfigError as error:
        yield Line(name="config", status="fail", detail=str(error))
        return
    yield _config(repository, config)
    yield from _sandbox(repository, config)
    yield from _models(config)
    yield _mail(config)
    yield _disk(repository.git_dir)


def _config(repository: Repository, config: Config) -> Line:
    tip = repository.tip(config.target)
    if tip is None:
        known = ", ".join(repository.branches()[:5])
        return Line(
            name="config",
            status="fail",
            detail=f"the target branch {config.target!r} does not exist",
            next_step=f"set target in healer.toml to one of: {known}",
        )
    try:
        Protection.load(repository.tree(tip))
    except RepositoryError as error:
        return Line(name="config", status="fail", detail=str(error))
    if config.push and upstream_of(repository, config.target) is None:
        return Line(
            name="config",
            status="fail",
            detail=f"push = true, but {config.target} has no remote",
            next_step="git remote add origin URL, or set push = false",
        )
    return Line(name="config", status="pass", detail=f"fixes go to {config.target}")


def _sandbox(repository: Repository, config: Config) -> Iterator[Line]:
    status = engine_status()
    if not status.ok:
        yield Line(name="docker", status="fail", detail=status.problem)
        return
    yield Line(name="docker", status="pass", detail=f"Docker Engine {status.version}")
    root = repository.root or repository.git_dir
    try:
        tag = build_image(image_config(config, repository, root))
        yield Line(name="image", status="pass", detail=tag)
        yield _isolation(config, repository, root)
    except SandboxError as error:
        yield Line(name="image", status="fail", detail=str(error))


def _isolation(config: Config, repository: Repository, root: Path) -> Line:
    box = new_sandbox(config, repository, root)
    try:
        results = self_check(box)
    finally:
        box.close()
    open_probes = [result.name for result in results if not result.held]
    if open_probes:
        return Line(
            name="isolation",
            status="fail",
            detail=f"not held: {', '.join(open_probes)}",
            next_step="healer sandbox check shows each; update Docker Engine or set a runtime",
        )
    return Line(name="isolation", status="pass", detail=f"all {len(results)} probes held")


def _models(config: Config) -> Iterator[Line]:
    found = endpoints(config.model, os.environ)
    if not found:
        yield Line(
            name="model",
            status="note",
            detail="none is configured; repairs use rules and search",
            next_step="set [model] tiers and base_url in healer.toml",
        )
    for url in dict.fromkeys(each.base_url for each in found):
        yield _reached(url)


def _reached(url: str) -> Line:
    """Any HTTP answer counts: it is the way there that is looked at, not the key."""
    try:
        with urllib.request.urlopen(f"{url.rstrip('/')}/models", timeout=TIMEOUT_S):  # noqa: S310
            return Line(name="model", status="pass", detail=url)
    except urllib.error.HTTPError:
        return Line(name="model", status="pass", detail=f"{url} answers")
    except (OSError, ValueError) as error:
        return Line(
            name="model",
            status="fail",
            detail=f"{url}: {getattr(error, 'reason', error)}",
            next_step="check [model] base_url and that the endpoint runs",
        )


def _mail(config: Config) -> Line:
    if not config.mail.smtp:
        return Line(
            name="mail",
            status="note",
            detail="no server is configured; nobody is told of what healer cannot repair",
            next_step="set [mail] smtp, from and to in healer.toml",
        )
    problem = Outbox(Path(os.devnull), config.mail).check()
    if problem:
        return Line(
            name="mail",
            status="fail",
            detail=problem,
            next_step="check [mail] smtp; until then mails are kept, and sent later",
        )
    return Line(name="mail", status="pass", detail=config.mail.smtp)


def _disk(folder: Path) -> Line:
    free_mb = shutil.disk_usage(folder).free // 1_000_000
    if free_mb < DISK_MB:
        return Line(
            name="disk",
            status="fail",
            detail=f"{free_mb} MB are free in {folder}",
            next_step=f"free at least {DISK_MB} MB; healer sandbox prune removes old images",
        )
    return Line(name="disk", status="pass", detail=f"{free_mb // 1000} GB are free")
