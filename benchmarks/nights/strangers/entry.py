"""One job as a stranger writes it: its world over six nights, the right fix and wrong ones.

Belongs here: the shape of an entry. Does not belong here: the entries, or what is decided of them
(`whole_path`). What is right was written down before anything ran.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from benchmarks.nights.night import Answer, Edit, Job, nothing

NO_PLACE = "*.db\n*.sqlite\nout/\ndrop/\nreports/\n*.csv\n*.json\n*.txt\n*.xml\n*.log\n"
"""What the jobs leave in their repository, and nobody commits."""


@dataclass(frozen=True)
class Stranger:
    """One entry. `serve` and `files` are asked for each night, by its number; texts may hold what
    those of `Job` may."""

    name: str
    script: str
    wanted: str
    """The decision that its owner would take, in words."""
    wrong: Mapping[str, Edit]
    """By what is wrong with them."""
    right: Edit = ()
    """Empty: only a person can say."""
    serve: Callable[[int], Mapping[str, Answer]] = nothing
    files: Callable[[int], Mapping[str, bytes | None]] = nothing
    folders: Callable[[int], Mapping[str, bool]] = nothing
    """Of the repository: whether they are there before that night; empty where they are."""
    tree: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    smtp: bool = False

    def as_job(self) -> Job:
        """As all nights are lived."""
        model = '[model]\ntiers = ["m"]\n'
        return Job(
            name=self.name,
            script=self.script,
            right=self.right,
            wrong=tuple(self.wrong.values()),
            serve=self.serve,
            files=self.files,
            folders=self.folders,
            tree={".gitignore": NO_PLACE, "healer.toml": model, **self.tree},
            environment=self.environment,
            smtp=self.smtp,
        )
