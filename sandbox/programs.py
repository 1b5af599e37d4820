"""Which of this machine's programs an image holds beside Python.

Belongs here: the usual ones, where programs are looked for, and which names a source calls. Does
not belong here: their libraries (`libraries`), and what else goes in (`machine`).
"""

import re
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

USUAL = (
    "sh", "bash", "env", "awk", "basename", "cat", "chmod", "cmp", "comm", "cp", "cut", "date",
    "df", "diff", "dirname", "du", "echo", "expr", "false", "find", "grep", "gunzip", "gzip",
    "head", "hostname", "id", "join", "ln", "ls", "mkdir", "mktemp", "mv", "nice", "nl", "nproc",
    "paste", "printf", "ps", "pwd", "readlink", "realpath", "rm", "rmdir", "sed", "seq",
    "sha256sum", "sleep", "sort", "split", "stat", "tail", "tar", "tee", "test", "timeout",
    "touch", "tr", "true", "uname", "uniq", "wc", "which", "xargs",
)  # fmt: skip
"""What shell scripts and wrappers call; small, and without settings of their own."""
FOLDERS = ("/usr/local/bin", "/usr/bin", "/bin", "/usr/local/sbin", "/usr/sbin", "/sbin")
MAX_BYTES = 64 << 20
"""A larger program is left out: an image is made in seconds, and kept for months."""
MOST = 64
"""Programs beside the usual ones."""
_NEVER = re.compile(r"(?:python|pip|pytest|docker|sudo|su\b|systemctl|perl)")
"""Interpreters are nothing without their libraries, and the others nothing in a box."""
_STARTS_PROGRAMS = re.compile(
    r"\bsubprocess\b|\bos\.(?:system|popen|exec|spawn|posix_spawn)|create_subprocess|shutil\.which"
)
_IN_QUOTES = re.compile(r"""["']([\w./+-]+)(?=["'\s])""")
_AFTER_SHELL_SIGN = re.compile(
    r"(?:^|[|;&(`]|\$\()\s*(?:(?:then|do|else|exec|if|while|until|!)\s+)*([\w./+-]+)", re.MULTILINE
)


def find_programs(names: Iterable[str]) -> tuple[Path, ...]:
    """Those of the names that this machine has among its own programs, sorted by name; a path
    counts by its last part."""
    bare = {name.rpartition("/")[2] for name in names}
    places = (shutil.which(name, path=":".join(FOLDERS)) for name in sorted(bare) if name)
    paths = [Path(place) for place in places if place]
    return tuple(path for path in paths if path.stat().st_size <= MAX_BYTES)


def choose_further(names: Iterable[str]) -> tuple[str, ...]:
    """Those of the names that are worth a place in an image, and are on this machine; sorted, at
    most `MOST`."""
    bare = {name.rpartition("/")[2] for name in names}
    further = sorted(name for name in bare.difference(USUAL) if not _NEVER.match(name))
    return tuple(path.name for path in find_programs(further))[:MOST]


def list_called(path: str, text: str) -> Iterator[str]:
    """Names that may be programs which this source calls; most of them are none. Nothing of a
    Python source that starts no program."""
    if path.endswith(".py") or "python" in text.partition("\n")[0]:
        if _STARTS_PROGRAMS.search(text):
            yield from _IN_QUOTES.findall(text)
            yield from _AFTER_SHELL_SIGN.findall(text)
    else:
        yield from _AFTER_SHELL_SIGN.findall(text)
