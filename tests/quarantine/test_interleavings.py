"""People, repairs and crashes in any order, in a real repository: nothing is lost, ever.

Hypothesis draws what people do (edit, commit, stash, reset, switch, merge, rebase, remove locks)
and what healer does (draft, merge, carry over, roll back, recover), kills healer before any of its
writes, and lets people act between any two of them. After each step the invariants of `world` hold:
the target only ever moves to a tree that was checked, and no commit, stash, uncommitted change or
operation of a person's is lost or disturbed.

HEALER_INTERLEAVINGS=N draws N times 50 steps at random instead of the fixed 700.
"""

import itertools
import os
import shutil
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    precondition,
    rule,
    run_state_machine_as_test,
)

from quarantine.candidate import Candidate, write_candidate
from quarantine.checkout import follow as checkout
from quarantine.checkout.follow import recover
from quarantine.errors import RepositoryError
from quarantine.merge import Merged, Moved, merge, merged_commit
from quarantine.prune import prune
from quarantine.rebase import Conflict, rebase_candidate
from quarantine.repository import Repository
from quarantine.rollback import revert
from tests.quarantine.habits import PUSHES, UNATTENDED, UNENDED
from tests.quarantine.jobs import killed_at, make_jobs
from tests.quarantine.world import Fix, Look, check, copy, look, parent_and_tree, person
from tests.support.git import write_files

RANDOM = "HEALER_INTERLEAVINGS" in os.environ
EXAMPLES = int(os.environ.get("HEALER_INTERLEAVINGS", "16"))
STEPS = 50
MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
"""Where a repository lies matters only to how long its syncs take."""

PATHS = st.sampled_from(["a.py", "b.py", "d/c.py", "new.py"])
LINES = st.integers(0, 7)
HOW = ("edit", "save", "delete", "make executable", "stage and restore")
"""`save`: as editors do, a new file is moved over the old one."""
WRITES = st.integers(1, 14)
"""A merge writes eight times or more; a number past the end lets it finish."""
PEOPLE = st.sampled_from(["main", "other"])
DRAFTED = st.sets(PATHS, min_size=1, max_size=2)
PERHAPS = st.just(set()) | DRAFTED
TWICE = st.tuples(st.booleans(), st.booleans())
"""Whether the merge has a commit of its own, and whether the person is quiet before it."""
TEXT = "".join(f"line {number}\n" for number in range(8))

"""They move main as a push into the repository does: without a look at any lock."""
GIT = UNATTENDED | PUSHES
AMID = st.one_of(st.sampled_from(each) for each in (HOW, sorted(PUSHES), sorted(UNATTENDED)))
ACTS = st.tuples(PEOPLE, PATHS, AMID)


