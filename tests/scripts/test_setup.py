"""`scripts/setup` prints its own lines only, and what a tool says where that one fails."""

import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

SETUP = Path(__file__).parents[2] / "scripts" / "setup"


def write_tool(path: Path, text: str) -> None:
    """A program that stands in the place of one that setup starts."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout in which all is set up already."""
    root = tmp_path / "checkout"
    (root / "scripts").mkdir(parents=True)
    shutil.copy(SETUP, root / "scripts")
    write_tool(root / ".venv/bin/healer", "echo built; echo warned >&2")
    write_tool(tmp_path / "bin/docker", "exit 0")
    (root / "requirements.lock").write_text("x\n")
    (root / ".venv/requirements.lock.installed").write_text("x\n")
    return root


def run_setup(root: Path) -> "subprocess.CompletedProcess[str]":
    path = f"{root.parent / 'bin'}:{os.environ['PATH']}"
    return subprocess.run(
        [root / "scripts/setup"], env={"PATH": path, "TMPDIR": str(root.parent)},
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=30,
    )  # fmt: skip


def test_where_all_is_there_it_says_nothing_and_leaves_no_file(checkout: Path) -> None:
    done = run_setup(checkout)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert not list(checkout.parent.glob("setup.*"))


def test_a_tool_that_fails_is_heard_and_named(checkout: Path) -> None:
    write_tool(checkout / ".venv/bin/healer", "echo 'no space left' >&2; exit 1")
    done = run_setup(checkout)
    assert done.returncode == 3
    assert done.stderr.splitlines() == [
        "no space left", "setup: failed, see above: .venv/bin/healer sandbox build",
    ]  # fmt: skip


def test_without_a_python_it_says_which_is_needed(checkout: Path) -> None:
    (checkout / "requirements.lock").write_text("y\n")
    tools = checkout.parent / "bin"
    for name in ("sh", "dirname", "mktemp", "cmp", "rm", "git"):
        (tools / name).symlink_to(shutil.which(name) or name)
    done = subprocess.run(
        [checkout / "scripts/setup"], env={"PATH": str(tools)}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 3
    assert done.stderr.startswith("setup: Python 3.11 or newer is needed")


@pytest.mark.skipif(Path("/run/systemd/system").is_dir(), reason="systemd starts it here")
def test_the_engine_that_it_starts_keeps_no_output_open(checkout: Path) -> None:
    """Whoever reads what setup prints until its end must not wait for the engine's."""
    is_up, pid = checkout.parent / "up", checkout.parent / "pid"
    write_tool(checkout.parent / "bin/docker", f"test -e '{is_up}'")
    write_tool(checkout.parent / "bin/dockerd", f"echo $$ >'{pid}'; touch '{is_up}'; exec sleep 60")
    done = run_setup(checkout)
    os.kill(int(pid.read_text()), signal.SIGKILL)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "setup: starting Docker Engine\n")
