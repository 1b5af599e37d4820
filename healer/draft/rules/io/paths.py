"""Rules for paths: folders that are there already or not yet, bare names, files beside the script.

Belongs here: a file operation whose own error says what the path lacks. Does not belong here: input
that is missing; that is not the code.
"""

import ast
import re
from collections.abc import Iterator

from healer.draft.rules.bindings import called_name, loops_over
from healer.draft.rules.near_miss import clear
from healer.draft.rules.rule import FaultSite, Fix, rule
from healer.draft.rules.scope import imports
from healer.draft.rules.source_file import TextEdit

_MISSING = re.compile(r"\[Errno 2\] No such file or directory: '([^']+)'")
_TAKES_A_PATH = {
    "open", "getsize", "getmtime", "isfile", "isdir", "exists", "stat", "remove", "unlink",
    "rename", "replace", "copy", "copy2", "move", "copyfile", "rmtree", "listdir", "read_csv",
}  # fmt: skip


def folder_is_there(site: FaultSite) -> Iterator[Fix]:
    """`os.mkdir` of a folder that the last run has made: it may be there already."""
    for call in site.nodes(ast.Call):
        name = getattr(call.func, "attr", getattr(call.func, "id", ""))
        if any(k.arg in ("exist_ok", "dirs_exist_ok") for k in call.keywords):
            continue
        cause = "The folder is there already, from a run before; it is made only where it is not."
        if called_name(site.code, call) == "os.mkdir" and len(call.args) == 1:
            path = site.code.segment(call.args[0])
            new = f"os.makedirs({path}, exist_ok=True)"
            yield Fix(cause, (site.code.replace(call, new),), 0.85)
        elif name in ("makedirs", "mkdir"):
            yield Fix(cause, (_keyword(site, call, "exist_ok=True"),), 0.85)
        elif name == "copytree":
            yield Fix(cause, (_keyword(site, call, "dirs_exist_ok=True"),), 0.8)


def _keyword(site: FaultSite, call: ast.Call, text: str) -> TextEdit:
    end = site.code.span(call)[1] - 1
    return TextEdit(end, end, f", {text}" if call.args or call.keywords else text)


def folder_is_missing(site: FaultSite) -> Iterator[Fix]:
    """A file is written into, or a folder made in, a folder that nothing has made yet."""
    if not _MISSING.search(site.error.message):
        return
    for call in site.nodes(ast.Call):
        name = getattr(call.func, "attr", getattr(call.func, "id", ""))
        if called_name(site.code, call) == "os.mkdir" and len(call.args) == 1:
            function = site.code.replace(call.func, "os.makedirs")
            yield Fix("The folder above is not there; it is made too.", (function,), 0.85)
        elif name == "mkdir" and not any(k.arg == "parents" for k in call.keywords):
            change = _keyword(site, call, "parents=True")
            yield Fix("The folder above is not there; it is made too.", (change,), 0.85)
        elif path := _written(site, call):
            yield from _made_before(site, path)


def _written(site: FaultSite, call: ast.Call) -> str:
    """The path, as text of the code, that a call opens for writing."""
    if isinstance(call.func, ast.Name) and call.func.id == "open" and call.args:
        modes = [*call.args[1:2], *(k.value for k in call.keywords if k.arg == "mode")]
        mode = modes[0].value if modes and isinstance(modes[0], ast.Constant) else ""
        if isinstance(mode, str) and set(mode) & set("wax"):
            return site.code.segment(call.args[0])
    if isinstance(call.func, ast.Attribute) and call.func.attr in ("write_text", "write_bytes"):
        return site.code.segment(call.func.value)
    return ""


def _made_before(site: FaultSite, path: str) -> Iterator[Fix]:
    code, statement = site.code, site.code.statement_at(site.line)
    before = code.line(statement.lineno)[: statement.col_offset] if statement else "x"
    if statement is None or before.strip() or "\n" in path:
        return
    start = code.line_start(statement.lineno)
    line = f"{before}Path({path}).parent.mkdir(parents=True, exist_ok=True){code.newline}"
    changes = [TextEdit(start, start, line)]
    if "Path" not in imports(code):
        changes.append(code.add_import("from pathlib import Path"))
    cause = "The file's folder is not there yet; it is made before the file is written."
    yield Fix(cause, tuple(changes), 0.75)


