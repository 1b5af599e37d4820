"""Rules for folders that are there already or not yet, and for files on another disk.

Belongs here: a file operation whose own error says what its folder lacks. Does not belong here:
names of files (`paths`).
"""

import ast
import re
from collections.abc import Iterator

from healer.draft.rules.certainty import GUESS
from healer.draft.rules.example import Example
from healer.draft.rules.io.paths import MISSING_FILE
from healer.draft.rules.rule import FaultSite, Fix, called_name, literal_of, rule
from healer.draft.rules.scope import add_missing_import

_FROM_AND_TO = 2
_OF_FILE = frozenset(
    {"FileHandler", "RotatingFileHandler", "TimedRotatingFileHandler", "WatchedFileHandler",
     "basicConfig", "dictConfig", "to_csv", "to_json", "to_excel", "to_parquet", "to_pickle",
     "to_html", "savefig", "savetxt", "connect"}
)  # fmt: skip  # a list of words is read as a paragraph
"""What writes a file whose path is its first argument, or stands beside `filename`."""
_NO_FOLDER = re.compile(
    r"Cannot save file into a non-existent directory: '([^']+)'|unable to open database file"
    r"|Unable to configure handler"
)


@rule(
    "folder-is-there",
    "FileExistsError",
    estimate=GUESS,
    example=Example(
        """
          import os
        - os.mkdir("out")  #! FileExistsError: [Errno 17] File exists: 'out'
        + os.makedirs("out", exist_ok=True)
        """,
        is_reported=True,
    ),
    silent=Example(
        """
        with open("out.lock", "x"):  #! FileExistsError: [Errno 17] File exists: 'out.lock'
            pass
        """,
        is_reported=True,
    ),
    rivals=("the folder of a run before is to be emptied first", "it marks a run in progress"),
    link="https://docs.python.org/3/library/os.html#os.makedirs",
)
def folder_is_there(site: FaultSite) -> Iterator[Fix]:
    """A folder is made that a run before has made; it is made only where it is not."""
    code = site.code
    for call in site.calls("mkdir", "makedirs", "copytree"):
        if any(keyword.arg in ("exist_ok", "dirs_exist_ok") for keyword in call.keywords):
            continue
        cause = "The folder is there already, from a run before; it is made only where it is not."
        if code.segment(call.func) == "os.mkdir":
            if len(call.args) == 1:
                path = code.segment(call.args[0])
                yield Fix(cause, (code.replace(call, f"os.makedirs({path}, exist_ok=True)"),))
        elif called_name(call) == "copytree":
            yield Fix(cause, (code.add_argument(call, "dirs_exist_ok=True"),), 0.8)
        else:
            yield Fix(cause, (code.add_argument(call, "exist_ok=True"),))


@rule(
    "folder-is-missing",
    "FileNotFoundError OSError OperationalError ValueError",
    estimate=0.75,
    example=Example(
        """
        + from pathlib import Path
          def save(path, text):
        +     Path(path).parent.mkdir(parents=True, exist_ok=True)
              with open(path, "w") as file:
              #! FileNotFoundError: [Errno 2] No such file or directory: 'out/day.txt'
                  file.write(text)
        """,
        is_reported=True,
    ),
    silent=Example(
        """
        def load(path):
            with open(path) as file:
            #! FileNotFoundError: [Errno 2] No such file or directory: 'out/day.txt'
                return file.read()
        """,
        is_reported=True,
    ),
    rivals=("the path is wrong, or its disk is not mounted",),
    link="https://docs.python.org/3/library/pathlib.html#pathlib.Path.mkdir",
)
def folder_is_missing(site: FaultSite) -> Iterator[Fix]:
    """A file is written into, or a folder made in, a folder that nothing has made yet."""
    if not (site.search(MISSING_FILE) or site.search(_NO_FOLDER)):
        return
    for call in site.calls():
        cause = "The folder above is not there; it is made too."
        if site.code.segment(call.func) == "os.mkdir":
            if len(call.args) == 1:
                yield Fix(cause, (site.code.replace(call.func, "os.makedirs"),), GUESS)
        elif called_name(call) == "mkdir":
            if not any(keyword.arg == "parents" for keyword in call.keywords):
                yield Fix(cause, (site.code.add_argument(call, "parents=True"),), GUESS)
        elif path := _written_path(site, call):
            yield from _make_folder_before(site, path)


