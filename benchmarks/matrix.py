"""Heals one job, from the wheel alone, on each Python and userland that this machine offers.

    python -m benchmarks.matrix                          # python3.11 to 3.14 of PATH and of pyenv
    python -m benchmarks.matrix --python /opt/py/bin/python3.14
    python -m benchmarks.matrix --root /srv/trixie       # a userland as debootstrap makes it, with
                                                         # python3-venv, git and ca-certificates

What is typed is docs/tutorial.md, word by word but for `healer doctor`, which builds an image more.
Belongs here: finding interpreters, following the page there, and one line for each. Does not belong
here: what else the page promises (`tests/docs/test_tutorial.py`; it follows it in the same way, on
the Python that runs the tests). Needs Docker Engine and the package index, and root for `--root`.
"""

import argparse
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "tutorial.md"
MINORS = range(11, 15)
"""Of Python 3: those that healer declares."""
MOST_S = 900
HEALED = "healed: jobs/owed.py: "
_PROBE = "import sys, sqlite3; print(sys.version.split()[0], sqlite3.sqlite_version)"
_SETTINGS = ("PIP_", "SSL_CERT_", "DOCKER_")
_MOUNTS = """\
mount --bind /proc {root}/proc; mount --bind /dev {root}/dev
touch {root}/run/docker.sock; mount --bind /var/run/docker.sock {root}/run/docker.sock
[ -e {root}/var/run ] || ln -s /run {root}/var/run
for file in /etc/resolv.conf /etc/hosts {files}; do
    [ ! -f $file ] || {{ mkdir -p {root}$(dirname $file); cat $file > {root}$file; }}
done
mkdir -p {root}{folder}; mount --bind {folder} {root}{folder}
exec chroot {root} """


class Place(NamedTuple):
    """Where healer is installed and a job healed."""

    python: str
    root: Path | None = None
    """Of a userland; None: this machine's own."""


class Result(NamedTuple):
    """What came of it."""

    name: str
    python: str
    sqlite: str
    is_healed: bool
    seconds: float
    last_words: str


def list_places() -> Iterator[Place]:
    """One of each minor version of Python: the first on PATH, else one of pyenv's."""
    for minor in MINORS:
        names = [shutil.which(f"python3.{minor}", path="/usr/local/bin:/usr/bin:/bin")]
        versions = Path.home().glob(f".pyenv/versions/3.{minor}.*/bin/python3.{minor}")
        python = next(filter(None, [*names, *map(str, sorted(versions))]), None)
        if python:
            yield Place(python)


def read_commands() -> str:
    """What the tutorial has typed, but for what it says not to be run."""
    text = PAGE.read_text(encoding="utf-8")
    blocks = re.findall(r"(<!-- not run here[^\n]*\n)?^```sh\n(.*?)^```$", text, re.M | re.S)
    return "\n".join(block for why, block in blocks if not why)


def leave_doctor_out(commands: str) -> str:
    """Without `healer doctor`, which builds an image more."""
    return re.sub(r"^healer doctor .*$", "", commands, flags=re.M)


def prepare_folder(folder: Path, place: Place, wheel: Path) -> None:
    """A person's, with the wheel, git's identity and a Python as `python3`, and nothing of ours."""
    folder.chmod(0o755)
    shutil.copy(wheel, folder)
    (folder / ".gitconfig").write_text("[user]\nname = Ada\nemail = ada@ledger.example\n")
    (folder / "programs").mkdir()
    (folder / "programs" / "python3").symlink_to(place.python)


def try_place(place: Place, wheel: Path) -> Result:
    """Follows the tutorial there."""
    with tempfile.TemporaryDirectory(prefix="healer-matrix-") as scratch:
        folder = Path(scratch)
        prepare_folder(folder, place, wheel)
        versions = follow(place, folder, f"{shlex.quote(place.python)} -c {shlex.quote(_PROBE)}")[1]
        python, _, sqlite = versions.strip().partition(" ")
        start = time.monotonic()
        code, output = follow(place, folder, leave_doctor_out(read_commands()))
        return Result(
            name=str(place.root or place.python),
            python=python,
            sqlite=sqlite,
            is_healed=code == 0 and HEALED in output,
            seconds=time.monotonic() - start,
            last_words=" / ".join(output.strip().splitlines()[-3:]),
        )


def follow(place: Place, folder: Path, script: str) -> tuple[int, str]:
    """A shell's exit code and all that it says; its environment holds what it needs alone."""
    settings = {key: value for key, value in os.environ.items() if key.startswith(_SETTINGS)}
    proxies = {key: value for key, value in os.environ.items() if key.lower().endswith("_proxy")}
    mine = {
        "HOME": str(folder),
        "PATH": f"{folder}/programs:/usr/bin:/bin:/usr/sbin",
        "LANG": "C.UTF-8",
    }
    words = ["sh", "-euc", f"cd {folder}\n{script}"]
    if place.root:
        files = " ".join(value for value in settings.values() if Path(value).is_file())
        mounts = _MOUNTS.format(root=place.root, folder=folder, files=files)
        words = ["unshare", "--mount", "sh", "-euc", mounts + shlex.join(words)]
    process = subprocess.run(
        words, text=True, check=False, timeout=MOST_S, env={**settings, **proxies, **mine},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    return process.returncode, process.stdout


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints one line for each place; 1 where one has not healed its job."""
    parser = argparse.ArgumentParser(description="Heal one job on each Python and userland.")
    parser.add_argument("--python", action="append", default=[], help="besides, or instead of, all")
    parser.add_argument("--root", action="append", default=[], type=Path, help="of a userland")
    parser.add_argument("--wheel", type=Path, help="default: one that is built now")
    options = parser.parse_args(arguments)
    places = [Place(python) for python in options.python]
    places += [Place("/usr/bin/python3", root.resolve()) for root in options.root]
    with tempfile.TemporaryDirectory() as scratch:
        wheel = options.wheel or build_wheel(Path(scratch))
        print("| where | Python | SQLite | healed | seconds |\n| --- | --- | --- | --- | --- |")
        results = [report(try_place(place, wheel)) for place in places or list_places()]
    return 0 if results and all(results) else 1


def build_wheel(out: Path) -> Path:
    """Of what is here."""
    words = [sys.executable, "-m", "uv", "build", "-q", "--wheel", "--no-build-isolation"]
    words += ["--python", sys.executable, "-o", str(out), str(ROOT)]
    subprocess.run(words, check=True)
    return next(out.glob("*.whl"))


def report(result: Result) -> bool:
    """Prints the line; whether it is a good one."""
    word = "yes" if result.is_healed else f"no: {result.last_words}"
    print(f"| {result.name} | {result.python} | {result.sqlite} | {word} | {result.seconds:.0f} |")
    return result.is_healed


if __name__ == "__main__":
    sys.exit(main())