def bare_name(site: FaultSite) -> Iterator[Fix]:
    """`os.listdir` gives names without their folder: the folder is put before them."""
    match = _MISSING.search(site.error.message)
    if not match or "/" in match[1]:
        return
    code = site.code
    for call in site.nodes(ast.Call):
        if getattr(call.func, "attr", getattr(call.func, "id", "")) not in _TAKES_A_PATH:
            continue
        for name in (a for a in call.args[:1] if isinstance(a, ast.Name)):
            for loop in loops_over(site, name.id):
                folder = _listed(site, loop.iter)
                if folder:
                    join = "os.path.join" if imports(code).get("os") == "os" else ""
                    uses = _path_uses(site, loop, name.id)
                    changes = [code.replace(n, f"{join}({folder}, {name.id})") for n in uses]
                    cause = f"`os.listdir({folder})` gives names without their folder."
                    if join:
                        yield Fix(cause, tuple(changes), 0.88)
                    return


def _listed(site: FaultSite, walked: ast.expr) -> str:
    """The folder of `os.listdir(folder)`, also inside `sorted(...)`."""
    for node in ast.walk(walked):
        if isinstance(node, ast.Call) and called_name(site.code, node) == "os.listdir":
            return site.code.segment(node.args[0]) if node.args else "."
    return ""


def _path_uses(site: FaultSite, loop: ast.For | ast.comprehension, name: str) -> list[ast.expr]:
    """Where the loop's variable is taken as a path."""
    holder: ast.AST | None = loop
    if isinstance(loop, ast.comprehension):
        holder = site.code.parents.get(loop)
    found: list[ast.expr] = []
    for node in ast.walk(holder) if holder else ():
        if isinstance(node, ast.Call):
            called = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if called in _TAKES_A_PATH:
                found += [a for a in node.args[:1] if getattr(a, "id", "") == name]
    return found


def beside_the_script(site: FaultSite) -> Iterator[Fix]:
    """A file that lies beside the script is looked for where the job was started, as by cron."""
    match = _MISSING.search(site.error.message)
    folder = site.code.path.rpartition("/")[0]
    name = match[1] if match else ""
    if not name or name.startswith("/") or not folder or name in site.files.paths:
        return
    if f"{folder}/{name}" not in site.files.paths:
        return
    code = site.code
    literals = [n for n in code.nodes if isinstance(n, ast.Constant) and n.value == name]
    if len(literals) != 1:
        return
    changes = [code.replace(literals[0], f"Path(__file__).parent / {code.segment(literals[0])}")]
    if "Path" not in imports(code):
        changes.append(code.add_import("from pathlib import Path"))
    cause = f"`{name}` lies beside the script, and the job was started in another folder."
    yield Fix(cause, tuple(changes), 0.85)


def misspelled_file(site: FaultSite) -> Iterator[Fix]:
    """The repository has one file that is spelled nearly like the one that is not there."""
    match = _MISSING.search(site.error.message)
    if not match or match[1] in site.files.paths:
        return
    folder, _, name = match[1].rpartition("/")
    beside = {p.rpartition("/")[2] for p in site.files.paths if p.rpartition("/")[0] == folder}
    best = clear(name, beside)
    if best is None:
        return
    new = f"{folder}/{best[0]}".lstrip("/")
    for node in site.code.nodes:
        if isinstance(node, ast.Constant) and node.value == match[1]:
            quote = site.code.segment(node)[-1]
            change = site.code.replace(node, f"{quote}{new}{quote}")
            cause = f"There is no file `{match[1]}`; the repository has `{new}`."
            yield Fix(cause, (change,), 0.5 + 0.35 * best[1])


def across_disks(site: FaultSite) -> Iterator[Fix]:
    """`os.rename` cannot move a file to another disk; `shutil.move` can."""
    if "[Errno 18]" not in site.error.message:
        return
    code = site.code
    for call in site.nodes(ast.Call):
        named = called_name(code, call)
        pair = [code.segment(a) for a in call.args]
        if named in ("os.rename", "os.replace") and len(pair) == 2:  # noqa: PLR2004 - from and to
            text = f"shutil.move({pair[0]}, {pair[1]})"
        elif named.endswith((".rename", ".replace")) and len(pair) == 1:
            text = f"shutil.move({named.rpartition('.')[0]}, {pair[0]})"
        else:
            continue
        extra = () if "shutil" in imports(code) else (code.add_import("import shutil"),)
        cause = "The two paths are on different disks, where a rename cannot move a file."
        yield Fix(cause, (code.replace(call, text), *extra), 0.85)


FOLDER_RULES = (
    rule("folder-is-there", "FileExistsError", folder_is_there),
    rule("folder-is-missing", "FileNotFoundError", folder_is_missing),
    rule("bare-name", "FileNotFoundError", bare_name),
    rule("beside-the-script", "FileNotFoundError", beside_the_script),
    rule("misspelled-file", "FileNotFoundError", misspelled_file),
    rule("across-disks", "OSError", across_disks),
)
