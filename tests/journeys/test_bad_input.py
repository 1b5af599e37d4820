"""Bad input: one sentence that names what is wrong and the next step, the right exit code, and
the repository byte for byte as it was."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from healer.cli.edge import _explain as explain
from tests.journeys.conftest import Heal, Said, Snapshot
from tests.support.command_line import run_command
from tests.support.deadline import deadline
from tests.support.endpoint import (
    OPENAI_OLD,
    Reply,
    ScriptedEndpoint,
    answer,
    error,
    fix,
    rate_limited,
)
from tests.support.git import git

SALES = "scripts/daily_sales.py"
Change = Callable[[Path], object]


IMAGE_READY = "its image is ready"
"""Said where it took a while: it was built, or the machine is busy."""


def one_sentence(said: Said, code: int, *words: str) -> None:
    """The command said one line, on standard error, with these words in it."""
    assert said.code == code, said.err + said.out
    assert said.out == ""
    (line,) = (line for line in said.err.strip().splitlines() if IMAGE_READY not in line)
    assert line.startswith("healer: "), line
    assert "Traceback" not in line
    for word in words:
        assert word in line


def commit(shop: Path, path: str, content: bytes) -> None:
    (shop / path).write_bytes(content)
    git(shop, "add", path)
    git(shop, "commit", "-qm", "As it is now")


def edit(shop: Path, path: str, old: str, new: str) -> None:
    text = (shop / path).read_text()
    assert old in text
    commit(shop, path, text.replace(old, new).encode())


REFUSED: dict[str, tuple[Change, tuple[str, ...], int, tuple[str, ...]]] = {
    "outside": (lambda shop: None, ("../elsewhere.py",), 2, ("outside the repository",)),
    "folder": (lambda shop: None, ("scripts",), 2, ("is a folder", "name a script in it")),
    "near name": (lambda shop: None, ("scripts/daily_sale.py",), 2, (f"did you mean {SALES}?",)),
    "untracked": (
        lambda shop: (shop / "scripts/new.py").write_text("print(1)\n"),
        ("scripts/new.py",),
        2,
        ("not tracked by git", "git add scripts/new.py"),
    ),
    "uncommitted changes": (
        lambda shop: (shop / SALES).write_text("print(1)\n"),
        (SALES,),
        2,
        ("uncommitted changes", "commit or stash"),
    ),
    "binary": (
        lambda shop: commit(shop, SALES, b"print(1)\0\n"),
        (SALES,),
        2,
        ("binary file",),
    ),
    "not UTF-8": (
        lambda shop: commit(shop, SALES, b"name = '\xe9'\n"),
        (SALES,),
        2,
        ("is not text", "save it as UTF-8"),
    ),
    "empty": (lambda shop: commit(shop, SALES, b"\n"), (SALES,), 2, ("is empty",)),
    "no target branch": (
        lambda shop: git(shop, "branch", "-m", "trunk"),
        (SALES,),
        2,
        ("target branch 'main' does not exist", 'set target = "trunk"'),
    ),
    "healer.toml, syntax": (
        lambda shop: (shop / "healer.toml").write_text("target = \n"),
        (SALES,),
        2,
        ("healer.toml", "line 1"),
    ),
    "healer.toml, unknown key": (
        lambda shop: (shop / "healer.toml").write_text('autonomi = "off"\n'),
        (SALES,),
        2,
        ("unknown key autonomi", "did you mean autonomy?"),
    ),
    "healer.toml, wrong value": (
        lambda shop: (shop / "healer.toml").write_text("[sandbox]\nmemory_mb = 1\n"),
        (SALES,),
        2,
        ("sandbox.memory_mb = 1", "64"),
    ),
    "protected.toml, syntax": (
        lambda shop: commit(shop, "protected.toml", b"[[protect]\n"),
        (SALES,),
        2,
        ("protected.toml", "line 1"),
    ),
    "protected.toml, unknown key": (
        lambda shop: commit(shop, "protected.toml", b'[[protect]]\npathes = ["a"]\n'),
        (SALES,),
        2,
        ("protected.toml", "pathes", "paths"),
    ),
    "unknown failure": (
        lambda shop: None,
        (SALES, "--failure", "nosuchid"),
        2,
        ("nosuchid",),
    ),
    "failure and command": (
        lambda shop: None,
        (SALES, "--failure", "nosuchid", "--", "x"),
        2,
        ("--failure",),
    ),
    "model without configuration": (
        lambda shop: None,
        (SALES, "--drafter", "model", "--"),
        2,
        ("no model is configured", "[model] tiers"),
    ),
}


AS_TYPED = ("near name", "healer.toml, syntax", "protected.toml, unknown key")
"""Tried by the installed command; the others in this process, with the same edge around them."""


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_repaired_is_refused_before_anything_is_written(
    case: str, shop: Path, heal: Heal, snapshot: Snapshot, capsys: pytest.CaptureFixture[str]
) -> None:
    change, words, code, says = REFUSED[case]
    change(shop)
    before = snapshot(shop)
    if case in AS_TYPED:
        said = heal("fix", *words)
    else:
        answer = run_command("fix", *words, cwd=shop)
        assert isinstance(answer.error, Exception), answer
        said = Said(explain(answer.error), answer.out, capsys.readouterr().err)
    one_sentence(said, code, *says)
    assert snapshot(shop) == before


def test_without_a_repository_or_a_commit_there_is_nothing_to_repair(
    tmp_path: Path, heal: Heal
) -> None:
    one_sentence(heal("fix", "a.py", cwd=tmp_path), 3, "no git repository", "--repo")
    git(tmp_path, "init", "-q", "-b", "main")
    (tmp_path / "a.py").write_text("print(1)\n")
    one_sentence(heal("fix", "a.py", cwd=tmp_path), 3, "has no commit yet", "git commit")
    one_sentence(heal("status", "--repo", "no", cwd=tmp_path), 3, "does not exist")


def test_wrong_words_are_usage_with_a_hint(shop: Path, heal: Heal, snapshot: Snapshot) -> None:
    before = snapshot(shop)
    for words, hint in (
        (("fixx",), "Did you mean 'fix'?"),
        (("fix", SALES, "--atempts", "2"), "--attempts"),
        (("fix",), "SCRIPT"),
        (("fix", SALES, "--attempts", "0"), "0 is not in the range"),
        (("fix", SALES, "--budget", "-1"), "-1"),
        (("show", "zzz"), "there is no repair 'zzz'"),
        (("reject", "zzz"), "--reason"),
    ):
        said = heal(*words)
        assert (said.code, said.out) == (2, ""), words
        assert hint in said.err, words
    assert [path for path in snapshot(shop).keys() - before.keys() if "ledger" not in path] == []


@pytest.mark.docker
def test_the_repository_is_named_before_or_after_the_command_and_head_may_be_detached(
    shop: Path, heal: Heal, tmp_path: Path
) -> None:
    git(shop, "checkout", "-q", "--detach")
    head = git(shop, "rev-parse", "HEAD")
    said = heal("--repo", str(shop), "fix", str(shop / SALES), "--json", "--", cwd=tmp_path)
    assert said.json["outcome"] == "healed", said.err
    assert git(shop, "rev-parse", "HEAD") == head
    assert git(shop, "rev-parse", "main") == said.json["merged"]
    assert heal("log", "--json", "--repo", str(shop), cwd=tmp_path).json[-1]["outcome"] == "healed"
    piped = subprocess.run(  # the reader goes away after the first line
        f"{sys.executable} -m healer log | head -1; exit ${{PIPESTATUS[0]}}",
        shell=True, executable="/bin/bash", cwd=shop, capture_output=True, text=True, check=False,
        env=os.environ | {"NO_COLOR": "1"},
    )  # fmt: skip
    assert (piped.returncode, piped.stderr) == (0, "")
    with Path("/dev/full").open("w") as full:
        to_full = subprocess.run(
            [sys.executable, "-m", "healer", "log"], cwd=shop, stdout=full,
            stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    assert (to_full.returncode, to_full.stderr) == (
        3,
        "healer: the disk is full; free some space\n",
    )


@pytest.mark.docker
def test_without_docker_nothing_is_begun_and_a_recorded_failure_waits_for_it(
    shop: Path, heal: Heal, snapshot: Snapshot
) -> None:
    before = snapshot(shop)
    gone = {"DOCKER_HOST": "unix:///nowhere/docker.sock"}
    one_sentence(heal("fix", SALES, "--", **gone), 3, "Docker Engine does not answer", "start it")
    assert snapshot(shop) == before
    assert heal("run", "--", "python3", SALES).code == 1
    waits = heal("daemon", "--once", **gone)
    assert (waits.code, "Docker Engine does not answer" in waits.err) == (3, True), waits.err
    assert heal("doctor", **gone).code == 3
    assert heal("daemon", "--once").code == 0
    assert heal("log", "--json").json[-1]["outcome"] == "healed"


@pytest.fixture
def tiny(shop: Path, tmp_path: Path) -> Iterator[Path]:
    """The shop on a disk of 1 MB of its own, which only root can mount."""
    disk = tmp_path / "tiny"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)]
    if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("mounting a disk takes root")
    shutil.copytree(shop, disk / "shop")
    yield disk
    with deadline():  # git's readers end a moment after the command that started them
        while subprocess.run(["umount", str(disk)], check=False).returncode != 0:
            time.sleep(0.05)


def test_a_full_or_read_only_disk_is_named_and_nothing_is_lost(
    tiny: Path, heal: Heal, snapshot: Snapshot
) -> None:
    shop = tiny / "shop"
    before = snapshot(shop)
    with suppress(OSError), (tiny / "fill").open("wb", buffering=0) as file:
        while file.write(b"x" * 1024):
            pass
    one_sentence(heal("fix", SALES, "--", cwd=shop), 3, "the disk is full", "free some space")
    (tiny / "fill").unlink()
    shutil.rmtree(shop / ".git/healer", ignore_errors=True)
    subprocess.run(["mount", "-o", "remount,ro", str(tiny)], check=True)
    one_sentence(heal("fix", SALES, "--", cwd=shop), 3, "read-only")
    assert snapshot(shop) == before


@pytest.mark.docker
def test_an_image_that_cannot_be_built_says_which_line(shop: Path, heal: Heal) -> None:
    edit(shop, "healer.toml", "[sandbox]", '[sandbox]\nimage = "Dockerfile"')
    commit(shop, "Dockerfile", b"FROM scratch\nRUMBLE\n")
    before = git(shop, "for-each-ref")
    one_sentence(heal("fix", SALES, "--"), 3, "Dockerfile", "RUMBLE")
    one_sentence(heal("sandbox", "build"), 3, "Dockerfile", "RUMBLE")
    assert git(shop, "for-each-ref") == before


UNUSABLE: dict[str, tuple[Reply, ...]] = {
    "rate limit": (rate_limited(),),
    "server error": (error(500, "worker died"),),
    "cut off": (Reply(content='{"decision": "fi', finish_reason="length"),),
    "malformed JSON": (Reply(content="Sure, I can help with that!"),),
    "broken connection": (Reply(content=answer(), cut_after_bytes=40),),
}


@pytest.mark.docker
def test_a_model_that_answers_badly_costs_no_fix_and_the_reason_is_said(
    shop: Path, heal: Heal
) -> None:
    edit(shop, SALES, 'row["unitprice"]', 'row["quantity"].price')
    model = '[model]\ntiers = ["small-model"]\ntimeout_s = 5\n'
    edit(shop, "healer.toml", "[tests]", f"{model}[tests]")
    good = fix(SALES, 'row["quantity"].price', 'row["unit_price"]')
    words = ("fix", SALES, "--drafter", "model", "--json", "--")
    key = {"OPENAI_API_KEY": "sk-test"}

    said = heal(*words, OPENAI_BASE_URL="http://127.0.0.1:9/v1", **key)
    one_sentence(said, 3, "http://127.0.0.1:9: Connection error", "stays open")
    assert [row["script"] for row in heal("status", "--json").json["repairs"]] == [SALES]

    with ScriptedEndpoint(replies=[Reply(refusal="I cannot help.", keep=True)]) as endpoint:
        said = heal(*words, OPENAI_BASE_URL=endpoint.base_url, **key)
    assert (said.code, said.json["outcome"]) == (1, "gave_up"), said.out + said.err
    assert "the model declined: I cannot help" in said.json["reason"]

    bad = [reply for replies in UNUSABLE.values() for reply in replies]
    with ScriptedEndpoint(replies=[*bad, good, good], profile=OPENAI_OLD) as endpoint:
        for _ in range(4):
            said = heal(*words, OPENAI_BASE_URL=endpoint.base_url, **key)
            if said.json["outcome"] == "healed":
                break
            assert (said.code, said.json["outcome"]) == (1, "gave_up"), said.out + said.err
            assert said.json["reason"]
    assert said.json["outcome"] == "healed", said.out + said.err


@pytest.mark.docker
def test_an_interrupted_repair_goes_on_and_two_at_once_are_one(
    shop: Path, environment: dict[str, str], heal: Heal
) -> None:
    def start() -> "subprocess.Popen[str]":
        # A shell that starts the tests in the background lets its children ignore the signal.
        heard = signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            return subprocess.Popen(
                [sys.executable, "-m", "healer", "fix", SALES, "--"], cwd=shop, env=environment,
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            )  # fmt: skip
        finally:
            signal.signal(signal.SIGINT, heard)

    before = git(shop, "rev-parse", "main")
    first = start()
    assert first.stderr is not None
    said = (line for line in first.stderr if IMAGE_READY not in line)
    assert "first use here" in next(said)
    assert "baseline" in next(said)
    first.send_signal(signal.SIGINT)
    out, err = first.communicate(timeout=30)
    assert (first.returncode, out) == (130, "")
    assert err.splitlines()[-1] == (
        "healer: interrupted; nothing is lost, the same command goes on where it was"
    )
    assert git(shop, "rev-parse", "main") == before

    both = [start(), start()]
    ended = [each.communicate(timeout=200) for each in both]
    assert [each.returncode for each in both] == [0, 0], ended
    assert all("healed" in out for out, _ in ended), ended
    assert git(shop, "rev-list", "--count", f"{before}..main") == "1"
    repairs = {entry["repair"] for entry in heal("log", "--json").json}
    assert len(repairs) == 1


@pytest.mark.docker
def test_no_budget_means_no_call(shop: Path, heal: Heal) -> None:
    tier = '{model = "small-model", usd_per_million_in = 1, usd_per_million_out = 4}'
    edit(shop, "healer.toml", "[tests]", f"[model]\ntiers = [{tier}]\n[tests]")
    with ScriptedEndpoint() as endpoint:
        more = {"OPENAI_BASE_URL": endpoint.base_url, "OPENAI_API_KEY": "sk-test"}
        spent = heal("fix", SALES, "--drafter", "model", "--budget", "0", "--json", "--", **more)
    assert (spent.code, spent.json["outcome"]) == (1, "gave_up"), spent.out
    assert "budget" in spent.json["reason"]
    assert endpoint.requests == []
