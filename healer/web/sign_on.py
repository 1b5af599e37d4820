"""Signing on by the provider, and out again: three addresses.

Belongs here: what a browser is told on its way there and back, and who it is then. Does not belong
here: the provider (`provider`), the session (`sessions`), who may what (`roles`).

A sign-in is bound to the browser that began it by a sealed cookie, which holds what proves it: the
state, the nonce and PKCE's verifier. It counts once, for ten minutes.
"""

import json
import re
import secrets
import threading
import time
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from healer.web.id_tokens import Claims
from healer.web.provider import Challenge, Client, Provider
from healer.web.repairs import ForbiddenError, RefusedError
from healer.web.roles import Person
from healer.web.security import read_cookie, session_cookie_name
from healer.web.sessions import Sessions, TooManyGrantsError
from healer.web.shell import Shell, redirect
from healer.web.sign_on_settings import SignOnSettings

START, BACK, OUT = "/sign-on", "/sign-on/back", "/sign-out"
BEGUN_S = 600
_FLOW = "healer_sign_on"
_PURPOSE = "sign-on"
_PAGE = re.compile(r"/[\w.~%/-]*(\?[\w.~%/=&+-]*)?", re.ASCII)
"""An address of ours; nothing that a browser would take for another host."""
_LONGEST_REASON = 60


class SignOn:
    """The way in for people that the provider knows."""

    def __init__(
        self,
        settings: SignOnSettings,
        secret: str,
        sessions: Sessions,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`secret` is the client's."""
        client = Client(settings.client_id, secret, settings.url + BACK)
        self._settings, self.sessions, self._clock = settings, sessions, clock
        self.provider = Provider(settings.issuer, client, settings.scope)
        self._lock = threading.Lock()
        self._uses: dict[str, float] = {}
        """States that came back, until they are too old anyway."""

    @property
    def host(self) -> str:
        """The name by which people reach the page."""
        return self._settings.host

    async def start(self, request: Request) -> Response:
        """Sends the browser to the provider; `?to=` is where it is to come out at last."""
        challenge = Challenge(*(secrets.token_urlsafe(32) for _ in range(3)))
        place = await run_in_threadpool(self.provider.make_address, challenge)
        to = request.query_params.get("to", "/")
        facts = [*challenge, to if is_own_page(to) else "/", self._clock() + BEGUN_S]
        response = RedirectResponse(place, 303)
        self._set(response, _FLOW, self.sessions.seal(json.dumps(facts), _PURPOSE), BEGUN_S)
        return response

    async def come_back(self, request: Request) -> Response:
        """Opens a session for who comes back from the provider. Raises ForbiddenError and
        AwayError."""
        words = request.query_params
        challenge, to = self._take_challenge(request, words.get("state", ""))
        if problem := words.get("error", ""):
            raise ForbiddenError(f"{self._settings.issuer} refuses: {problem[:_LONGEST_REASON]}")
        if words.get("iss", self._settings.issuer) != self._settings.issuer:
            raise ForbiddenError("another provider has answered (iss); sign in again")
        code = words.get("code", "")
        if not code:
            raise ForbiddenError("the provider sent no code; sign in again")
        person = self._identify(await run_in_threadpool(self.provider.redeem, code, challenge))
        try:
            value = self.sessions.open(person)
        except TooManyGrantsError:
            raise ForbiddenError(
                f"{person.name} is in too many groups that are named here; name fewer in the file "
                "of --sign-on"
            ) from None
        response = redirect(to)
        self._set(response, session_cookie_name(request), value, self.sessions.lasts_s)
        self._set(response, _FLOW, "", 0)
        return response

    def make_sign_out(self, shell: Shell) -> Callable[[Request], Awaitable[Response]]:
        """The page that ends a session, for good."""

        async def sign_out(request: Request) -> Response:
            await shell.read_form(request)
            name = session_cookie_name(request)
            self.sessions.end(read_cookie(request, name))
            response = shell.message(
                request,
                "You are signed out here; at your provider you may still be signed in.",
                200,
            )
            self._set(response, name, "", 0)
            return response

        return sign_out

    def _take_challenge(self, request: Request, state: str) -> tuple[Challenge, str]:
        """Of the sign-in that this browser began. Raises ForbiddenError."""
        text = self.sessions.unseal(read_cookie(request, _FLOW), _PURPOSE)
        *proof, to, until = json.loads(text) if text else ("", "", "", "/", 0.0)
        challenge, now = Challenge(*proof), self._clock()
        if not state or not secrets.compare_digest(state.encode(), challenge.state.encode()):
            raise ForbiddenError("this sign-in was not begun in this browser; sign in again")
        with self._lock:
            self._uses = {name: end for name, end in self._uses.items() if end > now}
            if state in self._uses or until <= now:
                raise ForbiddenError(
                    "this sign-in is used up, or older than ten minutes; sign in again"
                )
            self._uses[state] = until
        return challenge, to

    def _identify(self, claims: Claims) -> Person:
        """Who it is, and what they may. Raises ForbiddenError where that is nothing."""
        name = name_person(claims)
        value = claims.get(self._settings.groups_claim, ())
        groups = (value,) if isinstance(value, str) else value
        groups = tuple(map(str, groups)) if isinstance(groups, (list, tuple)) else ()
        grants = self._settings.list_grants(groups)
        if not grants:
            many = (
                f"{len(groups)} groups, none of which opens" if groups else "no group, which opens"
            )
            raise ForbiddenError(
                f"{name} has {many} this page (claim {self._settings.groups_claim}); ask the owner "
                "of this healer"
            )
        host = urlsplit(self._settings.issuer).hostname
        return Person(name, f"signed on at {host}", grants)

    def _set(self, response: Response, name: str, value: str, lasts_s: int) -> None:
        """Not Strict: the way back from the provider begins on its site."""
        response.set_cookie(
            name, value, max_age=lasts_s, path="/", secure=self._settings.is_secure, httponly=True,
            samesite="lax",
        )  # fmt: skip


def name_person(claims: Claims) -> str:
    """Who it is for the ledger: the address where the provider has verified it, else its own name
    of the person, which nobody can choose, with the one that they may have chosen."""
    email, nick, subject = (
        str(claims.get(name, "")) for name in ("email", "preferred_username", "sub")
    )
    if email and claims.get("email_verified") is True:
        return _one_line(email)
    return _one_line(f"{nick} [{subject}]" if nick else subject)


def is_own_page(address: str) -> bool:
    """Whether a browser that is sent there stays here."""
    return _PAGE.fullmatch(address) is not None and not address.startswith("//")


def _one_line(text: str) -> str:
    name = re.sub(r"[^\w@.+\-\[\] ]", "?", text)[:200]
    if not name.strip():
        raise RefusedError("the provider does not say who you are (sub); tell its owner")
    return name
