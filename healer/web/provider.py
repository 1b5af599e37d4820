"""An OpenID provider as a client meets it: what it offers, where people are sent, and its answers.

Belongs here: the requests of the authorization code flow with PKCE, within a time and a size. Does
not belong here: whether what comes back is to be believed (`id_tokens`), the routes (`sign_on`).

https://openid.net/specs/openid-connect-core-1_0.html#CodeFlowAuth, RFC 7636 (PKCE), RFC 9207 (iss)
"""

import base64
import hashlib
import json
import threading
import time
from collections.abc import Mapping
from http.client import HTTPException
from typing import Any, NamedTuple
from urllib.error import HTTPError, URLError
from urllib.parse import quote_plus, urlencode
from urllib.request import HTTPRedirectHandler, Request, build_opener

from healer.support.time_limit import run_within
from healer.support.token_settings import check_address
from healer.web.id_tokens import Claims, IdTokenError, KeySet, read_keys, verify_id_token
from healer.web.repairs import AwayError, ForbiddenError

ANSWER_S = 10.0
"""The longest that one answer of the provider is waited for, to its last byte."""
KNOWN_S = 3_600.0
"""How long what it offers, and its keys, are not asked for again."""
MOST_BYTES = 512 * 1024
_LONGEST_REASON = 60
_SCOPE = "openid email profile"


class Client(NamedTuple):
    """Who asks, as the provider knows it."""

    client_id: str
    secret: str
    """Empty: a public client, which PKCE alone protects."""
    back: str
    """The address to which people come back."""


class Challenge(NamedTuple):
    """What one sign-in is known by; never used twice."""

    state: str
    nonce: str
    verifier: str


class _NoRedirects(HTTPRedirectHandler):
    """A secret goes to the address that was configured or discovered, and to no other."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


class Provider:
    """One issuer; safe for several threads."""

    def __init__(
        self, issuer: str, client: Client, scope: str = "", answer_s: float = ANSWER_S
    ) -> None:
        """`scope` is asked for beside the usual ones, for groups."""
        self.issuer, self._client, self._answer_s = issuer, client, answer_s
        self._scope = f"{_SCOPE} {scope}".strip()
        self._lock = threading.Lock()
        self._offer: tuple[float, Mapping[str, Any]] | None = None
        self._keys: tuple[float, KeySet] | None = None

    def make_address(self, challenge: Challenge) -> str:
        """Where a person is sent to sign in. Raises AwayError, ForbiddenError."""
        digest = hashlib.sha256(challenge.verifier.encode()).digest()
        words = {
            "response_type": "code",
            "client_id": self._client.client_id,
            "redirect_uri": self._client.back,
            "scope": self._scope,
            "state": challenge.state,
            "nonce": challenge.nonce,
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        place = self._find_endpoint("authorization_endpoint")
        return f"{place}{'&' if '?' in place else '?'}{urlencode(words)}"

    def redeem(self, code: str, challenge: Challenge) -> Claims:
        """What the provider says of the person who came back with a code. Raises AwayError where it
        does not answer, ForbiddenError for what it refuses or is not to be believed."""
        words = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._client.back,
            "code_verifier": challenge.verifier,
        }
        answer = self._ask(self._find_endpoint("token_endpoint"), words)
        token = answer.get("id_token") if isinstance(answer, Mapping) else None
        if not isinstance(token, str):
            raise ForbiddenError(f"{self.issuer} says nothing of you (id_token); tell its owner")
        try:
            return verify_id_token(
                token,
                self._list_keys,
                issuer=self.issuer,
                client_id=self._client.client_id,
                nonce=challenge.nonce,
            )
        except IdTokenError as error:
            raise ForbiddenError(
                f"the word of {self.issuer} is not believed: {error}; sign in again"
            ) from error

    def _discover(self) -> Mapping[str, Any]:
        with self._lock:
            now = time.monotonic()
            if self._offer is None or now - self._offer[0] > KNOWN_S:
                offer = self._ask(f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
                if not isinstance(offer, Mapping) or offer.get("issuer") != self.issuer:
                    raise ForbiddenError(
                        f"issuer = {self.issuer!r} calls itself otherwise; write it as the "
                        "provider does"
                    )
                self._offer = (now, offer)
            return self._offer[1]

    def _find_endpoint(self, name: str) -> str:
        value = self._discover().get(name)
        try:
            place = check_address(name, str(value or ""), example="https://…", instead="")
        except ValueError as error:
            raise ForbiddenError(f"{self.issuer}: {error}") from error
        if not place:
            raise ForbiddenError(f"{self.issuer} offers no {name}; it is no OpenID provider")
        return place

    def _list_keys(self, is_anew: bool) -> KeySet:
        place = self._find_endpoint("jwks_uri")
        with self._lock:
            now = time.monotonic()
            if is_anew or self._keys is None or now - self._keys[0] > KNOWN_S:
                self._keys = (now, read_keys(self._ask(place)))
            return self._keys[1]

    def _ask(self, place: str, words: Mapping[str, str] | None = None) -> object:
        """A document, to a GET or, with `words`, to a form that we sign as the client."""
        request = Request(place, headers={"Accept": "application/json"})  # noqa: S310 - checked: http(s)
        if words is not None:
            request.data = urlencode(self._sign(request, words)).encode()
        try:
            return json.loads(run_within(self._answer_s, lambda: self._read(request)))
        except HTTPError as error:
            with error:
                raise self._explain_refusal(error) from error
        except (URLError, HTTPException, OSError, TimeoutError) as error:
            reason = getattr(error, "reason", None) or error
            raise AwayError(
                f"{self.issuer} does not answer ({reason}); nobody can sign in until it does"
            ) from error
        except ValueError as error:
            raise AwayError(f"{self.issuer} answers in a way that cannot be read") from error

    def _read(self, request: Request) -> bytes:
        with build_opener(_NoRedirects).open(request, timeout=self._answer_s) as answer:
            data: bytes = answer.read(MOST_BYTES + 1)
        if len(data) > MOST_BYTES:
            raise ValueError("too large")
        return data

    def _sign(self, request: Request, words: Mapping[str, str]) -> Mapping[str, str]:
        """RFC 6749, 2.3.1: by a header, where the provider takes it; else in the form."""
        client_id, secret, _ = self._client
        ways = self._discover().get("token_endpoint_auth_methods_supported")
        if secret and (not isinstance(ways, list) or "client_secret_basic" in ways):
            pair = f"{quote_plus(client_id)}:{quote_plus(secret)}".encode()
            request.add_header("Authorization", f"Basic {base64.b64encode(pair).decode()}")
            return words
        return {**words, "client_id": client_id, **({"client_secret": secret} if secret else {})}

    def _explain_refusal(self, error: HTTPError) -> AwayError | ForbiddenError:
        if error.code >= 500:  # noqa: PLR2004 - HTTP's own number
            return AwayError(f"{self.issuer} answers with {error.code}; try again in a moment")
        try:
            document = json.loads(error.read(MOST_BYTES))
            reason = str(document.get("error", ""))[:_LONGEST_REASON]
        except (ValueError, AttributeError, OSError):
            reason = ""
        return ForbiddenError(
            f"{self.issuer} refuses ({reason or error.code}); sign in again, and if that does not "
            "help, tell the owner of this healer"
        )
