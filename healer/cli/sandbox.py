"""`healer sandbox build|check|prune`.

Belongs here: the three commands and what they print. Does not belong here: images, probes and
containers (`sandbox`).
"""

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from healer.cli import repo_option, start_folder

if TYPE_CHECKING:
    from healer.config import Config
    from quarantine.repository import Repository


@click.group()
def sandbox() -> None:
    """Build the image, run the isolation self-check, remove leftovers."""


def _read_settings(ctx: click.Context) -> "tuple[Config, Repository | None, Path]":
    """The configuration here, or the defaults outside of a repository."""
    from healer.app.trust import read_trusted_configuration
    from healer.config import Config
    from quarantine.errors import NotARepository
    from quarantine.repository import Repository

    start = start_folder(ctx)
    try:
        repository = Repository.open(start)
    except NotARepository:
        return Config(), None, start
    return read_trusted_configuration(repository), repository, repository.root or repository.git_dir


@sandbox.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@repo_option
@click.pass_context
def build(ctx: click.Context, as_json: bool) -> int:
    """Build the sandbox image where its inputs have changed."""
    from healer.app.sandbox_setup import build_declared, image_config
    from healer.cli.output import print_json

    config, repository, root = _read_settings(ctx)
    start = time.monotonic()
    tag = build_declared(image_config(config, repository, root))
    seconds = time.monotonic() - start
    if as_json:
        print_json({"image": tag, "seconds": seconds})
    else:
        click.echo(f"image {tag} is ready ({seconds:.1f} s)")
    return 0


@sandbox.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@repo_option
@click.pass_context
def check(ctx: click.Context, as_json: bool) -> int:
    """Run every isolation probe as drafted code would run; all must be held."""
    from healer.app.sandbox_setup import image_config, open_sandbox
    from healer.cli.output import print_json
    from sandbox import self_check

    config, repository, root = _read_settings(ctx)
    with open_sandbox(config, image_config(config, repository, root)) as box:
        results = self_check(box)
    all_held = all(result.held for result in results)
    if as_json:
        print_json({"held": all_held, "probes": [r.model_dump(mode="json") for r in results]})
        return 0 if all_held else 3
    for result in results:
        click.echo(f"{'held' if result.held else 'OPEN'}  {result.name:<32} {result.detail}")
    count = sum(result.held for result in results)
    click.echo(f"{count} of {len(results)} probes held")
    return 0 if all_held else 3


@sandbox.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def prune(as_json: bool) -> int:
    """Remove containers and images that healer left behind."""
    from healer.cli.output import print_json
    from sandbox.prune import prune as remove_leftovers

    leftovers = remove_leftovers()
    if as_json:
        print_json(leftovers)
    else:
        click.echo(f"removed {leftovers.containers} containers and {leftovers.images} images")
    return 0
