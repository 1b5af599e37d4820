"""What the owner allows, mails out and in, and the key that signs: each in a line."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from healer.app.diagnosis import Diagnosis
from healer.app.doctor_people import (
    examine_channels,
    examine_mail,
    examine_mailbox,
    examine_signing,
    examine_trust,
)
from healer.app.trust import find_untrusted, trust
from healer.config import Config
from healer.support.extras import ExtraName
from quarantine.attestation import list_statements
from quarantine.repository import Repository
from tests.support.git import git, make_repository
from tests.support.imap import PASSWORD, imap_server
from tests.support.smtp import smtp_server

NOBODY = "127.0.0.1:9"


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository.open(make_repository(tmp_path / "shop", {"a.py": "x = 1\n"}))


def mail(smtp: str) -> Diagnosis:
    settings = {"smtp": smtp, "from": "h@example.com", "to": ["ada@example.com"]}
    return examine_mail(Config.model_validate({"mail": settings}))


def test_without_a_mail_server_repairs_run_all_the_same() -> None:
    line = examine_mail(Config())
    assert (line.status, line.next_step) == (
        "note",
        "set [mail] smtp, from and to in healer.toml",
    )


def test_a_mail_server_is_connected_to() -> None:
    with smtp_server() as server:
        assert mail(server.url + "?starttls=false").status == "pass"
        assert server.taken == []
    line = mail(f"smtp://{NOBODY}")
    assert line.status == "fail"
    assert line.next_step == "check [mail] smtp; until then mails are kept, and sent later"


def test_channels_that_nothing_can_reach_are_named_with_the_extra(
    without_extra: Callable[[ExtraName], None],
) -> None:
    urls = {"HEALER_CHANNELS": "json://t0psecret@a json://b"}
    assert list(examine_channels(Config(), {})) == []
    (line,) = examine_channels(Config(), urls)
    assert (line.name, line.status, line.detail) == ("channels", "pass", "2 in HEALER_CHANNELS")
    without_extra("chat")
    (line,) = examine_channels(Config(), urls)
    assert (line.status, "apprise" in line.detail) == ("fail", True)
    assert line.next_step.startswith("pip install 'healer[chat]'")


def test_settings_that_came_later_are_named_until_they_are_allowed(repository: Repository) -> None:
    config = Config.model_validate({"push": True})
    first = examine_trust(repository, config)
    assert (first.status, "the first fix or daemon here allows: push" in first.detail) == (
        "note",
        True,
    )
    trust(repository, [])
    line = examine_trust(repository, config)
    assert (line.status, line.next_step) == ("fail", "healer trust")
    assert "healer.toml was changed: push;" in line.detail
    trust(repository, find_untrusted(repository, config))
    assert examine_trust(repository, config).status == "pass"


def test_the_mailbox_of_answers_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    assert list(examine_mailbox(Config())) == []
    monkeypatch.setenv("HEALER_IMAP_PASSWORD", PASSWORD)
    with imap_server() as server:
        server.put(b"Subject: approve\r\n\r\napprove\r\n")
        config = Config.model_validate({"decide": {"replies": True, "imap": server.url}})
        (line,) = examine_mailbox(config)
        assert (line.status, server.seen) == ("pass", [])
        assert line.detail.endswith("INBOX: it opens; not read yet: 1")
        monkeypatch.setenv("HEALER_IMAP_PASSWORD", "wrong")
        (line,) = examine_mailbox(config)
        assert (line.status, "HEALER_IMAP_PASSWORD" in line.next_step) == ("fail", True)
        assert "wrong" not in line.detail
        monkeypatch.delenv("HEALER_IMAP_PASSWORD")
        (line,) = examine_mailbox(config)
        assert (line.detail, line.next_step) == (
            "the mailbox needs a password",
            "set HEALER_IMAP_PASSWORD",
        )


def test_the_key_signs_or_why_not_is_said(repository: Repository, tmp_path: Path) -> None:
    assert list(examine_signing(repository)) == []
    key = tmp_path / "key"
    git(repository.root or tmp_path, "config", "healer.signingKey", str(key))
    (line,) = examine_signing(repository)
    assert (line.status, "git config --unset" in line.next_step) == ("fail", True)
    assert str(key) in line.detail
    command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(key)]
    subprocess.run(command, check=True)
    assert [each.status for each in examine_signing(repository)] == ["pass"]
    assert list_statements(repository) == {}
