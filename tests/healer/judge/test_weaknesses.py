"""What a green result is worth: every law on its own, with what satisfies it."""

import pytest

from healer.judge.facts import Evidence, MutationScore, Rival, Rivals, ScriptChange
from healer.judge.nights import Nights
from healer.judge.outcomes import Comparison
from healer.judge.pins import PinProof
from healer.judge.replays import ReplayComparison
from healer.judge.weaknesses import LAWS, LEAST_KILLED, Case, find_weaknesses
from quarantine.policy import Finding

KILLED = MutationScore(killed=3, total=3, killed_by_fail_to_pass=1)
STRONG = Evidence(
    reproduced=True, lines_changed=2, lines_executed=2, mutation=KILLED, fail_to_pass=("t::a",)
)


RIVAL = Rival(
    path="a.py",
    line=3,
    shape="compare/< to <=",
    content="",
    given="(1, 1)",
    fix_gives="True",
    rival_gives="False",
)


def kinds(
    tests: Comparison | None = None, findings: tuple[Finding, ...] = (), **changes: object
) -> list[str]:
    case = Case(STRONG.model_copy(update=changes), findings, tests)
    return [weakness.kind for weakness in find_weaknesses(case)]


def score(**changes: object) -> MutationScore:
    return KILLED.model_copy(update=changes)


def test_a_test_that_passes_on_some_days_only_is_left_to_a_person() -> None:
    assert kinds(Comparison(by_date=("t::a",))) == ["date-differs"]


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"reproduced": False}, "not-reproduced"),
        ({"missed": ("GET a/b",)}, "not-recorded"),
        ({"lines_executed": 0}, "lines-not-run"),
        ({"lines_executed": 1}, "lines-not-run"),
        ({"fail_to_pass": ()}, "value-unknown"),
        ({"mutation": None}, "value-unknown"),
        ({"mutation": MutationScore()}, "value-unknown"),
        ({"mutation": score(cut_short=True)}, "value-unknown"),
        ({"rivals": None}, "ambiguous"),
        ({"rivals": Rivals(tried=1, cut_short=True)}, "ambiguous"),
        ({"rivals": Rivals(tried=1, passed=1, rivals=(RIVAL,))}, "ambiguous"),
        ({"rivals": Rivals(tried=1, unpinned=("f: another answer",))}, "ambiguous"),
        ({"rivals": Rivals(tried=1, unseen_functions=("f",))}, "ambiguous"),
        ({"rivals": Rivals(tried=1, lost_words=("max",))}, "ambiguous"),
        ({"rivals": Rivals(tried=1, unseen_words=("or", "0"))}, "command-unseen"),
        ({"rivals": Rivals(tried=1, failing_examples=("f: f(1)",))}, "example-fails"),
        ({"script_changes": (ScriptChange(command="a", breaks=True),)}, "script-differs"),
        ({"mutation": score(killed=1)}, "value-unknown"),
        ({"mutation": score(lines_without_kill=("a.py:3: 1 -> 2",))}, "value-unknown"),
        ({"mutation": score(made_up=("1000",))}, "value-unknown"),
        ({"mutation": score(killed_by_fail_to_pass=0)}, "value-unknown"),
        ({"good_runs": ReplayComparison(same=False, difference="x")}, "good-run-differs"),
        ({"output_kept": False}, "output-lost"),
        ({"tests_changed": ("t::a",)}, "tests-changed"),
        ({"heals": False, "mutation": MutationScore()}, "value-unknown"),
        ({"heals": False, "mutation": score(killed=1)}, "value-unknown"),
        ({"heals": False, "rivals": None}, "ambiguous"),
        ({"heals": False, "lines_executed": 0}, "lines-not-run"),
    ],
)
def test_each_gap_is_one_weakness_of_its_kind(changes: dict[str, object], kind: str) -> None:
    assert kinds(**changes) == [kind]


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"lines_changed": 0, "lines_executed": 0},
        {"mutation": MutationScore(tried=1)},
        {"mutation": score(killed=2, total=4)},
        {"mutation": score(killed=0, total=0, killed_by_fail_to_pass=1, results=1)},
        {"good_runs": ReplayComparison(same=True)},
        {"good_runs": ReplayComparison(same=None)},
        {"output_kept": True},
        {"fail_to_pass": (), "mutation": None, "forced": "wrong-key: `total` was meant."},
        {"fail_to_pass": (), "good_runs": ReplayComparison(same=True, restored=True)},
        {
            "rivals": Rivals(unseen_words=("or",)),
            "good_runs": ReplayComparison(same=True, restored=True),
        },
    ],
    ids=repr,
)
def test_what_is_no_gap_is_no_weakness(changes: dict[str, object]) -> None:
    assert kinds(**changes) == []


