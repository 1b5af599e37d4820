"""`healer web`: the page on this machine."""

from pathlib import Path

import click

from healer.cli import repo_option, start_folder


@click.command()
@click.option("--port", type=click.IntRange(0, 65_535), default=8642, show_default=True)
@click.option(
    "--token-file",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Where the token is kept, so that programs know it after a restart; made where missing.",
)
@repo_option
@click.pass_context
def web(ctx: click.Context, port: int, token_file: Path | None) -> int:
    """Serve what waits, one repair with its evidence, ledger and costs on 127.0.0.1.

    Prints the address with its token; --port 0 takes a free port. Ends on Ctrl-C.
    """
    from healer.support.extras import require

    require("web", "healer web")
    from healer.app.configuration import read_configuration
    from healer.app.web_backend import WebBackend
    from healer.facts.errors import UsageError
    from healer.web.serve import WebError, read_token, serve
    from quarantine.repository import Repository

    repository = Repository.open(start_folder(ctx))
    name = (repository.root or repository.git_dir).name
    config = read_configuration(repository)
    try:
        token = read_token(token_file) if token_file else ""
        with WebBackend(repository, config) as backend:
            serve(
                backend,
                click.echo,
                name=name,
                port=port,
                token=token,
                public_host=config.decide.host,
            )
    except WebError as error:
        raise UsageError(str(error)) from error
    return 0
