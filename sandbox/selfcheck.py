"""Tries to break out of the sandbox, as drafted code could, and says what held.

Most attempts run together in one container (`sandbox.inside.attempts`); those that flood or end a
container have one of their own. Every expected probe gives a result: one that did not report, or
could not be run, has not held. Belongs here: which attempts there are and how their answers are
read. Does not belong here: the attempts themselves.
"""

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path

from sandbox.contract import Sandbox
from sandbox.facts import Fact
from sandbox.job import Command, Job, Limits, Plan, TestPlan
from sandbox.report import Report
from sandbox.trees import tar

_ATTEMPTS = Path(__file__).parent / "inside" / "attempts"
_OUTPUT_CHARS = (1 << 20) + 200
_TIMEOUT_S = 60.0


class ProbeResult(Fact):
    """One attempt."""

    name: str
    """`group: what is tried`."""
    held: bool
    detail: str = ""
    """What got through; empty when it held."""


def self_check(sandbox: Sandbox) -> tuple[ProbeResult, ...]:
    """Runs every probe. Takes a few seconds. Never raises for what a probe finds."""
    return (*probes_in_one_container(sandbox), *(_flood(sandbox, name) for name in FLOODS))


def names() -> tuple[str, ...]:
    """All probes, in the order of the results."""
    return (*_inside_names(), *FLOODS)


def probes_in_one_container(sandbox: Sandbox) -> list[ProbeResult]:
    tree = tar({f"attempts/{file.name}": file.read_bytes() for file in _ATTEMPTS.glob("*.py")})
    plan = Plan(command=Command(argv=("python", "-m", "attempts")))
    report = sandbox.run(Job(tree=tree, plan=plan, limits=Limits(timeout_s=_TIMEOUT_S)))
    results = {result.name: result for result in _parse(report)}
    missing = _why_missing(report)
    return [
        results.get(name, ProbeResult(name=name, held=False, detail=missing))
        for name in _inside_names()
    ]


def _parse(report: Report) -> list[ProbeResult]:
    if report.fault or report.command is None:
        return []
    lines = report.command.stdout.splitlines()
    return [ProbeResult.model_validate(json.loads(line)) for line in lines if line[:1] == "{"]


def _why_missing(report: Report) -> str:
    if report.fault:
        return f"not run: {report.fault.message}"
    lines = report.command.stderr.strip().splitlines() if report.command else []
    return f"did not report: {lines[-1]}" if lines else "did not report"


@cache
def _inside_names() -> tuple[str, ...]:
    from sandbox.inside.attempts import PROBES  # noqa: PLC0415 - needed for a check only

    return tuple(PROBES)


class _Flood(Fact):
    """A program that abuses a container as a whole, and how the report must look then."""

    source: str
    timeout_s: float = 10.0
    second: str = ""
    """Run as a second step; must end with 0."""


_DAEMON = """
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        for fd in range(3): os.close(fd)
        for i in range(600):
            open('/dev/shm/alive', 'w').close(); open('/tmp/left', 'w').close()
            time.sleep(0.05)
    os._exit(0)
os.makedirs('/tmp/closed/in/side'); os.chmod('/tmp/closed/in', 0); os.chmod('/tmp/closed', 0)
open('/job/tree/second.py', 'w').write('')
time.sleep(0.2)
"""
_NOTHING_LEFT = """
import os, time
time.sleep(0.2)
others = [pid for pid in os.listdir('/proc') if pid.isdigit() and int(pid) not in (1, os.getpid())]
left = os.listdir('/dev/shm') + [name for name in os.listdir('/tmp') if name != 'home']
assert not others, others
assert not left, left
"""
_FORK_BOMB = """
import os
while True:
    try: os.fork()
    except OSError: pass
"""
_OOM = """
import os
if os.fork() == 0: held = [bytearray(1 << 20) for _ in range(4096)]
os.wait()
"""
_DEAF = "import signal, time\nsignal.signal(15, signal.SIG_IGN)\nwhile True: time.sleep(1)\n"
_ENDLESS = "import os\nblock = b'x' * 65536\nwhile True: os.write({fd}, block)\n"
_MEMFD = """
import os
fds = []
while True:
    fds.append(os.memfd_create('x')); os.write(fds[-1], b'x' * (1 << 20))
"""
_TMPFS = """
import os
for folder in ('/job/tree', '/tmp', '/dev/shm'):
    for index in range(40):
        try:
            with open(f'{folder}/f{index}', 'wb') as file: file.write(b'x' * (16 << 20))
        except OSError: break
print('alive')
"""

FLOODS: dict[str, _Flood] = {
    "processes: fork bomb": _Flood(source=_FORK_BOMB, timeout_s=1.5),
    "processes: daemon that outlives its step": _Flood(source=_DAEMON, second=_NOTHING_LEFT),
    "memory: a child alone takes it all": _Flood(source=_OOM),
    "memory: anonymous files": _Flood(source=_MEMFD),
    "memory: all file systems filled": _Flood(source=_TMPFS),
    "processor: wall clock with SIGTERM ignored": _Flood(source=_DEAF, timeout_s=1.0),
    "output: endless standard output": _Flood(source=_ENDLESS.format(fd=1), timeout_s=1.0),
    "output: endless standard error": _Flood(source=_ENDLESS.format(fd=2), timeout_s=1.0),
}


def _flood(sandbox: Sandbox, name: str) -> ProbeResult:
    flood = FLOODS[name]
    tree = tar({"first.py": flood.source.encode(), "second.py": flood.second.encode()})
    plan = Plan(
        command=Command(argv=("python", "first.py")),
        tests=TestPlan(command=("python", "second.py")) if flood.second else None,
    )
    report = sandbox.run(Job(tree=tree, plan=plan, limits=Limits(timeout_s=flood.timeout_s)))
    if report.fault:
        return ProbeResult(name=name, held=False, detail=f"not run: {report.fault.message}")
    detail = _EXPECTED[name](report)
    return ProbeResult(name=name, held=not detail, detail=detail)


def _check_clock(report: Report) -> str:
    is_held = report.command is not None and report.command.timed_out
    return "" if is_held else "the deadline did not end it"


def _check_memory(report: Report) -> str:
    is_held = report.command is not None and report.command.oom
    return "" if is_held else "the kernel's counter was not seen"


def _check_cap(report: Report) -> str:
    end = report.command
    if end is None or not end.timed_out:
        return "the deadline did not end it"
    longest = max(len(end.stdout), len(end.stderr))
    return "" if 0 < longest <= _OUTPUT_CHARS else f"{longest} characters came out"


def _check_nothing_left(report: Report) -> str:
    end = report.tests[0].ended if report.tests else None
    if end is None or end.exit_code != 0:
        return (end.stderr.strip() if end else "") or "the second step did not run"
    return ""


def _check_alive(report: Report) -> str:
    is_held = report.command is not None and report.command.stdout == "alive\n"
    return "" if is_held else "the step did not survive full file systems"


_EXPECTED: dict[str, Callable[[Report], str]] = {
    "processes: fork bomb": _check_clock,
    "processes: daemon that outlives its step": _check_nothing_left,
    "memory: a child alone takes it all": _check_memory,
    "memory: anonymous files": _check_memory,
    "memory: all file systems filled": _check_alive,
    "processor: wall clock with SIGTERM ignored": _check_clock,
    "output: endless standard output": _check_cap,
    "output: endless standard error": _check_cap,
}
