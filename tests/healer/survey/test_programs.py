"""Programs are found by what starts them and by what stands in them; globs cover them."""

import pytest

from healer.survey.commands import Starts
from healer.survey.facts import Job
from healer.survey.programs import choose_globs, find_programs
from quarantine.project_tests import ProjectTests
from tests.support.memory_tree import MemoryTree

GUARD = "def main(): pass\n\nif __name__ == '__main__':\n    main()\n"


def programs(files: dict[str, str], *jobs: Job) -> dict[str, tuple[str, ...]]:
    tree = MemoryTree(files)
    found = find_programs(tree, Starts(tree), jobs, ProjectTests.load(tree))
    return {program.path: program.reasons for program in found}


def test_each_sign_of_a_program_is_a_reason() -> None:
    files = {
        "jobs/a.py": GUARD,
        "jobs/helper.py": "x = '''\n    if __name__ == '__main__':\n'''\n",
        "bin/nightly": "#!/usr/bin/python3\n",
        "bin/notes": "text",
        "pkg/__init__.py": "",
        "pkg/__main__.py": "",
        "pkg/cli.py": "",
        "site/app/management/commands/clean.py": "",
        "site/app/management/commands/__init__.py": "",
        "worker.py": "",
        "Makefile": "report: x\n\tpython jobs/helper.py\n",
        "Dockerfile": 'FROM x\nCMD ["python", "worker.py"]\n',
        "pyproject.toml": '[project.scripts]\npkg = "pkg.cli:main"\n',
        "setup.py": GUARD, "docs/conf.py": GUARD, "tests/test_a.py": GUARD, ".ci/x.py": GUARD,
    }  # fmt: skip
    job = Job("jobs/a.py", ("python", "jobs/a.py"), "0 1 * * *", "crontab")
    assert programs(files, job) == {
        "bin/nightly": ("a shebang line",),
        "jobs/a.py": ("0 1 * * * in crontab", "a __main__ part"),
        "jobs/helper.py": ("make report",),
        "pkg/__main__.py": ("python -m",),
        "pkg/cli.py": ("entry point pkg",),
        "site/app/management/commands/clean.py": ("a management command",),
        "worker.py": ("Dockerfile",),
    }


@pytest.mark.parametrize(
    ("paths", "globs"),
    [
        ("", ""),
        ("README.md setup.cfg", ""),
        ("top.py", "*.py"),
        ("jobs/a.py jobs/deep/b.py", "jobs/**/*.py"),
        ("tests/test_a.py test_top.py", ""),
        ("app/__init__.py app/x.py jobs/a.py tests/test_a.py top.py setup.py", "*.py jobs/**/*.py"),
        ("src/lib/__init__.py src/lib/x.py src/lib/deep/__init__.py tests/__init__.py setup.py",
         "src/lib/**/*.py"),
        (" ".join(f"d{n}/x.py" for n in range(21)), "**/*.py"),
        ("[a]/x.py !b/x.py", "\\!b/**/*.py \\[a\\]/**/*.py"),
        ("docs/conf.py app/__init__.py app/x.py", "app/**/*.py"),
    ],
)  # fmt: skip
def test_without_a_sign_scripts_lie_outside_of_packages(paths: str, globs: str) -> None:
    tree = MemoryTree(dict.fromkeys(paths.split(), ""))
    assert choose_globs((), tree, Starts(tree), ProjectTests()) == tuple(globs.split())


def test_a_program_brings_its_whole_package_and_one_without_py_itself() -> None:
    files = {
        "src/pkg/__init__.py": "", "src/pkg/cli/__init__.py": "", "src/pkg/cli/main.py": GUARD,
        "src/pkg/core.py": "", "bin/nightly": "#!/usr/bin/python3\n",
    }  # fmt: skip
    tree = MemoryTree(files)
    found = find_programs(tree, Starts(tree), (), ProjectTests())
    globs = choose_globs(found, tree, Starts(tree), ProjectTests())
    assert globs == ("bin/nightly", "src/pkg/**/*.py")


@pytest.mark.parametrize(
    ("text", "globs"),
    [
        ("import app.models\n", "*.py app/**/*.py"),
        ("from app import models\n", "*.py app/**/*.py"),
        ("from app.models import User\n", "*.py app/**/*.py"),
        ("def main():\n    import app\n", "*.py app/**/*.py"),
        ("from lib.deep import one\n", "*.py src/lib/**/*.py"),
        ("from namespace import two\n", "*.py namespace/**/*.py"),
        ("import tests.support\nimport docs.conf\nimport json\n", "*.py"),  # not the jobs' own
        ("from . import app\nfrom apps import x\nimport App\n", "*.py"),
        ("import app(\n", "*.py"),
        ("# import app\nx = 'import app'\n", "*.py"),
    ],
)
def test_what_a_loose_script_imports_of_the_repository_is_its_code(text: str, globs: str) -> None:
    files = {
        "job.py": text, "app/__init__.py": "", "app/models.py": "",
        "src/lib/__init__.py": "", "src/lib/deep/__init__.py": "", "src/lib/deep/one.py": "",
        "tests/__init__.py": "", "tests/support.py": "", "docs/__init__.py": "", "docs/conf.py": "",
    }  # fmt: skip
    if "namespace" in text:
        files["namespace/two.py"] = ""
    tree = MemoryTree(files)
    assert choose_globs((), tree, Starts(tree), ProjectTests()) == tuple(globs.split())
