"""`healer web`: the page on this machine.

Belongs here: the command. Does not belong here: the page (`healer.web`), and what it reads and does
(`healer.app.web_backend`, `healer.app.fleet_view`).
"""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from healer.cli import repo_option, start_folder, state_env_option

if TYPE_CHECKING:
    from healer.app.fleet_view import FleetView
    from healer.config import Config
    from healer.web.sign_on import SignOn


@click.command()
@click.option("--port", type=click.IntRange(0, 65_535), default=8642, show_default=True)
@click.option(
    "--token-file",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Where the token is kept, so that programs know it after a restart; made where missing.",
)
@click.option(
    "--fleet",
    "is_fleet",
    is_flag=True,
    help="All repositories of the shared database, without a clone.",
)
@click.option(
    "--sign-on",
    "sign_on_file",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Have people sign on by an OpenID provider; the file says which, and who may what.",
)
@state_env_option
@repo_option
@click.pass_context
def web(
    ctx: click.Context,
    port: int,
    token_file: Path | None,
    is_fleet: bool,
    sign_on_file: Path | None,
    state_env: str,
) -> int:
    """Serve what waits, one repair with its evidence, ledger and costs on 127.0.0.1.

    Prints the address with its token; --port 0 takes a free port. Ends on Ctrl-C. Where the state
    is in a PostgreSQL, it shows the repositories of the same tenant, too.
    """
    from healer.support.extras import require

    require("web", "healer web")
    from healer.app.configuration import read_configuration
    from healer.app.fleet_view import FleetView
    from healer.app.state import read_state_url
    from healer.app.web_backend import WebBackend
    from healer.facts.errors import UsageError
    from healer.web.serve import WebError, read_token, serve
    from quarantine.repository import Repository

    try:
        token = read_token(token_file) if token_file else ""
        sign_on = _open_sign_on(sign_on_file) if sign_on_file else None
        if is_fleet:
            with FleetView(read_state_url(state_env)) as fleet:
                serve(None, click.echo, port=port, token=token, fleet=fleet, sign_on=sign_on)
            return 0
        repository = Repository.open(start_folder(ctx))
        config = read_configuration(repository)
        with WebBackend(repository, config) as backend, _open_fleet(config) as own_fleet:
            serve(
                backend,
                click.echo,
                name=(repository.root or repository.git_dir).name,
                port=port,
                token=token,
                public_host=config.decide.host,
                fleet=own_fleet,
                tenant=config.fleet.tenant,
                sign_on=sign_on,
            )
    except WebError as error:
        raise UsageError(str(error)) from error
    return 0


def _open_sign_on(file: Path) -> "SignOn":
    from healer.facts.errors import UsageError
    from healer.support.extras import require
    from healer.web.sessions import Sessions
    from healer.web.sign_on_settings import SignOnError, read_sign_on

    require("oidc", "healer web --sign-on")
    from healer.web.sign_on import SignOn

    try:
        settings = read_sign_on(file)
        secret = settings.read_secret(os.environ)
    except SignOnError as error:
        raise UsageError(str(error)) from error
    return SignOn(settings, secret, Sessions(settings.hours))


@contextmanager
def _open_fleet(config: "Config") -> "Iterator[FleetView | None]":
    """Of a clone whose state is shared; None for SQLite. The owner's word on the database has been
    asked for by then."""
    from healer.app.fleet_view import FleetView

    with ExitStack() as stack:
        is_shared = config.state != "sqlite"
        yield stack.enter_context(FleetView(config.state)) if is_shared else None
