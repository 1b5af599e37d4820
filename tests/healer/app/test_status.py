"""What runs, waits and is watched is told as it is, also where the configuration is wrong."""

import json
from datetime import UTC, datetime
from pathlib import Path

from healer.app.status import collect_status, describe_probation
from healer.daemon.tasks.reload import FILE
from healer.engine.locks import hold_executor_lock
from healer.render.notice import Notice
from tests.support.git import commit_files
from tests.support.shop import SCRIPT, failed, shop


def test_a_quiet_repository(tmp_path: Path) -> None:
    with shop(tmp_path / "shop") as here:
        status = collect_status(here.folder)
    assert status.model_dump() == {
        "daemon": False,
        "config_problem": "",
        "failures": 0,
        "mails": "none waits",
        "repairs": (),
        "watched": (),
    }


def test_what_waits_and_what_is_watched_is_listed(tmp_path: Path) -> None:
    with shop(tmp_path / "shop") as here:
        merged = here.merged()
        commit_files(
            here.folder, {SCRIPT: 'PRICES = {"tea": 4.5}\n\n\nprint(PRICES["te"])  # again\n'}
        )
        waiting = here.fix()
        failed(here)
        status = collect_status(here.folder / "scripts")
        said = describe_probation(here.folder, here.services.ledger, merged)
        assert (
            describe_probation(
                here.folder, here.services.ledger, here.services.ledger.repair(waiting.repair)
            )
            == ""
        )
    assert [row.id for row in status.repairs] == [waiting.repair]
    assert [(each.repair, each.script) for each in status.watched] == [(merged.id, SCRIPT)]
    assert status.watched[0].said == said
    assert said.startswith("on probation: 0 of 3 runs ended well")
    assert status.failures == 1


def test_a_running_daemon_is_seen(tmp_path: Path) -> None:
    with shop(tmp_path / "shop") as here:
        with hold_executor_lock(here.state, "daemon"):
            assert collect_status(here.folder).daemon
        assert not collect_status(here.folder).daemon


def test_a_wrong_configuration_is_said_and_the_rest_is_told_all_the_same(tmp_path: Path) -> None:
    with shop(tmp_path / "shop") as here:
        waiting = here.fix()
        (here.folder / "healer.toml").write_text("targt = 'main'\n")
        status = collect_status(here.folder)
    assert "did you mean target" in status.config_problem
    assert [row.id for row in status.repairs] == [waiting.repair]


def test_what_a_running_daemon_refused_counts_only_while_it_runs(tmp_path: Path) -> None:
    with shop(tmp_path / "shop") as here:
        (here.state / FILE).write_text(json.dumps({"at": 1.0, "problem": "unknown key targt"}))
        assert collect_status(here.folder).config_problem == ""
        with hold_executor_lock(here.state, "daemon"):
            assert collect_status(here.folder).config_problem == "unknown key targt"


def test_mails_that_wait_are_counted_with_what_is_the_matter(tmp_path: Path) -> None:
    mail = {"smtp": "smtp://127.0.0.1:9", "from": "h@example.com", "to": ["ada@example.com"]}
    with shop(tmp_path / "shop", mail=mail) as here:
        lines = [f"{key} = {json.dumps(value)}" for key, value in mail.items()]
        (here.folder / "healer.toml").write_text("\n".join(["[mail]", *lines, ""]))
        now = datetime.now(UTC)
        notice = Notice(
            kind="gave_up", fingerprint="f", script=SCRIPT, reason="It failed.", when=now
        )
        here.services.notifier.notify(notice, now)
        here.services.notifier.flush(now)
        assert collect_status(here.folder).mails.startswith("1 wait to be sent (")
