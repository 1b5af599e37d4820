"""A healed job's failed run is done again, as it was, once at most; and what came of it is said."""

import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from healer.daemon.daemon import Daemon
from healer.daemon.tasks.end_probations import EndProbations
from healer.ledger.rows import Entry, RepairRow
from healer.repair.rerun import START_S, Reruns
from healer.watch.inbox import Inbox
from healer.watch.pause import pause, resume
from healer.watch.runner import run_log
from healer.watch.runner.options import RunOptions
from healer.watch.runner.run import run as run_job
from tests.support.command_line import signals_kept
from tests.support.git import git
from tests.support.shop import BROKEN, SCRIPT, Shop, shop
from tests.support.smtp import Server, smtp_server

JOB = (
    "import os, sys\n"
    'open("ran.txt", "a").write(f"{sys.argv[1:]} {os.getcwd()} {os.environ.get(\'REGION\')}\\n")\n'
)
BROKEN_JOB = f"{JOB}{BROKEN}"
AFTER_HEAL = {"script": SCRIPT, "rerun": "after-heal"}


@contextmanager
def broken_shop(folder: Path, job: dict[str, Any], **settings: Any) -> Iterator[Shop]:
    with shop(folder, job=[job], **settings) as here:
        (folder / SCRIPT).write_text(BROKEN_JOB)
        git(folder, "commit", "-qam", "Say that it ran")
        yield here


def fail(here: Shop, *args: str, cwd: Path | None = None) -> None:
    """The job fails under `healer run`, in another folder, and with a variable of its own."""
    before = Path.cwd()
    os.environ["REGION"] = "at"
    os.chdir(cwd or here.folder)
    try:
        command = (sys.executable, str(here.folder / SCRIPT), *args)
        with signals_kept():
            assert run_job(RunOptions(command, str(here.folder))) == 1
    finally:
        os.chdir(before)
        del os.environ["REGION"]


def runs(here: Shop, cwd: Path | None = None) -> list[str]:
    file = (cwd or here.folder) / "ran.txt"
    return file.read_text().splitlines() if file.exists() else []


def ends(here: Shop, row: RepairRow) -> list[tuple[str, str]]:
    entries = here.services.ledger.entries(row.id)
    return [(e.outcome, e.detail) for e in entries if e.kind == "rerun_end"]


def mail_to(server: Server) -> dict[str, Any]:
    return {
        "smtp": server.url + "?starttls=false",
        "from": "h@example.com",
        "to": ["a@example.com"],
    }


