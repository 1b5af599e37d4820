"""A client asks a provider for what it needs, once, and follows it to no other address."""

import secrets
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlsplit

import pytest

from healer.web.provider import Challenge, Client, Provider
from healer.web.repairs import AwayError, ForbiddenError
from tests.support import oidc_provider as scripted

CLIENT = Client(scripted.CLIENT, scripted.SECRET, "https://healer.example.com/sign-on/back")


@pytest.fixture
def issuer() -> Iterator[scripted.Provider]:
    with scripted.oidc_provider() as one:
        yield one


def challenge() -> Challenge:
    return Challenge(*(secrets.token_urlsafe(32) for _ in range(3)))


def test_a_person_is_sent_with_all_that_binds_the_answer(issuer: scripted.Provider) -> None:
    one = challenge()
    provider = Provider(issuer.issuer, CLIENT, "groups")
    words = parse_qs(urlsplit(provider.make_address(one)).query)
    assert words["state"] == [one.state]
    assert words["nonce"] == [one.nonce]
    assert words["scope"] == ["openid email profile groups"]
    assert one.verifier not in provider.make_address(one)
    assert issuer.asked == ["/.well-known/openid-configuration"]


def test_a_code_is_redeemed_with_the_verifier_of_its_own_sign_in(
    issuer: scripted.Provider,
) -> None:
    provider, one = Provider(issuer.issuer, CLIENT), challenge()

    def code() -> str:
        return issuer.sign_in(provider.make_address(one)).partition("code=")[2].partition("&")[0]

    assert provider.redeem(code(), one)["sub"] == "u-1"
    with pytest.raises(ForbiddenError, match="invalid_grant"):
        provider.redeem(code(), one._replace(verifier="another"))
    with pytest.raises(ForbiddenError, match="nonce"):
        provider.redeem(code(), one._replace(nonce="another"))


def test_a_wrong_secret_is_said(issuer: scripted.Provider) -> None:
    provider, one = Provider(issuer.issuer, CLIENT._replace(secret="wrong")), challenge()
    with pytest.raises(ForbiddenError, match="invalid_client"):
        provider.redeem("code", one)


def test_a_secret_follows_no_redirect(issuer: scripted.Provider) -> None:
    visits: list[str] = []

    class Elsewhere(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Says nothing."""

        def do_POST(self) -> None:
            visits.append(self.path)
            self.send_response(307)
            self.send_header("Location", f"{issuer.issuer}/token")
            self.end_headers()

    with HTTPServer(("127.0.0.1", 0), Elsewhere) as server:
        Thread(target=server.handle_request, daemon=True).start()
        issuer.offer = {"token_endpoint": f"http://127.0.0.1:{server.server_address[1]}/token"}
        with pytest.raises(ForbiddenError, match="307"):
            Provider(issuer.issuer, CLIENT).redeem("code", challenge())
    assert visits == ["/token"]
    assert "/token" not in issuer.asked


def test_nobody_there_is_away() -> None:
    with pytest.raises(AwayError, match="nobody can sign in until it does"):
        Provider("http://127.0.0.1:9", CLIENT).make_address(challenge())
