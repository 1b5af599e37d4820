"""`healer worker`: repairs for repositories of which nobody here has a clone.

Belongs here: the command. Does not belong here: what a worker does (`healer.daemon.worker`).
"""

import os
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import click

from healer.cli import FiniteRange, state_env_option

if TYPE_CHECKING:
    from healer.app.worker import Place

_FENCED = 75
"""The exit code of a turn that nobody waits for any more."""


@click.command()
@click.option(
    "--tenant",
    "tenants",
    multiple=True,
    default=("default",),
    show_default=True,
    help="Whose repositories; may come several times.",
)
@click.option(
    "--add",
    "additions",
    multiple=True,
    metavar="URL",
    help="Make a remote known, for the first tenant; clones that push make theirs known.",
)
@click.option("--slots", type=click.IntRange(1, 256), default=2, show_default=True)
@click.option(
    "--mirrors",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("~/.cache/healer/mirrors"),
    show_default=True,
    help="The folder for mirrors of the repositories.",
)
@click.option("--mirrors-gb", type=FiniteRange(min=0), default=20.0, show_default=True)
@state_env_option
@click.option("--turn", is_flag=True, hidden=True)
def worker(
    tenants: tuple[str, ...],
    additions: tuple[str, ...],
    slots: int,
    mirrors: Path,
    mirrors_gb: float,
    state_env: str,
    turn: bool,
) -> int:
    """Repair what is due in all repositories of the shared database, until stopped.

    SIGTERM lets what is under way end, for ten minutes at most; a second one does not wait.
    """
    from healer.app.state import read_state_url
    from healer.app.worker import Place, serve
    from healer.cli.edge import leave
    from healer.cli.logs import json_log
    from healer.daemon.mirrors import Mirrors

    place = Place(read_state_url(state_env), Mirrors(mirrors.expanduser(), int(mirrors_gb * 1e9)))
    if turn:
        _take_turn(place)
    else:
        arguments = (f"--mirrors={mirrors}", f"--state-env={state_env}")
        serve(
            place, json_log(),
            tenants=tenants, additions=additions, slots=slots, arguments=arguments,
        )  # fmt: skip
    return leave(0)


def _take_turn(place: "Place") -> None:
    """The work comes as a line; whatever comes of the worker, its turn does not outlive it."""
    from healer.app.worker import take_turn
    from healer.cli.logs import json_log
    from healer.daemon.worker import read_work

    def end() -> None:
        os._exit(_FENCED)  # nothing is tidied: others take this process for dead

    def wait_for_worker() -> None:
        while sys.stdin.buffer.read(1):
            pass
        end()

    work = read_work(sys.stdin.buffer.readline())
    threading.Thread(target=wait_for_worker, daemon=True).start()
    take_turn(work, place, json_log(), end)
