"""A program with a C library and a loader of its own, as those of another distribution have it."""

import shutil
import subprocess
from pathlib import Path

import pytest

from sandbox.libraries import needed_by


def make_program_with_own_libc(folder: Path) -> Path:
    """Ends with 3. Skips the test where there is no C compiler."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        pytest.skip("needs a C compiler")
    libs = folder / "libs"
    libs.mkdir(parents=True)
    for name, path in needed_by([Path("/bin/sh").resolve()]):
        shutil.copy(path, libs / ("ld.so" if name.startswith("ld-linux") else name))
    source = folder / "program.c"
    source.write_text("int main(void) { return 3; }\n")
    program = folder / "program"
    options = [f"-Wl,--dynamic-linker={libs}/ld.so", f"-Wl,--disable-new-dtags,-rpath,{libs}"]
    subprocess.run([compiler, str(source), "-o", str(program), *options], check=True)
    return program
