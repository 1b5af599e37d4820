"""Runs a program in a recorded world, in a process of its own on this machine."""

import json
import subprocess
import sys
from pathlib import Path

from sandbox.world import World

RUN = """if 1:
    import json, os, sys
    from sandbox.inside.world import stage
    report_fd = os.open(sys.argv[2], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    surroundings = stage.set_stage(json.loads(sys.argv[1]), report_fd, keep_ports=False)
    stage.prepare_environment(surroundings)
    os.execv(sys.executable, [sys.executable, "-c", sys.argv[3]])
"""
PROJECT = Path(__file__).parents[2]


class Played:
    """How a program in a world ended."""

    def __init__(self, done: "subprocess.CompletedProcess[str]", report: Path) -> None:
        self.code, self.out, self.err = done.returncode, done.stdout, done.stderr
        self.reports = [json.loads(line) for line in report.read_text().splitlines()]

    @property
    def missed(self) -> list[str]:
        return [report["missed"] for report in self.reports if "missed" in report]


def play(world: World, program: str, tmp_path: Path) -> Played:
    """The peers end with the program's process group."""
    report = tmp_path / "report.jsonl"
    text = json.dumps(world.model_dump(mode="json"))
    process = subprocess.Popen(
        [sys.executable, "-c", RUN, text, str(report), program],
        cwd=PROJECT,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(PROJECT), "TZ": "UTC"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        code = process.wait(timeout=60)
    finally:
        import contextlib
        import os
        import signal

        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    out, err = process.communicate()
    return Played(subprocess.CompletedProcess([], code, out, err), report)