def test_the_failed_run_is_done_again_as_it_was_and_counts_for_probation(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    with (
        smtp_server() as server,
        broken_shop(tmp_path / "shop", AFTER_HEAL, mail=mail_to(server), probation_runs=1) as here,
    ):
        fail(here, "--day", "2026-03-01", cwd=elsewhere)
        row = here.merged()
        first, second = runs(here, elsewhere)
        assert first == second == f"['--day', '2026-03-01'] {elsewhere} at"
        (end,) = ends(here, row)
        assert end[0] == "good"
        assert end[1].startswith("re-ran at ")
        assert "re-ran at" in server.taken[-1].part("plain")
        assert "was done again" in server.taken[-1].part("plain")
        with Daemon(here.services, here.state) as daemon:
            EndProbations(here.services, daemon.orphans).run(time.time())
        assert here.services.ledger.has_entry(row.id, "probation")
        life = here.services.incidents.list_life(row.incident)
        assert [m.detail for m in life if m.event == "rerun"] == [end[1]]
        Reruns(here.services, is_attended=False).finish()
        assert len(runs(here, elsewhere)) == 2


def test_nothing_is_done_again_unless_its_owner_says_so(tmp_path: Path) -> None:
    with broken_shop(tmp_path / "shop", {"script": SCRIPT}) as here:
        fail(here)
        row = here.merged()
        assert (len(runs(here)), ends(here, row)) == (1, [])


@pytest.mark.parametrize(("which", "again"), [("last", ["b"]), ("all", ["a", "b"])])
def test_of_several_failed_runs_the_last_or_each_different_one(
    tmp_path: Path, which: str, again: list[str]
) -> None:
    with broken_shop(tmp_path / "shop", {**AFTER_HEAL, "catch_up": which}) as here:
        for word in ("a", "b", "b"):
            fail(here, word)
        row = here.merged()
        assert [line[2] for line in runs(here)[3:]] == again
        assert [outcome for outcome, _ in ends(here, row)] == ["good"] * len(again)


def test_a_re_run_that_fails_takes_the_fix_out(tmp_path: Path) -> None:
    with broken_shop(tmp_path / "shop", AFTER_HEAL) as here:
        with (here.folder / SCRIPT).open("a") as script:
            script.write('print(PRICES["coffee"])\n')
        git(here.folder, "commit", "-qam", "Another fault, far from the first")
        fail(here)
        row = here.merged()
        assert ends(here, row)[0][0] == "failed"
        place = f'File "{SCRIPT}", line 8, in <module>\n    print(PRICES["coffee"])\n'
        here.break_fix(f"Traceback (most recent call last):\n  {place}KeyError: 'coffee'\n")
        with Daemon(here.services, here.state) as daemon:
            daemon.drain()
        after = here.services.ledger.repair(row.id)
        assert after.outcome == "reverted"
        assert "the failed run was done again with it, and failed again" in after.reason
        assert len(runs(here)) == 2


def test_what_runs_already_or_is_paused_waits_and_what_ran_well_needs_nothing(
    tmp_path: Path,
) -> None:
    with broken_shop(tmp_path / "shop", AFTER_HEAL) as here:
        fail(here)
        reruns = Reruns(here.services, is_attended=False)
        mark = run_log.mark_start(here.state, SCRIPT, time.time())
        row = here.merged()
        assert not reruns.look(time.time())
        mark.unlink()
        pause(here.state, SCRIPT, "Ada", time.time())
        assert not reruns.look(time.time())
        resume(here.state, SCRIPT)
        failed = Inbox(here.state).find_newest(SCRIPT)
        assert failed is not None
        good = run_log.LoggedRun(SCRIPT, here.tip, 0, time.time(), 0.1)
        good.command = run_log.digest_of(failed.argv)
        run_log.append(here.state, good)
        assert not reruns.look(time.time())
        assert (len(runs(here)), ends(here, row)) == (1, [])


def test_a_checkout_that_has_not_followed_runs_nothing(tmp_path: Path) -> None:
    with broken_shop(tmp_path / "shop", AFTER_HEAL) as here:
        fail(here)
        git(here.folder, "checkout", "-qb", "feature")
        row = here.merged()
        assert (len(runs(here)), ends(here, row)) == (1, [])
        git(here.folder, "checkout", "-q", "main")
        Reruns(here.services, is_attended=False).finish()
        assert [outcome for outcome, _ in ends(here, row)] == ["good"]


def change_record(here: Shop, change: Callable[[dict[str, Any]], object]) -> None:
    (path,) = (here.state / "kept").glob("*.json")
    record = json.loads(path.read_text())
    change(record)
    path.write_text(json.dumps(record))


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda r: r.update(cwd="/nowhere"), "its folder /nowhere is there no more"),
        (lambda r: r["environment_names"].append("BANK_KEY"), "BANK_KEY of its environment"),
        (lambda r: r["argv"].append("<REDACTED:token:1>"), "its command holds a secret"),
        (lambda r: r.update(stdin="PFJFREFDVEVEOnRva2VuOjE+"), "its standard input holds a secret"),
    ],
)
def test_what_cannot_be_done_again_as_it_was_is_told_once_and_not_tried(
    tmp_path: Path, change: Callable[[dict[str, Any]], object], why: str
) -> None:
    with (
        smtp_server() as server,
        broken_shop(tmp_path / "shop", AFTER_HEAL, mail=mail_to(server)) as here,
    ):
        fail(here)
        row = here.fix()
        change_record(here, change)
        assert here.decide("approve", row.repair).done
        merged = here.services.ledger.repair(row.repair)
        assert ends(here, merged) == []  # a person's command leaves it to the daemon
        for _ in range(2):
            Reruns(here.services, is_attended=False).finish()
        ((outcome, detail),) = ends(here, merged)
        assert (outcome, len(runs(here))) == ("not run", 1)
        assert why in detail
        said = [mail.part("plain") for mail in server.taken if why in mail.part("plain")]
        assert len(said) == 1


