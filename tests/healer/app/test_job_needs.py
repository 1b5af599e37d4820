"""Which interpreter and programs a failing job had, from its record and its tape."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from healer.app.job_needs import (
    NOTHING_MORE,
    find_job_python,
    find_needs,
    find_programs_called,
    find_tree_paths,
)
from healer.evidence.commands import choose_process
from healer.failure import Failure
from healer.tape.facts import Process, Tape
from quarantine.repository import Repository
from tests.support.git import make_repository


def make_environment(folder: Path) -> Path:
    """A virtual environment of the Python that runs us, in as many files as it takes."""
    python = folder / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to(Path(sys.executable).resolve())
    home = Path(sys.executable).resolve().parent
    (folder / "pyvenv.cfg").write_text(f"home = {home}\nversion = 3.11.0\n")
    return python


def failure(**facts: object) -> Failure:
    return Failure.model_validate({"id": "f", "script": "jobs/a.py", "source": "run", **facts})


def process(python: Path | str, *argv: str) -> Process:
    return Process((str(python), *argv), str(python), "", "", (3, 11, 0), "/")


def tape(*processes: Process, programs: tuple[tuple[str, ...], ...] = ()) -> Tape:
    return Tape("a.py", "", 0.0, "", "/srv", "/srv", {}, processes=processes, programs=programs)


def test_the_tape_names_the_interpreter_that_ran_the_script(tmp_path: Path) -> None:
    ours, other = (make_environment(tmp_path / name) for name in ("ours", "other"))
    here = tape(process(other, "jobs/wrapper.py"), process(ours, "-u", "/srv/jobs/a.py"))
    assert find_job_python(failure(argv=("bash", "run.sh")), here, tmp_path) == ours


def test_of_a_job_whose_script_no_python_names_it_is_the_first(tmp_path: Path) -> None:
    here = tape(process("/one"), process("/two"))
    chosen = choose_process(failure(), here)
    assert chosen is not None
    assert chosen.python == "/one"
    assert choose_process(failure(), tape()) is None


def test_an_interpreter_that_is_gone_or_no_interpreter_is_none(tmp_path: Path) -> None:
    assert find_job_python(failure(), tape(process(tmp_path / "gone")), tmp_path) is None
    assert find_job_python(failure(), tape(process("/bin/sh")), tmp_path) is None


def test_without_a_tape_the_command_names_it(tmp_path: Path) -> None:
    python = make_environment(tmp_path / "env")
    for argv in ((str(python), "a.py"), ("env/bin/python", "a.py")):
        assert find_job_python(failure(argv=argv), None, tmp_path) == python


def test_without_a_tape_the_first_line_of_a_program_names_it(tmp_path: Path) -> None:
    python = make_environment(tmp_path / "env")
    program = tmp_path / "env/bin/shop-report"
    program.write_text(f"#!{python}\nfrom shop import main\n")
    assert find_job_python(failure(argv=(str(program),)), None, tmp_path) == python


def test_without_a_tape_an_active_environment_is_the_one_of_a_bare_name(tmp_path: Path) -> None:
    python = make_environment(tmp_path / "env")
    record = failure(argv=("python", "a.py"), environment={"VIRTUAL_ENV": str(tmp_path / "env")})
    assert find_job_python(record, None, tmp_path) == python


@pytest.mark.parametrize("argv", [(), ("/no/such/program",), ("no-such-program",), ("/bin/sh",)])
def test_a_command_that_names_no_python_tells_nothing(
    tmp_path: Path, argv: tuple[str, ...]
) -> None:
    assert find_job_python(failure(argv=argv), None, tmp_path) is None


def test_programs_that_the_tape_saw_are_needed_beside_the_usual_ones(tmp_path: Path) -> None:
    here = tape(programs=(("/usr/bin/git", "log"), ("df",), ("no-such-program",), ()))
    assert find_needs(failure(), here, tmp_path).programs == ("git",)
    assert find_needs(None, None, tmp_path) == NOTHING_MORE


def test_programs_that_sources_of_the_repository_call_are_found(tmp_path: Path) -> None:
    files = {
        "jobs/a.py": "import subprocess\nsubprocess.run(['git', 'log'])\n",
        "run.sh": "#!/bin/sh\nldd /bin/sh\n",
        "bin/job": "#!/bin/bash\nopenssl version\n",
        "notes.txt": "gpg\n",
        "LICENSE": "gpg\n",
    }
    tree = Repository.open(make_repository(tmp_path / "shop", files)).tree("main")
    assert find_programs_called(tree) == ("git", "ldd", "openssl")


@pytest.mark.parametrize(
    ("file", "text", "paths"),
    [
        ("__editable__.shop-1.0.pth", "{root}/src\n", ("src",)),
        ("shop.pth", "# ours\nimport os\n{root}\n{root}/gone\n/elsewhere\n", (".",)),
        ("__editable___shop_1_0_finder.py", "MAPPING = {{'shop': '{root}/src/shop'}}\n", ("src",)),
        ("other.txt", "{root}/src\n", ()),
    ],
)
def test_folders_that_packages_are_links_to_are_found(
    tmp_path: Path, file: str, text: str, paths: tuple[str, ...]
) -> None:
    root = tmp_path / "shop"
    (root / "src/shop").mkdir(parents=True)
    python = make_environment(tmp_path / "env")
    packages = tmp_path / "env/lib/python3.11/site-packages"
    packages.mkdir(parents=True)
    (packages / file).write_text(text.format(root=root))
    assert find_tree_paths(python, root) == paths
    assert find_tree_paths(Path("/bin/sh"), root) == ()


def test_the_jobs_own_path_counts_where_it_leads_into_the_repository(tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    here = replace(tape(), environment={"PYTHONPATH": f"{tmp_path}/lib:/elsewhere::lib"})
    assert find_needs(failure(), here, tmp_path).paths == ("lib",)
