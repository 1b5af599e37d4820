"""The page shows what `healer show` does, and lets in nobody else and nothing hostile."""

import re
from html import unescape

import pytest
from starlette.testclient import TestClient

from healer.web.repairs import SettingLine
from tests.healer.web.conftest import PAGES, form_token
from tests.support.repairs import hostile_repair, repair
from tests.support.web_backend import MemoryBackend


def test_the_overview_tells_waiting_running_and_ended_apart(browser: TestClient) -> None:
    page = browser.get("/").text
    waiting, running, ended = (
        page.split(f"<h2>{title}</h2>")[1].split("<h2>")[0]
        for title in ("Waiting for you", "Running", "Ended")
    )
    assert "/repairs/r7" in waiting
    assert "/repairs/run1" in running
    assert "tests (attempt 2)" in running
    assert "/repairs/ok1" in ended
    assert page.count("/repairs/r7") == 1


def test_one_repair_shows_everything_to_decide(browser: TestClient) -> None:
    page = browser.get("/repairs/r7").text
    for wanted in (
        "scripts/report.py waits for your decision",
        "KeyError: &#39;amuont&#39;",
        '<div class="line added">',
        "! changes a sum of money",
        "a test that fails before and passes after",
        "test_total did not run",
        "healer approve r7",
        'action="/repairs/r7/approve"',
        'action="/repairs/r7/reject"',
        "1. rules: no fix: NameError",
    ):
        assert wanted in page


def test_only_a_waiting_repair_can_be_decided(browser: TestClient) -> None:
    for path in ("/repairs/run1", "/repairs/ok1"):
        assert "/approve" not in browser.get(path).text


@pytest.mark.parametrize("path", PAGES)
def test_hostile_text_becomes_no_tag_no_style_and_no_script(browser: TestClient, path: str) -> None:
    page = browser.get(path).text
    scripts = re.findall(r"<script[^>]*>", page)
    assert set(scripts) <= {'<script src="/static/live.js" defer>'}
    assert not re.search(r"<[^>]+ (style|on\w+)=", page)
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x1b\u202e]", page)
    assert not re.search(r"(src|href)=\"(?!/|#main)", page)


def test_a_hostile_id_stays_in_its_link(repairs: MemoryBackend, browser: TestClient) -> None:
    name = '"><img src=x onerror=alert(1)>/../..'
    repairs.views[name] = hostile_repair(repair=name)
    page = browser.get("/").text
    assert "<img" not in page
    assert "/repairs/%22%3E%3Cimg" in page


def test_a_page_follows_what_runs_and_stands_still_otherwise(browser: TestClient) -> None:
    assert 'http-equiv="refresh"' in browser.get("/repairs/run1").text
    assert 'http-equiv="refresh"' not in browser.get("/repairs/r7").text


def test_approving_needs_our_form(browser: TestClient, repairs: MemoryBackend) -> None:
    answer = browser.post("/repairs/r7/approve", data={"form_token": form_token(browser)})
    assert (answer.status_code, answer.headers["location"]) == (303, "/repairs/r7")
    assert repairs.calls == [("approve", "r7")]
    assert "checks it again" in browser.get("/repairs/r7").text


def test_a_rule_that_says_reject_must_be_overruled(
    browser: TestClient, repairs: MemoryBackend
) -> None:
    repairs.views["r7"] = repair(against=("scripts/report.py:2: opens a socket",))
    page = browser.get("/repairs/r7").text
    assert "opens a socket" in page
    assert 'name="overrule" value="yes" required' in page
    sent = {"form_token": form_token(browser)}
    assert browser.post("/repairs/r7/approve", data=sent).status_code == 409
    assert repairs.calls == []
    sent["overrule"] = "yes"
    assert browser.post("/repairs/r7/approve", data=sent).status_code == 303


def test_a_question_is_a_form_in_the_place_of_the_patchs(
    browser: TestClient, repairs: MemoryBackend
) -> None:
    repairs.views["r7"] = repair(question="`share(1)` gives <1> or 2?", choices=("<1>", "2"))
    page = browser.get("/repairs/r7").text
    assert "`share(1)` gives &lt;1&gt; or 2?" in page
    assert 'type="radio" name="choice" value="2"' in page
    assert "/repairs/r7/approve" not in page
    token = form_token(browser)
    for sent in ({"choice": "1"}, {"form_token": token}):
        assert browser.post("/repairs/r7/answer", data=sent).status_code == 409
    assert repairs.calls == []
    sent = {"form_token": token, "choice": "none", "value": " [3] "}
    assert browser.post("/repairs/r7/answer", data=sent).status_code == 303
    assert repairs.calls == [("answer", "r7", "none", "[3]")]


def test_a_rejection_is_kept_with_its_reason(browser: TestClient, repairs: MemoryBackend) -> None:
    token = form_token(browser)
    assert browser.post("/repairs/r7/reject", data={"form_token": token}).status_code == 409
    sent = {"form_token": token, "reason": " the sum is wrong "}
    assert browser.post("/repairs/r7/reject", data=sent).status_code == 303
    assert repairs.calls == [("reject", "r7", "the sum is wrong")]


