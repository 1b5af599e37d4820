"""The forms of healer beside an app: each is what its schema says, and what can be started here is.

Belongs here: `scripts/sidecar/`. Does not belong here: systemd's units (`test_systemd_units.py`),
the watchdog (`test_watchdog.py`).
"""

import configparser
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from tests.docs.test_commands import check
from tests.support.daemon_process import until
from tests.support.git import make_repository

PROJECT = Path(__file__).parents[2]
FORMS = PROJECT / "scripts" / "sidecar"
MANIFESTS = list(yaml.safe_load_all((FORMS / "kubernetes.yaml").read_text()))
COMPOSE = yaml.safe_load((FORMS / "compose.yaml").read_text())


def read_pod() -> dict[str, Any]:
    (deployment,) = [each for each in MANIFESTS if each["kind"] == "Deployment"]
    pod: dict[str, Any] = deployment["spec"]["template"]["spec"]
    return pod


def test_compose_takes_the_file() -> None:
    words = ["check_jsonschema", "--builtin-schema", "vendor.compose-spec", "compose.yaml"]
    done = subprocess.run(
        [sys.executable, "-m", *words], cwd=FORMS, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("manifest", MANIFESTS, ids=lambda manifest: manifest["kind"])
def test_kubernetes_takes_the_manifest(manifest: dict[str, Any]) -> None:
    kubernetes_validate.validate(manifest, "1.30", strict=True)


def test_a_manifest_with_a_wrong_key_is_refused() -> None:
    wrong = {**MANIFESTS[0], "specs": {}}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, "1.30", strict=True)


def test_app_and_healer_see_the_repository_under_one_path() -> None:
    """A traceback names files as the app sees them."""
    app, healer = (COMPOSE["services"][name] for name in ("app", "healer"))
    assert app["working_dir"] == "/srv/app"
    assert {".:/srv/app"} <= set(app["volumes"]) & set(healer["volumes"])
    mounts = {
        each["name"]: {mount["name"]: mount["mountPath"] for mount in each["volumeMounts"]}
        for each in read_pod()["containers"]
    }
    assert mounts["app"]["repository"] == mounts["healer"]["repository"] == "/srv/app"
    assert mounts["healer"]["engine"] == mounts["engine"]["engine"]
    assert "repository" not in mounts["engine"]


def test_healer_itself_has_no_privilege() -> None:
    healer = COMPOSE["services"]["healer"]
    assert (healer["read_only"], healer["cap_drop"]) == (True, ["ALL"])
    assert "privileged" not in healer
    (pod,) = [each for each in read_pod()["containers"] if each["name"] == "healer"]
    security = pod["securityContext"]
    assert security["allowPrivilegeEscalation"] is False
    assert security["capabilities"] == {"drop": ["ALL"]}
    assert pod["securityContext"]["readOnlyRootFilesystem"] is True


def test_what_the_forms_start_is_a_command() -> None:
    text = (FORMS / "Dockerfile").read_text()
    (default,) = re.findall(r'^CMD \["(\w+)"\]$', text, re.MULTILINE)
    check(f"healer {default}")
    (pod,) = [each for each in read_pod()["containers"] if each["name"] == "healer"]
    assert pod["args"] == [default]


def write_supervision(home: Path, repo: Path) -> Path:
    """The file as it would be edited: its paths, no other user, a socket, quick starts."""
    text = (FORMS / "supervisord.conf").read_text()
    program = Path(sys.executable).parent / "healer"
    for old, new in (
        ("/opt/healer/bin/healer", str(program)),
        ("/opt/healer/share/healer/watchdog", str(PROJECT / "scripts" / "watchdog")),
        ("/srv/app", str(repo)), ("/var/log", str(home)), ("/home/healer", str(home)),
        ("user=healer\n", ""), ("startsecs=5", "startsecs=0"),
    ):  # fmt: skip
        assert old in text
        text = text.replace(old, new)
    configuration = home / "supervisord.conf"
    configuration.write_text(
        f"[supervisord]\nnodaemon=true\nlogfile={home}/supervisord.log\npidfile={home}/pid\n{text}"
    )
    return configuration


@contextmanager
def supervise(configuration: Path) -> Iterator[None]:
    with subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "supervisor.supervisord", "-c", str(configuration)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    ) as process:  # fmt: skip
        try:
            yield
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait()


@pytest.mark.docker
def test_supervisord_starts_the_daemon_again_and_stops_it(tmp_path: Path) -> None:
    repo = make_repository(tmp_path / "repo", {"scripts/x.py": "print(1)\n"})
    sign_of_life = repo / ".git" / "healer" / "alive"

    def read_starts() -> list[int]:
        log = tmp_path / "supervisord.log"
        text = log.read_text() if log.exists() else ""
        return [int(pid) for pid in re.findall(r"spawned: 'healer' with pid (\d+)", text)]

    with supervise(write_supervision(tmp_path, repo)):
        until(sign_of_life.exists)
        (first,) = read_starts()
        os.kill(first, signal.SIGKILL)
        sign_of_life.unlink()
        until(sign_of_life.exists)
    first, second = read_starts()
    assert not Path(f"/proc/{second}").exists()


def test_wrong_configuration_is_not_started_again_for_ever() -> None:
    settings = configparser.RawConfigParser(inline_comment_prefixes=None, comment_prefixes=(";",))
    settings.read(FORMS / "supervisord.conf")
    program = settings["program:healer"]
    assert (program["autorestart"], program["exitcodes"]) == ("unexpected", "0,2")
