"""What a program finds around it, and that a second run finds other things."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sandbox import Command, DockerSandbox, Job, Plan, TestPlan
from sandbox.surroundings import USUAL, VARIED, surroundings_of
from tests.sandbox.trees import tar_of
from tests.support.git import write_files

PROBE = """\
import datetime, getpass, json, locale, os, pathlib, socket, sys, tempfile, time


def look():
    return {
        "hash": hash("healer"),
        "zone": time.tzname,
        "locale": os.environ.get("LC_ALL") or os.environ.get("LANG"),
        "folder": os.getcwd(),
        "file": __file__,
        "home": str(pathlib.Path.home()),
        "user": getpass.getuser(),
        "host": socket.gethostname(),
        "temporary": tempfile.gettempdir(),
        "day": [datetime.date.today().day, time.strftime("%d"), datetime.datetime.now().day],
        "processors": os.cpu_count(),
    }


if __name__ == "__main__":
    print(json.dumps(look()))
"""
TEST = """\
import json, subprocess, sys
import probe


def test_look():
    child = subprocess.run([sys.executable, "probe.py"], capture_output=True, text=True).stdout
    raise ValueError("<" + json.dumps([probe.look(), json.loads(child)]) + ">")
"""


def test_first_and_second_runs_share_no_value_and_none_of_the_names_of_this_machine() -> None:
    assert surroundings_of(is_varied=False) == USUAL
    assert surroundings_of(is_varied=True) == VARIED
    for field in ("hostname", "folder", "tree"):
        assert getattr(USUAL, field) != getattr(VARIED, field)
    shared = dict(USUAL.environment[i].split("=", 1) for i in range(len(USUAL.environment)))
    other = dict(VARIED.environment[i].split("=", 1) for i in range(len(VARIED.environment)))
    same = {name for name in shared if shared[name] == other.get(name)}
    assert same == {"PYTHONDONTWRITEBYTECODE"}


@pytest.mark.docker
def test_the_second_run_and_its_children_differ_in_all_of_it(docker_sandbox: DockerSandbox) -> None:
    command = Command(argv=("python", "probe.py"))
    plan = Plan(command=command, tests=TestPlan(seeds=(None, 1), sentinels=False))
    report = docker_sandbox.run(Job(tree=tar_of({"probe.py": PROBE, "test_p.py": TEST}), plan=plan))
    assert report.command is not None
    assert report.varied_command is not None
    usual, varied = (json.loads(end.stdout) for end in (report.command, report.varied_command))
    assert {name for name in usual if usual[name] == varied[name]} == set()
    for run, expected in zip(report.tests, (usual, varied), strict=True):
        (result,) = run.results
        text = result.detail
        found = json.loads(text[text.rindex("<[") + 1 : text.rindex("]>") + 1])
        for each in found:
            assert {**each, "file": ""} == {**expected, "file": ""}


@pytest.mark.docker
def test_names_of_nothing_but_an_ordinary_job_stand_in_the_environment(
    docker_sandbox: DockerSandbox,
) -> None:
    main = "import os, sys\nprint(*os.environ, *os.environ.values(), os.getcwd(), *sys.argv)\n"
    for is_varied in (False, True):
        job = Job(
            tree=tar_of({"main.py": main}),
            plan=Plan(command=Command(argv=("python", "main.py"))),
            is_varied=is_varied,
        )
        end = docker_sandbox.run(job).command
        assert end is not None
        assert end.exit_code == 0
        assert not [word for word in ("healer", "sandbox") if word in end.stdout.lower()]


LOOKS = """\
import gc, json, locale, logging, os, resource, signal, sys, threading, time, warnings

before = sorted(sys.modules)
# The checkout is on the path where healer is installed from it for development: outside it holds
# the package, in the image nothing but the environment, and in /tmp it is not there at all.
rest = [p for p in sys.path[1:] if p != os.path.dirname(sys.prefix)]
looks = {
    "name": __name__,
    "file": os.path.relpath(__file__),
    "argv": sys.argv,
    "orig_argv": [os.path.basename(word) for word in getattr(sys, "orig_argv", [])],
    "path": [os.path.relpath(sys.path[0]), len(rest), [p for p in rest if "healer_" in p]],
    "modules": [name for name in before if "heal" in name or "trac" in name or "pytest" in name],
    "finders": [getattr(each, "__name__", type(each).__name__) for each in sys.meta_path],
    "hooks": [sys.gettrace(), sys.getprofile(), threading.active_count(), len(sys.path_hooks)],
    "standard hooks": [sys.excepthook is sys.__excepthook__, sys.stdout is sys.__stdout__],
    "streams": [sys.stdin.isatty(), sys.stdout.isatty(), sys.stdout.encoding, sys.stdin.read(1)],
    "flags": [sys.flags.dev_mode, sys.flags.isolated, sys.flags.no_site, sys.flags.optimize],
    "handlers": [len(logging.root.handlers), signal.getsignal(signal.SIGTERM) is signal.SIG_DFL],
    "descriptors": sorted(int(fd) for fd in os.listdir("/proc/self/fd"))[:3],
    "mask": os.umask(0o022),
    "limits": [gc.isenabled(), gc.get_threshold(), sys.getrecursionlimit()],
    "warnings": len(warnings.filters),
    "clock": [time.timezone, abs(time.time() - float(sys.argv[1])) < 60],
    "builtins": [open.__module__, print.__module__, type(__builtins__).__name__],
    "writable": [os.access(".", os.W_OK), os.path.exists(os.path.expanduser("~"))],
}
print(json.dumps(looks))
"""


@pytest.mark.docker
def test_a_script_sees_in_its_process_what_it_sees_outside(
    docker_sandbox: DockerSandbox, tmp_path: Path
) -> None:
    words = ("jobs/look.py", str(time.time()))
    write_files(tmp_path, {"jobs/look.py": LOOKS})
    outside = subprocess.run(
        [sys.executable, *words],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "LANG": "C.UTF-8", "TZ": "UTC"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=True,
    )
    plan = Plan(command=Command(argv=("python", *words)))
    end = docker_sandbox.run(Job(tree=tar_of({"jobs/look.py": LOOKS}), plan=plan)).command
    assert end is not None
    assert end.exit_code == 0, end.stderr
    assert json.loads(end.stdout) == json.loads(outside.stdout)
