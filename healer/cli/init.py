"""`healer init`: writes the two commented files, and changes nothing that exists."""

import click

from healer.cli import repo_option, start_folder


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@repo_option
@click.pass_context
def init(ctx: click.Context, as_json: bool) -> int:
    """Write a commented healer.toml and protected.toml where they are missing."""
    from healer.cli.output import print_json
    from healer.config.template import PROTECTED, find_script_globs, format_healer_toml
    from healer.facts.errors import UsageError
    from quarantine.project_tests import ProjectTests
    from quarantine.repository import Repository

    repository = Repository.open(start_folder(ctx))
    if repository.root is None:
        raise UsageError("this repository is bare; run healer init in a clone of it")
    target = repository.branch()
    if target is None:
        raise UsageError("HEAD is detached; check out the branch that fixes are merged into")
    tree = repository.tree("HEAD")
    globs = find_script_globs(tree.paths(), ProjectTests.load(tree))
    files = {"healer.toml": format_healer_toml(target, globs), "protected.toml": PROTECTED}
    new_files, old_files = [], []
    for name, text in files.items():
        try:
            with (repository.root / name).open("x", encoding="utf-8") as file:
                file.write(text)
            new_files.append(name)
        except FileExistsError:
            old_files.append(name)
    if as_json:
        print_json({"written": new_files, "kept": old_files, "scripts": globs, "target": target})
        return 0
    for name in new_files:
        click.echo(f"wrote {name}")
    for name in old_files:
        click.echo(f"kept {name} as it is")
    click.echo(f"scripts: {', '.join(globs) or 'none found; set scripts in healer.toml'}")
    click.echo("next: git add healer.toml protected.toml && git commit, then: healer doctor")
    return 0
