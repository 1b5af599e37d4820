"""Who may use the page: a token, a session, CSRF, and headers that let nothing else in.

Belongs here: every rule that keeps other sites, other users and hostile text out. Does not belong
here: what is shown (`pages`, `api`).

The page listens on this machine only, which protects from the network but not from the web: any
site that a browser visits can send requests to 127.0.0.1. So: the Host header must be ours (DNS
rebinding), pages need a session cookie that other sites cannot send, forms carry a token that
other sites cannot read, and the API takes a bearer token that browsers do not send by themselves.
"""

import hashlib
import hmac
from http.cookies import CookieError, SimpleCookie
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from healer.support.loopback import LOOPBACK_HOSTS
from healer.web.roles import Person, local_person
from healer.web.sessions import Sessions

PUBLIC_PATHS = ("/decide/", "/static/")
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
        "img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not `no-referrer`: it would have browsers send `Origin: null` with our own forms.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class Guard:
    """What the token or a sign-on proves, for one running server."""

    def __init__(self, token: str, tenant: str = "", sessions: Sessions | None = None) -> None:
        """`tenant`: the only one that whoever has the token sees; empty: all. With `sessions`
        people may sign on, and the token opens nothing but under a name of this machine."""
        self._token, self._local, self._sessions = token, local_person(tenant), sessions
        self._session = _derive(token, "session")
        self._form = _derive(token, "form")

    @property
    def has_sign_on(self) -> bool:
        """People may sign on."""
        return self._sessions is not None

    def make_form_token(self, request: Request) -> str:
        """Goes into every form; of who has signed on, no other session's."""
        session = read_cookie(request, session_cookie_name(request))
        if self._sessions is not None and self._sessions.find(session) is not None:
            return self._sessions.make_form_token(session)
        return self._form

    def takes_token(self, request: Request) -> bool:
        """The token may open something where this request came in."""
        return not self.has_sign_on or _host(request.headers.get("host", "")) in LOOPBACK_HOSTS

    def is_token(self, request: Request, text: str) -> bool:
        """The token that `healer web` printed, where it may be used."""
        return _is_same(text, self._token) and self.takes_token(request)

    def cookie(self, port: int) -> str:
        """The value of a Set-Cookie header that opens a session."""
        name = cookie_name(port)
        return f"{name}={self._session}; Path=/; HttpOnly; SameSite=Strict"

    def has_session(self, request: Request) -> bool:
        """The request carries the cookie of the token's session."""
        value = read_cookie(request, cookie_name(request.url.port or 80))
        return _is_same(value, self._session) and self.takes_token(request)

    def identify_browser(self, request: Request) -> Person | None:
        """Who asks, by a session; None: a stranger. Whoever has signed on is that person, also
        where the token's session is open in the same browser."""
        if self._sessions is not None:
            person = self._sessions.find(read_cookie(request, session_cookie_name(request)))
            if person is not None:
                return person
        return self._local if self.has_session(request) else None

    def identify_program(self, request: Request) -> Person | None:
        """Who asks, by a bearer, which browsers do not send by themselves; None: a stranger."""
        return self._local if self.has_bearer(request) else None

    def has_bearer(self, request: Request) -> bool:
        """The request carries the token as `Authorization: Bearer …`."""
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        return kind.lower() == "bearer" and self.is_token(request, token.strip())

    def is_our_form(self, request: Request, form: dict[str, str]) -> bool:
        """The form came from one of our own pages."""
        form_token = self.make_form_token(request)
        return _is_same(form.get("form_token", ""), form_token) and is_same_origin(request.headers)


def person_of(request: Request) -> Person:
    """Who asks, as the route's guard has found out."""
    person = request.state.person
    if not isinstance(person, Person):
        raise TypeError("the route has no guard")
    return person


def cookie_name(port: int) -> str:
    """Cookies do not know ports: two servers on one machine would overwrite each other's."""
    return f"healer_{port}"


def session_cookie_name(request: Request) -> str:
    """Of who has signed on at this server."""
    return f"healer_session_{request.url.port or 80}"


def read_cookie(request: Request, name: str) -> str:
    """The value of a cookie; empty where there is none that can be read."""
    try:
        morsel = SimpleCookie(request.headers.get("cookie", "")).get(name)
    except CookieError:
        return ""
    return morsel.value if morsel is not None else ""


def is_same_origin(headers: Headers) -> bool:
    """No other site sent this, as far as the browser tells."""
    origin = headers.get("origin")
    site = headers.get("sec-fetch-site", "same-origin")
    if origin is None:
        return site in ("same-origin", "none")
    return origin != "null" and urlsplit(origin).netloc == headers.get("host")


class Shield:
    """Turns foreign Host headers away, and puts the security headers on every answer."""

    def __init__(self, app: ASGIApp, public_host: str = "", sign_on_host: str = "") -> None:
        """`public_host` is a name by which a proxy reaches the pages of links, and no other;
        `sign_on_host` one by which it reaches all of them, for who has signed on."""
        self._app, self._public_host = app, public_host
        self._open_hosts = LOOPBACK_HOSTS | ({sign_on_host} if sign_on_host else set())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, as ASGI has it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
            await send(message)

        host = _host(Headers(scope=scope).get("host", ""))
        is_public = bool(self._public_host) and host == self._public_host
        is_link = is_public and scope["path"].startswith(PUBLIC_PATHS)
        if not (host in self._open_hosts or is_link):
            refusal = PlainTextResponse("this server answers to 127.0.0.1 only\n", 421)
            await refusal(scope, receive, send_with_headers)
        elif not is_clean(scope["path"]) or b"%00" in scope.get("query_string", b""):
            refusal = PlainTextResponse("the address holds a character that is no text\n", 400)
            await refusal(scope, receive, send_with_headers)
        else:
            await self._app(scope, receive, send_with_headers)


def is_clean(text: str) -> bool:
    """It holds no NUL and no lone surrogate, which no name or sentence has, and databases and
    processes stumble over."""
    return "\0" not in text and not any("\ud800" <= each <= "\udfff" for each in text)


def _host(header: str) -> str:
    try:
        return urlsplit(f"//{header}").hostname or ""
    except ValueError:
        return ""


def _derive(token: str, purpose: str) -> str:
    return hmac.new(token.encode(), purpose.encode(), hashlib.sha256).hexdigest()


def _is_same(text: str, secret: str) -> bool:
    """Without telling by its time how much of it is right."""
    return hmac.compare_digest(text.encode(errors="replace"), secret.encode())
