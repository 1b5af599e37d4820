"""What people decide: on today's tip, one at a time, and nothing twice."""

from pathlib import Path
from typing import Literal

import pytest

from healer.facts.errors import UsageError
from healer.repair.run import run_decision
from tests.healer.daemon.tasks.test_end_probations import at, run_well
from tests.support.git import git
from tests.support.shop import BROKEN, FIXED, SCRIPT, commit, shop
from tests.support.smtp import smtp_server


def test_an_approved_fix_is_merged_and_nobody_decides_on_it_again(tmp_path: Path) -> None:
    with shop(tmp_path / "shop") as here:
        waiting = here.fix()
        assert waiting.outcome == "review", waiting.reason
        decided = here.decide("approve", waiting.repair[:4])
        assert (decided.done, decided.merged) == (True, here.tip)
        assert (here.folder / SCRIPT).read_text() == FIXED
        with pytest.raises(UsageError, match="does not wait for a decision"):
            here.decide("approve", waiting.repair)
        with pytest.raises(UsageError, match="does not wait for a decision"):
            here.decide("reject", waiting.repair, "too late")


def test_an_approved_fix_is_on_probation_and_not_over_until_that_has_ended(
    tmp_path: Path,
) -> None:
    with smtp_server() as server:
        mail = {"smtp": server.url + "?starttls=false", "from": "h@example.com"}
        settings = {"mail": mail | {"to": ["ada@example.com"]}, "probation_runs": 1}
        with shop(tmp_path / "shop", **settings) as here:
            waiting = here.fix()
            assert here.decide("approve", waiting.repair).done
            words = " ".join(server.taken[1].part("plain").split())
            assert "is merged, and on probation" in words
            assert "On probation until one run with it has ended well, or until" in words
            assert "it is taken out again if it fails as before" in words
            assert "this is over" not in words
            row = here.services.ledger.repair(waiting.repair)
            run_well(here, row)
            at(here, row.updated_at + 10)
        assert len(server.taken) == 3
        last = " ".join(server.taken[2].part("plain").split())
        assert "this is over" in last
        assert "1 run with the fix ended well" in last


@pytest.mark.parametrize("action", ["approve", "reject"])
def test_who_decides_by_mail_is_named_and_nobody_else_whom_they_name(
    tmp_path: Path, action: Literal["approve", "reject"]
) -> None:
    by, other = "ada@example.com (by mail)", "bob@example.org"
    with smtp_server() as server:
        mail = {"smtp": server.url + "?starttls=false", "from": "h@example.com"}
        with shop(tmp_path / "shop", mail=mail | {"to": ["ada@example.com"]}) as here:
            waiting, services = here.fix(), here.services
            decided = run_decision(
                services, here.state, action, waiting.repair, by=by, why=f"ask {other}"
            )
            assert decided.done, decided.reason
            incident = services.incidents.find(services.ledger.repair(waiting.repair).incident)
        assert incident is not None
        text = " ".join(server.taken[1].part("plain").split())
        for words in (incident.reason, text):
            assert by in words
            assert other not in words


def test_a_tip_that_moves_on_and_on_is_followed(tmp_path: Path) -> None:
    """Approved on a tip that moved; refused there; approved again on one that moved further."""
    with shop(tmp_path / "shop") as here:
        repair = here.fix().repair
        commit(here.folder, "notes.txt", "one\n")
        (here.folder / SCRIPT).write_text(BROKEN + "# a person's change\n")
        refused = here.decide("approve", repair)
        assert not refused.done
        assert "has uncommitted changes" in refused.reason
        git(here.folder, "checkout", "-q", SCRIPT)
        before = commit(here.folder, "notes.txt", "two\n")
        decided = here.decide("approve", repair)
        assert decided.done, decided.reason
        assert git(here.folder, "rev-parse", "main~1") == before


def test_a_rejection_is_shown_to_the_next_draft_and_closes_the_thread(tmp_path: Path) -> None:
    with smtp_server() as server:
        mail = {"smtp": server.url + "?starttls=false", "from": "h@example.com"}
        with shop(tmp_path / "shop", mail=mail | {"to": ["ada@example.com"]}) as here:
            waiting = here.fix()
            assert here.decide("reject", waiting.repair, "the till says te").done
            assert waiting.branch not in here.services.repository.branches()
            again = here.fix()
        assert again.outcome == "gave_up"
        (turned_down,) = here.drafter.cases[-1].rejected
        assert "the till says te" in turned_down.evidence
        subjects = [each.mail["Subject"] for each in server.taken]
        assert len(subjects) == 3
        assert server.taken[1].mail["In-Reply-To"] == server.taken[0].mail["Message-ID"]
        assert "rejected by Ada: the till says te" in server.taken[1].part("plain")
