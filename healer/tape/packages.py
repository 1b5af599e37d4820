"""Which packages a job's Python has, by the names of their folders.

Belongs here: that list, as it is kept with every tape. Does not belong here: what moved between two
nights (`healer.evidence.package_history`), what a repository declares, and installing anything.
"""

import re
from collections.abc import Sequence
from pathlib import Path

from healer.tape.facts import Process

MOST_PACKAGES = 1_000
_FOLDER = re.compile(r"(?P<name>[\w.]+?)-(?P<version>\d[\w.!+]*)\.(?:dist|egg)-info")


def list_packages(processes: Sequence[Process]) -> tuple[str, ...]:
    """Of the job's first Python, each as `pandas==2.2.3`, sorted; none where its folder cannot be
    listed. Nothing is opened: it is asked on every run."""
    if not processes:
        return ()
    process = processes[0]
    version = ".".join(map(str, process.version[:2]))
    folder = Path(process.prefix) / "lib" / f"python{version}" / "site-packages"
    try:
        names = [each.name for each in folder.iterdir()]
    except OSError:
        return ()
    matches = (_FOLDER.fullmatch(name) for name in names)
    packages = sorted(f"{m['name'].replace('_', '-')}=={m['version']}" for m in matches if m)
    return tuple(packages[:MOST_PACKAGES])
