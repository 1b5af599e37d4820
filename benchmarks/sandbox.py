"""What the sandbox costs, and whether it leaves anything behind.

    python -m benchmarks.sandbox [--rounds 11] [--jobs 1000] [--kills 100]

Belongs here: the figures of the sandbox. Warm and cold: from handing over a job that asks for
nothing to its report. Gate: syntax, lint, the failing command and two runs of 60 tests (the second
in random order, sentinels woven in both) of a generated project of 20 modules; against the same
five checks as bare processes on this machine, and as one hardened-by-flags `docker run` each, taken
in turn within this run. The bare runs have pytest's plugin autoload off, as ours have. Medians,
and the least, which a busy machine disturbs less; ratios of one run are comparable.
"""

import argparse
import json
import os
import platform
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from sandbox import Command, DockerSandbox, Job, Plan, TestPlan, engine_status, sweep
from sandbox.engine import connect
from sandbox.session import new_session
from sandbox.trees import tar

MODULES, TESTS_PER_MODULE = 20, 3
_CLIENT = """
import sys
from benchmarks.sandbox import project
from sandbox import Command, DockerSandbox, Job, Plan
from sandbox.trees import tar
sandbox = DockerSandbox(sys.argv[1], session=sys.argv[2], pool_size=2)
print("up", flush=True)
job = Job(tree=tar(project()), plan=Plan(command=Command(argv=("python", "main.py"))))
while True:
    sandbox.run(job)
"""


def project() -> dict[str, bytes]:
    """20 modules of ten functions, and three tests for each module."""
    files = {"package/__init__.py": "", "main.py": "from package.m1 import f1\n\nprint(f1(1))\n"}
    for module in range(MODULES):
        functions = [f"def f{n}(x):\n    return x * {n} + {module}\n" for n in range(10)]
        files[f"package/m{module}.py"] = "\n\n".join(functions)
        tests = [
            f"def test_f{n}():\n    assert f{n}(2) == {2 * n + module}\n"
            for n in range(TESTS_PER_MODULE)
        ]
        head = f"from package.m{module} import f0, f1, f2\n\n\n"
        files[f"tests/test_m{module}.py"] = head + "\n\n".join(tests)
    return {path: text.encode() for path, text in files.items()}


def gate() -> Job:
    files = project()
    python_files = tuple(sorted(files))
    plan = Plan(
        compile=python_files,
        lint=python_files,
        command=Command(argv=("python", "main.py")),
        tests=TestPlan(seeds=(None, 1)),
    )
    return Job(tree=tar(files), plan=plan)


