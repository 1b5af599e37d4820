"""Programs of the tree that tests start: with which words, input and files, and others like them.

Belongs here: seeing how tests start them, and varying that. Does not belong here: running them
(`program_effects`), or calls of functions (`observation`).
"""

from __future__ import annotations

import contextlib
import itertools
import os
import re
import runpy
import shlex
import subprocess
import sys
import tempfile
from typing import TYPE_CHECKING, Any, NamedTuple

from .kept_state import MOST_FILE_BYTES, read_files
from .similar_inputs import leaves

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

MOST_RUNS = 12
"""Of programs that tests start, each way once."""
MOST_INPUTS = 24
"""Of such ways and of others like them, for each candidate: each is a run of a program."""
_MOST_PLACES = 4
"""Of the numbers and of the lines of one text, so many are varied."""
_FIRST_WORDS = 6
"""Among which a program stands: behind an interpreter, its options and what wraps it."""
_LONGEST_NAME = 400
_NAMES = (str, os.PathLike)
_OF_PYTEST = ("PYTEST_CURRENT_TEST", "PYTEST_VERSION")
_NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)?(?![\w.])")


class StartedProgram(NamedTuple):
    """One way in which a script or module of the tree is started."""

    words: tuple[str, ...]
    """The script, relative to the tree, or `-m` and a module; then its arguments. Of what a call
    finds around it an empty text, and the arguments."""
    folder: str
    """Absolute."""
    stdin: bytes
    environment: Mapping[str, str]
    """What it has otherwise than the tests' process had at first."""
    files: Mapping[str, bytes]
    """By absolute path: what lay in these folders."""
    folders: tuple[str, ...]
    """Temporary ones, beside the tree, that it is started in or names."""

    @property
    def title(self) -> str:
        """For a person: the words, and what is no argument."""
        environment = [f"{name}={value}" for name, value in self.environment.items()]
        words = self.words if self.words[0] else self.words[1:]
        texts = [f"{os.path.basename(path)} = {data!r}" for path, data in self.files.items()]
        stdin = [f"< {self.stdin!r}"] if self.stdin else []
        return "; ".join(filter(None, [shlex.join([*environment, *words]), *stdin, *texts]))


@contextlib.contextmanager
def record_programs(home: str) -> Iterator[Recorder]:
    """Programs of the tree at `home` that are started within the block, each way once."""
    recorder = Recorder(home)
    start, talk = subprocess.Popen.__init__, subprocess.Popen.communicate
    run_path, run_module = runpy.run_path, runpy.run_module

    def start_and_note(process: Any, args: Any, *rest: Any, **more: Any) -> None:
        with contextlib.suppress(Exception):
            recorder.note(id(process), args, **more)
        start(process, args, *rest, **more)

    def talk_and_note(process: Any, data: Any = None, *rest: Any, **more: Any) -> Any:
        recorder.note_stdin(id(process), more.get("input", data))
        return talk(process, data, *rest, **more)

    def run_path_and_note(path: Any, *rest: Any, **more: Any) -> Any:
        with contextlib.suppress(Exception):
            recorder.note(0, ["python", os.fspath(path), *sys.argv[1:]])
        return run_path(path, *rest, **more)

    def run_module_and_note(name: str, *rest: Any, **more: Any) -> Any:
        with contextlib.suppress(Exception):
            recorder.note(0, ["python", "-m", name, *sys.argv[1:]])
        return run_module(name, *rest, **more)

    replacements: list[tuple[Any, str, Any]] = [
        (subprocess.Popen, "__init__", start_and_note),
        (subprocess.Popen, "communicate", talk_and_note),
        (runpy, "run_path", run_path_and_note),
        (runpy, "run_module", run_module_and_note),
    ]
    before = [getattr(owner, name) for owner, name, _ in replacements]
    for owner, name, function in replacements:
        setattr(owner, name, function)
    try:
        yield recorder
    finally:
        for (owner, name, _), function in zip(replacements, before):
            setattr(owner, name, function)


