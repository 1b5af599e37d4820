"""Who is told what at the end of a repair: one mail where a person is needed, none where not."""

import socket
import time
from dataclasses import replace
from typing import Any

import pytest

from healer.config import Job
from healer.facts.printed import attempt_printed
from healer.facts.repair import Baseline, FinishedRepair, Outcome
from healer.repair.notices import (
    Mailing,
    notify_of_end,
    notify_of_job,
    notify_of_rejection,
    send_notice,
)
from healer.services import Services, SharedRecords
from healer.services.fleet import SharedFleet
from healer.support.postgres import Scope
from healer.support.shared_tables import SharedTables
from healer.watch.runner import run_log
from healer.watch.shared_inbox import SharedInbox
from healer.watch.shared_runs import SharedRuns
from sandbox import Report
from tests.healer.repair.conftest import Make
from tests.support.ledger_rows import SCRIPT, add_repair, request_of
from tests.support.notices import notice
from tests.support.repair_facts import attempt_of, crash_of, finished_of
from tests.support.smtp import Server

PROTECTED = Outcome(
    kind="escalated", reason="core is protected", protected=True, notify=("till@example.com",)
)


def finished(services: Services, outcome: str | Outcome, **fields: Any) -> FinishedRepair:
    failure = fields.pop("failure", crash_of())
    merge = fields.pop("merge", True)
    request = request_of(
        "r1", base=services.repository.tip("main"), failure=failure, merge=merge,
        opened_at=int(time.time()),
    )  # fmt: skip
    return finished_of(outcome, request, **fields)


def subjects(server: Server) -> list[str]:
    return [received.mail["Subject"] for received in server.taken]


@pytest.mark.parametrize("outcome", ["review", "escalated", "gave_up"])
def test_where_a_person_is_needed_a_mail_is_sent(
    services: Services, server: Server, outcome: str
) -> None:
    assert notify_of_end(finished(services, outcome), services) == Mailing(
        "sent to ada@example.com"
    )
    (subject,) = subjects(server)
    assert "KeyError" in subject
    assert f"it was {outcome}" in server.taken[0].part("plain")


@pytest.mark.parametrize("outcome", ["healthy", "healed", "unjudged"])
def test_where_nobody_is_needed_nobody_is_told(
    services: Services, server: Server, outcome: str
) -> None:
    assert notify_of_end(finished(services, outcome), services) == Mailing()
    assert server.taken == []


@pytest.mark.parametrize("outcome", ["review", "gave_up", "unjudged"])
def test_who_asked_for_no_merge_reads_the_result_and_no_mail(
    services: Services, server: Server, outcome: str
) -> None:
    assert notify_of_end(finished(services, outcome, merge=False), services) == Mailing()
    assert server.taken == []


def test_a_fix_of_what_was_told_is_said_in_its_thread_to_be_on_probation_and_not_over(
    services: Services, server: Server
) -> None:
    notify_of_end(finished(services, "gave_up"), services)
    healed = Outcome(kind="healed", reason="checked and merged", merged="c" * 40)
    assert notify_of_end(finished(services, healed), services).status.startswith("sent to")
    assert server.taken[1].mail["In-Reply-To"] == server.taken[0].mail["Message-ID"]
    text = " ".join(server.taken[1].part("plain").split())
    assert "merged, and on probation" in text
    assert "Checked and merged. On probation until 3 runs with it have ended well" in text
    assert not any(word in text for word in ("is over", "is healed"))


def test_without_a_mail_server_it_is_said_that_none_was_sent(make: Make) -> None:
    services = make()
    status = notify_of_end(finished(services, "review"), services).status
    assert status == "none was sent: no mail server is configured ([mail] smtp and to)"


def test_a_server_that_is_away_keeps_the_mail_for_later(make: Make) -> None:
    mail = {"smtp": "smtp://127.0.0.1:1", "from": "h@example.com", "to": ["ada@example.com"]}
    mailing = notify_of_end(finished(services := make(mail=mail), "review"), services)
    assert mailing.is_kept
    assert mailing.status.startswith("kept, and sent later: ")


def test_the_same_end_told_again_is_one_mail(services: Services, server: Server) -> None:
    repair = finished(services, "review")
    assert notify_of_end(repair, services).status == "sent to ada@example.com"
    again = notify_of_end(repair, services)
    assert again == Mailing("none was sent: this was told before")
    assert len(server.taken) == 1


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        (PROTECTED, "protected"),
        (Outcome(kind="escalated", reason="not a code fault: what is protected is the disk"), ""),
        (Outcome(kind="gave_up", reason="core/money.py is protected"), ""),
    ],
)
def test_a_protected_place_is_told_by_what_it_is_and_not_by_a_word_of_the_reason(
    services: Services, server: Server, outcome: Outcome, words: str
) -> None:
    notify_of_end(finished(services, outcome), services)
    assert ("only people may repair it" in server.taken[0].part("plain")) == bool(words)


