"""A small OpenID provider on loopback: it signs with RS256, and behaves as a test tells it.

It holds a client to the flow: the redirect address, the secret, PKCE's verifier, a code used once.
"""

import base64
import hashlib
import hmac
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT, SECRET = "healer", "of-the-client"


@dataclass
class Provider:
    """One issuer with one person, who is signed in already."""

    issuer: str = ""
    claims: dict[str, Any] = field(default_factory=dict)
    """Instead of, or beside, what is right; None takes a claim away."""
    algorithm: str = "RS256"
    """Of the ID token; `none` and `HS256` are forgeries."""
    kid: str = "key-1"
    """What the token names."""
    delay_s: float = 0.0
    """Before each byte of an answer of the token endpoint."""
    token_answer: bytes | None = None
    """Instead of a token."""
    offer: dict[str, Any] = field(default_factory=dict)
    """Instead of, or beside, what discovery says."""
    status: int = 0
    """Of the token endpoint, where that is not by what it was asked."""
    key: rsa.RSAPrivateKey = field(
        default_factory=lambda: rsa.generate_private_key(public_exponent=65537, key_size=2048)
    )
    listed_kid: str = "key-1"
    asked: list[str] = field(default_factory=list)
    """Paths, in the order in which they were asked for."""
    _codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def sign_in(self, address: str) -> str:
        """What a person's browser does at the authorization endpoint; where it is sent back to."""
        words = {name: value[0] for name, value in parse_qs(urlsplit(address).query).items()}
        assert words["response_type"] == "code"
        assert words["client_id"] == CLIENT
        assert words["code_challenge_method"] == "S256"
        assert "openid" in words["scope"].split()
        code = secrets.token_urlsafe(8)
        self._codes[code] = words
        return f"{words['redirect_uri']}?{urlencode({'code': code, 'state': words['state']})}"

    def rotate(self) -> None:
        """From now on another key signs, and is listed alone."""
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.kid = self.listed_kid = "key-2"

    def redeem(self, words: dict[str, str], header: str) -> tuple[int, bytes]:
        """What the token endpoint answers."""
        if self.status:
            return self.status, b"<html>"
        pair = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        if header != f"Basic {pair}" and words.get("client_secret") != SECRET:
            return 401, b'{"error": "invalid_client"}'
        begun = self._codes.pop(words.get("code", ""), None)
        verifier = hashlib.sha256(words.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(verifier).rstrip(b"=").decode()
        if (
            begun is None
            or begun["code_challenge"] != challenge
            or begun["redirect_uri"] != words.get("redirect_uri")
        ):
            return 400, b'{"error": "invalid_grant"}'
        if self.token_answer is not None:
            return 200, self.token_answer
        return 200, json.dumps({"id_token": self._make_token(begun["nonce"])}).encode()

    def list_keys(self) -> bytes:
        """The JWK set."""
        public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
        ours = {**public, "kid": self.listed_kid, "use": "sig"}
        shared = {"kty": "oct", "kid": "shared", "k": "c2VjcmV0"}
        return json.dumps({"keys": [shared, {"kty": "new"}, ours]}).encode()

    def describe(self) -> bytes:
        """The discovery document."""
        places = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
        }
        return json.dumps(places | self.offer).encode()

    def _make_token(self, nonce: str) -> str:
        now = int(time.time())
        right = {
            "iss": self.issuer, "aud": CLIENT, "sub": "u-1", "iat": now, "exp": now + 300,
            "nonce": nonce, "email": "anna@example.com", "email_verified": True,
            "groups": ["everybody", "sre"],
        }  # fmt: skip
        claims = {name: v for name, v in (right | self.claims).items() if v is not None}
        if self.algorithm in ("none", "HS256"):
            return self._forge(claims)
        return jwt.encode(claims, self.key, self.algorithm, headers={"kid": self.kid})

    def _forge(self, claims: dict[str, Any]) -> str:
        """Without a signature, or one made with the public key, which everybody has."""
        parts = [{"alg": self.algorithm, "typ": "JWT", "kid": self.kid}, claims]
        text = ".".join(_encode(json.dumps(each).encode()) for each in parts)
        if self.algorithm == "none":
            return f"{text}."
        public = self.key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return f"{text}.{_encode(hmac.new(public, text.encode(), hashlib.sha256).digest())}"


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@contextmanager
def oidc_provider() -> Iterator[Provider]:
    """A provider that answers."""
    one = Provider()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Says nothing."""

        def do_GET(self) -> None:
            one.asked.append(self.path)
            pages = {"/.well-known/openid-configuration": one.describe, "/keys": one.list_keys}
            page = pages.get(self.path)
            self._say(200 if page else 404, page() if page else b"{}")

        def do_POST(self) -> None:
            one.asked.append(self.path)
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            words = {name: value[0] for name, value in parse_qs(body).items()}
            self._say(*one.redeem(words, self.headers.get("authorization", "")), one.delay_s)

        def _say(self, status: int, text: bytes, delay_s: float = 0.0) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            try:
                for each in [text] if not delay_s else [text[i : i + 1] for i in range(len(text))]:
                    time.sleep(delay_s)
                    self.wfile.write(each)
                    self.wfile.flush()
            except OSError:
                pass  # whoever asked has gone

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    one.issuer = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield one
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
