"""A reviewer's word is on one diff: where a moved tip makes it another, it is asked again."""

from pathlib import Path
from typing import Any

import pytest

from healer.config import Config
from healer.evidence.model_review import reads_the_same
from healer.facts.progress import Progress
from healer.repair.run import run_decision
from tests.support.bench import GOOD, LINE, RIGHT, SCRIPT, SOURCE, Bench
from tests.support.endpoint import ScriptedEndpoint
from tests.support.git import git

NONE = {"objection": "none", "reason": "It removes the cause."}
WEAKER = {"objection": "weaker", "reason": "It hides a missing column."}
REJECT = {"objection": "reject", "reason": "The job reads other rows by now."}
LAST = 'print(total(json.load(open("rows.json"))))'
NEAR = (SCRIPT, SOURCE.replace(LAST, LAST.replace("rows.json", "rows.json", 1) + "  # daily"))
"""A change beside the fix: it merges with it, and the diff shows it."""
ELSEWHERE = ("notes.txt", "one\n")
FAR_ABOVE = (SCRIPT, "# one\n# two\n# three\n# four\n" + SOURCE)


def commit(bench: Bench, change: tuple[str, str]) -> None:
    bench.write(*change)
    bench.commit("A person's change")


class Moving(Bench):
    """The tip moves once, while the fix is being checked."""

    change = ELSEWHERE
    moved = False

    def progress(self, note: Progress) -> None:
        if note.step == "check" and not self.moved:
            self.moved = True
            commit(self, self.change)


class Asked:
    def __init__(self) -> None:
        self.prompts: list[str] = []

    def __call__(self, endpoint: ScriptedEndpoint) -> None:
        self.prompts = [request.prompt for request in endpoint.requests]


@pytest.fixture
def moving(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Moving:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "xdg"))
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-the-test")
    return Moving(tmp_path)


@pytest.mark.parametrize("change", [ELSEWHERE, FAR_ABOVE])
def test_where_the_diff_stays_what_it_was_nobody_is_asked_twice(
    moving: Moving, change: tuple[str, str]
) -> None:
    moving.change = change
    asked = Asked()
    result = moving.fix(GOOD, NONE, reviewer={"model": "second"}, asked=asked)
    assert (result.outcome, len(asked.prompts)) == ("healed", 2), result.reason


@pytest.mark.parametrize(
    ("says", "outcome"), [(NONE, "healed"), (WEAKER, "review"), (REJECT, "review")]
)
def test_a_diff_that_became_another_on_the_new_tip_is_reviewed_again(
    moving: Moving, says: dict[str, str], outcome: str
) -> None:
    moving.change = NEAR
    asked = Asked()
    result = moving.fix(GOOD, NONE, says, reviewer={"model": "second"}, asked=asked)
    assert result.outcome == outcome, result.reason
    assert "# daily" not in asked.prompts[1]
    assert "# daily" in asked.prompts[2]
    assert (says["reason"] in result.reason) == (outcome == "review")
    (attempt,) = moving.evidence(result).attempts
    assert [call.model for call in attempt.exchanges] == ["small", "second", "second"]
    assert result.attempts[0].tokens_in == sum(call.spent.tokens_in for call in attempt.exchanges)


def approved(bench: Bench, repair: str, *replies: dict[str, str]) -> tuple[bool, str, int]:
    """Whether it was done, why, and how often the reviewer was asked."""
    with ScriptedEndpoint(replies) as endpoint:
        model: Any = {"base_url": endpoint.base_url, "tiers": ["small"], "reviewer": "second"}
        with bench.opened(Config.model_validate({"model": model})) as services:
            done = run_decision(services, bench.state, "approve", repair, by="Ada", why="")
            calls = [each for each in services.ledger.entries(repair) if each.kind == "call"]
        assert len(calls) == 2 + len(endpoint.requests)
        return done.done, done.reason, len(endpoint.requests)


@pytest.mark.parametrize(
    ("change", "replies", "done"),
    [
        (ELSEWHERE, [], True),
        (NEAR, [NONE], True),
        (NEAR, [WEAKER], True),  # a person has looked: that is what it asks for
        (NEAR, [REJECT], False),
    ],
)
def test_what_a_person_approves_is_reviewed_again_where_it_reads_otherwise_today(
    bench: Bench, change: tuple[str, str], replies: list[dict[str, str]], done: bool
) -> None:
    waiting = bench.fix(GOOD, WEAKER, reviewer={"model": "second"})
    assert waiting.outcome == "review", waiting.reason
    commit(bench, change)
    before = git(bench.folder, "rev-parse", "main")
    was_done, reason, asked = approved(bench, waiting.repair, *replies)
    assert (was_done, asked) == (done, len(replies)), reason
    assert (git(bench.folder, "rev-parse", "main") != before) == done
    if not done:
        assert "The job reads other rows by now." in reason


DIFF = f"""\
diff --git a/{SCRIPT} b/{SCRIPT}
index 0123..4567 100644
--- a/{SCRIPT}
+++ b/{SCRIPT}
@@ -2,7 +2,7 @@ import json
 def total(rows):
-    {LINE}
+    {RIGHT}
"""


def test_line_numbers_and_ids_do_not_make_another_diff() -> None:
    elsewhere = DIFF.replace("-2,7 +2,7", "-12,7 +14,8").replace("0123..4567", "89ab..cdef")
    assert reads_the_same(DIFF, elsewhere)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("+    ret", "+   ret"),
        (" def total(rows)", " def totals(rows)"),
        ("import json\n", "import yaml\n"),
        (f"+++ b/{SCRIPT}", "+++ b/other.py"),
        ("100644", "100755"),
    ],
)
def test_what_a_reader_would_see_makes_another_diff(old: str, new: str) -> None:
    assert not reads_the_same(DIFF, DIFF.replace(old, new))
