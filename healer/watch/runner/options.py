"""What `healer run` was asked to do, read without a command-line library.

Belongs here: the short way for what is plainly a job. Does not belong here: help and mistakes (the
full command line, `healer.cli.run`).

Here and in all that `healer run` loads before a job has failed, facts are plain classes: importing
`dataclasses` or `typing` takes longer than everything else that is done around a job.
"""


class RunOptions:
    """A job to run."""

    def __init__(
        self,
        argv: tuple[str, ...],
        repo: str = "",
        max_runtime_s: float | None = None,
        source: str = "run",
    ) -> None:
        """`repo` is where the repository is looked for (empty: the current folder). After
        `max_runtime_s` the job is asked to stop, and killed ten seconds later. `source` is `run`,
        `job` when healer itself has started it, or `rerun` when it does a failed run again."""
        self.argv = argv
        self.repo = repo
        self.max_runtime_s = max_runtime_s
        self.source = source


SOURCES = ("run", "job", "rerun")
_WITH_VALUE = ("--repo", "--max-runtime", "--source")


def parse_run(arguments: list[str]) -> RunOptions | None:
    """The options of `healer [--repo PATH] run [--repo PATH] [--] CMD…`; None for anything else.

    Everything from the first word that is no option of healer's belongs to the job. None leaves
    `--help` and every mistake to the full command line.
    """
    values = {"--max-runtime": "", "--repo": "", "--source": "run"}
    seen_run = False
    index = 0
    while index < len(arguments):
        word = arguments[index]
        name, equals, value = word.partition("=")
        if not seen_run and word == "run":
            seen_run = True
        elif name in _WITH_VALUE:
            if not equals:
                index += 1
                value = arguments[index] if index < len(arguments) else ""
            values[name] = value
        elif seen_run and (word == "--" or not word.startswith("-")):
            argv = tuple(arguments[index + (word == "--") :])
            return _options(argv, values)
        else:
            return None
        index += 1
    return None


def _options(argv: tuple[str, ...], values: dict[str, str]) -> RunOptions | None:
    try:
        limit = float(values["--max-runtime"]) if values["--max-runtime"] else None
    except ValueError:
        return None
    if (
        not argv
        or values["--source"] not in SOURCES
        or (limit is not None and not 0 < limit < float("inf"))
    ):
        return None
    return RunOptions(argv, values["--repo"], limit, values["--source"])
