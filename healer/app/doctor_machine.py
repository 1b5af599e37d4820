"""What `healer doctor` looks at of the machine: the daemon and its unit, disks, images.

Belongs here: one function for each, with its next step. Does not belong here: what the
configuration names (`doctor`).
"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from healer.app.diagnosis import Diagnosis
from healer.engine.locks import find_holder, is_alive
from quarantine.repository import Repository
from sandbox import EngineStatus, SandboxError
from sandbox.prune import measure_images

DAEMON = "daemon"
SILENT_S = 300
"""After so long without a sign of life a daemon hangs: the watchdog's own limit is shorter."""
DISK_MB = 1_000
"""Free space below which a repair may fail: an image is about 100 MB, a state folder grows."""
OUTDATED_MB = 1_000
"""Of images that nothing needs, what is worth a word."""
_UNIT_KEYS = ("Id", "ActiveState", "UnitFileState", "Result", "WorkingDirectory", "ExecStart")
_LOOK_S = 5.0


class Unit(NamedTuple):
    """A unit of systemd that starts the daemon of this repository."""

    name: str
    state: str
    """`active`, `failed`, `inactive`, …"""
    is_enabled: bool
    """It starts with the machine."""
    result: str
    """Why it ended: `success`, `exit-code`, `watchdog`, …"""


def examine_daemon(repository: Repository, now: float) -> Diagnosis:
    """Who repairs what fails at night, and whether that comes back after a restart."""
    unit = find_unit(repository)
    if is_alive(repository.state_dir, DAEMON):
        return _describe_daemon(repository, unit, now)
    if unit is None:
        step = "healer daemon, or one of the forms in docs/systemd.md, cron.md and sidecar.md"
        detail = "none runs: what fails is recorded, and repaired by healer fix"
        return Diagnosis(name=DAEMON, status="note", detail=detail, next_step=step)
    step = f"journalctl -u {unit.name} -e" if unit.state == "failed" else ""
    why = f" ({unit.result})" if unit.result not in ("", "success") else ""
    return Diagnosis(
        name=DAEMON,
        status="note",
        detail=f"{unit.name} is {unit.state}{why}: what fails is recorded and not repaired",
        next_step=step or f"systemctl enable --now {unit.name}",
    )


def _describe_daemon(repository: Repository, unit: Unit | None, now: float) -> Diagnosis:
    pid = find_holder(repository.state_dir, DAEMON)
    starter = _find_starter(pid) if pid else ""
    words = f"runs{f' under {starter}' if starter else ''}"
    try:
        silent_s = now - (repository.state_dir / "alive").stat().st_mtime
    except OSError:
        silent_s = 0.0  # it has only just begun
    if silent_s > SILENT_S:
        return Diagnosis(
            name=DAEMON,
            status="note",
            detail=f"{words}, and has given no sign of life for {silent_s / 60:.0f} minutes",
            next_step="start it anew; scripts/watchdog does so by itself",
        )
    if unit and unit.state == "active" and not unit.is_enabled:
        step = f"systemctl enable {unit.name}"
        detail = f"{words}, and will not after a restart of the machine"
        return Diagnosis(name=DAEMON, status="note", detail=detail, next_step=step)
    return Diagnosis(name=DAEMON, status="pass", detail=words)


def _find_starter(pid: int) -> str:
    """Who keeps a process running, as its control group or its environment says."""
    process = Path("/proc", str(pid))
    try:
        if units := re.findall(r"([^/\n]+\.service)$", (process / "cgroup").read_text(), re.M):
            return str(units[-1])
        variables = (process / "environ").read_bytes().split(b"\0")
    except OSError:
        return ""
    start = b"SUPERVISOR_PROCESS_NAME="
    names = [each.removeprefix(start).decode() for each in variables if each.startswith(start)]
    return f"supervisord's {names[0]}" if names else ""


def find_unit(repository: Repository) -> Unit | None:
    """The unit of this machine's systemd whose daemon is that of this repository."""
    words = ["systemctl", "show", "--all", "--property", ",".join(_UNIT_KEYS), "healer*.service"]
    try:
        answer = subprocess.run(
            words, capture_output=True, text=True, check=False, timeout=_LOOK_S,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return None
    root = os.path.realpath(repository.root or repository.git_dir)
    for part in answer.stdout.split("\n\n"):
        unit = dict(line.split("=", 1) for line in part.splitlines() if "=" in line)
        if _serves(unit, root):
            return Unit(
                name=unit["Id"],
                state=unit.get("ActiveState", ""),
                is_enabled=unit.get("UnitFileState", "").startswith("enabled"),
                result=unit.get("Result", ""),
            )
    return None


def _serves(unit: Mapping[str, str], root: str) -> bool:
    """Whether it starts the daemon in this folder, by `--repo` or by where it starts."""
    words = re.sub(r".*argv\[\]=(.*?) ;.*", r"\1", unit.get("ExecStart", "")).split()
    if not unit.get("Id") or DAEMON not in words:
        return False
    options = words[words.index("--repo") + 1 :][:1] if "--repo" in words else []
    folder = (options or [unit.get("WorkingDirectory", "")])[0]
    return bool(folder) and os.path.realpath(folder) == root


def examine_disks(repository: Repository, engine: EngineStatus) -> Iterator[Diagnosis]:
    """Room for healer's own state, and for what Docker Engine keeps where that is elsewhere."""
    folder = repository.git_dir
    yield examine_disk(shutil.disk_usage(folder).free, folder)
    place = Path(engine.root)
    try:
        is_other = engine.root and place.stat().st_dev != folder.stat().st_dev
    except OSError:  # on another machine, or not for this user's eyes
        return
    if is_other:
        free = shutil.disk_usage(place).free
        yield examine_disk(free, place)


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
    detail = f"{free_mb // 1000} GB are free in {folder}"
    return Diagnosis(name="disk", status="pass", detail=detail)


def examine_images() -> Iterator[Diagnosis]:
    """What images take, and how much of it nothing needs; nothing where the engine is away, which
    is a line of its own."""
    try:
        images = measure_images()
    except SandboxError:
        return
    outdated_mb = images.outdated_bytes // 1_000_000
    detail = f"{images.count} of healer's take {images.size_bytes // 1_000_000} MB"
    if outdated_mb < OUTDATED_MB:
        yield Diagnosis(name="images", status="pass", detail=detail)
        return
    yield Diagnosis(
        name="images",
        status="note",
        detail=f"{detail}; nothing needs {images.outdated} of them, {outdated_mb} MB",
        next_step="healer sandbox prune; a daemon does so by itself",
    )