@pytest.mark.parametrize("difference", ["", "in the sandbox it ended well"])
def test_of_a_failure_that_was_not_seen_nobody_is_told_that_the_script_is_broken(
    services: Services, server: Server, difference: str
) -> None:
    end = finished(services, Outcome(kind="escalated", reason="not reproduced: it ended well"))
    baseline = end.baseline.model_copy(update={"reproduced": False, "difference": difference})
    notify_of_end(end.model_copy(update={"baseline": baseline}), services)
    plain = " ".join(server.taken[0].part("plain").split())
    assert ("in the sandbox the failure does not show itself" in plain) is bool(difference)
    assert ("is left to people" in plain) is not bool(difference)
    assert "is broken" not in plain


def test_whoever_protects_a_place_is_told_too(services: Services, server: Server) -> None:
    status = notify_of_end(finished(services, PROTECTED), services).status
    assert set(server.taken[0].recipients) == {"ada@example.com", "till@example.com"}
    assert "till@example.com" in status


def test_a_draft_brings_approve_and_reject_and_a_failed_one_does_not(
    services: Services, server: Server
) -> None:
    notify_of_end(finished(services, "review"), services)
    text = server.taken[0].part("plain")
    assert "healer approve r1" in text
    assert "healer reject r1" in text


@pytest.mark.parametrize("attempts", [(), (attempt_of("forbidden", "no", candidate=None),)])
def test_without_a_candidate_there_is_nothing_to_approve(
    services: Services, server: Server, attempts: Any
) -> None:
    notify_of_end(finished(services, "escalated", attempts=attempts), services)
    text = server.taken[0].part("plain")
    assert "healer approve" not in text
    assert ("healer reject r1" in text) == bool(attempts)
    assert "healer fix" not in text, "it would be refused: this one waits"


def test_money_that_lacks_for_all_is_one_mail_a_day_whichever_repair_meets_it(
    services: Services, server: Server
) -> None:
    outcome = Outcome(kind="gave_up", reason="the day's budget is used up", stopped_by_budget=True)
    for fingerprint in ("a" * 16, "b" * 16):
        failure = crash_of(fingerprint=fingerprint)
        notify_of_end(finished(services, outcome, failure=failure), services)
    assert len(server.taken) == 1


def test_a_sandbox_that_is_away_is_an_incident_of_its_own(
    services: Services, server: Server
) -> None:
    services.notifier.is_attended = False
    away = Outcome(kind="unjudged", reason="Docker Engine does not answer.")
    assert notify_of_end(finished(services, away), services) == Mailing()
    known = {thread for thread in subjects(server) if "KeyError" in thread}
    assert known == set()


def test_a_repair_that_ran_nothing_says_nothing_of_the_sandbox(
    services: Services, server: Server
) -> None:
    nothing_ran = Baseline(failure=crash_of(), report=Report())
    notify_of_end(finished(services, "healthy", baseline=nothing_ran), services)
    assert server.taken == []


def test_any_notice_is_sent_or_it_is_said_why_not(services: Services, server: Server) -> None:
    assert send_notice(notice(), services).status == "sent to ada@example.com"
    assert send_notice(notice(), services).status == "none was sent: this was told before"
    assert len(server.taken) == 1


def test_a_mail_says_where_since_when_and_how_often_it_failed(
    services: Services, server: Server
) -> None:
    failure = crash_of().model_copy(update={"argv": ("python", SCRIPT, "--key=a b")})
    incidents, state_dir = services.incidents, services.repository.state_dir
    for number, now in enumerate((0.0, 86_400.0, 2 * 86_400.0)):
        incidents.count_failures(failure.fingerprint, now=now, script=SCRIPT, failure=f"f{number}")
    run_log.append(state_dir, run_log.LoggedRun(SCRIPT, "", 0, 3_600.0, 0.1))
    baseline = Baseline(failure=failure)
    notify_of_end(finished(services, "gave_up", failure=failure, baseline=baseline), services)
    text = server.taken[0].part("plain")
    assert f"on {socket.gethostname()}, in {services.repository.root}, branch main" in text
    assert f"command: python {SCRIPT} '--key=a b'" in text
    assert "failed 3 times: first 1 Jan 1970, 00:00 UTC, last 3 Jan 1970, 00:00 UTC" in text
    assert "last good run: 1 Jan 1970, 01:00 UTC" in text


