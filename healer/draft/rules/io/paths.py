"""Rules for names of files: without their folder, beside the script, misspelled.

Belongs here: a path that names no file, where the repository or the loop shows the right one. Does
not belong here: input that is missing; that is not the code. Folders are in `folders`.
"""

import ast
import re
from collections.abc import Iterator

from healer.draft.rules.bindings import loops_around
from healer.draft.rules.certainty import GUESS
from healer.draft.rules.closest_name import find_closest
from healer.draft.rules.example import Example
from healer.draft.rules.rule import FaultSite, Fix, called_name, rule
from healer.draft.rules.scope import add_missing_import, imported_names

MISSING_FILE = re.compile(r"\[Errno 2\] No such file or directory: '([^']+)'")
_TAKES_A_PATH = frozenset(
    {"open", "getsize", "getmtime", "isfile", "isdir", "exists", "stat", "remove", "unlink",
     "rename", "replace", "copy", "copy2", "move", "copyfile", "rmtree", "listdir", "read_csv"}
)  # fmt: skip  # a list of words is read as a paragraph


@rule(
    "bare-name",
    "FileNotFoundError",
    estimate=0.88,
    example=Example(
        """
          import os
          def sizes(folder):
              for name in os.listdir(folder):
        -         print(os.path.getsize(name))
        #! FileNotFoundError: [Errno 2] No such file or directory: 'day.csv'
        +         print(os.path.getsize(os.path.join(folder, name)))
        """,
        is_reported=True,
    ),
    silent=Example(
        """
        import os
        def sizes(names):
            for name in names:
                print(os.path.getsize(name))
        #! FileNotFoundError: [Errno 2] No such file or directory: 'day.csv'
        """,
        is_reported=True,
    ),
    rivals=("another run has taken the file away meanwhile",),
    link="https://docs.python.org/3/library/os.html#os.listdir",
)
def bare_name(site: FaultSite) -> Iterator[Fix]:
    """A name from `os.listdir` is used without its folder, which is put before it."""
    match, code = site.search(MISSING_FILE), site.code
    if not match or "/" in match[1] or imported_names(code).get("os") != "os":
        return
    for call in site.calls(*_TAKES_A_PATH):
        for name in (a.id for a in call.args[:1] if isinstance(a, ast.Name)):
            for loop in loops_around(site, name):
                if folder := _listed_folder(site, loop.iter):
                    uses = _uses_as_path(site, loop, name)
                    edits = [code.replace(n, f"os.path.join({folder}, {name})") for n in uses]
                    cause = f"`os.listdir({folder})` gives names without their folder."
                    yield Fix(cause, tuple(edits))
                    return


def _listed_folder(site: FaultSite, iterable: ast.expr) -> str:
    """The folder of `os.listdir(folder)`, also inside `sorted(...)`."""
    for node in ast.walk(iterable):
        if isinstance(node, ast.Call) and site.code.segment(node.func) == "os.listdir":
            return site.code.segment(node.args[0]) if node.args else '"."'
    return ""


def _uses_as_path(
    site: FaultSite, loop: ast.For | ast.comprehension, name: str
) -> Iterator[ast.expr]:
    """Where the loop's variable is taken as a path."""
    holder = site.code.parents.get(loop) if isinstance(loop, ast.comprehension) else loop
    for node in ast.walk(holder) if holder else ():
        if isinstance(node, ast.Call) and called_name(node) in _TAKES_A_PATH:
            yield from (a for a in node.args[:1] if getattr(a, "id", "") == name)


@rule(
    "beside-the-script",
    "FileNotFoundError",
    estimate=GUESS,
    example=Example(
        """
        + from pathlib import Path
        - print(open("rates.json").read())
        #! FileNotFoundError: [Errno 2] No such file or directory: 'rates.json'
        + print(open(Path(__file__).parent / "rates.json").read())
        """,
        path="jobs/job.py",
        files={"jobs/rates.json": "{}"},
        is_reported=True,
    ),
    silent=Example(
        """
        print(open("rates.json").read())
        #! FileNotFoundError: [Errno 2] No such file or directory: 'rates.json'
        """,
        path="jobs/job.py",
        files={"rates.json": "{}"},
        is_reported=True,
    ),
    rivals=("the job is to be started in another folder", "the file of that folder was meant"),
    link="https://docs.python.org/3/reference/import.html#file__",
)
def beside_the_script(site: FaultSite) -> Iterator[Fix]:
    """A file that lies beside the script is looked for where the job was started, as by cron."""
    match, code = site.search(MISSING_FILE), site.code
    folder = code.path.rpartition("/")[0]
    name = match[1] if match else ""
    if not name or name.startswith("/") or not folder or name in site.files.paths:
        return
    literals = [n for n in code.nodes if isinstance(n, ast.Constant) and n.value == name]
    if len(literals) == 1 and f"{folder}/{name}" in site.files.paths:
        edit = code.wrap(literals[0], "Path(__file__).parent / {}")
        cause = f"`{name}` lies beside the script, and the job was started in another folder."
        yield Fix(cause, (edit, *add_missing_import(code, "pathlib", "Path")))


@rule(
    "misspelled-file",
    "FileNotFoundError",
    estimate=0.815,
    example=Example(
        """
        - print(open("raets.json").read())
        #! FileNotFoundError: [Errno 2] No such file or directory: 'raets.json'
        + print(open("rates.json").read())
        """,
        files={"rates.json": "{}"},
        is_reported=True,
    ),
    silent=Example(
        """
        print(open("days.json").read())
        #! FileNotFoundError: [Errno 2] No such file or directory: 'days.json'
        """,
        files={"rates.json": "{}"},
        is_reported=True,
    ),
    rivals=("the file of that name is yet to be written, or was taken away",),
    link="https://docs.python.org/3/library/exceptions.html#FileNotFoundError",
)
def misspelled_file(site: FaultSite) -> Iterator[Fix]:
    """A file is not there, and the repository has one that is spelled nearly like it."""
    match = site.search(MISSING_FILE)
    if not match or match[1] in site.files.paths:
        return
    folder, _, name = match[1].rpartition("/")
    pairs = (path.rpartition("/") for path in site.files.paths)
    best = find_closest(name, {other for parent, _, other in pairs if parent == folder})
    if best is None:
        return
    path = f"{folder}/{best.name}".lstrip("/")
    for node in site.code.nodes:
        if isinstance(node, ast.Constant) and node.value == match[1]:
            cause = f"There is no file `{match[1]}`; the repository has `{path}`."
            yield Fix(cause, (site.code.requote(node, path),), 0.5 + 0.35 * best.closeness)