class Recorder:
    """Sees how the tests start programs of the tree, and what calls find around them."""

    def __init__(self, home: str) -> None:
        self._home = os.path.realpath(home)
        self._environment = dict(os.environ)
        self._argv = list(sys.argv)
        self._places: dict[int, int] = {}
        self._looks = 0
        self.programs: list[StartedProgram] = []

    def note(self, process: int, args: Any, **more: Any) -> None:
        """`args` and `more` as `subprocess.Popen` takes them."""
        line = args if isinstance(args, str) else args[0] if more.get("shell") else None
        words = [os.fspath(word) for word in args] if line is None else shlex.split(line)
        folder = os.path.realpath(more.get("cwd") or os.curdir)
        own = self._find_program(words, folder)
        if own is None or len(self.programs) >= MOST_RUNS:
            return
        environment = self._find_variables(more.get("env") or os.environ)
        paths = [folder, *(os.path.join(folder, word) for word in own[1:])]
        folders = tuple(self._find_folders(paths))
        files = {
            os.path.join(each, name): data for each in folders for name, data in read_files(each)
        }
        stdin = _read_stream(more.get("stdin"))
        self._places[process] = len(self.programs)
        self.programs.append(StartedProgram(own, folder, stdin, environment, files, folders))

    def note_stdin(self, process: int, data: Any) -> None:
        place = self._places.pop(process, None)
        if place is not None and data:
            stdin = data.encode() if isinstance(data, str) else bytes(data)
            self.programs[place] = self.programs[place]._replace(stdin=stdin)

    def look_around(self, values: Sequence[Any]) -> StartedProgram | None:
        """What a call of these arguments may read beside them, as if a program were started there;
        None where that is nothing of the tests' own, or enough calls were looked at."""
        if self._looks >= MOST_RUNS:
            return None
        folder = os.path.realpath(os.curdir)
        argv = sys.argv[1:] if sys.argv != self._argv else []
        names = [os.fspath(leaf) for leaf in leaves(list(values)) if isinstance(leaf, _NAMES)]
        files = self._read_named(names)
        folders = tuple(self._find_folders([folder, *(n for n in names if _is_folder(n))]))
        for each in folders:
            files.update((os.path.join(each, name), data) for name, data in read_files(each))
        environment = self._find_variables(os.environ)
        if not (argv or files or environment):
            return None
        self._looks += 1
        return StartedProgram(("", *map(str, argv)), folder, b"", environment, files, folders)

    def _find_variables(self, environment: Mapping[str, str]) -> dict[str, str]:
        return {
            str(name): str(value)
            for name, value in environment.items()
            if self._environment.get(str(name)) != str(value) and name not in _OF_PYTEST
        }

    def _read_named(self, names: Sequence[Any]) -> dict[str, bytes]:
        """Files that these texts name, of the tree or temporary ones."""
        places = (f"{self._home}{os.sep}", f"{os.path.realpath(tempfile.gettempdir())}{os.sep}")
        files: dict[str, bytes] = {}
        for name in names:
            with contextlib.suppress(OSError, ValueError, TypeError):
                path = os.path.realpath(name[:_LONGEST_NAME])
                if not path.startswith(places) or not os.path.isfile(path):
                    continue
                if os.path.getsize(path) <= MOST_FILE_BYTES:
                    with open(path, "rb") as file:
                        files[path] = file.read()
        return files

    def _find_program(self, words: Sequence[str], folder: str) -> tuple[str, ...] | None:
        for place, word in enumerate(words[:_FIRST_WORDS]):
            if word == "-m" and len(words) > place + 1:
                path = os.path.join(self._home, *words[place + 1].split("."))
                return tuple(words[place:]) if _is_module(path) else None
            path = os.path.realpath(os.path.join(folder, word))
            if word.endswith(".py") and path.startswith(f"{self._home}{os.sep}"):
                return (os.path.relpath(path, self._home), *words[place + 1 :])
        return None

    def _find_folders(self, paths: Sequence[str]) -> Iterator[str]:
        """The temporary folders among the paths, or that hold them."""
        temporary = f"{os.path.realpath(tempfile.gettempdir())}{os.sep}"
        folders = {path if os.path.isdir(path) else os.path.dirname(path) for path in paths}
        for folder in sorted(map(os.path.realpath, folders)):
            is_of_tree = folder == self._home or folder.startswith(f"{self._home}{os.sep}")
            if folder.startswith(temporary) and not is_of_tree and os.path.isdir(folder):
                yield folder


