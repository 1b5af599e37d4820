"""From a baseline to a candidate in quarantine: what a drafter is shown, what becomes of drafts."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import pytest

from healer.facts.draft import (
    Case,
    Draft,
    Drafts,
    Edit,
    PackageMove,
    ReadData,
    Reading,
    ReplaceText,
    Source,
    WriteFile,
)
from healer.facts.errors import PostponedError
from healer.facts.repair import Baseline, Dossier, QuarantinedPatch, Request
from healer.facts.suspect import Suspect
from healer.judge.facts import Check, CheckName, Status
from healer.redact import Redactor
from healer.repair.propose import (
    LONGEST_EVIDENCE,
    PATIENCE_S,
    REJECTED,
    case_of,
    choose_candidate,
    commit_message,
    draft,
    join,
    quarantine,
    update_notes,
)
from healer.services import Services
from healer.tape.facts import RecordedFile
from healer.tape.good_nights import keep_good_night
from healer.tape.recordings import Recordings
from healer.tape.store import keep_tape
from quarantine.errors import BranchTaken
from sandbox import FailingTests, ProcessEnd, Report, TestResult, TestRun
from tests.support.git import commit_files, git
from tests.support.ledger_rows import SCRIPT, add_repair, request_of, result_of
from tests.support.repair_facts import (
    attempt_of,
    crash_of,
    draft_of,
    drafts_of,
    exchange_of,
    verdict_of,
)
from tests.support.tapes import tape

Make = Callable[..., Services]
NOTES = "scripts/a.md"
GUARD = '[[protect]]\npaths = ["core/**"]\nreason = "people only"\naction = "review"\n'
GUARD += 'notify = ["till@example.com"]\n'
BASELINE = Baseline(failure=crash_of(), reproduced=True, command=("python", SCRIPT))


def request(services: Services, **fields: Any) -> Request:
    fields.setdefault("opened_at", int(time.time()))
    return request_of("r1", base=services.repository.tip("main"), **fields)


def edit(text: str = "print(2)\n", path: str = SCRIPT) -> Edit:
    return WriteFile(path=path, content=text, replaces=True)


def put(
    services: Services, *edits: Edit, replaces: str | None = None, **fields: Any
) -> QuarantinedPatch:
    wanted = draft_of(edits=edits, **fields)
    return quarantine(request(services, opened_at=7), crash_of(), wanted, replaces, services)


class Scripted:
    """A drafter that answers the same whatever it is shown, and keeps what that was."""

    name = "scripted"

    def __init__(self, answer: Drafts) -> None:
        self.answer, self.cases = answer, list[Case]()

    def draft(self, case: Case, source: Source) -> Drafts:
        del source
        self.cases.append(case)
        return self.answer


def test_a_drafter_is_shown_the_failure_the_command_and_what_was_tried(make: Make) -> None:
    services, drafter = make(tests={"command": ["true"]}), Scripted(drafts_of(draft_of()))
    attempts = [attempt_of("unchanged", "it still fails")]
    assert draft(drafter, request(services), BASELINE, attempts, services) == drafter.answer
    (case,) = drafter.cases
    assert (case.failure, case.command) == (BASELINE.failure, ("python", SCRIPT))
    assert case.suspects == ()
    (earlier,) = case.attempts
    assert (earlier.verdict, earlier.diff) == ("unchanged", attempts[0].candidate.diff)  # type: ignore[union-attr]  # it has one
    assert earlier.evidence == "tests passed: 3 passed\nit still fails"


def test_a_drafter_is_told_what_an_earlier_one_has_measured(make: Make) -> None:
    services, drafter = make(tests={"command": ["true"]}), Scripted(drafts_of(draft_of()))
    suspects = (Suspect(path=SCRIPT, line=3, weight=0.5),)
    draft(drafter, request(services), BASELINE, (), services, suspects=suspects)
    assert drafter.cases[0].suspects == suspects


def test_the_next_drafter_is_shown_the_new_failure_and_not_only_its_last_line(make: Make) -> None:
    services = make(tests={"command": ["true"]})
    failing = TestResult(node="tests/test_job.py::test_a", outcome="failed", detail="assert 3 == 4")
    seen = Report(tests=(TestRun(results=(failing,), ended=ProcessEnd(exit_code=1)),))
    tried = attempt_of("regressed", "a test fails").model_copy(update={"report": seen})
    fixed = attempt_of("fixed", "weak").model_copy(update={"report": seen})
    tree = services.repository.tree("main")
    case = case_of(request(services), BASELINE, [tried, fixed], tree, services)
    assert "tests/test_job.py::test_a:\nassert 3 == 4" in case.attempts[0].evidence
    assert "assert 3 == 4" not in case.attempts[1].evidence


def test_evidence_against_an_attempt_is_cut_before_it_is_shown(make: Make) -> None:
    services = make(tests={"command": ["true"]})
    attempts = [attempt_of("unchanged", "x" * 2 * LONGEST_EVIDENCE)]
    tree = services.repository.tree("main")
    case = case_of(request(services), BASELINE, attempts, tree, services)
    assert len(case.attempts[0].evidence) == LONGEST_EVIDENCE


def test_a_drafter_knows_what_the_bad_night_read_and_the_last_good_one(
    make: Make, tmp_path: Path
) -> None:
    good, bad = (
        tape(
            script=SCRIPT, started_at=time.time(), files=(RecordedFile("/srv/app/in.csv", data, 0),)
        )
        for data in (b"a\n", b"b\n")
    )
    keep_good_night(tmp_path, good)
    keep_tape(tmp_path, "f1", bad)
    services = replace(make(tests={"command": ["true"]}), recordings=Recordings(tmp_path))
    asked = request_of("r1", failure=crash_of(id="f1"))
    tree = services.repository.tree("main")
    assert case_of(asked, BASELINE, [], tree, services).reads == (
        ReadData(name="in.csv", text="b\n", before="a\n"),
    )
    assert case_of(request(services), BASELINE, [], tree, services).reads == ()


def test_without_a_failure_there_is_nothing_to_draft(make: Make) -> None:
    services = make()
    with pytest.raises(ValueError, match="nothing failed"):
        case_of(request(services), Baseline(), [], services.repository.tree("main"), services)


def test_an_endpoint_that_is_away_leaves_the_repair_open_for_a_day(make: Make) -> None:
    services, drafter = make(), Scripted(Drafts(unavailable=True, reason="connection refused"))
    with pytest.raises(PostponedError, match=r"connection refused.*r1 stays open.*healer doctor"):
        draft(drafter, request(services), BASELINE, [], services)
    day_old = request(services, opened_at=int(time.time() - PATIENCE_S - 1))
    assert draft(drafter, day_old, BASELINE, [], services).unavailable


def test_the_newest_drafts_that_people_turned_down_are_shown_with_their_reasons(
    make: Make,
) -> None:
    services = make(tests={"command": ["true"]})
    for number in range(REJECTED + 1):
        asked = request_of(f"old{number}", failure=crash_of())
        dossier = Dossier(request=asked, baseline=BASELINE, attempts=(attempt_of(),))
        add_repair(services.ledger, "review", request=asked, dossier=dossier)
        services.ledger.settle(asked.repair, "rejected", result_of(asked, reason=f"no {number}"))
    tree = services.repository.tree("main")
    case = case_of(request(services), BASELINE, [], tree, services)
    assert [(each.verdict, each.evidence) for each in case.rejected] == [
        ("rejected", f"no {number}") for number in range(1, REJECTED + 1)
    ]


@pytest.mark.parametrize("attempts", [(), (attempt_of("forbidden", "no", candidate=None),)])
def test_what_was_turned_down_without_a_draft_or_evidence_is_no_draft(
    make: Make, attempts: Any
) -> None:
    services = make(tests={"command": ["true"]})
    asked = request_of("old", failure=crash_of())
    dossier = Dossier(request=asked, baseline=BASELINE, attempts=attempts) if attempts else None
    add_repair(services.ledger, "rejected", request=asked, dossier=dossier)
    tree = services.repository.tree("main")
    assert case_of(request(services), BASELINE, [], tree, services).rejected == ()


def test_failing_tests_of_other_scripts_are_other_repairs_business(make: Make) -> None:
    services = make()
    commit_files(services.repository.root, {"tests/test_a.py": "def test_a(): pass\n"})  # type: ignore[arg-type]  # it has a working tree
    results = (
        TestResult(node="tests/test_a.py::test_a", outcome="failed", detail=f"{SCRIPT}:1: x"),
        TestResult(node="tests/test_other.py::test_b", outcome="failed", detail="other.py:1: x"),
        TestResult(node="tests/test_other.py::test_c", outcome="passed"),
    )
    end = ProcessEnd(exit_code=1)
    traces = (
        FailingTests(nodes=("tests/test_a.py::test_a",), executed={SCRIPT: (1,)}),
        FailingTests(nodes=("tests/test_other.py::test_b",), executed={f"old/{SCRIPT}": (1,)}),
    )
    report = Report(tests=(TestRun(results=results, ended=end),), failing=traces)
    baseline = BASELINE.model_copy(update={"report": report})
    tree = services.repository.tree("main")
    case = case_of(request(services), baseline, [], tree, services)
    (run,) = case.baseline.tests
    assert [result.node for result in run.results] == [
        "tests/test_a.py::test_a", "tests/test_other.py::test_c",
    ]  # fmt: skip


def said(*reasons: str, last: Drafts) -> list[tuple[str, Drafts]]:
    return [*((f"d{n}", Drafts(reason=reason)) for n, reason in enumerate(reasons)), ("last", last)]


@pytest.mark.parametrize(
    "last",
    [
        drafts_of(draft_of()),
        Drafts(refusal="needs_person", reason="somebody has to choose"),
        Drafts(stopped_by_budget=True, exhausted_budget="day", reason="no money"),
    ],
)
def test_of_several_drafters_the_one_that_brought_something_decides(last: Drafts) -> None:
    assert join(said("no rule knows it", last=last)) == last


def test_where_no_drafter_has_anything_each_says_why() -> None:
    joined = join(said("no rule.", "", last=Drafts(reason="no idea", unavailable=True)))
    assert joined.reason == "d0: no rule; last: no idea"
    assert joined.unavailable
    assert join(said("", last=Drafts())).reason == "no drafter has a candidate"
    assert join([]).reason == "no drafter is available"


def test_what_all_drafters_cost_is_paid_whoever_had_the_candidate() -> None:
    one, other = exchange_of(0.25), exchange_of(1.0)
    joined = join([
        ("search", Drafts(reason="none", spent=one.spent, exchanges=(one,))),
        ("model", drafts_of(draft_of(), spent=other.spent, exchanges=(other,))),
    ])  # fmt: skip
    assert joined.spent.cost_usd == 1.25
    assert joined.exchanges == (one, other)


def test_a_draft_becomes_a_commit_on_its_branch_and_the_same_again_the_same(make: Make) -> None:
    services = make()
    first, again = put(services, edit()), put(services, edit())
    assert first == again
    assert first.candidate is not None
    assert first.candidate.branch == "quarantine/a-r1"
    assert first.candidate.paths == (SCRIPT,)
    assert (first.refused, first.protected, first.protected_paths) == ("", "", ())
    assert services.repository.tip(first.candidate.branch) == first.candidate.commit


def test_a_later_attempt_takes_the_place_of_the_one_it_replaces_and_of_no_other(
    make: Make,
) -> None:
    services = make()
    first = put(services, edit("print(2)\n")).candidate
    assert first is not None
    with pytest.raises(BranchTaken):
        put(services, edit("print(3)\n"))
    second = put(services, edit("print(3)\n"), replaces=first.commit).candidate
    assert second is not None
    assert services.repository.tip(second.branch) == second.commit
    assert choose_candidate(first, second.commit, services) == first
    assert services.repository.tip(first.branch) == first.commit


@pytest.mark.parametrize(
    ("edits", "says"),
    [
        ((edit("print(1)\n"),), "nothing"),
        (
            (ReplaceText(path=SCRIPT, find="gone", replace="x"),),
            "the quoted text is not in the file",
        ),
        ((ReplaceText(path="no.py", find="x", replace="y"),), "no.py"),
        ((WriteFile(path=SCRIPT, content="x"),), SCRIPT),
        ((edit("x", path="../outside.py"),), "outside"),
    ],
)
def test_a_draft_that_cannot_become_a_candidate_is_refused_with_its_reason(
    make: Make, edits: Sequence[Edit], says: str
) -> None:
    patch = put(make(), *edits)
    assert patch.candidate is None
    assert says in patch.refused.lower()


def test_the_drafts_own_test_is_part_of_the_candidate(make: Make) -> None:
    test = WriteFile(path="tests/test_a.py", content="def test_a(): pass\n")
    patch = put(make(), edit(), regression_test=test)
    assert patch.candidate is not None
    assert patch.candidate.paths == (SCRIPT, "tests/test_a.py")


def test_what_is_protected_is_named_with_its_reason_and_whom_to_tell(make: Make) -> None:
    services = make()
    root = services.repository.root
    assert root is not None
    commit_files(root, {"protected.toml": GUARD, "core/money.py": "x = 1\n"})
    patch = put(services, edit(), edit("x = 2\n", path="core/money.py"))
    assert patch.protected_paths == ("core/money.py",)
    assert patch.protected == "core/money.py is protected: people only"
    assert patch.notify == ("till@example.com",)


PINS = '[[protect]]\npaths = ["requirements.txt"]\nreason = "pins"\naction = "merge"\n'


@pytest.mark.parametrize(
    ("edits", "paths"),
    [
        ({"requirements.txt": "pandas==2.2.3\n"}, ()),
        ({"requirements.txt": "pandas==2.2.3\nleft-pad\n"}, ("requirements.txt",)),
        ({"requirements.txt": "pandas==2.2.3\n", SCRIPT: "x = 3\n"}, ("requirements.txt",)),
    ],
)
def test_a_file_that_is_open_to_pins_is_protected_from_all_else(
    make: Make, edits: dict[str, str], paths: tuple[str, ...]
) -> None:
    services = make()
    root = services.repository.root
    assert root is not None
    commit_files(root, {"protected.toml": PINS, "requirements.txt": "pandas\n"})
    patch = put(services, *(edit(text, path=path) for path, text in edits.items()))
    assert patch.protected_paths == paths
    if not paths:  # what the judge settles where the pin is proved, and nothing else
        assert {finding.path for finding in patch.findings} == {"requirements.txt"}
        assert all(f.is_of_protected_kind or f.is_of_unread_file for f in patch.findings)


def test_a_pin_brings_no_notes(make: Make) -> None:
    services = make(notes=True)
    root = services.repository.root
    assert root is not None
    commit_files(root, {"requirements.txt": "pandas\n"})
    move = PackageMove(name="pandas", old="2.2.3", new="3.0.0")
    draft = Draft(drafter="rules", edits=(edit("pandas==2.2.3\n", "requirements.txt"),))
    patch = quarantine(request(services), crash_of(), draft, None, services)
    assert patch.candidate is not None
    assert NOTES in patch.candidate.paths
    pinned = draft.model_copy(update={"pins": (move,)})
    tip = patch.candidate.commit
    patch = quarantine(request(services), crash_of(), pinned, tip, services)
    assert patch.candidate is not None
    assert patch.candidate.paths == ("requirements.txt",)


def test_what_the_policy_finds_goes_with_the_patch(make: Make) -> None:
    findings = put(make(), edit("import os\nos.remove('x')\n")).findings
    assert findings
    assert {finding.path for finding in findings} == {SCRIPT}


def written(services: Services, notes: str | None, **fields: Any) -> dict[str, bytes]:
    root = services.repository.root
    assert root is not None
    if notes is not None:
        commit_files(root, {NOTES: notes})
    asked = request(services, opened_at=86_400, **fields)
    base = services.repository.tree(asked.base)
    return update_notes(asked, crash_of(), draft_of(), base, services)


def test_the_scripts_notes_gain_the_failure_mode(make: Make) -> None:
    changes = written(make(), "# a\n\nGoal: one number.\n")
    assert list(changes) == [NOTES]
    text = changes[NOTES].decode()
    assert text.startswith("# a\n\nGoal: one number.\n")
    assert "- 1970-01-02: KeyError: 'te'. A typo. (repair r1)" in text


@pytest.mark.parametrize(("settings", "paths"), [({}, []), ({"notes": True}, [NOTES])])
def test_notes_are_made_only_where_they_are_wanted(
    make: Make, settings: dict[str, Any], paths: list[str]
) -> None:
    assert list(written(make(**settings), None)) == paths


def test_notes_that_say_so_already_stay_as_they_are(make: Make) -> None:
    services = make()
    first = written(services, "# a\n")
    assert written(services, first[NOTES].decode()) == {}


@pytest.mark.parametrize(
    "obstacle",
    [
        {"protected.toml": '[[protect]]\npaths = ["**/*.md"]\nreason = "people"\n', NOTES: "# a\n"},
        {f"{NOTES}/inside.txt": "a folder\n"},
        {NOTES: b"# caf\xe9\n"},
    ],
)
def test_notes_that_cannot_be_written_are_left(make: Make, obstacle: dict[str, Any]) -> None:
    services = make(notes=True)
    root = services.repository.root
    assert root is not None
    commit_files(root, obstacle)
    assert written(services, None) == {}


def test_a_draft_that_changes_the_notes_itself_has_its_own_words(make: Make) -> None:
    services = make()
    root = services.repository.root
    assert root is not None
    commit_files(root, {NOTES: "# a\n"})
    patch = put(services, edit(), edit("# mine\n", path=NOTES))
    assert patch.candidate is not None
    assert git(root, "show", f"{patch.candidate.commit}:{NOTES}") == "# mine"


def test_a_commit_says_what_it_repairs_and_carries_its_trailers() -> None:
    message = commit_message(
        request_of("r1", failure=crash_of()), draft_of(rule="wrong-key", cause="A  typo\nin it.")
    )
    assert message.splitlines() == [
        "Repair scripts/a.py (wrong-key)", "", "A typo in it.", "",
        "Healer-Repair: r1", "Healer-Failure: 0123456789abcdef", "Healer-Drafter: rules",
    ]  # fmt: skip


def test_a_commit_says_what_else_the_failure_may_mean() -> None:
    rivals = tuple(Reading(reading=f"reading {n}\nwas meant.") for n in range(4))
    message = commit_message(
        request_of("r1", failure=crash_of()), draft_of(cause="A typo.", rivals=rivals)
    )
    assert message.splitlines()[2:8] == [
        "A typo.", "", *(f"Or else: reading {n} was meant." for n in range(3)), "",
    ]  # fmt: skip


def test_a_commit_of_own_checks_or_notes_says_so_and_stays_within_72_characters() -> None:
    asked = request_of("r1", script=f"scripts/{'long_' * 20}.py")
    message = commit_message(asked, draft_of(cause="x " * 900), action="Note patterns of")
    subject, _, cause, *_ = message.splitlines()
    assert subject.startswith("Note patterns of scripts/long_")
    assert (len(subject), len(cause)) == (72, 600)
    assert "Healer-Failure: own-checks" in message


def test_an_attempt_is_shown_without_a_diff_where_it_was_no_candidate(make: Make) -> None:
    services = make(tests={"command": ["true"]})
    attempts = [attempt_of(candidate=None, verdict=verdict_of("forbidden", "it does not apply"))]
    tree = services.repository.tree("main")
    (earlier,) = case_of(request(services), BASELINE, attempts, tree, services).attempts
    assert (earlier.diff, earlier.draft) == ("", Draft(drafter="rules", cause="A typo."))


@pytest.mark.parametrize("name", get_args(CheckName))
@pytest.mark.parametrize("status", get_args(Status))
@pytest.mark.parametrize("detail", ["nothing forbidden", "3 passed", "as before", "secret 1 of 2"])
def test_what_the_checks_say_reads_as_no_secret(
    name: CheckName, status: Status, detail: str
) -> None:
    sentence = Check(name=name, status=status, detail=detail).sentence
    assert Redactor().text(sentence) == sentence
    assert Redactor().source(sentence) == sentence
