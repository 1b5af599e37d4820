"""`healer hub`: where the agents of job machines bring what has failed.

Belongs here: the commands and what they print. Does not belong here: the door (`healer.web.hub`),
and its rules (`healer.app.hub`).
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from healer.cli import state_env_option
from healer.cli.output import print_json
from healer.render.clean import printable

if TYPE_CHECKING:
    from healer.support.shared_tables import SharedTables
    from healer.watch.hub_tokens import HubTokens

_file = click.Path(path_type=Path, dir_okay=False)


@click.group(invoke_without_command=True)
@click.option("--listen", metavar="HOST:PORT", default="127.0.0.1:8643", show_default=True)
@click.option("--certificate", type=_file, metavar="FILE", help="PEM, with its chain: speak TLS.")
@click.option("--key", type=_file, metavar="FILE", help="Its key, where that is in another file.")
@click.option(
    "--plain-http",
    is_flag=True,
    help="Listen without TLS on an address that others reach: only behind a proxy that has it.",
)
@state_env_option
@click.pass_context
def hub(
    ctx: click.Context,
    listen: str,
    certificate: Path | None,
    key: Path | None,
    plain_http: bool,
    state_env: str,
) -> int:
    """Take failures from agents into the shared database, until stopped.

    It needs no repository and no Docker Engine: daemons of clones on the same database repair. Of
    what concerns many scripts at once it tells the channels in HEALER_CHANNELS, once.
    """
    ctx.obj = state_env
    if ctx.invoked_subcommand is not None:
        return 0
    from healer.support.extras import require

    require("web", "healer hub")
    from healer.app.hub import Hub
    from healer.app.state import read_state_url
    from healer.facts.errors import UsageError
    from healer.notify.channels import read_channels
    from healer.web.serve import WebError, serve_hub

    host, port = _parse_address(listen)
    _require_secrecy(host, certificate, plain_http)
    try:
        channels = read_channels(os.environ, "HEALER_CHANNELS")
        if channels:
            require("chat", "HEALER_CHANNELS")
        with (
            Hub(read_state_url(state_env), lambda text: click.echo(text, err=True)) as backend,
            backend.tell_meanwhile(channels),
        ):
            serve_hub(backend, click.echo, host=host, port=port, certificate=certificate, key=key)
    except WebError as error:
        raise UsageError(str(error)) from error
    return 0


@hub.command("incidents")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_context
def list_incidents(ctx: click.Context, as_json: bool) -> int:
    """What concerns many scripts at once: a rush of failures, one cause in many repositories."""
    from healer.watch.fleet_incidents import FleetIncidents

    with _open_tables(ctx.obj) as tables:
        incidents = FleetIncidents(tables).list_all()
    if as_json:
        print_json([vars(each) for each in incidents])
        return 0
    for each in incidents:
        moment = f"{datetime.fromtimestamp(each.first_at):%Y-%m-%d %H:%M}"
        end = "" if each.told_at else " (nobody was told yet)"
        click.echo(printable(f"{moment}  {each.tenant}  {each.kind}  {each.detail}{end}"))
    return 0


@hub.group()
def token() -> None:
    """What an agent shows to the hub: it may post, and do nothing else."""


@token.command("make")
@click.argument("name")
@click.option("--tenant", default="default", show_default=True)
@click.option(
    "--repository",
    "repositories",
    multiple=True,
    required=True,
    metavar="URL",
    help="A remote that it is for, or all below git.example.com/shop/*; may come several times.",
)
@click.pass_context
def make_token(ctx: click.Context, name: str, tenant: str, repositories: tuple[str, ...]) -> int:
    """Make one and print it, this once."""
    from healer.app.hub import name_repository

    names = [name_repository(each) for each in repositories]
    with _open_tokens(ctx.obj) as tokens:
        click.echo(tokens.make(name, tenant, names, now=time.time()))
    return 0


@token.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_context
def list_tokens(ctx: click.Context, as_json: bool) -> int:
    """All that were made, and for what."""
    with _open_tokens(ctx.obj) as tokens:
        grants = tokens.list_all()
    if as_json:
        print_json([vars(each) for each in grants])
        return 0
    for each in grants:
        day = f"{datetime.fromtimestamp(each.made_at):%Y-%m-%d}"
        state = "revoked" if each.revoked_at else f"made {day}"
        click.echo(f"{each.name}  {each.tenant}  {state}  {' '.join(each.repositories)}")
    return 0


@token.command("revoke")
@click.argument("name")
@click.pass_context
def revoke_token(ctx: click.Context, name: str) -> int:
    """From now on it opens nothing."""
    with _open_tokens(ctx.obj) as tokens:
        tokens.revoke(name, now=time.time())
    click.echo(f"{name} opens nothing any more")
    return 0


@contextmanager
def _open_tables(state_env: str) -> "Iterator[SharedTables]":
    from healer.app.state import read_state_url
    from healer.support.shared_pool import NOBODY
    from healer.support.shared_tables import SharedTables, prepare_schema

    url = read_state_url(state_env)
    prepare_schema(url)
    with SharedTables(url, NOBODY) as tables:
        yield tables


@contextmanager
def _open_tokens(state_env: str) -> "Iterator[HubTokens]":
    from healer.facts.errors import UsageError
    from healer.watch.hub_tokens import HubTokens, TokenError

    try:
        with _open_tables(state_env) as tables:
            yield HubTokens(tables)
    except TokenError as error:
        raise UsageError(str(error)) from error


def _parse_address(listen: str) -> tuple[str, int]:
    host, _, port = listen.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65_535:  # noqa: PLR2004 - the last port
        raise click.BadParameter(f"{listen!r} is no address like 0.0.0.0:8643")
    return host.strip("[]"), int(port)


def _require_secrecy(host: str, certificate: Path | None, plain_http: bool) -> None:
    """Tokens and failures never cross a network in the clear by mistake."""
    from healer.facts.errors import UsageError
    from healer.support.loopback import LOOPBACK_HOSTS

    if not (certificate or plain_http or host in LOOPBACK_HOSTS):
        raise UsageError(
            f"{host} is reached by others, and this would be plain http; give --certificate, or "
            "--plain-http behind a proxy that speaks TLS"
        )
