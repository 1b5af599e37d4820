"""The repository, its commit and a job's script are found by reading files."""

from pathlib import Path

import pytest

from healer.watch.checkout import (
    find_checkout,
    find_job_checkout,
    find_script,
    look_for,
    make_portable,
    name_inside,
    read_commit,
)
from healer.watch.runner.options import RunOptions
from tests.support.git import git, write_files
from tests.support.healer_jobs import repository

PROJECT = '[project.scripts]\nshop-other = "shop.cli:other"\n'


@pytest.mark.parametrize(
    ("argv", "script"),
    [
        (("python", "a/b.py"), "a/b.py"),
        (("python3", "-u", "./a/../a/b.py", "x"), "a/b.py"),
        (("sh", "run.sh", "a/b.py"), "a/b.py"),
        (("sh", "run.sh"), "run.sh"),
        (("./run.sh",), "run.sh"),
        (("python", "-m", "a.b"), "a/b.py"),
        (("python", "-m", "pkg"), "pkg/__main__.py"),
        (("uv", "run", "a/b.py"), "a/b.py"),
        (("python", "-c", "print()"), ""),
        (("python", "/etc/passwd"), ""),
        (("make",), ""),
        (("bash", "-c", "python3 a/b.py | tee out"), "a/b.py"),
        (("bash", "-c", "cd a && python3 -u b.py"), "a/b.py"),
        ((".venv/bin/python", "a/b.py"), "a/b.py"),
        ((".venv/bin/python", "run.sh"), "run.sh"),
        ((".venv/bin/python", "-c", "1"), ""),
        ((".venv/bin/shop-report", "--all"), "src/shop/cli.py"),
        (("poetry", "run", "shop-other"), "src/shop/cli.py"),
        (("x" * 5_000, "\0"), ""),
    ],
)
def test_the_script_is_told_from_the_command(
    tmp_path: Path, argv: tuple[str, ...], script: str
) -> None:

    files = {"a/b.py": "", "run.sh": "", "pkg/__main__.py": "", "src/shop/cli.py": ""}
    repo = repository(tmp_path, {**files, "pyproject.toml": PROJECT})
    program = "#!/srv/python\nfrom shop.cli import main\nimport sys\nsys.exit(main())\n"
    write_files(
        repo, {".venv/pyvenv.cfg": "", ".venv/bin/python": "", ".venv/bin/shop-report": program}
    )
    assert find_script(argv, find_checkout(repo), repo) == script


def test_a_path_is_looked_for_here_then_in_the_repository(tmp_path: Path) -> None:
    root, here = tmp_path / "repo", tmp_path / "here"
    write_files(tmp_path, {"repo/both": "", "here/both": "", "repo/root": "", "here/cwd": ""})
    assert look_for("both", here, root) == (here / "both", root / "both")
    assert look_for("root", here, root) == (root / "root",)
    assert look_for("cwd", here, root) == (here / "cwd",)
    assert look_for("no", here, root) == (here / "no", root / "no")
    assert name_inside("both", here, root) == "both"  # the repository's: ours lies outside
    assert name_inside("cwd", here, root) is None
    assert name_inside("../repo/root", here, root) == "root"


@pytest.mark.parametrize("packed", [True, False])
def test_the_commit_is_read_from_loose_and_packed_branches(tmp_path: Path, packed: bool) -> None:

    repo = repository(tmp_path)
    if packed:
        git(repo, "pack-refs", "--all")
    assert read_commit(find_checkout(repo)) == git(repo, "rev-parse", "HEAD")
    git(repo, "checkout", "-q", "--detach")
    assert read_commit(find_checkout(repo)) == git(repo, "rev-parse", "HEAD")


@pytest.mark.parametrize(
    ("argv", "cwd", "words", "folder"),
    [
        pytest.param(("python", "jobs/b.py"), "", ("python", "jobs/b.py"), "", id="the root"),
        pytest.param(("python", "b.py"), "jobs", ("python", "b.py"), "jobs", id="a folder"),
        pytest.param(
            ("python", "{root}/jobs/b.py"), "", ("python", "jobs/b.py"), "", id="from / on"
        ),
        pytest.param(
            ("python", "{root}/jobs/b.py", "{root}"),
            "jobs",
            ("python", "b.py", ".."),
            "jobs",
            id="from / on, in a folder",
        ),
        pytest.param(
            ("{root}/.venv/bin/python3", "{root}/jobs/b.py", "--out={root}/x"),
            "/",
            (".venv/bin/python3", "jobs/b.py", "--out=x"),
            "",
            id="a folder elsewhere",
        ),
        pytest.param(
            ("python", "{root}/current/b.py"), "", ("python", "jobs/b.py"), "", id="a linked folder"
        ),
        pytest.param(
            ("cat", "/etc/passwd", "../x", "a=/b"), "", ("cat", "/etc/passwd", "../x", "a=/b"), "",
            id="paths elsewhere stay",
        ),
    ],
)  # fmt: skip
def test_a_command_is_kept_as_another_copy_of_the_repository_can_run_it(
    tmp_path: Path, argv: tuple[str, ...], cwd: str, words: tuple[str, ...], folder: str
) -> None:
    repo = repository(tmp_path / "repo", {"jobs/b.py": ""})
    (repo / "current").symlink_to("jobs")
    given = tuple(word.format(root=repo) for word in argv)
    assert make_portable(given, find_checkout(repo), repo / cwd) == (words, folder)


@pytest.mark.parametrize(
    "argv",
    [
        ("python", "{root}/a.py"),
        ("bash", "-c", "cd {root} && python3 a.py | tee out"),
        ("sh", "-c", "python3 {root}/a.py"),
    ],
)
def test_the_repository_of_a_job_that_cron_starts_elsewhere_is_that_of_its_words(
    tmp_path: Path, argv: tuple[str, ...]
) -> None:
    repo = repository(tmp_path / "shop", {"a.py": ""})
    words = tuple(word.format(root=repo) for word in argv)
    assert find_job_checkout(RunOptions(words), Path("/")).root == repo
    assert find_script(words, find_checkout(repo), Path("/")) == "a.py"