def test_in_a_fleet_a_mail_names_tenant_repository_and_the_machine_that_failed(
    services: Services, server: Server, shared_url: str
) -> None:
    scope = Scope("acme", "git.example.com/shop/jobs")
    failure = crash_of()
    with SharedTables(shared_url, scope) as tables:
        inbox = SharedInbox(tables)
        for number, host in enumerate(("job1", "job2", "job2")):
            record = failure.model_copy(update={"id": f"20260101T00000{number}-1"})
            inbox.receive(record, now=float(number), host=host)
        fleet = SharedFleet(tables, services.ledger, "c1", "w1")
        shared = replace(
            services, fleet=fleet, shared_records=SharedRecords(inbox, SharedRuns(tables))
        )
        baseline = Baseline(failure=failure)
        notify_of_end(finished(shared, "gave_up", failure=failure, baseline=baseline), shared)
    mail = server.taken[0]
    here = f"on job2, job1 (told by {socket.gethostname()})"
    where = f"{here}, in git.example.com/shop/jobs of tenant acme, branch main"
    assert where in " ".join(mail.part("plain").split())
    assert mail.mail["Subject"].startswith("[jobs] ")


def test_a_person_who_turns_a_fix_down_has_not_ended_the_failure(
    services: Services, server: Server
) -> None:
    notify_of_end(finished(services, "review"), services)
    request = finished(services, "review").request
    row = add_repair(services.ledger, "rejected", request=request, branch="quarantine/a-r1")
    notify_of_rejection(row, None, "rejected by Ada: no", services, by="Ada")
    text = server.taken[-1].part("plain")
    assert "was turned down, and it is not repaired" in text
    assert "this is over" not in text


@pytest.mark.parametrize("branch", ["", "quarantine/a-r1"])
def test_a_repair_that_had_no_fix_has_none_that_was_turned_down(
    services: Services, server: Server, branch: str
) -> None:
    end = finished(services, "escalated")
    notify_of_end(end, services)
    failing = attempt_printed(attempt_of("unchanged", "it still fails"))
    row = add_repair(
        services.ledger,
        "rejected",
        request=end.request,
        branch=branch or None,
        attempts=(failing,) if branch else (),
        commit=failing.commit if branch else None,
    )
    notify_of_rejection(row, None, "rejected by Ada: no", services, by="Ada")
    text = server.taken[-1].part("plain")
    assert "was ended without a fix, and it is not repaired" in " ".join(text.split())
    assert f"healer fix {SCRIPT}" in text
    assert "turned down" not in text


@pytest.mark.parametrize("step", ["put it back", "put it back."])
def test_what_no_fix_of_the_code_mends_names_no_draft_and_no_command_that_ends_the_same(
    services: Services, server: Server, step: str
) -> None:
    stop = Outcome(kind="escalated", reason="a disk is away", next_step=step)
    notify_of_end(finished(services, stop), services)
    text = " ".join(server.taken[0].part("plain").split())
    assert f"{SCRIPT} failed, and is left to people" in text
    assert "What else: put it back. What failed" in text
    assert ("healer show r1" in text, "healer fix" in text) == (True, False)


def test_a_job_that_did_not_run_names_a_command_and_no_id_that_none_takes(
    services: Services, server: Server
) -> None:
    job = Job(script=SCRIPT, command=("python", SCRIPT), every="1h")
    notify_of_job(services, job, "missed", "it did not begin", time.time())
    text = server.taken[0].part("plain")
    assert ("healer status" in text, "incident job:" in text) == (True, False)
    assert ("\nWhere\n" in text.replace("\r", ""), "Incident" in text) == (True, False)


@pytest.mark.parametrize("kind", ["fixed", "unchanged", "forbidden"])
def test_only_a_draft_that_passed_is_offered_as_a_patch_and_for_approval(
    services: Services, server: Server, kind: str
) -> None:
    attempts = (attempt_of(kind, "as it was"),)
    outcome = Outcome(kind="escalated", reason="the job left something else than expected")
    notify_of_end(finished(services, outcome, attempts=attempts), services)
    text = " ".join(server.taken[0].part("plain").split())
    is_fix = kind == "fixed"
    assert ("healer approve" in text, "git am" in text) == (is_fix, is_fix)
    assert ("did not pass the checks" in text) != is_fix
    assert bool(list(server.taken[0].mail.iter_attachments())) == is_fix
