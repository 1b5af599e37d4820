"""One look at a repository gives all that `healer init` writes."""

from healer.survey.survey import survey
from tests.support.memory_tree import MemoryTree

FILES = {
    "jobs/sync.py": "import sys\n",
    "jobs/payments.py": "if __name__ == '__main__':\n    print(1)\n",
    "ops/crontab": "10 2 * * * python jobs/sync.py\n",
    "tests/test_sync.py": "",
    "tests/billing/test_x.py": "",
    "requirements.txt": "",
    ".github/CODEOWNERS": "* @ada\n",
}


def test_the_parts_are_put_together() -> None:
    found = survey(MemoryTree(FILES), "trunk")
    assert found.target == "trunk"
    assert found.globs == ("jobs/**/*.py",)
    assert [job.script for job in found.jobs] == ["jobs/sync.py"]
    assert [program.path for program in found.programs] == ["jobs/payments.py", "jobs/sync.py"]
    assert found.suite.file_count == 2
    assert found.dependencies.files == ("requirements.txt",)
    assert [guard.paths for guard in found.guards] == [("jobs/payments.py",)]
    assert found.owners == ".github/CODEOWNERS"


def test_an_empty_tree_says_nothing() -> None:
    found = survey(MemoryTree({}), "main")
    assert (found.globs, found.programs, found.jobs, found.guards, found.owners) == (
        (),
        (),
        (),
        (),
        "",
    )
