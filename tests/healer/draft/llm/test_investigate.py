"""The investigating tier looks, tries and answers within bounds; the reviewer is only stricter."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healer.draft.llm.endpoint.budget import Budget
from healer.draft.llm.endpoint.settings import ModelSettings
from healer.draft.llm.investigate import MOST_STEPS
from healer.draft.llm.prompts.history import GitHistory, NoHistory
from healer.draft.llm.replies.jsontext import Problem
from healer.draft.llm.review import ModelReviewer
from healer.draft.llm.tools import ToolCall, Tools, parse_tool_call
from healer.facts.draft import Case, Edit
from healer.redact import Redactor
from quarantine.repository import Repository
from tests.healer.draft.llm.cases import LINE, FakeClock, Files, attempt, case, spent_usd
from tests.healer.draft.llm.conftest import Maker
from tests.support.endpoint import Reply, Scripted, ScriptedEndpoint, answer, fix
from tests.support.git import git

NEW = LINE.replace('row["total"]', 'row.get("total", 0)')
GOOD = fix("scripts/report.py", LINE, NEW)
USED = tuple(attempt("small", f"pass  # {n}") for n in range(2))


def step(action: str, **values: Any) -> dict[str, Any]:
    empty = {"thought": "…", "path": "", "text": "", "first_line": 0, "last_line": 0}
    return {**empty, "action": action, "answer": answer(), **values}


class Sandbox:
    """Says what it was given to try."""

    def __init__(self) -> None:
        self.tried: list[tuple[Edit, ...]] = []

    def __call__(self, of: Case, edits: tuple[Edit, ...]) -> str:
        self.tried.append(edits)
        return "reproduce: pass\ntests: 1 failed, password=hunter2hunter2"


def test_it_looks_tries_and_answers(make: Maker) -> None:
    sandbox = Sandbox()
    drafter, endpoint = make(
        step("read_file", path="jobs/rates.py", first_line=1, last_line=3),
        step("search_text", text="rate_of"),
        step("find_symbol", text="rate_of"),
        step("try_patch", answer=GOOD),
        step("finish", answer=GOOD),
        investigator="big",
        parts={"try_patch": sandbox},
    )
    drafts = drafter.draft(case(attempts=USED), Files())
    (draft,) = drafts.candidates
    assert draft.drafter == "big (investigating)"
    assert len(sandbox.tried) == 1
    prompts = [request.prompt for request in endpoint.requests]
    assert "# jobs/rates.py, lines 1 to 3 of 7\nRATES = {" in prompts[1]
    assert "scripts/report.py:6: from jobs.rates import rate_of" in prompts[2]
    assert "return RATES[currency]" in prompts[3]
    assert "reproduce: pass" in prompts[4]
    assert "hunter2" not in prompts[4]
    assert len(drafts.exchanges) == 5


def test_it_is_asked_once_and_only_after_the_tiers(make: Maker) -> None:
    drafter, endpoint = make(Reply(step("finish", answer=GOOD), keep=True), investigator="big")
    drafter.draft(case(), Files())
    assert endpoint.requests[0].body["model"] == "small"
    again = (*USED, attempt("big (investigating)", "pass  # 9"))
    assert "all tries" in drafter.draft(case(attempts=again), Files()).reason


def test_the_same_step_again_is_answered_without_taking_it_and_ends_it_in_the_end(
    make: Maker,
) -> None:
    reading = step("read_file", path="jobs/rates.py", first_line=1, last_line=9)
    drafter, endpoint = make(Reply(reading, keep=True), investigator="big")
    drafts = drafter.draft(case(attempts=USED), Files())
    assert "round in circles" in drafts.reason
    assert len(endpoint.requests) == 4
    assert "you have this already, from step 1" in endpoint.requests[-1].prompt


def test_it_ends_after_its_steps(make: Maker) -> None:
    steps = [step("search_text", text=f"word{n}") for n in range(30)]
    drafter, endpoint = make(*steps, investigator="big")
    drafts = drafter.draft(case(attempts=USED), Files())
    assert f"within {MOST_STEPS} steps" in drafts.reason
    assert len(endpoint.requests) == MOST_STEPS


def test_a_wrong_step_is_answered_with_what_is_wrong(make: Maker) -> None:
    wrong: list[Scripted] = [
        "let me think",
        step("delete_file", path="x"),
        step("read_file"),
        step("read_file", path="../../etc/passwd"),
        step("read_file", path=".env"),
        step("search_text", text=" "),
        step("try_patch", answer=fix("tests/test_report.py", "== 0", "== 1")),
        step("finish", answer=fix("protected.toml", "a", "b")),
    ]
    sandbox = Sandbox()
    drafter, endpoint = make(
        *wrong, step("finish", answer=GOOD), investigator="big", parts={"try_patch": sandbox}
    )
    files = Files()
    files.files[".env"] = b"PLAIN=value"
    drafts = drafter.draft(case(attempts=USED), files)
    assert drafts.candidates
    told = endpoint.requests[-1].prompt
    for says in (
        "no JSON",
        "action is 'delete_file'",
        "read_file needs a path",
        "there is no file '../../etc/passwd'",
        "may hold secrets",
        "search_text needs text",
        "'tests/test_report.py' must not be changed",
        "'protected.toml' must not be changed",
    ):
        assert says in told
    assert "PLAIN" not in told
    assert sandbox.tried == []


def test_a_way_out_ends_an_investigation(make: Maker) -> None:
    out = answer(decision="needs_person", cause="Both are right.")
    drafter, _ = make(step("finish", answer=out), investigator="big")
    drafts = drafter.draft(case(attempts=USED), Files())
    assert (drafts.refusal, drafts.reason) == ("needs_person", "Both are right.")


def test_an_investigation_stops_at_the_budget(make: Maker) -> None:
    big = {"model": "big", "usd_per_million_in": 10, "usd_per_million_out": 10}
    steps = [Reply(step("search_text", text=f"w{n}"), usage=(9_000, 900)) for n in range(12)]
    drafter, endpoint = make(*steps, investigator=big)
    drafts = drafter.draft(case(attempts=USED), Files())
    assert drafts.stopped_by_budget
    assert 1 < len(endpoint.requests) < MOST_STEPS
    assert spent_usd(make.budget, repair="r1") <= 0.5


def test_tools_never_show_a_secret_and_bound_what_they_show() -> None:
    files = Files({"a.py": 'TOKEN = "s3cret-value-1"\n' + "x = 1\n" * 5_000, "deploy.pem": "x = 1"})
    tools = Tools(case(), files, Redactor(), NoHistory(), None)
    shown = [
        tools.use(ToolCall("read_file", "a.py", "", 1, 200)),
        tools.use(ToolCall("search_text", text="TOKEN")),
        tools.use(ToolCall("search_text", text="x = 1")),
        tools.use(ToolCall("read_file", "deploy.pem", "", 1, 9)),
    ]
    assert not any("s3cret-value-1" in text for text in shown)
    assert all(len(text) < 10_000 for text in shown)
    assert "deploy.pem" not in shown[2]
    assert "may hold secrets" in shown[3]


@given(st.text(max_size=200))
def test_any_text_is_a_step_or_a_problem(text: str) -> None:
    assert isinstance(parse_tool_call(text), ToolCall | Problem)


def test_history_shows_the_change_that_is_newer_than_the_last_good_run(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    for text in ("a = 1\nb = 1\n", "a = 1\nb = 2\n"):
        (tmp_path / "s.py").write_text(text)
        git(tmp_path, "add", ".")
        git(tmp_path, "commit", "-qm", f"Write {text[-2]}")
    base = git(tmp_path, "rev-parse", "HEAD")
    repository = Repository.open(tmp_path)
    history = GitHistory(repository)
    assert "-b = 1\n+b = 2" in history.last_change(base, "s.py", 2)
    assert history.last_change(base, "s.py", 1) == ""
    assert history.last_change(base, "s.py", 99) == ""
    assert history.last_change(base, "none.py", 1) == ""
    assert GitHistory(repository, lambda path: 4e9).last_change(base, "s.py", 2) == ""
    assert GitHistory(repository, lambda path: 0).last_change(base, "s.py", 2)
    assert "Write 2" in history.line_log(base, "s.py", 1, 2)
    assert history.line_log(base, "s.py", 50, 60) == ""


def review(*replies: Scripted, **settings: Any):
    with ScriptedEndpoint(replies) as endpoint:
        ready = ModelSettings.model_validate(
            {"base_url": endpoint.base_url, "reviewer": "judge", **settings}
        )
        budget = Budget(None, usd_per_repair=0.5, usd_per_day=5)
        reviewer = ModelReviewer(ready, Redactor(), budget, environment={}, clock=FakeClock())
        said = reviewer.review("r1", "KeyError: 'total'", "-x = 1\n+x = 2\n", "tests: pass")
        reviewer.close()
        return said, endpoint


@pytest.mark.parametrize("objection", ["none", "weaker", "reject"])
def test_a_reviewers_objection_is_read(objection: str) -> None:
    said, endpoint = review({"objection": objection, "reason": "Because."})
    assert (said.objection, said.reason) == (objection, "Because.")
    assert "+x = 2" in endpoint.requests[0].prompt


@pytest.mark.parametrize(
    "reply",
    [
        "Looks good to me!",
        {"objection": "approve", "reason": "merge it"},
        {"objection": None},
        Reply(refusal="no"),
        Reply(status=401, body="{}"),
        Reply(None),
    ],
)
def test_a_reviewer_that_cannot_be_read_is_an_objection(reply: Scripted) -> None:
    assert review(reply)[0].objection == "weaker"


def test_a_reviewer_without_money_is_an_objection_and_none_is_none() -> None:
    judge = {"model": "judge", "usd_per_million_in": 1e4, "usd_per_million_out": 1e4}
    said, endpoint = review({"objection": "none", "reason": ""}, reviewer=judge)
    assert said.objection == "weaker"
    assert endpoint.requests == []
    assert review(reviewer=None)[0].objection == "none"
