"""`healer check`: the judge alone, for a person's or any agent's patch.

Belongs here: its options, exit codes, and what it prints. Does not belong here: what is judged and
how (`healer.app.check`).
"""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from healer.cli import repo_option, start_folder

if TYPE_CHECKING:
    from healer.facts.patch_check import PatchCheck

MOST_SHOWN = 5
"""Of each kind of line; `--json` has them all."""


@click.command()
@click.argument("change", default="", metavar="[PATCH|REV]")
@click.option("--staged", "is_staged", is_flag=True, help="What is staged, against HEAD.")
@click.option("--as-draft", is_flag=True, help="As strictly as with a machine's draft.")
@click.option("--allow-weak", is_flag=True, help="Exit 0 for weak evidence, too.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.option("--sarif", "as_sarif", is_flag=True, help="Print one SARIF 2.1.0 document.")
@click.option(
    "--sarif-file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write that document into a file, beside what is printed.",
)
@repo_option
@click.pass_context
def check(
    ctx: click.Context,
    change: str,
    is_staged: bool,
    as_draft: bool,
    allow_weak: bool,
    as_json: bool,
    as_sarif: bool,
    sarif_file: Path | None,
) -> int:
    """Judge a patch with the evidence that a repair's own draft needs; write nothing.

    PATCH is a unified diff on HEAD (- for standard input); REV a commit, judged against its first
    parent, or a range A..B. With neither: what the working tree changes since HEAD.

    Exit codes: 0 strong evidence, 1 weak, refused or unjudged, 2 wrong usage, 3 environment
    unavailable. With --allow-weak 0 for weak evidence as well.
    """
    from healer.app.check import CheckOptions
    from healer.app.check import check as judge
    from healer.cli.live import Live
    from healer.cli.output import print_json
    from healer.cli.sarif import render_sarif
    from healer.support.version import read_version

    if as_json and as_sarif:
        raise click.UsageError("--json and --sarif exclude each other; give one.", ctx)
    if sarif_file is not None and not sarif_file.parent.is_dir():
        raise click.UsageError(f"--sarif-file {sarif_file}: its folder does not exist.", ctx)
    options = CheckOptions(
        change=change,
        staged=is_staged,
        as_draft=as_draft,
        index_file=os.environ.get("GIT_INDEX_FILE", ""),
    )
    patch = sys.stdin.buffer.read() if change == "-" else b""
    with Live(quiet=as_json or as_sarif) as live:
        result = judge(start_folder(ctx), Path.cwd(), options, patch, live.show)
    if sarif_file is not None:
        sarif_file.write_text(render_sarif(result, read_version()), encoding="utf-8")
    if as_json:
        print_json(result)
    elif as_sarif:
        sys.stdout.write(render_sarif(result, read_version()))
    else:
        _print(result)
    return exit_code(result, allow_weak=allow_weak)


def exit_code(result: "PatchCheck", *, allow_weak: bool = False) -> int:
    """0: strong, or weak where that is enough; 3: nothing could be run; else 1."""
    if result.environment_failed:
        return 3
    return 0 if result.outcome == "strong" or (allow_weak and result.outcome == "weak") else 1


def _print(result: "PatchCheck") -> None:
    from healer.render.clean import printable

    question = "does it heal what fails?" if result.heals else "does what was right stay so?"
    files = f"{len(result.paths)} file{'' if len(result.paths) == 1 else 's'}"
    print(printable(f"{result.origin} ({files}) on {result.base[:12]}: {question}"))
    print(printable(f"{result.outcome}: {result.reason}"))
    for label, sentences in (
        ("fails", [f"{each.node}: {each.message}" for each in result.failing]),
        ("to make it strong", list(result.missing[1:])),
        ("not noticed by any test", list(_survivors(result))),
        ("note", [_place(each.path, each.line) + each.sentence for each in result.notes]),
    ):
        for sentence in sentences[:MOST_SHOWN]:
            print(printable(f"  {label}: {sentence}"))
        if len(sentences) > MOST_SHOWN:
            print(f"  {label}: {len(sentences) - MOST_SHOWN} more; --json has them all")


def _survivors(result: "PatchCheck") -> tuple[str, ...]:
    score = result.evidence.mutation if result.evidence else None
    return score.survived if score and result.outcome == "weak" else ()


def _place(path: str, line: int) -> str:
    return (f"{path}:{line}: " if line else f"{path}: ") if path else ""