def test_a_start_that_a_crash_cut_off_is_never_made_again_and_is_told(tmp_path: Path) -> None:
    with broken_shop(tmp_path / "shop", AFTER_HEAL) as here:
        fail(here)
        failed = Inbox(here.state).find_newest(SCRIPT)
        assert failed is not None
        (here.state / "paused.json").write_text("[")  # nothing is started now
        row = here.fix()
        (here.state / "paused.json").unlink()
        pause(here.state, SCRIPT, "Ada", 0.0)
        git(here.folder, "checkout", "-qb", "feature")
        resume(here.state, SCRIPT)
        assert here.decide("approve", row.repair).done
        git(here.folder, "checkout", "-q", "main")
        claim = Entry(
            repair=row.repair, kind="rerun", number=1, outcome="started", inputs=failed.id
        )
        assert here.services.ledger.claim(claim)
        assert not here.services.ledger.claim(claim)
        reruns, now = Reruns(here.services, is_attended=False), time.time()
        assert reruns.look(now)
        assert reruns.look(now + START_S - 1)
        assert not reruns.look(now + START_S)
        assert not reruns.look(now + 2 * START_S)
        merged = here.services.ledger.repair(row.repair)
        ((outcome, detail),) = ends(here, merged)
        assert (outcome, len(runs(here))) == ("unknown", 1)
        assert "it was cut off" in detail


def test_a_re_run_outlives_who_started_it_and_probation_waits_for_its_end(tmp_path: Path) -> None:
    with broken_shop(tmp_path / "shop", AFTER_HEAL, probation_h=0.001) as here:
        text = BROKEN_JOB.replace("import os, sys\n", "import os, sys, time\n")
        (here.folder / SCRIPT).write_text(
            text + "while not os.path.exists('go'):\n    time.sleep(0.02)\n"
        )
        git(here.folder, "commit", "-qam", "Wait")
        fail(here)
        git(here.folder, "checkout", "-qb", "feature")
        row = here.merged()
        git(here.folder, "checkout", "-q", "main")
        killed = Reruns(here.services, is_attended=False)
        assert killed.look(time.time())
        with Daemon(here.services, here.state) as daemon:
            EndProbations(here.services, daemon.orphans).run(row.updated_at + 3_600)
        assert not here.services.ledger.has_entry(row.id, "probation")
        other = Reruns(here.services, is_attended=False)
        while SCRIPT not in run_log.read_running(here.state):
            time.sleep(0.02)
        assert other.look(time.time() + 2 * START_S)
        (here.folder / "go").touch()
        other.finish()
        assert [outcome for outcome, _ in ends(here, row)] == ["good"]
        (child,) = killed._children.values()
        child.wait(60)
        killed.finish()
        assert len(ends(here, row)) == 1


def test_a_re_run_that_is_killed_is_told_and_not_started_anew(tmp_path: Path) -> None:
    with broken_shop(tmp_path / "shop", AFTER_HEAL) as here:
        (here.folder / SCRIPT).write_text(f"{BROKEN_JOB}import time\ntime.sleep(600)\n")
        git(here.folder, "commit", "-qam", "Wait")
        fail(here)
        git(here.folder, "checkout", "-qb", "feature")
        row = here.merged()
        git(here.folder, "checkout", "-q", "main")
        reruns = Reruns(here.services, is_attended=False)
        assert reruns.look(time.time())
        (child,) = reruns._children.values()
        while SCRIPT not in run_log.read_running(here.state):
            time.sleep(0.02)
        child.send_signal(signal.SIGKILL)
        child.wait(60)
        reruns.finish()
        assert [outcome for outcome, _ in ends(here, row)] == ["unknown"]
        assert reruns.look(time.time()) is False
