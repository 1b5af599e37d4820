"""The systemd units: systemd takes them, and what they start exists."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
UNITS = PROJECT / "scripts" / "systemd"
NAMES = sorted(path.name for path in UNITS.iterdir())


def test_every_unit_is_there() -> None:
    assert NAMES == [
        "healer-agent.service",
        "healer-failed@.service",
        "healer-watchdog.service",
        "healer-watchdog.timer",
        "healer-worker.service",
        "healer.service",
    ]


@pytest.mark.parametrize("name", [name for name in NAMES if name.endswith(".service")])
def test_what_a_unit_starts_exists(name: str) -> None:
    text = (UNITS / name).read_text()
    (command,) = re.findall(r"^ExecStart=/opt/healer/(\S+)(.*)$", text, re.MULTILINE)
    if command[0] == "scripts/watchdog":
        assert os.access(PROJECT / command[0], os.X_OK)
        return
    words = [
        word
        for word in command[1].split()
        if word in ("agent", "daemon", "report", "worker", "--unit")
    ]
    known = [sys.executable, "-m", "healer", words[0], "--help"]
    done = subprocess.run(known, capture_output=True, text=True, cwd=PROJECT, check=True)
    assert all(option in done.stdout for option in words[1:])


@pytest.mark.parametrize("name", NAMES)
def test_systemd_takes_the_unit(name: str, tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("systemd-analyze is not installed")
    for each in NAMES:  # the installed paths need not exist where this runs
        text = re.sub(r"/opt/healer/\S+", "/bin/true", (UNITS / each).read_text())
        (tmp_path / each).write_text(text)
    unit = name.replace("@.", "@sync.service.")
    shutil.copy(tmp_path / name, tmp_path / unit) if unit != name else None
    done = subprocess.run(
        [analyze, "verify", str(tmp_path / unit)], capture_output=True, text=True, check=False
    )
    said = [line for line in done.stderr.splitlines() if "healer" in line]
    assert (done.returncode, said) == (0, []), done.stderr