def test_where_no_draft_passed_there_is_a_repair_to_end_and_no_fix_to_approve(
    browser: TestClient, repairs: MemoryBackend
) -> None:
    page = browser.get("/repairs/r7").text
    assert "Why not? The next draft is told." in page
    assert "Approve" in page
    for attempts in (repairs.views["r7"].attempts, ()):
        changes = {"has_draft": False, "attempts": attempts}
        repairs.views["r7"] = repairs.views["r7"].model_copy(update=changes)
        page = browser.get("/repairs/r7").text
        assert "which ends without a fix" in page
        assert "Approve" not in page
        assert "next draft" not in page


def test_deciding_twice_is_refused_with_a_sentence(browser: TestClient) -> None:
    token = form_token(browser)
    sent = {"form_token": token, "reason": "no"}
    browser.post("/repairs/r7/reject", data=sent)
    answer = browser.post("/repairs/r7/approve", data=sent)
    assert answer.status_code == 409
    assert "does not wait for a decision" in answer.text


def test_a_repair_can_be_started_with_arguments(
    browser: TestClient, repairs: MemoryBackend
) -> None:
    sent = {"form_token": form_token(browser), "script": " scripts/x.py ", "args": "--all  a"}
    answer = browser.post("/repairs", data=sent)
    assert answer.headers["location"] == "/repairs/new1"
    assert repairs.calls == [("submit", "scripts/x.py", "run", "--all", "a")]


def test_a_repair_can_be_started_from_its_failure_or_by_running_it(
    browser: TestClient, repairs: MemoryBackend
) -> None:
    sent = {"form_token": form_token(browser), "script": "x.py", "args": " "}
    browser.post("/repairs", data=sent)
    browser.post("/repairs", data=sent | {"run": "yes"})
    assert repairs.calls == [("submit", "x.py"), ("submit", "x.py", "run")]


@pytest.mark.parametrize(
    ("script", "said"), [("", "no script was named"), ("x.txt", "x.txt is not a script of")]
)
def test_what_cannot_be_started_is_explained(browser: TestClient, script: str, said: str) -> None:
    sent = {"form_token": form_token(browser), "script": script}
    answer = browser.post("/repairs", data=sent)
    assert answer.status_code == 409
    assert said in answer.text


def test_costs_are_drawn_and_listed(browser: TestClient) -> None:
    page = browser.get("/costs").text
    assert page.count('class="bar"') == 9
    assert "2026-11-20: $1.27" in page
    assert "12.3k" in page


def test_empty_pages_say_so(repairs: MemoryBackend, browser: TestClient) -> None:
    repairs.views.clear()
    repairs.cost_rows = ()
    assert "Nothing waits for a person." in browser.get("/").text
    assert "Nothing was spent yet." in browser.get("/costs").text


def test_a_list_that_a_choice_has_cut_says_nothing_of_the_rest(browser: TestClient) -> None:
    page = browser.get("/", params={"script": "no-such-script"}).text
    assert "Nothing waits for a person." not in page
    assert page.count("None of those that you chose.") == 3
    page = browser.get("/incidents", params={"script": "no-such-script"}).text
    assert "No incident is open." not in page
    assert "None of those that you chose." in page


def test_the_first_page_says_what_is_not_over_and_what_nobody_has_taken_up(
    browser: TestClient, repairs: MemoryBackend
) -> None:
    first = browser.get("/").text
    assert "1 incident not over</a>: 1 waits for a person." in first
    assert "waits for a person, Ada is at it" in browser.get("/incidents").text
    assert "taken up" not in first
    repairs.untaken_count = 13
    for address in ("/", "/incidents"):
        assert "13 recorded failures nobody has taken up yet" in browser.get(address).text


def test_a_run_that_nobody_will_start_is_not_promised(browser: TestClient) -> None:
    assert browser.get("/health").text.count("not before the daemon runs") == 1


def test_merging_is_paused_and_goes_on(browser: TestClient, repairs: MemoryBackend) -> None:
    token = form_token(browser, "/health")
    assert "Pause all merging" in browser.get("/health").text
    assert browser.post("/health/pause", data={}).status_code == 409
    browser.post("/health/pause", data={"form_token": token})
    page = browser.get("/health").text
    assert "Paused by ada" in page
    assert "Pause all merging" not in page
    browser.post("/health/pause", data={"form_token": token, "resume": "yes"})
    assert repairs.calls == [("pause", ""), ("resume", "")]


def test_only_what_was_shown_is_allowed(browser: TestClient, repairs: MemoryBackend) -> None:
    page = browser.get("/health").text
    token = form_token(browser, "/health")
    assert "Docker runs this image" in page
    shown = unescape(page.split('name="shown" value="')[1].split('"')[0])
    before = repairs.settings
    repairs.settings = (*before, SettingLine(key="mail.smtp", value="x", effect="mails"))
    for wrong in ("", "[]", "no", shown):
        sent = {"form_token": token, "shown": wrong}
        assert browser.post("/health/trust", data=sent).status_code == 409
    assert repairs.calls == []
    repairs.settings = before
    answer = browser.post("/health/trust", data={"form_token": token, "shown": shown})
    assert answer.status_code == 303
    assert repairs.calls == [("trust", "")]
    assert "Docker runs" not in browser.get("/health").text
