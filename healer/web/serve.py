"""Runs the page, or the hub, until it is stopped.

Belongs here: the socket and the server. Does not belong here: the applications (`app`, `hub`).
"""

import secrets
import socket
import ssl
from collections.abc import Callable
from pathlib import Path

import uvicorn

from healer.support.atomic_file import make_private_file, write_atomically
from healer.web.app import build_app
from healer.web.fleet import Fleet
from healer.web.hub import HubBackend, build_hub
from healer.web.repairs import Repairs
from healer.web.sign_on import SignOn

HOST = "127.0.0.1"
PORT, HUB_PORT = 8642, 8643
MOST_REQUESTS = 256
"""Of agents at one time; more are told to come again."""
_SHORTEST_TOKEN = 20
"""Signs: that many drawn by chance are not guessed."""


class WebError(Exception):
    """The page cannot be served; the message is one sentence with the next step."""


def serve(
    repairs: Repairs | None,
    announce: Callable[[str], None],
    *,
    name: str = "",
    port: int = PORT,
    token: str = "",
    public_host: str = "",
    fleet: Fleet | None = None,
    tenant: str = "",
    sign_on: SignOn | None = None,
) -> None:
    """Serves until SIGINT or SIGTERM. `announce` gets the address with the token, once it listens.

    `public_host`, `fleet`, `tenant` and `sign_on` as for `build_app`. `port` 0 takes a free one;
    without `token` a new one is drawn. Raises WebError when the port cannot be had.
    """
    token = token or secrets.token_urlsafe(32)
    with _listen(port) as listener:
        config = uvicorn.Config(
            build_app(
                repairs,
                token,
                name,
                public_host=public_host,
                fleet=fleet,
                tenant=tenant,
                sign_on=sign_on,
            ),
            log_level="warning",
            access_log=False,  # its lines would hold the token
            server_header=False,
            timeout_graceful_shutdown=3,
        )
        announce(f"http://{HOST}:{listener.getsockname()[1]}/?token={token}")
        uvicorn.Server(config).run(sockets=[listener])


def serve_hub(
    backend: HubBackend,
    announce: Callable[[str], None],
    *,
    host: str = HOST,
    port: int = HUB_PORT,
    certificate: Path | None = None,
    key: Path | None = None,
) -> None:
    """Serves agents until SIGINT or SIGTERM, with TLS where there is a `certificate` (PEM, with the
    chain; `key`: where the key is in a file of its own). Raises WebError."""
    with _listen(port, host) as listener:
        try:
            config = uvicorn.Config(
                build_hub(backend),
                log_level="warning",
                access_log=False,
                server_header=False,
                limit_concurrency=MOST_REQUESTS,
                timeout_graceful_shutdown=3,
                ssl_certfile=certificate,
                ssl_keyfile=key,
            )
            config.load()
        except (OSError, ssl.SSLError) as error:
            why = getattr(error, "strerror", None) or "it cannot be read as one"
            raise WebError(
                f"the certificate {certificate} cannot be used: {why}; name one in PEM form"
            ) from None
        scheme = "https" if certificate else "http"
        name = f"[{host}]" if ":" in host else host
        announce(f"{scheme}://{name}:{listener.getsockname()[1]}")
        uvicorn.Server(config).run(sockets=[listener])


def read_token(path: Path) -> str:
    """The token that a file keeps; a new one is drawn where there is no file. Raises WebError."""
    try:
        make_private_file(path)
        token = path.read_text("ascii").strip()
        if not token:
            token = secrets.token_urlsafe(32)
            write_atomically(path, f"{token}\n".encode())
        mode = path.stat().st_mode
    except (OSError, UnicodeDecodeError) as error:
        why = "it holds other than plain letters"
        if isinstance(error, OSError):
            why = f"{error.filename}: {error.strerror}"
        raise WebError(
            f"the token file {path} cannot be used: {why}; name one in a folder of yours"
        ) from error
    if mode & 0o077:
        raise WebError(f"others may read the token file {path}; type: chmod 600 {path}")
    if len(token) < _SHORTEST_TOKEN or not token.isprintable() or " " in token:
        raise WebError(
            f"the token in {path} has to be one word of at least {_SHORTEST_TOKEN} signs; remove "
            "the file, and healer draws one"
        )
    return token


def _listen(port: int, host: str = HOST) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(256)
    except (OSError, OverflowError) as error:
        listener.close()
        reason = getattr(error, "strerror", None) or str(error)
        raise WebError(f"cannot listen on {host}:{port}: {reason}; choose another --port") from None
    return listener