def _written_path(site: FaultSite, call: ast.Call) -> str:
    """The path, as text of the code, that a call opens for writing."""
    if isinstance(call.func, ast.Name) and call.func.id == "open" and call.args:
        modes = [*call.args[1:2], *(k.value for k in call.keywords if k.arg == "mode")]
        mode = modes[0].value if modes and isinstance(modes[0], ast.Constant) else ""
        if isinstance(mode, str) and set(mode) & set("wax"):
            return site.code.segment(call.args[0])
    if isinstance(call.func, ast.Attribute) and call.func.attr in ("write_text", "write_bytes"):
        return site.code.segment(call.func.value)
    return _path_for(site, call) if called_name(call) in _OF_FILE else ""


def _path_for(site: FaultSite, call: ast.Call) -> str:
    """The path that a call for writing is given, where the message is about that file or folder,
    or names none and the repository has no such folder."""
    match = site.search(MISSING_FILE) or site.search(_NO_FOLDER)
    lost_path = match[1] if match and match.lastindex else ""
    nodes = [*call.args[:1], *(k.value for k in call.keywords if k.arg == "filename")]
    tables = [node for node in ast.walk(call) if isinstance(node, ast.Dict)]
    nodes += [
        value
        for table in tables
        for key, value in zip(table.keys, table.values, strict=True)
        if isinstance(key, ast.Constant) and key.value == "filename"
    ]
    for node in nodes:
        record = node.value if isinstance(node, ast.Constant) else site.recorded_value(node)
        path = record if isinstance(node, ast.Constant) else literal_of(str(record))
        folder = path.rpartition("/")[0] if isinstance(path, str) else ""
        is_there = any(each.startswith(f"{folder}/") for each in site.files.paths)
        if folder and (
            f"/{lost_path}".endswith((f"/{path}", f"/{folder}")) if lost_path else not is_there
        ):
            return site.code.segment(node)
    return ""


def _make_folder_before(site: FaultSite, path: str) -> Iterator[Fix]:
    code, statement = site.code, site.statement()
    if statement is None or "\n" in path:
        return
    if code.line(statement.lineno)[: statement.col_offset].strip():
        return  # something stands before it on its line
    line = f"Path({path}).parent.mkdir(parents=True, exist_ok=True)"
    cause = "The file's folder is not there yet; it is made before the file is written."
    yield Fix(cause, (code.add_line(statement, line), *add_missing_import(code, "pathlib", "Path")))


@rule(
    "across-disks",
    "OSError",
    estimate=GUESS,
    example=Example(
        """
        + import shutil
        - import os
        - os.rename("day.csv", "/mnt/day.csv")
        #! OSError: [Errno 18] Invalid cross-device link: 'day.csv' -> '/mnt/day.csv'
        + shutil.move("day.csv", "/mnt/day.csv")
        """,
        is_reported=True,
    ),
    silent=Example(
        """
        import os
        os.rename("day.csv", "/mnt/day.csv")
        #! OSError: [Errno 13] Permission denied: 'day.csv' -> '/mnt/day.csv'
        """,
        is_reported=True,
    ),
    rivals=("the file was to appear whole or not at all, which a move over disks cannot do",),
    link="https://docs.python.org/3/library/shutil.html#shutil.move",
)
def across_disks(site: FaultSite) -> Iterator[Fix]:
    """A rename cannot move a file to another disk; `shutil.move` can."""
    if "[Errno 18]" not in site.message:
        return
    code = site.code
    for call in site.calls("rename", "replace"):
        name, arguments = code.segment(call.func), [code.segment(a) for a in call.args]
        if name in ("os.rename", "os.replace"):
            if len(arguments) != _FROM_AND_TO:
                continue
            text = f"shutil.move({', '.join(arguments)})"
        elif len(arguments) == 1 and "." in name:
            text = f"shutil.move({name.rpartition('.')[0]}, {arguments[0]})"
        else:
            continue
        cause = "The two paths are on different disks, where a rename cannot move a file."
        yield Fix(cause, (code.replace(call, text), *add_missing_import(code, "shutil")))
