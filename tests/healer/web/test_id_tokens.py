"""Keys that sign for a provider are told from others, and claims from what proves nothing."""

import time
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from healer.web.id_tokens import IdTokenError, KeySet, read_keys, verify_id_token

SIGNER = ec.generate_private_key(ec.SECP256R1())
PUBLIC: dict[str, Any] = jwt.algorithms.ECAlgorithm.to_jwk(SIGNER.public_key(), as_dict=True)
CLAIMS = {"iss": "https://i", "aud": "me", "sub": "u", "iat": 0, "exp": 0, "nonce": "n"}


def verify(claims: dict[str, Any], headers: dict[str, Any], keys: KeySet) -> Any:
    now = int(time.time())
    token = jwt.encode(
        {**CLAIMS, "iat": now, "exp": now + 60, **claims}, SIGNER, "ES256", headers=headers
    )
    return verify_id_token(token, lambda _: keys, issuer="https://i", client_id="me", nonce="n")


@pytest.mark.parametrize(
    "document",
    [
        None, [], {}, {"keys": 7}, {"keys": [7, None]},
        {"keys": [{"kty": "oct", "k": "c2VjcmV0", "kid": "a"}]},
        {"keys": [{**PUBLIC, "use": "enc"}]},
        {"keys": [{"kty": "EC", "crv": "P-256"}]},
        {"keys": [{"kty": "EC", "crv": "none"}]},
    ],
)  # fmt: skip
def test_what_cannot_sign_for_a_provider_is_no_key(document: object) -> None:
    assert read_keys(document) == {}


def test_one_key_without_a_name_is_meant_where_none_is_named() -> None:
    alone = read_keys({"keys": [PUBLIC]})
    assert verify({}, {}, alone)["sub"] == "u"
    two = read_keys({"keys": [{**PUBLIC, "kid": "a"}, {**PUBLIC, "kid": "b"}]})
    assert verify({}, {"kid": "b"}, two)["sub"] == "u"
    for headers in ({}, {"kid": "c"}):
        with pytest.raises(IdTokenError, match="does not list"):
            verify({}, headers, two)


@pytest.mark.parametrize(
    ("claims", "said"),
    [
        ({"aud": ["me", "you"]}, "azp"),
        ({"aud": "you"}, "client_id"),
        ({"azp": "you"}, "azp"),
        ({"exp": int(time.time()) - 61}, "too old"),
        ({"nbf": int(time.time()) + 86_400}, "future"),
        ({"iss": "https://i/"}, "issuer"),
        ({"nonce": 7}, "nonce"),
        ({"nonce": "\udcff"}, "nonce"),
    ],
)
def test_a_claim_that_is_wrong_proves_nothing(claims: dict[str, Any], said: str) -> None:
    with pytest.raises(IdTokenError, match=said):
        verify(claims, {}, read_keys({"keys": [PUBLIC]}))


def test_a_token_for_several_that_we_have_asked_for_is_ours() -> None:
    keys = read_keys({"keys": [PUBLIC]})
    assert verify({"aud": ["you", "me"], "azp": "me"}, {}, keys)["azp"] == "me"


@pytest.mark.parametrize("token", ["", "a", "a.b.c", "..", "ü.ü.ü", "e30.e30.", "bnVsbA.e30.x"])
def test_what_is_no_token_proves_nothing(token: str) -> None:
    with pytest.raises(IdTokenError):
        verify_id_token(
            token, lambda _: read_keys({"keys": [PUBLIC]}), issuer="i", client_id="me", nonce="n"
        )
