"""A trial in words: every case in one line, and what all of them say."""

from healer.render.trial import SCRIPT_HEADER, case_line, script_row, summary
from healer.render.trial_report import Likeness, TrialCase, TrialReport, sum_up

CASE = TrialCase(
    origin="commit", id="1a2b3c4d5e6f7", at=1_767_225_600, subject="Mend it", script="a.py",
    end="merged", reason="merged", drafter="search", rule="swap", seconds=90, cost_usd=0.25,
    likeness=Likeness(kind="differs", detail="f(0) gives 1, with the person's fix 2"),
)  # fmt: skip
NOTHING = CASE.model_copy(update={"end": "nothing", "likeness": None, "drafter": "", "rule": ""})


def report(*cases: TrialCase, **more: object) -> TrialReport:
    facts = {
        "since": 0, "target": "main", "tip": "t" * 40, "drafter": "auto", "version": "1",
        "cases": cases, "scripts": (sum_up("a.py", cases, "merge"),),
    }  # fmt: skip
    return TrialReport.model_validate(facts | more)


def test_a_case_says_when_what_and_how_like_the_persons() -> None:
    assert case_line(CASE) == (
        "2026-01-01 1a2b3c4d5e6f a.py: would have merged (swap); does otherwise than the person's "
        "fix: f(0) gives 1, with the person's fix 2"
    )
    assert case_line(NOTHING) == "2026-01-01 1a2b3c4d5e6f a.py: no fix: merged"


def test_a_script_is_one_row_below_its_header() -> None:
    row = script_row(report(CASE, NOTHING).scripts[0])
    assert len(row) == len(SCRIPT_HEADER)
    assert row[:9] == ("a.py", "2", "1", "0", "1", "0", "1", "0.50", "3.0")
    assert row[9].startswith("review: ")


def test_the_summary_counts_and_says_what_was_left_out() -> None:
    lines = list(summary(report(CASE, NOTHING, has_more=True, stopped="the money is spent")))
    assert lines[0].startswith("2 of 2 could be replayed: 1 would have merged, 0 would have waited")
    assert "0 do what the person's fix does, 1 otherwise, 0 could not" in lines[1]
    assert "3.0 minutes and 0.50 USD; nothing was merged" in lines[2]
    assert "the money is spent" in lines[3]
    assert "--most" in lines[4]
    assert len(list(summary(report(NOTHING)))) == 2