def test_a_forced_fix_still_has_to_run_and_to_change_no_good_run() -> None:
    forced = {"forced": "wrong-key", "fail_to_pass": ()}
    assert kinds(**forced, lines_executed=0) == ["lines-not-run"]
    assert kinds(**forced, good_runs=ReplayComparison(same=False)) == ["good-run-differs"]


@pytest.mark.parametrize(
    ("killed", "total", "is_weak"),
    [(0, 1, True), (1, 2, False), (1, 3, True), (9, 20, True), (10, 20, False)],
)
def test_half_of_the_mutants_must_be_killed(killed: int, total: int, is_weak: bool) -> None:
    assert (killed < LEAST_KILLED * total) is is_weak
    assert bool(kinds(mutation=score(killed=killed, total=total))) is is_weak


def test_a_finding_for_a_person_is_quoted_with_its_place() -> None:
    finding = Finding(rule="net", severity="person", path="a.py", line=3, reason="Opens a socket.")
    case = Case(STRONG, (finding,), None)
    assert find_weaknesses(case)[0] == ("finding", "a.py:3: Opens a socket.")


@pytest.mark.parametrize(
    ("tests", "expected"),
    [
        (Comparison(flaky=("t::b",)), ["flaky-tests"]),
        (Comparison(not_started="the tests could not be started: x"), ["tests-unknown"]),
        (Comparison(is_by_status=True, unrelated=("make test",)), ["tests-unknown"]),
        (Comparison(is_by_status=True), ["tests-unknown"]),
        (Comparison(unrelated=("t::b",)), []),
        (Comparison(order_dependent=("t::b",)), []),
    ],
)
def test_what_the_tests_leave_open_is_said(tests: Comparison, expected: list[str]) -> None:
    assert kinds(tests) == expected


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"mutation": score(killed=1, survived=("a.py:3: + -> -",))}, ("1 of 3", "a.py:3: + -> -")),
        ({"mutation": score(lines_without_kill=("a.py:3: 1 -> 2",))}, ("a.py:3: 1 -> 2",)),
        ({"mutation": score(made_up=("1000",))}, ("1000", "a test of where it matters")),
        ({"mutation": score(killed_by_fail_to_pass=0)}, ("t::a", "assert")),
        ({"lines_executed": 1}, ("1 of 2",)),
        ({"fail_to_pass": ()}, ("add such a test", "healer run")),
        (
            {"fail_to_pass": (), "fail_to_pass_of_repairs": ("t::b",)},
            ("t::b", "an earlier repair left it"),
        ),
    ],
)
def test_a_sentence_says_what_is_missing_and_how_to_add_it(
    changes: dict[str, object], words: tuple[str, ...]
) -> None:
    ((_, sentence),) = find_weaknesses(Case(STRONG.model_copy(update=changes), (), None))
    assert all(word in sentence for word in words), sentence


def test_each_law_has_a_kind_of_its_own() -> None:
    assert len({kind for kind, _ in LAWS}) == len(LAWS)


def test_where_nothing_failed_no_test_has_to_have_failed_before() -> None:
    changes = {"heals": False, "reproduced": False, "fail_to_pass": ()}
    assert kinds(**changes) == []
    assert kinds(**changes, mutation=score(killed_by_fail_to_pass=0)) == []


