"""`push = true`: what waits is pushed for review, what is merged is pushed first, with a lease."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from healer.app import doctor
from healer.engine import workflows
from healer.facts.draft import Spent
from healer.facts.progress import Progress
from healer.judge import Check
from healer.repair import land
from healer.repair.provenance import describe_merge, push_statement
from healer.repair.run import run_decision
from healer.watch.pause import pause
from quarantine.attestation import STATEMENTS
from tests.support.git import git
from tests.support.ledger_rows import add_ends
from tests.support.repair_facts import attempt_of, verdict_of
from tests.support.shop import BROKEN, FIXED, SCRIPT, Shop, commit, shop

FROZEN = "#!/bin/sh\nwhile read old new ref; do\n  [ $ref != refs/heads/main ] || exit 1\ndone\n"


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Shop]:
    """A shop whose main follows a bare repository, and that is to push."""
    with shop(tmp_path / "shop", push=True) as made:
        git(tmp_path, "clone", "-q", "--bare", "shop", "shared.git")
        git(made.folder, "remote", "add", "origin", str(tmp_path / "shared.git"))
        git(made.folder, "push", "-q", "-u", "origin", "main")
        yield made


@pytest.fixture
def shared(here: Shop) -> Path:
    """What the others see."""
    return here.folder.parent / "shared.git"


def test_a_waiting_fix_can_be_fetched_and_its_merge_is_on_both_sides(
    here: Shop, shared: Path
) -> None:
    waiting = here.fix()
    assert (waiting.outcome, waiting.pushed) == ("review", "pushed to origin")
    assert git(shared, "rev-parse", str(waiting.branch)) == waiting.commit
    decided = here.decide("approve", waiting.repair)
    assert decided.done, decided.reason
    assert git(shared, "rev-parse", "main") == here.tip == decided.merged
    assert git(here.folder, "status", "-sb", "--porcelain") == "## main...origin/main"
    taken_out = here.decide("rollback", waiting.repair)
    assert taken_out.done, taken_out.reason
    assert git(shared, "rev-parse", "main") == here.tip == taken_out.merged
    assert git(shared, "show", f"main:{SCRIPT}") == BROKEN.strip()


def read_statements(folder: Path) -> str:
    return git(folder, "for-each-ref", STATEMENTS)


def test_what_is_merged_on_both_sides_has_its_statement_on_both_sides(
    here: Shop, shared: Path
) -> None:
    row = here.merged()
    assert here.decide("rollback", row.id).done
    assert len(read_statements(here.folder).splitlines()) == 2
    assert read_statements(shared) == read_statements(here.folder)


def test_a_remote_that_takes_no_statement_has_the_fix_all_the_same(
    here: Shop, shared: Path
) -> None:
    hook = shared / "hooks" / "pre-receive"
    hook.write_text('#!/bin/sh\nread old new ref; [ "${ref#refs/heads/}" != "$ref" ]\n')
    hook.chmod(0o755)
    news: list[Progress] = []
    services = replace(here.services, progress=news.append)
    row = here.merged()
    assert git(shared, "rev-parse", "main") == here.tip
    assert read_statements(shared) == ""
    assert row.request is not None
    push_statement(describe_merge(row.request, "fix", "Ada"), here.tip, services)
    (note,) = news
    assert (note.repair, note.step, note.state) == (row.id, "statement", "note")
    assert "pre-receive hook declined" in note.detail
    assert note.detail.endswith(f"git push origin '{STATEMENTS}*'")


def test_a_remote_that_moved_gets_the_fix_on_top_checked_again(here: Shop, shared: Path) -> None:
    repair = here.fix().repair
    git(here.folder.parent, "clone", "-q", "shared.git", "anna")
    theirs = commit(here.folder.parent / "anna", "other.py", "x = 1\n")
    git(here.folder.parent / "anna", "push", "-q")
    before, jobs = here.tip, len(here.sandbox.jobs)
    decided = here.decide("approve", repair)
    assert decided.done, decided.reason
    assert git(shared, "rev-parse", "main") == decided.merged
    assert git(shared, "rev-parse", "main~1") == theirs
    assert len(here.sandbox.jobs) > jobs + 1  # on the old tip, and on the new one
    assert here.tip == before
    assert "main on origin has the fix; here it was left alone" in decided.checkout
    assert decided.checkout.endswith("git pull")
    git(here.folder, "pull", "-q", "--ff-only")
    assert (here.folder / SCRIPT).read_text() == FIXED


def test_a_remote_that_refuses_keeps_the_fix_waiting_and_is_quoted(
    here: Shop, shared: Path
) -> None:
    repair, before = here.fix().repair, here.tip
    hook = shared / "hooks/pre-receive"
    hook.write_text(FROZEN)
    hook.chmod(0o755)
    decided = here.decide("approve", repair)
    assert (decided.done, here.tip) == (False, before)
    assert "origin refused main: [remote rejected] (pre-receive hook declined)" in decided.reason
    hook.unlink()
    assert here.decide("approve", repair).done


def test_a_remote_that_cannot_be_reached_keeps_the_fix_waiting(here: Shop, shared: Path) -> None:
    away = shared.rename(shared.with_name("away.git"))
    waiting, before = here.fix(), here.tip
    assert waiting.pushed.startswith("not pushed: origin could not be reached")
    decided = here.decide("approve", waiting.repair)
    assert (decided.done, here.tip) == (False, before)
    assert "it was not pushed: origin could not be reached" in decided.reason
    away.rename(shared)
    assert here.decide("approve", waiting.repair).done
    assert git(shared, "rev-parse", "main") == here.tip


def test_unfinished_work_here_keeps_the_fix_from_the_remote_too(here: Shop, shared: Path) -> None:
    repair, before = here.fix().repair, here.tip
    (here.folder / SCRIPT).write_text(BROKEN + "# mine\n")
    decided = here.decide("approve", repair)
    assert not decided.done
    assert "has uncommitted changes" in decided.reason
    assert git(shared, "rev-parse", "main") == before


def test_commits_that_were_not_pushed_are_not_published_for_their_author(
    here: Shop, shared: Path
) -> None:
    before = git(shared, "rev-parse", "main")
    commit(here.folder, "secret.txt", "mine\n")
    decided = here.decide("approve", here.fix().repair)
    assert not decided.done
    assert "git push origin main" in decided.reason
    assert git(shared, "rev-parse", "main") == before


def test_without_a_remote_the_reason_says_what_to_do(here: Shop) -> None:
    git(here.folder, "remote", "remove", "origin")
    waiting = here.fix()
    assert waiting.pushed == ""
    decided = here.decide("approve", waiting.repair)
    assert not decided.done
    assert "git remote add origin URL" in decided.reason
    line = doctor.examine_target(here.services.repository, here.services.config)
    assert (line.status, "has no remote" in line.detail) == ("fail", True)


def test_a_branch_of_another_name_on_the_remote_is_the_one_that_moves(
    here: Shop, shared: Path
) -> None:
    git(shared, "branch", "-m", "main", "trunk")
    git(here.folder, "fetch", "-q", "--prune")
    git(here.folder, "branch", "-q", "--set-upstream-to=origin/trunk", "main")
    decided = here.decide("approve", here.fix().repair)
    assert decided.done, decided.reason
    assert git(shared, "for-each-ref", "--format=%(refname)", "refs/heads/trunk", "refs/heads/main")
    assert git(shared, "rev-parse", "trunk") == here.tip


def test_a_push_that_was_killed_before_the_merge_here_is_gone_on_with(
    here: Shop, shared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after `kill -9` between the two: the remote has the commit, and others built on it."""

    class KilledError(Exception):
        pass

    def killed(*_: object, **__: object) -> None:
        raise KilledError

    repair = here.fix().repair
    monkeypatch.setattr(land, "merge", killed)
    with pytest.raises(KilledError):
        here.decide("approve", repair)
    monkeypatch.undo()
    monkeypatch.setattr(workflows.process, "halted", threading.Event())  # a new process, as it were
    pushed = git(shared, "rev-parse", "main")
    git(here.folder.parent, "clone", "-q", "shared.git", "anna")
    commit(here.folder.parent / "anna", "other.py", "x = 1\n")
    git(here.folder.parent / "anna", "push", "-q")
    decided = here.decide("approve", repair)
    assert (decided.done, decided.merged) == (True, pushed), decided.reason
    assert here.tip == pushed