class Interleavings(RuleBasedStateMachine):
    """One repository with two checkouts: `main`, and a linked one that starts on `side`."""

    template: Path
    steps = 0
    merge_count = 0
    kill_count = 0

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="interleavings-", dir=MEMORY))
        shutil.rmtree(self.folder)
        copy(self.template, self.folder)
        self.root = self.folder / "main"
        self.places = {"main": self.root, "other": self.folder / "other"}
        (self.folder / "other/.git").write_text(f"gitdir: {self.root}/.git/worktrees/other\n")
        (self.root / ".git/worktrees/other/gitdir").write_text(f"{self.folder}/other/.git\n")
        self.repository = Repository.open(self.root)
        self.candidates: list[tuple[str, Candidate]] = []
        self.merged: list[str] = []
        self.unfinished: list[Fix] = []
        self.orphans: set[str] = set()
        self.numbers = itertools.count(1)

    def teardown(self) -> None:
        shutil.rmtree(self.folder)

    # What people do.

    @rule(where=PEOPLE, path=PATHS, line=LINES, how=st.sampled_from(HOW))
    def edits(self, where: str, path: str, line: int, how: str) -> None:
        self.count()
        self.change(where, path, line, how)

    def change(self, where: str, path: str, line: int, how: str) -> None:
        target = self.places[where] / path
        if how == "delete":
            target.unlink(missing_ok=True)
        elif how == "make executable" and target.is_file():
            target.chmod(0o755)
        else:
            old = target.read_bytes() if target.is_file() else None
            self.edit(self.places[where], path, line, whole=how == "save")
            if how == "stage and restore" and old is not None:
                person(self.places[where], "add", "--", path)
                target.write_bytes(old)

    def edit(self, place: Path, path: str, line: int, *, whole: bool) -> None:
        target = place / path
        lines = (target.read_text() if target.is_file() else TEXT).splitlines(keepends=True)
        lines = lines or ["\n"]
        lines[line % len(lines)] = f"person {next(self.numbers)}\n"
        if whole and target.parent.is_dir():
            write_files(place, {".saved": "".join(lines)})
            (place / ".saved").rename(target)
        else:
            write_files(place, {path: "".join(lines)})

    @rule(where=PEOPLE, what=st.sampled_from(sorted(UNATTENDED)))
    def uses_git(self, where: str, what: str) -> None:
        self.count()
        person(self.places[where], *UNATTENDED[what])

    @rule(where=PEOPLE, path=PATHS, line=LINES)
    def commits(self, where: str, path: str, line: int) -> None:
        """Edits and commits: what moves a tip most often."""
        self.count()
        self.edit(self.places[where], path, line, whole=False)
        person(self.places[where], "add", "--", path)
        person(self.places[where], "commit", "-q", "-m", "Edit", "--", path)

    @rule(where=PEOPLE)
    def starts_afresh(self, where: str) -> None:
        """Ends whatever is in progress and goes back: else most merges would wait."""
        self.count()
        self.clear(where)

    @rule(where=PEOPLE, what=st.sampled_from(UNENDED))
    def leaves_something_half_done(self, where: str, what: tuple[str, ...]) -> None:
        self.count()
        self.clear(where)
        person(self.places[where], *what)

    def clear(self, where: str) -> None:
        place = self.places[where]
        if self.now().checkouts[where].in_progress:
            for command in ("merge", "rebase", "cherry-pick", "revert"):
                person(place, command, "--abort")
            person(place, "bisect", "reset")
        person(place, "reset", "-q", "--hard")
        person(place, "checkout", "-q", "main" if where == "main" else "side")

    @precondition(lambda self: self.unfinished)
    @rule()
    def removes_stale_locks(self) -> None:
        """As git advises after a crash; healer's journal goes with them."""
        self.count()
        for place in self.now().checkouts.values():
            self.orphans |= set(place.left_over)
        for lock in (self.root / ".git").rglob("index.lock"):
            lock.unlink()

    @rule()
    def deletes_a_quarantine_branch(self) -> None:
        self.count()
        if self.candidates:
            person(self.root, "branch", "-q", "-D", self.candidates[0][1].branch)

    @precondition(lambda self: self.candidates)
    @rule(where=PEOPLE)
    def merges_a_fix_by_hand(self, where: str) -> None:
        self.count()
        person(self.places[where], "merge", "-q", "--no-edit", self.candidates[-1][1].commit)

    # What healer does.

    @rule(paths=DRAFTED, line=LINES, remove=st.integers(0, 9))
    def drafts(self, paths: set[str], line: int, remove: int) -> None:
        self.count()
        self.draft(paths, line, remove)

    def draft(self, paths: set[str], line: int, remove: int) -> None:
        number = next(self.numbers)
        changes: dict[str, bytes | None] = {}
        made = None
        with self.undisturbed():
            tree = self.repository.tree("refs/heads/main")
            for path in paths:
                lines = (tree.read(path) or TEXT.encode()).splitlines(keepends=True) or [b""]
                lines[line % len(lines)] = b"fix %d\n" % number
                gone = remove == 0 and tree.entry(path) is not None
                changes[path] = None if gone else b"".join(lines)
            made = write_candidate(
                self.repository, base="refs/heads/main", changes=changes, message="Fix",
                branch=f"quarantine/job-{number}", when=number,
            )  # fmt: skip
        if made is not None:
            self.candidates.append((f"r{number}", made))

    def fresh(self, paths: set[str], line: int, *, quiet: bool) -> tuple[str, Candidate]:
        """The latest candidate; with paths a new one on the tip, else whatever its base.

        `quiet`: the person ends what they were doing before, so that a merge is likely.
        """
        if quiet:
            self.clear("main")
        if paths or not self.candidates:
            self.draft(paths or {"a.py"}, line, 1)
        if not self.candidates:  # a person's file or folder is in the way of every draft
            self.draft({f"other-{next(self.numbers)}.py"}, line, 1)
        return self.candidates[-1]

    @rule(paths=PERHAPS, line=LINES, with_message=st.booleans(), quiet=st.booleans())
    def merges(self, paths: set[str], line: int, with_message: bool, quiet: bool) -> None:
        self.count()
        repair, made = self.fresh(paths, line, quiet=quiet)
        done: object = None
        with self.undisturbed(made):
            done = self.call(made, repair, with_message)(self.repository)
        self.settle(done, repair, made)
        self.no_left_overs()

    @rule(at=WRITES, paths=PERHAPS, line=LINES, how=TWICE)
    def is_killed_in_a_merge(
        self, at: int, paths: set[str], line: int, how: tuple[bool, bool]
    ) -> None:
        self.count()
        with_message, quiet = how
        repair, made = self.fresh(paths, line, quiet=quiet)
        fix = Fix(made.base, made.commit, made.tree)
        before = self.now()
        died = killed_at(self.root, at, self.call(made, repair, with_message))
        Interleavings.kill_count += died
        if died:
            self.unfinished.append(fix)
        self.check(before, [fix], unfinished=died)

    @rule(at=WRITES, paths=PERHAPS, line=LINES, act=ACTS, how=TWICE)
    def merges_while_a_person_works(
        self, at: int, paths: set[str], line: int, act: tuple[str, str, str], how: tuple[bool, bool]
    ) -> None:
        """The person acts between two writes of the same merge."""
        self.count()
        where, path, what = act
        with_message, quiet = how
        repair, made = self.fresh(paths, line, quiet=quiet)
        fix = Fix(made.base, made.commit, made.tree)
        looks = [self.now()]
        left = itertools.count(1)

        def interrupt(_write: str) -> None:
            if next(left) == at:
                looks.append(self.now())
                if what in GIT:
                    person(self.places[where], *GIT[what])
                else:
                    self.change(where, path, line, what)
                looks.append(self.now())

        done = None
        with suppress(RepositoryError):
            done = self.call(made, repair, with_message)(
                Repository.open(self.root, writing=interrupt)
            )
        looks.append(self.now())
        self.unfinished.append(fix)
        for before, after in zip(looks[::2], looks[1::2], strict=True):
            check(self.root, before, after, fixes=self.unfinished, unfinished=True)
        if done is not None:
            self.settle(done, repair, made)
        self.no_left_overs()

    @precondition(lambda self: self.candidates)
    @rule()
    def carries_a_candidate_to_the_tip(self) -> None:
        self.count()
        repair, made = self.candidates[-1]
        answer: Candidate | Conflict | None = None
        with self.undisturbed():
            answer = rebase_candidate(self.repository, made, onto="refs/heads/main")
        self.candidates.pop()
        if isinstance(answer, Candidate):
            assert self.repository.tip("main") == answer.base
            self.candidates.append((repair, answer))

    @precondition(lambda self: self.merged)
    @rule()
    def rolls_back(self) -> None:
        """Drafts the revert; a later merge brings it in."""
        self.count()
        repair = self.merged.pop()
        answer: Candidate | Conflict | None = None
        with self.undisturbed():
            at = merged_commit(self.repository, repair)
            assert at is not None
            answer = revert(
                self.repository,
                repair=repair,
                commit_to_revert=at,
                target="main",
                when=next(self.numbers),
            )
        if isinstance(answer, Candidate):
            self.candidates.append((f"{repair}-revert", answer))

    @rule()
    def starts_again(self) -> None:
        self.count()
        before = self.now()
        recover(self.repository)
        self.check(before, [], unfinished=False)
        self.no_left_overs()

    @rule()
    def prunes(self) -> None:
        self.count()
        with self.undisturbed():
            prune(self.repository, before=10**12, keep={c.branch for _, c in self.candidates})

    # How we know.

    def count(self) -> None:
        Interleavings.steps += 1

    def now(self) -> Look:
        return look(self.root, list(self.places.values()))

    def call(
        self, made: Candidate, repair: str, with_message: bool
    ) -> Callable[[Repository], object]:
        message = "Repair\n\nHealer-Checks: all" if with_message else None
        return lambda repository: merge(
            repository, target="main", candidate=made, repair=repair, message=message, when=1
        )

    def undisturbed(self, *merging: Candidate) -> "Undisturbed":
        return Undisturbed(self, [Fix(c.base, c.commit, c.tree) for c in merging])

    def check(self, before: Look, fixes: list[Fix], *, unfinished: bool) -> None:
        check(
            self.root, before, self.now(), fixes=[*self.unfinished, *fixes],
            unfinished=unfinished or bool(self.unfinished),
        )  # fmt: skip

    def no_left_overs(self) -> None:
        for place in self.now().checkouts.values():
            assert set(place.left_over) <= self.orphans

    def settle(self, done: object, repair: str, made: Candidate) -> None:
        """What a merge that came to its end said must be so."""
        if isinstance(done, Merged):
            Interleavings.merge_count += 1
            tree = parent_and_tree(self.root, done.commit)[1]
            assert tree == made.tree
            self.unfinished = [fix for fix in self.unfinished if fix.commit != made.commit]
            self.candidates.pop()
            self.merged.append(repair)
        elif isinstance(done, Moved):
            assert done.tip != made.base


