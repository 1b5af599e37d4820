"""Environments with the packages that a repository declares, for images of repositories that have
none of their own. The one home of `uv`.

Belongs here: one folder for each set of requirements, made of wheels alone: they are unpacked, and
nothing of them or of the repository runs on this machine. Does not belong here: what is declared
(`declared`), or when an environment is needed (`sandbox_setup`).

    ~/.cache/healer/environments/DIGEST/       as `python -m venv` would make it
    ~/.cache/healer/environments/DIGEST-part/  without what no wheel can be had of: `left-out.txt`
    ~/.cache/healer/environments/pytest-3.9/   for interpreters that cannot run ours
"""

import hashlib
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from contextlib import suppress
from pathlib import Path

from healer.app.declared import Requirements, choose_plain_lines
from healer.support.atomic_file import make_private_folder
from healer.support.extras import install_step, is_installed
from sandbox import ImageError
from sandbox.interpreter import Interpreter, describe
from sandbox.machine import has_pytest
from sandbox.tools import OLDEST_FOR_OUR_PYTEST

FOLDER = "environments"
KEPT = 4
"""The newest stay."""
TIMEOUT_S = 600.0

MOST_TRIES = 60
"""How often a part of the requirements is tried, to find which of them cannot be had."""
_LEFT_OUT = "left-out.txt"
_NO_SOLUTION = 1
"""uv's exit code where the index answers and has not what is asked for."""


class UnsolvableError(ImageError):
    """The index has no wheels that fit what is asked for."""


class MissingUvError(ImageError):
    """Neither the machine nor healer's environment has `uv`."""


def cache_folder() -> Path:
    """Where environments of all repositories lie: none of them is written into by a dry run."""
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "healer" / FOLDER


def prepare_environment(requirements: Requirements, home: Path, *, may_lack: bool = False) -> Path:
    """The Python of an environment in `home` that has them, installed where they have changed;
    where it `may_lack` some, without those of which no wheel can be had (`read_lacking`). Raises
    ImageError where they cannot be installed."""
    folder, part = _folders_of(requirements, home)
    for place in (folder, part) if may_lack else (folder,):
        if (place / "bin" / "python").exists():
            os.utime(place)
            return place / "bin" / "python"
    make_private_folder(home)
    with tempfile.TemporaryDirectory(prefix=".new-", dir=home) as scratch:
        work, new = Path(scratch), Path(scratch) / "env"
        base = describe(requirements.python or Path(sys.executable))
        packages = new / "lib" / f"python{base.version[0]}.{base.version[1]}" / "site-packages"
        packages.mkdir(parents=True)
        file = _write_lines(work, requirements)
        try:
            _install(file, packages, requirements, work)
        except UnsolvableError:
            lacking = _leave_out(file, packages, requirements, work) if may_lack else ()
            if not lacking:
                raise
            _install(file, packages, requirements, work)
            (new / _LEFT_OUT).write_text("\n".join(lacking), "utf-8")
            folder = part
        _make_look_like_environment(new, base)
        with suppress(OSError):  # another process was faster
            new.rename(folder)
    for old in sorted(home.glob("[0-9a-f]*"), key=lambda each: each.stat().st_mtime)[:-KEPT]:
        shutil.rmtree(old, ignore_errors=True)
    return folder / "bin" / "python"


def read_lacking(requirements: Requirements, home: Path) -> tuple[str, ...]:
    """What the environment that was prepared for them is without, as names with versions."""
    folder, part = _folders_of(requirements, home)
    if folder.exists() or not (part / _LEFT_OUT).exists():
        return ()
    return tuple((part / _LEFT_OUT).read_text("utf-8").splitlines())


def _folders_of(requirements: Requirements, home: Path) -> tuple[Path, Path]:
    """The one with all of them, and the one without what cannot be had."""
    digest = _digest(requirements)
    return home / digest, home / f"{digest}-part"


def _leave_out(
    file: Path, packages: Path, requirements: Requirements, work: Path
) -> tuple[str, ...]:
    """Takes out of the requirements file what keeps the others from being had; what that is.
    Nothing where no other remains, or it cannot be told in MOST_TRIES."""
    remainder: list[str] = []
    lacking: list[str] = []
    groups = [file.read_text("utf-8").splitlines()]
    for number in range(MOST_TRIES):
        if not groups:
            break
        group = groups.pop(0)
        file.write_text("".join(f"{line}\n" for line in [*remainder, *group]), "utf-8")
        if number and _is_possible(file, packages, requirements, work):  # as a whole it was tried
            remainder += group
        elif len(group) == 1:
            lacking += group
        else:
            half = len(group) // 2
            groups[:0] = [group[:half], group[half:]]
    file.write_text("".join(f"{line}\n" for line in remainder), "utf-8")
    plain = tuple(line.split(" --hash")[0].partition(";")[0].strip() for line in lacking)
    return plain if remainder and not groups else ()


