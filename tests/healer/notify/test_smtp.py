"""Mails reach a real SMTP server, encrypted and with a login where it wants that."""

from pathlib import Path

import pytest

from healer.notify.server_urls import SmtpServer, parse_smtp_url
from healer.notify.smtp import Session, UnavailableError
from tests.support.smtp import Server, make_certificate, smtp_server

CONTENT = b"Subject: x\r\n\r\nhello\n.\r\n..two\nend"
TO = ("a@example.com", "b@example.com")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_certificate(tmp_path_factory.mktemp("tls"))


def hand_over(url: SmtpServer, password: str = "") -> dict[str, str]:
    with Session(url, password, timeout_s=5) as session:
        return session.hand_over("healer@example.com", TO, CONTENT)


def at(server: Server, text: str) -> SmtpServer:
    return parse_smtp_url(text.replace("HOST", f"{server.host}:{server.port}"))


def test_a_mail_arrives_once_with_lines_that_start_with_dots() -> None:
    with smtp_server() as server:
        assert hand_over(at(server, "smtp://HOST")) == {}
    (got,) = server.taken
    assert got.recipients == TO
    assert got.content == b"Subject: x\r\n\r\nhello\r\n.\r\n..two\r\nend\r\n"
    assert not got.encrypted


def test_one_refused_recipient_does_not_keep_the_others_from_getting_it() -> None:
    with smtp_server() as server:
        server.refuse["b@example.com"] = "550 who?"
        assert hand_over(at(server, "smtp://HOST")) == {"b@example.com": "550 who?"}
    (got,) = server.taken
    assert got.recipients == ("a@example.com",)


def test_temporary_failures_are_asked_again_at_once() -> None:
    with smtp_server(fail_share=0.3) as server:
        assert hand_over(at(server, "smtp://HOST")) == {}
    assert server.failed > 0
    assert len(server.taken) == 1


def test_a_refusal_of_everybody_is_reported_with_the_servers_words() -> None:
    with smtp_server() as server:
        server.refuse["*"] = "554 relay access denied"
        refused = hand_over(at(server, "smtp://HOST"))
    assert refused == dict.fromkeys(TO, "554 relay access denied")


def test_offered_starttls_is_used_without_being_asked_for(certificate: Path) -> None:
    with smtp_server(certificate=certificate) as server:
        assert hand_over(at(server, "smtp://HOST")) == {}
    assert server.taken[0].encrypted


def test_demanded_encryption_checks_the_certificate(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with smtp_server(certificate=certificate) as server:
        url = at(server, "smtp://HOST?starttls=true")
        with pytest.raises(UnavailableError, match="certificate is not trusted"):
            hand_over(url)
        assert server.taken == []
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert hand_over(url) == {}
    assert server.taken[0].encrypted


def test_smtps_speaks_tls_from_the_first_byte(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with smtp_server(certificate=certificate, implicit_tls=True) as server:
        assert hand_over(at(server, "smtps://HOST")) == {}
    assert server.taken[0].encrypted


def test_demanded_starttls_that_is_not_offered_sends_nothing() -> None:
    with (
        smtp_server() as server,
        pytest.raises(UnavailableError, match="does not offer STARTTLS"),
    ):
        hand_over(at(server, "smtp://HOST?starttls=true"))
    assert server.taken == []


def test_a_login_is_made_when_the_url_names_a_user() -> None:
    with smtp_server(login=("me", "right")) as server:
        url = at(server, "smtp://me@HOST")
        assert hand_over(url, "right") == {}
        with pytest.raises(UnavailableError, match="login refused"):
            hand_over(url, "wrong")
        with pytest.raises(UnavailableError, match="set HEALER_SMTP_PASSWORD"):
            hand_over(url, "")
    assert len(server.taken) == 1


def test_a_server_that_is_not_there_is_named() -> None:
    with smtp_server() as server:
        url = at(server, "smtp://HOST")
    with pytest.raises(UnavailableError, match=rf"mail server 127.0.0.1:{server.port}: "):
        hand_over(url)
