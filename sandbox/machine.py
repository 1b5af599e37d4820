"""The layer of `image = "auto"`: an interpreter of this machine, its packages, a few programs.

Belongs here: which files make a working user land for one Python. Does not belong here: Docker, and
which programs a repository needs beside the usual ones (`healer`). Nothing of what goes in is run
here: a repository's own interpreter and programs are not trusted on this machine.
"""

import hashlib
import importlib.util
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from sandbox import interpreter, libraries, tools
from sandbox.interpreter import Interpreter
from sandbox.layer import Layer, relocate
from sandbox.programs import USUAL, find_programs

FIRST_UID, USERS = 64_000, 64
_DATA = (Path("/usr/share/zoneinfo"), Path("/usr/lib/locale/C.utf8"))
_FOLDERS = ("proc", "sys", "dev", "etc", "opt", "run", "root", "var", "home")
SOURCES = f"{tools.HOME}/sources.txt"
"""Modules that another version of Python than ours has to compile, inside the image."""
_SCRIPT_BYTES = 64 * 1024
_COMPILE_TIMEOUT_S = 300.0
_PYC_HEADER_BYTES = 16


def fingerprint(
    python: Interpreter, further: Iterable[str] = (), pytest: Path | None = None
) -> str:
    """Changes whenever a file that goes into the image does: by path, size and time of change; of
    the folder with a pytest, by its name."""
    digest = hashlib.blake2b(digest_size=16)
    digest.update(f"{python.model_dump_json()} {tools.fingerprint()}".encode())
    facts = [f"{size} {mtime_ns} {path}" for path, size, mtime_ns in _python_files(python)]
    facts.append(f"pytest {pytest or 'of ours'}")
    usual = find_programs((*USUAL, *further))
    for extra in (*usual, Path("/etc/ld.so.cache"), python.executable.resolve()):
        if extra.exists():
            status = extra.stat()
            facts.append(f"{status.st_size} {status.st_mtime_ns} {extra}")
    digest.update("\n".join(sorted(facts)).encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def has_pytest(python: Interpreter) -> bool:
    """Whether the tests' runner is among its packages."""
    return any((folder / "pytest" / "__init__.py").exists() for folder in python.packages)


def make_layer(
    python: Interpreter,
    scratch: Path,
    further: Iterable[str] = (),
    pytest: Path | None = None,
    *,
    with_tools: bool = True,
) -> Layer:
    """Everything of the image. `scratch` is an empty folder that lives until it is written;
    `further` are names of programs beside the usual ones; `pytest` is a folder with one for an
    interpreter that has none and cannot run ours. Without tools it is for another machine, which
    adds its own."""
    layer = Layer()
    sources: list[str] = []
    binaries: list[Path] = [python.executable.resolve(), *([tools.ruff()] if with_tools else [])]
    for path, _, _ in _python_files(python):
        layer.add_file(Path(path), path)
        if path.endswith(".py"):
            sources.append(path)
        elif libraries.is_shared_object(path):
            binaries.append(Path(path))
    usual = find_programs((*USUAL, *further))
    for program in (python.executable, python.base_executable, *usual, Path("/bin/sh")):
        if program.exists():
            layer.add_path(program)
            binaries.append(program.resolve())
    _add_environment(layer, python)
    _add_libraries(layer, binaries)
    missing = _add_current_bytecode(layer, python, sources)
    if with_tools:
        runner = [] if has_pytest(python) else list(tools.pytest_files(python.version, pytest))
        tools.add_to(layer, pytest=runner, with_loader=False)
        _add_bytecode(layer, python, [*missing, *_list_tool_sources(runner)], scratch)
    _add_system(layer)
    return layer


def _python_files(python: Interpreter) -> Iterator[interpreter.FileFact]:
    for folder in python.stdlib:
        yield from interpreter.walk_stdlib(folder)
    for folder in python.packages:
        yield from interpreter.walk_packages(folder)


def _add_environment(layer: Layer, python: Interpreter) -> None:
    """What makes a virtual environment one, and the small programs that packages install."""
    settings = python.prefix / "pyvenv.cfg"
    if settings.is_file():
        layer.add_bytes(str(settings), _relocate_settings(settings))
    folder = python.prefix / "bin"
    if python.prefix == Path("/usr") or not folder.is_dir():
        return
    for script in folder.iterdir():
        if script.is_symlink():
            layer.add_path(script)
        elif script.is_file() and script.stat().st_size <= _SCRIPT_BYTES:
            layer.add_file(script, str(script))


def _relocate_settings(settings: Path) -> bytes:
    """`pyvenv.cfg` with its `home`, where the base interpreter is, as it is in the image."""
    pairs = interpreter.read_settings(settings).items()
    return _lines(*(f"{key} = {relocate(value)}" for key, value in pairs))


def _add_libraries(layer: Layer, binaries: list[Path]) -> None:
    """The libraries where they are here, and links where the machine's loader looks without being
    told, for those of which nothing lies there."""
    every = libraries.needed_by(list(dict.fromkeys(binaries)))
    of_shell = libraries.needed_by([Path("/bin/sh")])
    libcs = (path.parent for name, path in (*of_shell, *every) if name == "libc.so.6")
    usual = next(libcs, None)
    places = (usual, Path("/lib64"))
    at_place = {name for name, path in every if path.parent in places}
    for name, path in every:
        layer.add_path(path)
        if usual is not None and path.parent not in places and name not in at_place:
            layer.add_link(str(usual.resolve() / name), relocate(path))


def _add_current_bytecode(
    layer: Layer, python: Interpreter, sources: list[str]
) -> list[tuple[Path, str]]:
    """Compiled modules of this machine; gives the sources of which none is current."""
    missing: list[tuple[Path, str]] = []
    for source in sources:
        folder, _, name = source.rpartition("/")
        bytecode = Path(folder, "__pycache__", f"{name[:-3]}.{python.cache_tag}.pyc")
        if _is_current(bytecode, Path(source)):
            layer.add_file(bytecode, str(bytecode))
        else:
            missing.append((Path(source), source))
    return missing


def _list_tool_sources(runner: Iterable[tools.ToolFile]) -> Iterator[tuple[Path, str]]:
    for source, target in runner:
        if target.endswith(".py"):
            yield source, f"{tools.HOME}/site/{target}"
    inside = Path(tools.__file__).parent / "inside"
    for source in tools.inside_files():
        yield source, f"{tools.HOME}/healer_inside/{source.relative_to(inside)}"


def _add_bytecode(
    layer: Layer, python: Interpreter, missing: list[tuple[Path, str]], scratch: Path
) -> None:
    """The compiled modules that are missing are made now."""
    if python.cache_tag == sys.implementation.cache_tag:
        _compile(layer, missing, scratch)
    else:
        layer.add_bytes(SOURCES, _lines(*(relocate(target) for _, target in missing)))


def _compile(layer: Layer, missing: list[tuple[Path, str]], scratch: Path) -> None:
    """By the Python that runs us: no other is run on this machine."""
    for source, target in missing:
        copy = scratch / target.lstrip("/")
        copy.parent.mkdir(parents=True, exist_ok=True)
        try:
            content, mtime = source.read_bytes(), source.stat().st_mtime
        except OSError:
            continue
        copy.write_bytes(content)
        _set_time(copy, mtime)
    argv = [sys.executable, "-I", "-m", "compileall", "-q", "-q"]
    subprocess.run(
        [*argv, "-s", str(scratch), "-p", "/", str(scratch)],
        check=False,  # a package may ship a file that does not compile; so it does not here
        capture_output=True,
        timeout=_COMPILE_TIMEOUT_S,
    )
    for bytecode in scratch.rglob("*.pyc"):
        layer.add_file(bytecode, "/" + str(bytecode.relative_to(scratch)))


def _set_time(path: Path, mtime: float) -> None:
    import os  # noqa: PLC0415 - for one call

    os.utime(path, (mtime, mtime))


def _is_current(bytecode: Path, source: Path) -> bool:
    try:
        with bytecode.open("rb") as file:
            header = file.read(_PYC_HEADER_BYTES)
        status = source.stat()
    except OSError:
        return False
    if header[:4] != importlib.util.MAGIC_NUMBER and len(header) < _PYC_HEADER_BYTES:
        return False
    flags = int.from_bytes(header[4:8], "little")
    if flags:
        return True  # by hash: checked by whoever made it
    mtime = int.from_bytes(header[8:12], "little")
    size = int.from_bytes(header[12:16], "little")
    expected_values = (int(status.st_mtime) & 0xFFFFFFFF, status.st_size & 0xFFFFFFFF)
    return (mtime, size) == expected_values


def _add_system(layer: Layer) -> None:
    users = [f"step{i}:x:{FIRST_UID + i}:{FIRST_UID + i}::/tmp/home:/bin/sh" for i in range(USERS)]
    groups = [f"step{i}:x:{FIRST_UID + i}:" for i in range(USERS)]
    layer.add_bytes("/etc/passwd", _lines("root:x:0:0::/root:/bin/sh", *users))
    layer.add_bytes("/etc/group", _lines("root:x:0:", *groups))
    layer.add_bytes("/etc/nsswitch.conf", _lines("passwd: files", "group: files", "hosts: files"))
    for data in _DATA:
        for path in sorted(data.rglob("*")) if data.is_dir() else ():
            if path.is_file():
                layer.add_file(path, str(path))
    layer.add_link("/etc/localtime", "/usr/share/zoneinfo/UTC")
    for folder in _FOLDERS:
        layer.add_folder(folder)
    for folder in ("tmp", "job", "var/tmp"):
        layer.add_folder(folder, world_writable=True)


def _lines(*lines: str) -> bytes:
    return ("\n".join(lines) + "\n").encode()


def scratch_folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="healer-image-")
