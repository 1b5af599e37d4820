"""`healer init`: looks the repository over and writes two commented files.

Belongs here: what is asked of git, and what is printed. Does not belong here: what is found
(`healer.survey`), or the files' text (`healer.config.template`). Nothing that exists is changed.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from healer.cli import repo_option, start_folder

if TYPE_CHECKING:
    from healer.survey.facts import Survey
    from quarantine.repository import Repository

MOST_LINES = 12
"""Of programs and jobs on the screen; `--json` has them all."""


@click.command()
@click.option("--dry-run", is_flag=True, help="Show what would be written, and write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@repo_option
@click.pass_context
def init(ctx: click.Context, dry_run: bool, as_json: bool) -> int:
    """Write a commented healer.toml and protected.toml where they are missing."""
    from dataclasses import asdict

    from healer.cli.output import print_json
    from healer.config.template import format_healer_toml, format_protected_toml
    from healer.facts.errors import UsageError
    from healer.survey.survey import survey
    from quarantine.repository import Repository

    repository = Repository.open(start_folder(ctx))
    if repository.root is None:
        raise UsageError("this repository is bare; run healer init in a clone of it")
    facts = survey(repository.tree("HEAD"), _choose_target(repository))
    files = {
        "healer.toml": format_healer_toml(facts),
        "protected.toml": format_protected_toml(facts),
    }
    new_files = [name for name in files if not (repository.root / name).exists()]
    if not dry_run:
        new_files = [name for name in new_files if _write(repository, name, files[name])]
    old_files = [name for name in files if name not in new_files]
    if as_json:
        document = {"written": new_files, "kept": old_files, "scripts": facts.globs}
        print_json({**document, "target": facts.target, "dry_run": dry_run, "found": asdict(facts)})
        return 0
    for line in _list_findings(facts):
        click.echo(line)
    for name in new_files:
        click.echo(f"would write {name}:\n\n{files[name]}" if dry_run else f"wrote {name}")
    for name in old_files:
        click.echo(f"kept {name} as it is")
    if not dry_run:
        click.echo("next: git add healer.toml protected.toml && git commit, then: healer doctor")
    return 0


def _choose_target(repository: "Repository") -> str:
    """The remote's own branch where this clone has it, else the one that is checked out."""
    from healer.facts.errors import UsageError

    default = repository.default_branch()
    target = default if default in repository.branches() else repository.branch()
    if target is None:
        raise UsageError("HEAD is detached; check out the branch that fixes are merged into")
    return target


def _write(repository: "Repository", name: str, text: str) -> bool:
    """Whether it is new; what somebody wrote meanwhile is kept."""
    assert repository.root is not None  # noqa: S101  (for the type checker: a bare one is refused)
    try:
        with (repository.root / name).open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        return False
    return True


def _list_findings(facts: "Survey") -> Iterator[str]:
    """What was found, one subject a paragraph."""
    yield f"branch: {facts.target}"
    yield f"scripts: {', '.join(facts.globs) or 'none found; set scripts in healer.toml'}"
    for program in facts.programs[:MOST_LINES]:
        yield f"  {program.path}  ({', '.join(program.reasons[:2])})"
    if len(facts.programs) > MOST_LINES:
        yield f"  and {len(facts.programs) - MOST_LINES} more; healer init --json lists them"
    for job in facts.jobs[:MOST_LINES]:
        yield f"job: {job.script} at {job.schedule}, from {job.place}"
    command = " ".join(facts.suite.command or ("python", "-m", "pytest"))
    files = f"{facts.suite.file_count} files" if facts.suite.file_count else "no test was found"
    yield f"tests: {command} ({facts.suite.place or 'by default'}; {files})"
    needs = facts.dependencies
    yield f"packages: {', '.join(needs.files) or 'none declared'}" + (
        f" ({needs.manager})" if needs.manager else ""
    )
    if needs.pythons:
        yield f"python: {', '.join(needs.pythons)}"
    if facts.owners:
        yield f"owners: {facts.owners}"
    for guard in facts.guards:
        yield f"protected: {', '.join(guard.paths[:4])}{' …' if guard.paths[4:] else ''}"
