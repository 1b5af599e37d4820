"""A fix is taken out only where it is shown to be to blame, as strongly as for a merge."""

from collections.abc import Callable
from pathlib import Path

import pytest

from healer.evidence.wrong_ends import is_wrong_end
from healer.failure import Failure, Raised
from healer.ledger.rows import RepairRow
from healer.nights.expectations import BROKEN_EXPECTATION
from healer.repair.relapse_check import RelapseCheck
from healer.repair.rollback import RollbackRequest, rollback
from healer.repair.run import open_engine
from healer.tape.store import keep_tape
from quarantine.candidate import Candidate
from quarantine.rollback import revert
from sandbox import Fault, Job, ProcessEnd, Report
from sandbox.fake import all_well
from sandbox.inside.tree import parse
from sandbox.world import ChangedFile, WorldEffects
from tests.support.git import git
from tests.support.shop import SCRIPT, Shop, commit, failed, look, shop
from tests.support.tapes import tape

Files = dict[str, bytes]
Rows = Callable[[Files], str | None]
"""The rates that the job writes; None: what it does is not watched."""
EXPECT = f'''[[job]]
script = "{SCRIPT}"
[[job.expect]]
file = "out/rates.csv"
not_null = ["rate"]
'''
STRICTER = EXPECT + 'rows = "5.."\n'
WELL, BADLY, FEW = "USD,1\nCHF,2\n", "USD,\nCHF,2\n", "USD,1\n"
SAID = "`out/rates.csv`: column `rate` is empty in 1 of 2 rows"
FEW_SAID = "`out/rates.csv`: 1 rows, not 5.."


def has_fix(files: Files) -> bool:
    return b'["te"]' not in files[SCRIPT]


def see(rows: Rows, *, crashes_without: bool = False) -> Callable[[Job], Report | Fault]:
    """A sandbox in which the job ends well in the night's world and writes what its tree says; it
    `crashes_without` the fix there, too."""

    def answer(job: Job) -> Report | Fault:
        seen = all_well(job)
        files = {e.path: bytes(e.content) for e in parse(job.tree)}
        is_night = job.plan.command is not None and job.plan.command.world is not None
        if not is_night or (crashes_without and not has_fix(files)):
            return look(job)
        text = rows(files)
        data = f"code,rate\n{text}".encode()
        file = ChangedFile(path="out/rates.csv", size=len(data), digest="x", data=data)
        effects = WorldEffects(files=(file,)) if text is not None else None
        return seen.model_copy(update={"command": ProcessEnd(exit_code=0, effects=effects)})

    return answer


def merged_with(here: Shop, expectations: str = EXPECT) -> RepairRow:
    commit(here.folder, "healer.toml", expectations)
    return here.merged()


def break_expectation(here: Shop, said: str = SAID) -> Failure:
    """A run with the fix that ended well and left something else than expected."""
    chain = (Raised(type=BROKEN_EXPECTATION, message=said),)
    failure = failed(here, chain=chain, exit_code=0)
    assert is_wrong_end(failure)
    keep_tape(here.state, failure.id, tape())
    return failure


def doubt_of(here: Shop, row: RepairRow, failure: Failure) -> str:
    check = RelapseCheck(row, failure, here.services).find_doubt()
    assert check.is_doubt == bool(check.reason)
    return check.reason


def candidate_without(here: Shop, row: RepairRow) -> Candidate:
    undo = revert(
        here.services.repository, repair=row.id, commit_to_revert=row.fix_commit, target="main",
        when=1, message="out", replaces=None,
    )  # fmt: skip
    assert isinstance(undo, Candidate)
    return undo


def test_a_fix_that_breaks_what_is_expected_is_to_blame(tmp_path: Path) -> None:
    with shop(tmp_path / "shop", see=see(lambda f: BADLY if has_fix(f) else WELL)) as here:
        row = merged_with(here)
        failure = break_expectation(here)
        assert doubt_of(here, row, failure) == ""
        candidate = candidate_without(here, row)
        assert RelapseCheck(row, failure, here.services).find_harm(candidate).reason == ""


MUST_STAY = {
    "data of that night alone": (lambda _: BADLY, False, "before the fix was merged"),
    "nothing is known without it": (
        lambda f: BADLY if has_fix(f) else None, False, "before the fix was merged",
    ),
    "it crashes without it": (
        lambda f: BADLY if has_fix(f) else WELL, True, "before the fix was merged",
    ),
    "the sandbox does not show it": (lambda _: WELL, False, "on today's main"),
    "nothing is known with it": (lambda _: None, False, "on today's main"),
    "something else is otherwise": (lambda _: "", False, "on today's main"),
}  # fmt: skip


