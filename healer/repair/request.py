"""From what a person or the daemon asks to a request that is known to be sound.

Belongs here: every refusal that needs no sandbox, in the order in which a user would want to
hear them. Does not belong here: running anything. Nothing is written before all is well.
"""

import hashlib
import json
import secrets
from pathlib import Path
from tokenize import detect_encoding
from typing import Literal

from healer.config import Config
from healer.facts.errors import UsageError
from healer.facts.repair import Request
from healer.failure import Failure
from healer.ledger.rows import RepairRow
from healer.ledger.store import Ledger
from healer.support.clock import SYSTEM_CLOCK, Clock
from healer.support.suggestion import nearest
from healer.watch.checkout import name_inside
from quarantine.protection import Protection
from quarantine.repository import Repository

OTHER_LANGUAGES = (".js", ".mjs", ".ts", ".rb", ".pl", ".php", ".sh", ".bash", ".go", ".rs", ".r")
MAX_SCRIPT_BYTES = 1_000_000
"""A script larger than this was not written by a person."""


def relative_to_repository(repository: Repository, script: str, cwd: Path) -> str:
    """The script's repository-relative path, looked for from `cwd` and then from the root.

    One that exists nowhere is still named, for the refusal that tells what there is. Raises
    UsageError when it lies outside.
    """
    root = repository.root
    if root is None:
        return Path(script).as_posix()
    name = name_inside(script, cwd, root)
    if name is None:
        raise UsageError(f"{script} lies outside the repository {root}; name a script inside it")
    return name


def check_script(repository: Repository, script: str, base: str) -> None:
    """Raises UsageError unless the script is a committed, unchanged Python file."""
    tree = repository.tree(base)
    data = tree.read(script)
    if data is None:
        raise UsageError(_why_missing(repository, tree.paths(), script))
    if repository.is_modified(script):
        raise UsageError(
            f"{script} has uncommitted changes; commit or stash them first, so that healer "
            "repairs what you see"
        )
    if b"\0" in data:
        raise UsageError(f"{script} is a binary file; healer repairs Python source")
    if not data.strip():
        raise UsageError(f"{script} is empty; there is nothing to repair")
    if len(data) > MAX_SCRIPT_BYTES:
        raise UsageError(f"{script} has {len(data)} bytes; at most {MAX_SCRIPT_BYTES} are read")
    _must_be_text(script, data)


def _is_other_language(script: str, data: bytes) -> bool:
    """By its end, or by its first line where that names another program than Python."""
    if script.endswith((".py", ".pyw")):
        return False
    first_line = data.partition(b"\n")[0]
    if first_line.startswith(b"#!"):
        return b"python" not in first_line
    return script.endswith(OTHER_LANGUAGES)


def _why_missing(repository: Repository, paths: tuple[str, ...], script: str) -> str:
    path = repository.root / script if repository.root else None
    on_disk = path is not None and path.exists()
    if path is not None and path.is_dir():
        return f"{script} is a folder; name a script in it"
    if on_disk and not repository.is_tracked(script):
        return f"{script} is not tracked by git; type: git add {script} && git commit"
    if on_disk:
        return f"{script} is not in the target branch's newest commit; commit it there first"
    close = nearest(script, paths)
    return f"there is no {script} in the repository" + (
        f"; did you mean {close}?" if close else "; name a script that git tracks"
    )


def _must_be_text(script: str, data: bytes) -> None:
    try:
        encoding, _ = detect_encoding(iter(data.splitlines(keepends=True)).__next__)
        data.decode(encoding)
    except (SyntaxError, UnicodeDecodeError, LookupError) as error:
        raise UsageError(
            f"{script} is not text in its declared encoding ({error}); save it as UTF-8"
        ) from error


def base_commit(repository: Repository, config: Config) -> str:
    """The tip of the target branch. Raises UsageError when there is no such branch."""
    tip = repository.tip(config.target)
    if tip is None:
        current = repository.branch()
        hint = f'set target = "{current}" in healer.toml' if current else "create it"
        raise UsageError(f"the target branch {config.target!r} does not exist; {hint}")
    return tip


def build_request(
    repository: Repository,
    config: Config,
    script: str,
    *,
    failure: Failure | None = None,
    command: tuple[str, ...] = (),
    merge: bool = True,
    drafter: Literal["auto", "rules", "model"] = "auto",
    attempts: int | None = None,
    budget_usd: float | None = None,
    pull_request: bool = False,
    clock: Clock = SYSTEM_CLOCK,
) -> Request:
    """A sound request. Raises UsageError, ConfigError or RepositoryError."""
    base = base_commit(repository, config)
    check_script(repository, script, base)
    if failure is None and _is_other_language(script, repository.tree(base).read(script) or b""):
        raise UsageError(f"{script} is no Python program; healer repairs Python source")
    Protection.load(repository.tree(base))
    return Request(
        repair=secrets.token_hex(4),
        script=script,
        target=config.target,
        base=base,
        failure=failure,
        command=command,
        merge=merge,
        drafter=drafter,
        attempts=attempts or config.model.max_attempts,
        budget_usd=budget_usd,
        pull_request=pull_request or config.push == "pr",
        opened_at=int(clock.now()),
    )


def find_or_open(ledger: Ledger, request: Request) -> tuple[RepairRow, bool]:
    """The open repair that does what is asked, or a new one; and whether it is new."""
    return ledger.open_repair(request, _key(request))


def _key(request: Request) -> str:
    """The same for the same wish: one incident has one open repair, whatever the branch does
    meanwhile."""
    failure = request.failure
    what = [failure.fingerprint] if failure else [json.dumps(request.command), request.base]
    proposal = [request.proposal.model_dump_json()] if request.proposal else []
    whole = "\n".join([request.script, request.target, *what, *proposal])
    return hashlib.sha256(whole.encode()).hexdigest()[:32]