def _is_folder(name: Any) -> bool:
    try:
        return len(name) <= _LONGEST_NAME and os.path.isdir(name)
    except (OSError, ValueError, TypeError):
        return False


def _is_module(path: str) -> bool:
    return os.path.isfile(f"{path}.py") or os.path.isfile(os.path.join(path, "__main__.py"))


def _read_stream(stream: Any) -> bytes:
    name = getattr(stream, "name", None)
    if not isinstance(name, str) or not os.path.isfile(name):
        return b""
    with open(name, "rb") as file:
        return file.read()


def vary_programs(programs: Sequence[StartedProgram]) -> list[StartedProgram]:
    """Each as the tests started it, then each in turn with one number or line changed."""
    ways = list({program.title: program for program in programs}.values())
    rows = itertools.zip_longest(*map(_vary, ways))
    others = (program for row in rows for program in row if program is not None)
    by_title = {program.title: program for program in itertools.chain(ways, others)}
    return list(by_title.values())[:MOST_INPUTS]


def _vary(program: StartedProgram) -> Iterator[StartedProgram]:
    words = program.words
    first = 2 if words[0] == "-m" else 1
    streams: list[Iterator[StartedProgram]] = []
    streams += [_vary_word(program, place) for place in range(first, len(words))]
    if program.stdin:
        streams.append(program._replace(stdin=data) for data in vary_data(program.stdin))
    streams += [_vary_variable(program, name) for name in program.environment]
    streams += [_vary_file(program, path) for path in program.files]
    for row in itertools.zip_longest(*streams):
        yield from (each for each in row if each is not None)
    if len(words) > first + 1:
        yield program._replace(words=words[:-1])


def _vary_word(program: StartedProgram, place: int) -> Iterator[StartedProgram]:
    words = program.words
    for text in vary_numbers(words[place]):
        yield program._replace(words=(*words[:place], text, *words[place + 1 :]))


def _vary_variable(program: StartedProgram, name: str) -> Iterator[StartedProgram]:
    for text in vary_numbers(program.environment[name]):
        yield program._replace(environment={**program.environment, name: text})


def _vary_file(program: StartedProgram, path: str) -> Iterator[StartedProgram]:
    for data in vary_data(program.files[path]):
        yield program._replace(files={**program.files, path: data})


def vary_data(data: bytes) -> Iterator[bytes]:
    """A text with one number another one, or one line gone or there twice; nothing of others."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return
    lines = text.splitlines(keepends=True)
    for number, line in itertools.zip_longest(vary_numbers(text), _vary_lines(lines)):
        yield from (each.encode() for each in (number, line) if each is not None)


def vary_numbers(text: str) -> Iterator[str]:
    places = list(itertools.islice(_NUMBER.finditer(text), _MOST_PLACES))
    changes = [_change_number(place[0]) for place in places]
    for row in zip(*changes):
        for place, number in zip(places, row):
            yield f"{text[: place.start()]}{number}{text[place.end() :]}"


def _change_number(text: str) -> tuple[str, str, str]:
    """One more, another of twice its size, nothing; as it is written."""
    whole, dot, part = text.partition(".")
    end = f"{dot}{part}"
    return f"{int(whole) + 1}{end}", f"{2 * int(whole) + 3}{end}", f"0{end and dot + '0'}"


def _vary_lines(lines: Sequence[str]) -> Iterator[str]:
    if len(lines) > 1:
        for place in range(len(lines) - 1, max(-1, len(lines) - 1 - _MOST_PLACES), -1):
            yield "".join([*lines[:place], *lines[place + 1 :]])
            yield "".join([*lines[: place + 1], lines[place], *lines[place + 1 :]])