class Undisturbed:
    """A with-block of healer's: the invariants hold after it, and our errors are answers."""

    def __init__(self, machine: Interleavings, fixes: list[Fix]) -> None:
        self.machine = machine
        self.fixes = fixes

    def __enter__(self) -> None:
        self.before = self.machine.now()

    def __exit__(self, kind: type[BaseException] | None, error: object, _trace: object) -> bool:
        if kind is not None and not issubclass(kind, RepositoryError):
            return False
        self.machine.check(self.before, self.fixes, unfinished=False)
        return kind is not None


@pytest.fixture
def template(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The repository that each example starts from."""
    monkeypatch.setattr(checkout, "PATIENCE_S", 0.0)
    folder = tmp_path / "template"
    root = make_jobs(folder / "main")
    write_files(root, {"a.py": TEXT, "b.py": TEXT, "d/c.py": TEXT})
    person(root, "add", "-A")
    person(root, "commit", "-q", "-m", "More")
    person(root, "worktree", "add", "-q", "-b", "side", "../other")
    return folder


def test_nothing_is_lost_in_any_order_of_people_repairs_and_crashes(template: Path) -> None:
    Interleavings.template = template
    run_state_machine_as_test(
        Interleavings,
        settings=settings(
            max_examples=EXAMPLES, stateful_step_count=STEPS, deadline=None,
            derandomize=not RANDOM, report_multiple_bugs=False,
            phases=(Phase.generate,),  # a failure is reported at once; shrinking takes minutes
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
    merges, kills = Interleavings.merge_count, Interleavings.kill_count
    print(f"{Interleavings.steps} steps, {merges} merges, {kills} kills")
    assert RANDOM or Interleavings.steps >= 600
    assert merges > EXAMPLES / 4
    assert kills > EXAMPLES / 4
