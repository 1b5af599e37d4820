"""The project's distributions, built as a release builds them."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).parents[2]
HAS_BACKEND = all(map(find_spec, ("hatchling", "hatch_vcs")))
"""Whether the build's own backend is installed, as `scripts/setup` does it."""


def build(source: Path, out: Path, *options: str) -> None:
    """An sdist and the wheel that is made from it, or what the options of `uv build` say; with the
    backend that is installed here, where it is."""
    words = ["uv", "build", "--quiet", "--python", sys.executable, "-o", str(out), *options]
    if HAS_BACKEND:
        words.append("--no-build-isolation")
    subprocess.run([sys.executable, "-m", *words, str(source)], check=True, timeout=300)
