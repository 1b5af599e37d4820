"""Clones of one remote that push are one repository; all others have their rows to themselves."""

from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest

from healer.app.shared_state import find_shared_state
from healer.app.state import make_state_dir
from healer.config import Config
from healer.daemon.tasks.replies import TakeReplies
from healer.notify import MailSettings, Notifier
from healer.notify.server_urls import IMAP_PASSWORD_VARIABLE
from healer.redact import Redactor
from healer.watch.incidents import Incidents
from quarantine.repository import Repository
from tests.support.git import git, make_repository
from tests.support.imap import PASSWORD, imap_server
from tests.support.ledger_rows import request_of
from tests.support.notices import NOON, notice
from tests.support.replies import answer
from tests.support.smtp import smtp_server
from tests.support.world import open_services

FILES = {"a.py": "x = 1\n"}


def clone(tmp_path: Path, name: str) -> Repository:
    bare = tmp_path / "origin.git"
    if not bare.exists():
        root = make_repository(tmp_path / "first", FILES)
        git(tmp_path, "clone", "-q", "--bare", str(root), str(bare))
    git(tmp_path, "clone", "-q", str(bare), name)
    return Repository.open(tmp_path / name)


@pytest.mark.parametrize(("push", "is_one"), [(True, True), ("pr", True), (False, False)])
def test_clones_of_a_remote_are_one_repository_where_they_push(
    tmp_path: Path, push: object, is_one: bool
) -> None:
    config = Config.model_validate({"state": "postgresql://h/d", "push": push})
    states = [
        find_shared_state(repository, config, make_state_dir(repository))
        for repository in (clone(tmp_path, "one"), clone(tmp_path, "two"))
    ]
    assert (states[0].scope == states[1].scope) == is_one
    assert [state.is_fleet for state in states] == [is_one] * 2
    assert states[0].clone != states[1].clone


def test_a_tenant_has_repositories_of_its_own(tmp_path: Path) -> None:
    repository = clone(tmp_path, "one")
    tables = {"state": "postgresql://h/d", "push": True, "fleet": {"tenant": "acme"}}
    state = find_shared_state(repository, Config.model_validate(tables), make_state_dir(repository))
    assert state.scope.tenant == "acme"


def test_the_incidents_of_an_earlier_healers_file_are_moved_in_once(
    tmp_path: Path, shared_url: str
) -> None:
    repository, config = clone(tmp_path, "one"), Config(state=shared_url, push=True)
    file = make_state_dir(repository) / "incidents.sqlite"
    with Incidents(file) as incidents:
        incidents.count_failures("f", now=1.0, script="a.py", failure="id1")
    for _ in range(2):
        with open_services(tmp_path / "one", config) as services:
            incident = services.incidents.find("f")
            assert incident is not None and incident.count == 1
        assert not file.exists()


def test_the_mails_of_an_earlier_healers_files_are_moved_in_once(
    tmp_path: Path, shared_url: str
) -> None:
    mail = {"smtp": "smtp://127.0.0.1:1", "from": "h@example.com", "to": ["a@example.com"]}
    settings = MailSettings.model_validate(mail)
    repository = clone(tmp_path, "one")
    mail_dir = make_state_dir(repository) / "mail"
    Notifier(mail_dir, settings, Redactor()).notify(notice(), NOON)
    config = Config.model_validate({"state": shared_url, "push": True, "mail": mail})
    for _ in range(2):
        with open_services(tmp_path / "one", config) as services:
            assert services.notifier.status().outbox.waiting == 1
            assert services.notifier.notify(notice(), NOON).state == "mailed"  # that one
        assert not (mail_dir / "queue").exists()
    assert len(list(mail_dir.glob("queue.moved-*/*.json"))) == 1


def test_what_one_clone_has_told_no_other_one_tells_and_either_sends_it(
    tmp_path: Path, shared_url: str
) -> None:
    with smtp_server() as server, ExitStack() as stack:
        mail = {"smtp": server.url, "from": "h@example.com", "to": ["a@example.com"]}
        config = Config.model_validate({"state": shared_url, "push": True, "mail": mail})
        roots = [clone(tmp_path, name).root for name in ("one", "two")]
        one, two = (
            stack.enter_context(open_services(root, config)).notifier for root in roots if root
        )
        letter = notice(kind="letter", fingerprint="letter:2026-11-23", diff="", failure=None)
        assert [each.notify(letter, NOON).state for each in (one, two)] == ["mailed"] * 2
        assert [each.tick(NOON + timedelta(minutes=1)) != () for each in (two, one)] == [
            True,
            False,
        ]
        assert one.notify(letter, NOON + timedelta(hours=1)).state == "known"
    assert len(server.taken) == 1


def test_an_answer_by_mail_is_for_the_clone_that_has_the_repair(
    tmp_path: Path, shared_url: str
) -> None:
    with imap_server() as mailbox, ExitStack() as stack:
        decide = {"replies": True, "imap": mailbox.url}
        tables = {"state": shared_url, "push": True, "decide": decide}
        config = Config.model_validate(tables)
        roots = [clone(tmp_path, name).root for name in ("one", "two")]
        one, two = (stack.enter_context(open_services(root, config)) for root in roots if root)
        one.ledger.open_repair(request_of("r7"), key="k")
        reference = one.notifier.asks.refer(notice(repair="r7"), one.clock.moment(), 3)
        assert reference
        mailbox.put(answer(to=f"<x.{reference}@example.com>"))
        mailbox.put(answer("BUY NOW"))
        TakeReplies(two, {IMAP_PASSWORD_VARIABLE: PASSWORD}).run(0.0)
        assert mailbox.seen == ["2"]


def test_two_clones_with_one_bug_make_one_repair_and_the_second_learns_of_it(
    tmp_path: Path, shared_url: str
) -> None:
    config = Config(state=shared_url, push=True)
    one, two = clone(tmp_path, "one").root, clone(tmp_path, "two").root
    assert one is not None and two is not None
    with open_services(one, config) as here, open_services(two, config) as there:
        row, is_new = here.ledger.open_repair(request_of("s1"), key="same")
        assert is_new
        assert there.ledger.open_repair(request_of("s2"), key="same") == (row, False)
        assert (here.fleet.hold(row), there.fleet.hold(row)) == (True, False)
        assert here.incidents.count_failures("f", now=1.0) == "start"
        assert there.incidents.count_failures("f", now=2.0) == "counted"