def test_a_change_of_no_code_needs_no_test_that_would_notice() -> None:
    nothing = {"mutation": MutationScore(), "lines_changed": 0, "lines_executed": 0}
    assert kinds(heals=False, changes_code=False, **nothing) == []
    assert kinds(heals=True, changes_code=False, **nothing) == ["value-unknown"]


SINGLED_OUT = Nights(replays=5, continuity="continues", neighbours=9, told_apart=4)


def test_nights_that_single_a_fix_out_confirm_it_without_tests() -> None:
    assert kinds(fail_to_pass=(), nights=SINGLED_OUT) == []
    assert kinds(fail_to_pass=(), nights=None) == ["value-unknown"]


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"continuity": "breaks", "why": "no rows"}, "night-differs"),
        ({"change": "`a.csv`: 2 rows, not 3"}, "night-differs"),
        ({"continuity": "cannot-tell", "why": "2 nights"}, "value-unknown"),
        ({"replays": 2}, "value-unknown"),
        ({"rivals": ("get(..., 0)",)}, "value-unknown"),
        ({"told_apart": 0}, "value-unknown"),
        ({"is_cut_short": True}, "value-unknown"),
    ],
)
def test_nights_that_do_not_confirm_nothing(changes: dict[str, object], kind: str) -> None:
    nights = SINGLED_OUT.model_copy(update=changes)
    assert kinds(fail_to_pass=(), nights=nights) == [kind]


def test_a_changed_good_night_weighs_more_than_a_test() -> None:
    nights = SINGLED_OUT.model_copy(update={"change": "`a.csv`: 2 rows, not 3"})
    assert kinds(nights=nights) == ["night-differs"]
    assert kinds(fail_to_pass=(), forced="so", nights=nights) == ["night-differs"]


def test_how_the_failing_night_ends_a_test_may_say_better_than_the_good_ones() -> None:
    nights = SINGLED_OUT.model_copy(update={"continuity": "breaks", "why": "no rows"})
    assert kinds(nights=nights) == []
    assert kinds(fail_to_pass=(), forced="so", nights=nights) == ["night-differs"]


def test_lines_that_nothing_runs_since_their_tests_could_not_be_run_are_told_so() -> None:
    tests = Comparison(unrelated=("t/test_a.py",), uncollected=("t/test_a.py (ImportError: b)",))
    case = Case(STRONG.model_copy(update={"lines_executed": 0}), (), tests)
    sentences = [each.sentence for each in find_weaknesses(case) if each.kind == "lines-not-run"]
    assert len(sentences) == 1
    assert "t/test_a.py (ImportError: b)" in sentences[0]


PIN = PinProof(paths=("requirements.txt",), replays=3, continuity="continues")
OF_SETTINGS = Finding(
    rule="protected-kind", severity="person", path="requirements.txt", line=0, reason="Settings."
)


@pytest.mark.parametrize(
    ("pins", "finding", "expected"),
    [
        (PIN, OF_SETTINGS, []),
        (PIN, OF_SETTINGS.model_copy(update={"rule": "not-python"}), []),
        (PIN, OF_SETTINGS.model_copy(update={"path": "setup.cfg"}), ["finding"]),
        (PIN, OF_SETTINGS.model_copy(update={"rule": "too-big"}), ["finding"]),
        (PIN.model_copy(update={"replays": 2}), OF_SETTINGS, ["finding", "pin-unproved"]),
        (PIN.model_copy(update={"objection": "x"}), OF_SETTINGS, ["finding", "pin-unproved"]),
    ],
)
def test_a_pin_needs_no_person_where_it_is_proved_and_its_owner_lets_it(
    pins: PinProof, finding: Finding, expected: list[str]
) -> None:
    nights = Nights(replays=3, continuity="continues")
    facts = {"fail_to_pass": (), "lines_changed": 0, "lines_executed": 0, "mutation": None}
    assert kinds(None, (finding,), pins=pins, nights=nights, **facts) == expected