def time_of(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def run(sandbox: DockerSandbox, job: Job) -> None:
    report = sandbox.run(job)
    assert report.fault is None, report.fault
    for tests in report.tests:
        assert len(tests.results) == MODULES * TESTS_PER_MODULE
        assert tests.sentinels_failed == tests.sentinels
        assert tests.consistent


def checks(python: str, ruff: str) -> list[list[str]]:
    """The same five checks as separate commands."""
    pytest = [python, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    names = sorted(project())
    return [
        [python, "-m", "py_compile", *names],
        [ruff, "check", "--isolated", "--select", "E9,F", "--no-cache", *names],
        [python, "main.py"],
        pytest,
        pytest,
    ]


def bare(folder: Path) -> None:
    ruff = str(Path(sys.executable).with_name("ruff"))
    environment = {"PATH": os.environ["PATH"], "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    for argv in checks(sys.executable, ruff):
        subprocess.run(argv, cwd=folder, env=environment, check=True, capture_output=True)


def one_container_each(folder: Path, image: str, python: str) -> None:
    flags = ["--rm", "--network=none", "--read-only", "--cap-drop=ALL", "--pids-limit=128"]
    flags += ["--security-opt=no-new-privileges", "--memory=512m", "--tmpfs=/tmp", "--label=healer"]
    flags += ["-e", "PYTEST_DISABLE_PLUGIN_AUTOLOAD=1", "-e", "PYTHONPYCACHEPREFIX=/tmp/cache"]
    flags += ["-v", f"{folder}:/job/tree:ro", "-w", "/job/tree"]
    for argv in checks(python, "/opt/healer/bin/ruff"):
        process = subprocess.run(
            ["docker", "run", *flags, image, *argv], check=False, capture_output=True
        )
        assert process.returncode == 0, process.stdout[-500:] + process.stderr[-500:]


def warm(sandbox: DockerSandbox, job: Job) -> float:
    assert sandbox.warm_up()
    return time_of(lambda: run(sandbox, job))


def speed(rounds: int) -> list[tuple[str, str, str]]:
    nothing = Job(tree=b"", plan=Plan())
    whole = gate()
    samples: dict[str, list[float]] = {
        name: [] for name in ("warm", "cold", "gate", "bare", "each")
    }
    with (
        tempfile.TemporaryDirectory() as scratch,
        DockerSandbox(pool_size=1) as warm_box,
        DockerSandbox(warm_box.image) as cold_box,
    ):
        folder = Path(scratch)
        for path, content in project().items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)
        python = _python_of(warm_box.image)
        for _ in range(rounds):
            samples["warm"].append(warm(warm_box, nothing))
            samples["cold"].append(time_of(lambda: run(cold_box, nothing)))
            samples["gate"].append(warm(warm_box, whole))
            samples["bare"].append(time_of(lambda: bare(folder)))
            samples["each"].append(
                time_of(lambda: one_container_each(folder, warm_box.image, python))
            )
    return [
        ("warm, empty check", _row(samples["warm"]), "≤ 25 ms"),
        ("cold, empty check", _row(samples["cold"]), "≤ 250 ms"),
        ("gate of 20 modules and 60 tests, warm", _row(samples["gate"]), ""),
        ("  the same checks bare on the host", _row(samples["bare"]), ""),
        ("  gate / bare", _ratio(samples["gate"], samples["bare"]), "≤ 1.0"),
        ("  the same, one docker run each", _row(samples["each"]), ""),
        ("  that / gate", _ratio(samples["each"], samples["gate"]), "≥ 4"),
    ]


def _row(seconds: list[float]) -> str:
    return f"{statistics.median(seconds) * 1000:.1f} ms (least {min(seconds) * 1000:.1f})"


def _ratio(one: list[float], other: list[float]) -> str:
    medians = statistics.median(one) / statistics.median(other)
    return f"{medians:.2f} (of the least {min(one) / min(other):.2f})"


def _python_of(image: str) -> str:
    client = connect()
    label = client.inspect_image(image)["Config"]["Labels"]["healer.python"]  # type: ignore[no-untyped-call,unused-ignore]  # by the stubs' version
    client.close()
    return str(label)


def leftovers(jobs: int) -> list[tuple[str, str, str]]:
    """Counts what many jobs in a row leave: containers, volumes, files, descriptors, memory."""
    job = Job(tree=tar(project()), plan=Plan(command=Command(argv=("python", "main.py"))))
    sandbox = DockerSandbox(pool_size=2)
    for _ in range(20):
        run(sandbox, job)
    before = _holdings(sandbox)
    start = time.perf_counter()
    for _ in range(jobs):
        run(sandbox, job)
    seconds = time.perf_counter() - start
    after = _holdings(sandbox)
    sandbox.close()
    containers = len(_containers(sandbox.session))
    growth = ", ".join(
        f"{name} {after[name] - before[name]:+d}" for name in before if after[name] != before[name]
    )
    text = f"{containers} containers; {growth or 'nothing else'}; {jobs / seconds:.1f} jobs/s"
    return [(f"{jobs} jobs in a row leave", text, "nothing")]


def _holdings(sandbox: DockerSandbox) -> dict[str, int]:
    """Counted while the pool is full and nothing is under way."""
    sandbox.warm_up()
    time.sleep(1)
    client = connect()
    volumes = len(client.volumes()["Volumes"] or [])
    client.close()
    temporary = list(Path(tempfile.gettempdir()).glob("healer-image-*"))
    return {
        "volumes": volumes,
        "descriptors": len(list(Path("/proc/self/fd").iterdir())),
        "temporary files": len(temporary),
        "peak MiB of the client": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10,
    }


def _containers(session: str) -> list[str]:
    client = connect()
    containers = client.containers(all=True, filters={"label": [f"healer.session={session}"]})
    client.close()
    return [container["Id"] for container in containers]


def kills(times: int) -> list[tuple[str, str, str]]:
    """Kills a busy client at random moments; looks five seconds later."""
    with DockerSandbox() as sandbox:
        image = sandbox.image
    sessions: list[str] = []
    for _ in range(times):
        sessions.append(new_session())
        argv = [sys.executable, "-c", _CLIENT, image, sessions[-1]]
        client = subprocess.Popen(argv, stdout=subprocess.PIPE)
        assert client.stdout is not None
        client.stdout.readline()
        time.sleep(random.random())
        client.kill()
        client.wait()
        client.stdout.close()
    time.sleep(5)
    leftovers = [session for session in sessions if _containers(session)]
    for session in leftovers:
        sweep(only_session=session)
    return [(f"kill -9 of the client, {times} times, then 5 s", f"{len(leftovers)} left", "0 left")]


def machine() -> str:
    status = engine_status()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 30
    load = os.getloadavg()[0]
    return (
        f"{os.cpu_count()} CPUs, {memory} GiB, {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}, Docker Engine {status.version}, "
        f"cgroup {status.cgroup_version}, load {load:.1f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("--jobs", type=int, default=1000)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    where = machine()
    rows = speed(options.rounds) if options.rounds else []
    rows += leftovers(options.jobs) if options.jobs else []
    rows += kills(options.kills) if options.kills else []
    if options.json:
        print(json.dumps({"machine": where, "rows": rows}))
        return
    print(where)
    for name, value, aim in rows:
        print(f"{name:48} {value:>44}   {aim}")


if __name__ == "__main__":
    main()
