"""A copy of the example repository, as journeys and the commands of the docs have it.

Belongs here: laying it out with a history and a mail server of the test's. Does not belong here:
the small repository whose sandbox is scripted (`shop`).
"""

import shutil
from pathlib import Path

from tests.support.git import git

EXAMPLE = Path(__file__).parents[2] / "examples" / "shop"
NO_CONTAINER_AHEAD = "\n[sandbox]\npool = 0\n"
"""A repair of one command starts two of its nine containers for a next job that never comes."""


def lay_out_example(folder: Path, mail_port: int, settings: str = "") -> Path:
    """The repository in the new folder `folder`, with two commits of history; `settings` are lines
    that come first in its healer.toml."""
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns("__pycache__"))
    file = folder / "healer.toml"
    text = file.read_text().replace("localhost:25", f"127.0.0.1:{mail_port}")
    file.write_text(f"{settings}{text}{NO_CONTAINER_AHEAD}")
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", "core", "data", "protected.toml", "healer.toml")
    git(folder, "commit", "-q", "-m", "The shop's data and money")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "Three nightly jobs")
    return folder
