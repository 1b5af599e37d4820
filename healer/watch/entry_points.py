"""From a job's words to the source that it starts: console scripts, shell lines, modules.

Belongs here: reading an installed program's few lines and what a project declares, without starting
anything. Does not belong here: finding the repository (`checkout`). `healer run` loads this before
each job: `re` and `tomllib` are loaded where an installed program is started, and else not.
"""

from pathlib import Path

TYPE_CHECKING = False  # as typing has it, without loading it
if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_PROGRAM_BYTES = 8_192
MAX_WORD = 4_096
"""A longer word is no path."""
_SHELLS = ("sh", "bash", "dash", "zsh", "ksh")
_SHELL_SIGNS = str.maketrans(dict.fromkeys("|&;<>()'\"`", " "))
_IMPORT = r"^\s*from ([\w.]+) import (\w+)"
_CALL = r"sys\.exit\((\w[\w.]*)\("
_DECLARATION = r"^\s*([\w.-]+)\s*=\s*([\w.]+:[\w.]+)"
PROJECT_FILES = ("pyproject.toml", "setup.cfg", "setup.py")
"""Where a project declares its console scripts; what an earlier one says holds."""
_TABLES = (
    ("tool", "pdm", "scripts"), ("tool", "poetry", "scripts"), ("project", "gui-scripts"),
    ("project", "scripts"),
)  # fmt: skip
"""Of a pyproject.toml; what a later one says holds."""


class EntryPoint:
    """What an installed program calls."""

    def __init__(self, name: str, module: str, function: str) -> None:
        """`function` may be dotted."""
        self.name = name
        self.module = module
        self.function = function

    @property
    def source(self) -> str:
        """A program that does the same with the modules of a tree whose `.venv/bin` holds it: those
        of its root and of `src` come before installed copies."""
        first = self.function.partition(".")[0]
        return (
            "import os, sys\n"
            "root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))\n"
            'sys.path[:0] = [os.path.join(root, "src"), root]\n'
            f"from {self.module} import {first}\n"
            f"sys.exit({self.function}())\n"
        )

    @property
    def path(self) -> str:
        """Where that program is laid, relative to the tree: its lines are nobody's own code."""
        return f".venv/bin/{self.name}"


def split_shell_lines(argv: tuple[str, ...]) -> tuple[str, ...]:
    """The words of a command; the line after a shell's `-c` as words of its own."""
    words: list[str] = []
    shell = flag = ""
    for word in argv:
        is_line = shell in _SHELLS and flag.startswith("-") and flag.endswith("c")
        words += word.translate(_SHELL_SIGNS).split() if is_line else [word]
        shell, flag = flag.rpartition("/")[2], word
    return tuple(words)


def find_entry_point(word: str, root: Path, cwd: Path, path: str) -> EntryPoint | None:
    """The entry point that a word starts, by its program on `path` or by its project; None for
    anything else."""
    name = word.rpartition("/")[2]
    if not name or word.startswith("-") or "\0" in word or len(word) > MAX_WORD:
        return None
    program = _find_program(word, cwd, path)
    if program is None:
        return _find_declaration(name, root)
    text = _read_program(program)
    if "load_entry_point" in text:
        return _find_declaration(name, root)
    return _parse_program(name, text) if text else None


def _parse_program(name: str, text: str) -> EntryPoint | None:
    """As pip, uv and others write them."""
    import re  # noqa: PLC0415 - see the module

    import_line, call = re.search(_IMPORT, text, re.MULTILINE), re.search(_CALL, text)
    if import_line is None or call is None or call[1].partition(".")[0] != import_line[2]:
        return None
    return EntryPoint(name, import_line[1], call[1])


def _find_program(word: str, cwd: Path, path: str) -> Path | None:
    folders = [str(cwd)] if "/" in word else path.split(":")
    for folder in folders:
        program = Path(folder, word)
        if program.is_file():
            return program
    return None


def _read_program(program: Path) -> str:
    """The text of a small Python program; empty for anything else."""
    try:
        with program.open("rb") as file:
            data = file.read(MAX_PROGRAM_BYTES)
    except OSError:
        return ""
    is_python = data.startswith(b"#!") and b"python" in data[:400]
    return data.decode("utf-8", "replace") if is_python else ""


def _find_declaration(name: str, root: Path) -> EntryPoint | None:
    """What the project's own files say of a console script."""
    for file in PROJECT_FILES:
        try:
            text = (root / file).read_text("utf-8", "replace")
        except OSError:
            continue
        if name in text and (target := read_console_scripts(file, text).get(name)):
            module, _, function = target.partition(":")
            return EntryPoint(name, module, function)
    return None


def read_console_scripts(file: str, text: str) -> dict[str, str]:
    """`module:function` by name, as the text of one of `PROJECT_FILES` declares them; none of a
    text that cannot be read."""
    pairs = _read_toml(text) if file.endswith(".toml") else _read_lines(text)
    targets = {name: target.partition("[")[0].strip() for name, target in pairs}
    return {name: target for name, target in targets.items() if ":" in target}


def _read_lines(text: str) -> "Iterator[tuple[str, str]]":
    """Of a `setup.cfg`, and of a `setup.py`, which is not run."""
    import re  # noqa: PLC0415 - see the module

    lines = text.replace('"', "\n").replace("'", "\n")
    for match in re.finditer(_DECLARATION, lines, re.MULTILINE):
        yield match[1], match[2]


def _read_toml(text: str) -> "Iterator[tuple[str, str]]":
    import tomllib  # noqa: PLC0415 - see the module

    try:
        table = tomllib.loads(text)
    except (ValueError, RecursionError):
        return
    for keys in _TABLES:
        scripts: object = table
        for key in keys:
            scripts = scripts.get(key) if isinstance(scripts, dict) else None
        for name, target in scripts.items() if isinstance(scripts, dict) else ():
            if isinstance(target, str):
                yield name, target