@pytest.mark.parametrize("case", MUST_STAY)
def test_a_fix_that_is_not_shown_to_be_to_blame_stays(tmp_path: Path, case: str) -> None:
    rows, crashes, why = MUST_STAY[case]
    with shop(tmp_path / "shop", see=see(rows, crashes_without=crashes)) as here:
        row = merged_with(here)
        assert why in doubt_of(here, row, break_expectation(here))


def test_what_a_colleagues_commit_brought_is_not_the_fixs_fault(tmp_path: Path) -> None:
    with shop(tmp_path / "shop", see=see(lambda f: BADLY if "other.py" in f else WELL)) as here:
        row = merged_with(here)
        commit(here.folder, "other.py", "x = 1\n")
        assert "later commits do it" in doubt_of(here, row, break_expectation(here))


def test_what_breaks_only_an_expectation_of_later_is_not_the_fixs_fault(tmp_path: Path) -> None:
    with shop(tmp_path / "shop", see=see(lambda f: FEW if has_fix(f) else WELL * 3)) as here:
        row = merged_with(here)
        commit(here.folder, "healer.toml", STRICTER)
        assert "later commits do it" in doubt_of(here, row, break_expectation(here, FEW_SAID))


def test_an_expectation_that_was_taken_back_since_breaks_nothing(tmp_path: Path) -> None:
    with shop(tmp_path / "shop", see=see(lambda f: FEW if has_fix(f) else WELL * 3)) as here:
        row = merged_with(here, STRICTER)
        failure = break_expectation(here, FEW_SAID)
        assert doubt_of(here, row, failure) == ""
        commit(here.folder, "healer.toml", EXPECT)
        assert "on today's main" in doubt_of(here, row, failure)


def test_a_revert_that_makes_it_no_better_is_a_doubt_and_no_harm(tmp_path: Path) -> None:
    """Fixed and broken twice: the fix breaks it, and so does what somebody did since."""
    rows: Rows = lambda f: BADLY if has_fix(f) or "other.py" in f else WELL  # noqa: E731  # typed
    with shop(tmp_path / "shop", see=see(rows)) as here:
        row = merged_with(here)
        commit(here.folder, "other.py", "x = 1\n")
        failure = break_expectation(here)
        assert doubt_of(here, row, failure) == ""
        check = RelapseCheck(row, failure, here.services).find_harm(candidate_without(here, row))
        assert (check.is_doubt, "without the fix" in check.reason) == (True, True)


@pytest.mark.parametrize("is_to_blame", [True, False])
def test_it_is_taken_out_or_stays_and_is_repaired_like_any_other(
    tmp_path: Path, is_to_blame: bool
) -> None:
    rows: Rows = lambda f: WELL if is_to_blame and not has_fix(f) else BADLY  # noqa: E731  # typed
    with shop(tmp_path / "shop", see=see(rows)) as here:
        row, failure = merged_with(here), None
        failure = break_expectation(here)
        request = RollbackRequest(
            repair=row.id, why="on probation it failed.", by="healer", when=1, failure=failure
        )
        with open_engine(here.services, here.state, "cli-decide-x") as engine:
            engine.start(rollback, "rollback-x", request)
            decision = engine.wait_for(rollback, "rollback-x")
        assert decision.done == is_to_blame, decision.reason
        assert (b'["te"]' in git(here.folder, "show", f"main:{SCRIPT}").encode()) == is_to_blame
        ledger = here.services.ledger
        assert ledger.entries(row.id, kind="probation") == ()
        ends = [(e.outcome, e.inputs) for e in ledger.entries(row.id, kind="relapse_end")]
        assert ends == ([] if is_to_blame else [("not its fault", failure.fingerprint)])


def test_a_new_failure_that_was_there_before_the_merge_is_not_the_fixs_fault(
    tmp_path: Path,
) -> None:
    def crash(job: Job) -> Report | Fault:
        """Without a repair the first command fails otherwise than the second."""
        seen = look(job)
        is_other = job.plan.command is not None and "--other" in job.plan.command.argv
        end = ProcessEnd(exit_code=3, stderr="no disk")
        return seen.model_copy(update={"command": end}) if is_other else seen

    with shop(tmp_path / "shop", see=crash) as here:
        row = here.merged()
        failure = failed(here, chain=(), argv=("python", SCRIPT, "--other"), exit_code=3)
        assert doubt_of(here, row, failure) == "before the fix was merged it fails in the same way"