def _is_possible(file: Path, packages: Path, requirements: Requirements, work: Path) -> bool:
    try:
        _install(file, packages, requirements, work, "--dry-run")
    except UnsolvableError:
        return False
    return True


def prepare_pytest(python: Path, home: Path) -> Path | None:
    """A folder with a pytest for an interpreter that has none and cannot run ours, from `home` or
    installed there; None where none is needed, or none can be had: tests are then not run. Raises
    ImageError where there is no `uv` to ask for one."""
    facts = describe(python)
    if facts.version >= OLDEST_FOR_OUR_PYTEST or has_pytest(facts):
        return None
    version = f"{facts.version[0]}.{facts.version[1]}"
    folder = home / f"pytest-{version}"
    if folder.is_dir():
        return folder
    make_private_folder(home)
    words = ("pip", "install", "--no-config", "--only-binary", ":all:", "--python-version", version)
    with tempfile.TemporaryDirectory(prefix=".new-", dir=home) as scratch:
        new = Path(scratch) / "site"
        try:
            _run_uv(*words, "--target", str(new), "pytest>=8", origin="pytest", cwd=Path(scratch))
        except MissingUvError:
            raise
        except ImageError:
            return None
        with suppress(OSError):  # another process was faster
            new.rename(folder)
    return folder


def _digest(requirements: Requirements) -> str:
    python = f"{requirements.python} {describe(requirements.python)}" if requirements.python else ""
    parts = (sys.version, python, sysconfig.get_platform(), *requirements.lines)
    whole = "\n".join(part for part in parts if part).encode()
    whole += b"\0".join(requirements.uv_lock or ())
    return hashlib.blake2b(whole, digest_size=12).hexdigest()


def _write_lines(work: Path, requirements: Requirements) -> Path:
    """The requirements file; of a lock of uv's, uv makes it."""
    file = work / "requirements.txt"
    if requirements.uv_lock is None:
        file.write_text("".join(f"{line}\n" for line in requirements.lines), "utf-8")
        return file
    for name, data in zip(("pyproject.toml", "uv.lock"), requirements.uv_lock, strict=True):
        (work / name).write_bytes(data)
    words = ("--no-config", "--frozen", "--no-emit-workspace", "--all-groups")
    output = ("--python", _name_python(requirements), "--output-file", str(file))
    _run_uv("export", *words, *output, origin=requirements.origin, cwd=work)
    lines = choose_plain_lines(file.read_text("utf-8"))
    file.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    return file


def _name_python(requirements: Requirements) -> str:
    """The interpreter whose wheels are taken: one of this machine's own, never a repository's."""
    return str(requirements.python or sys.executable)


def _install(
    file: Path, packages: Path, requirements: Requirements, work: Path, *options: str
) -> None:
    text, origin = file.read_text("utf-8"), requirements.origin
    words = ["pip", "install", "--no-config", "--target", str(packages), "--only-binary", ":all:"]
    words += options
    words += ["--no-deps"] if origin.endswith(".lock") and "--hash=" in text else []
    words += ["--python", _name_python(requirements)]
    _run_uv(*words, "-r", str(file), origin=origin, cwd=work)


def find_uv() -> str:
    """The machine's own `uv`, else that of `healer[build]`. Raises ImageError without either."""
    if program := shutil.which("uv"):
        return program
    if not is_installed("build"):
        raise MissingUvError(
            "What is declared here can be installed only with uv, which is not on PATH; "
            f"{install_step('build')}, or install it yourself and name that Python in healer.toml, "
            "[sandbox] python."
        )
    import uv  # noqa: PLC0415 - seldom needed

    return uv.find_uv_bin()


def _run_uv(*words: str, origin: str, cwd: Path) -> None:
    program = find_uv()
    environment = {**os.environ, "UV_PYTHON_DOWNLOADS": "never"}
    environment.setdefault("UV_NATIVE_TLS", "true")
    try:
        answer = subprocess.run(
            [program, "--quiet", "--no-progress", *words],
            cwd=cwd, env=environment, capture_output=True, text=True, check=False,
            timeout=TIMEOUT_S,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ImageError(f"What {origin} declares could not be installed: {error}.") from error
    if answer.returncode:
        why = " ".join(answer.stderr.replace("×", "").replace("╰─▶", "").split())[-400:]
        kind = UnsolvableError if answer.returncode == _NO_SOLUTION else ImageError
        raise kind(
            f"What {origin} declares could not be installed ({why}); install it yourself and name "
            "that Python in healer.toml, [sandbox] python. Only wheels are taken here."
        )


def _make_look_like_environment(folder: Path, base: Interpreter) -> None:
    """`pyvenv.cfg` and the links that make the folder a virtual environment of the interpreter."""
    program = base.base_executable.resolve()
    (folder / "bin").mkdir(exist_ok=True)
    for name in ("python", "python3"):
        (folder / "bin" / name).symlink_to(program)
    version = ".".join(map(str, base.version))
    settings = f"home = {program.parent}\nexecutable = {program}\nversion = {version}\n"
    (folder / "pyvenv.cfg").write_text(settings, "utf-8")