@pytest.mark.parametrize("is_window", [False, True])
def test_a_push_that_was_killed_is_gone_on_with_whatever_holds_merging_back_since(
    here: Shop, shared: Path, monkeypatch: pytest.MonkeyPatch, is_window: bool
) -> None:
    repair = here.fix().repair
    row = here.services.ledger.repair(repair)
    dossier = here.services.ledger.dossier(repair)
    attempt = dossier.last_candidate if dossier else None
    assert row.request
    assert attempt
    assert attempt.candidate

    def land_it() -> land.Landing:
        assert row.request
        assert attempt
        assert attempt.candidate
        return land.land_fix(row.request, attempt, attempt.candidate, here.services, "Ada")

    with monkeypatch.context() as patched:
        patched.setattr(land, "merge", lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            land_it()
    pushed = git(shared, "rev-parse", "main")
    assert pushed != here.tip
    if is_window:
        monkeypatch.setattr(land, "why_in_maintenance", lambda *_: "a window is on")
    else:
        pause(here.state, "", by="Ada", now=1.0)
    landing = land_it()
    assert (landing.merged, landing.refused, here.tip) == (pushed, "", pushed)


def test_what_no_target_has_is_held_back_by_a_pause(here: Shop, shared: Path) -> None:
    repair, before = here.fix().repair, git(shared, "rev-parse", "main")
    pause(here.state, "", by="Ada", now=1.0)
    jobs = len(here.sandbox.jobs)
    decision = here.decide("approve", repair)
    assert (decision.done, "paused" in decision.reason) == (False, True)
    assert f"then healer approve {repair}" in decision.reason
    assert len(here.sandbox.jobs) == jobs, "what cannot be merged now is not checked now"
    assert (here.tip, git(shared, "rev-parse", "main")) == (before, before)


class Restless:
    """Somebody who commits whenever healer checks something, up to so many times."""

    def __init__(self, folder: Path, times: int) -> None:
        self._folder, self._times, self.commits = folder, times, list[str]()

    def __call__(self, note: Progress) -> None:
        if (note.step, note.state) == ("check", "running") and len(self.commits) < self._times:
            number = len(self.commits)
            self.commits.append(commit(self._folder, f"notes/{number}.txt", f"{number}\n"))


@pytest.mark.parametrize("action", ["approve", "rollback"])
@pytest.mark.parametrize("times", [1, land.LANDINGS - 1, land.LANDINGS])
def test_a_tip_that_moves_while_it_is_checked_is_followed_so_often_and_no_more(
    tmp_path: Path, action: Any, times: int
) -> None:
    with shop(tmp_path / "alone") as here:
        repair = here.fix().repair if action == "approve" else here.merged().id
        restless = Restless(here.folder, times)
        services = replace(here.services, progress=restless)
        decision = run_decision(services, here.state, action, repair, by="Ada", why="so")
        if times < land.LANDINGS:
            assert decision.done, decision.reason
            assert git(here.folder, "rev-parse", "main~1") == restless.commits[-1]
        else:
            assert decision.reason == "main moved 3 times while it was checked; try it again"
            assert here.tip == restless.commits[-1]
        assert len(restless.commits) == times
        assert git(here.folder, "status", "--porcelain") == ""


def test_what_was_decided_on_a_tip_that_would_not_rest_can_be_decided_again(
    tmp_path: Path,
) -> None:
    with shop(tmp_path / "alone") as here:
        repair = here.fix().repair
        services = replace(here.services, progress=Restless(here.folder, land.LANDINGS))
        assert not run_decision(services, here.state, "approve", repair, by="Ada", why="").done
        assert here.services.ledger.repair(repair).state == "waiting"
        assert here.decide("approve", repair).done


def test_a_merged_commit_says_which_checks_it_passed_and_what_it_cost() -> None:
    checks = (
        Check(name="syntax", status="pass", detail=""),
        Check(name="regression", status="skipped", detail=""),
    )
    attempt = attempt_of(verdict=verdict_of(checks=checks), spent=Spent(cost_usd=0.0125))
    assert land.trailers(attempt) == (
        "Healer-Checks: syntax=pass,regression=skipped\nHealer-Cost-USD: 0.012500"
    )


def test_what_was_merged_by_a_step_that_was_killed_is_merged_whatever_came_since(
    tmp_path: Path,
) -> None:
    with shop(tmp_path / "shop") as here:
        row = here.merged()
        dossier = here.services.ledger.dossier(row.id)
        assert row.request is not None
        assert dossier is not None
        attempt = dossier.last_candidate
        assert attempt is not None
        assert attempt.candidate is not None
        pause(here.state, "", by="Ada", now=1.0)
        add_ends(here.services.ledger, "reverted", "reverted")
        landing = land.land_fix(row.request, attempt, attempt.candidate, here.services)
        assert (landing.merged, landing.refused) == (row.fix_commit, "")
