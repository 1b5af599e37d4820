"""What a provider says of a person, believed only as far as its signature and its claims go.

Belongs here: which signatures count, and every check of an ID token. Does not belong here: how it
came here (`provider`), and what the person may then (`sign_on`). The one home of PyJWT.

https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation
"""

import hmac
from collections.abc import Callable, Mapping
from typing import Any, Final

import jwt

ALGORITHMS: Final = (
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "EdDSA",
)
"""With a key of the provider's own: neither none, nor one that we would share (HS256)."""
_KEY_TYPES: Final = frozenset({"RSA", "EC", "OKP"})
LEEWAY_S = 60
"""How far the clocks may be apart."""
_REQUIRED = ["exp", "iat", "iss", "aud", "sub"]
_WHY: Final[tuple[tuple[type[jwt.InvalidTokenError], str], ...]] = (
    (jwt.ExpiredSignatureError, "it is too old; compare the clocks of both machines"),
    (jwt.ImmatureSignatureError, "it is of the future; compare the clocks of both machines"),
    (jwt.InvalidAudienceError, "it is for another client than client_id"),
    (jwt.InvalidIssuerError, "it names another issuer"),
    (jwt.InvalidSignatureError, "its signature is wrong"),
    (jwt.MissingRequiredClaimError, "it says too little: exp, iat, iss, aud and sub are needed"),
)

Claims = Mapping[str, Any]
"""As the provider has sent them: any JSON."""
KeySet = Mapping[str, jwt.PyJWK]
"""The keys that sign for the provider, by their id; one without an id by the empty text."""


class IdTokenError(Exception):
    """The token proves nothing; the message says why, in half a sentence."""


def read_keys(document: object) -> dict[str, jwt.PyJWK]:
    """The keys of a JWK set that can sign for the provider; others are left out."""
    listing = document.get("keys") if isinstance(document, Mapping) else None
    keys: dict[str, jwt.PyJWK] = {}
    for each in listing if isinstance(listing, list) else ():
        if not isinstance(each, Mapping) or each.get("kty") not in _KEY_TYPES:
            continue
        if each.get("use", "sig") != "sig":
            continue
        try:
            keys[str(each.get("kid", ""))] = jwt.PyJWK(dict(each))
        except jwt.PyJWTError:
            continue  # a kind that this library does not know
    return keys


def verify_id_token(
    token: str, keys: Callable[[bool], KeySet], *, issuer: str, client_id: str, nonce: str
) -> Claims:
    """What the token says of a person. `keys` gives the provider's keys; with True it asks for them
    anew, which is done once for one that is not known: keys are changed. Raises IdTokenError."""
    key = _choose_key(token, keys)
    try:
        claims: Claims = jwt.decode(
            token,
            key,
            algorithms=list(ALGORITHMS),
            audience=client_id,
            issuer=issuer,
            leeway=LEEWAY_S,
            options={"require": _REQUIRED},
        )
    except jwt.InvalidTokenError as error:
        raise IdTokenError(_explain(error)) from error
    _require_party(claims, client_id)
    if not hmac.compare_digest(
        str(claims.get("nonce", "")).encode(errors="replace"), nonce.encode()
    ):
        raise IdTokenError("it is of another sign-in (nonce)")
    return claims


def _choose_key(token: str, keys: Callable[[bool], KeySet]) -> jwt.PyJWK:
    try:
        header = jwt.get_unverified_header(token)
    except jwt.InvalidTokenError as error:
        raise IdTokenError("it cannot be read") from error
    algorithm, name = header.get("alg"), header.get("kid", "")
    if algorithm not in ALGORITHMS:
        raise IdTokenError(f"it is signed by {algorithm!r}, which proves nothing here")
    for is_anew in (False, True):
        choice = keys(is_anew)
        key = choice.get(str(name))
        if key is None and not name and len(choice) == 1:
            key = next(iter(choice.values()))
        if key is not None:
            return key
    raise IdTokenError("it is signed with a key that the provider does not list")


def _require_party(claims: Claims, client_id: str) -> None:
    """A token for several clients says who asked for it; that has to be us."""
    audience, party = claims["aud"], claims.get("azp")
    is_for_several = isinstance(audience, list) and len(audience) > 1
    if (party is not None or is_for_several) and party != client_id:
        raise IdTokenError("another client has asked for it (azp)")


def _explain(error: jwt.InvalidTokenError) -> str:
    return next((why for kind, why in _WHY if isinstance(error, kind)), "it cannot be believed")
