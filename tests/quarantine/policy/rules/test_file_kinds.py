"""Files that run unasked, say what counts or cannot be read are told by their names and sizes."""

import pytest

from quarantine.policy import Example
from quarantine.policy.files import MAX_FILE_BYTES, MAX_FILES
from quarantine.policy.rules import file_kinds
from quarantine.policy.rules.file_kinds import MAX_ADDED_LINES
from tests.quarantine.policy.examples import is_refused, whats
from tests.quarantine.policy.trees import findings


def new(path: str, text: str = "x = 1") -> Example:
    return Example(f"+ {text}", path=path, old_mode="")


@pytest.mark.parametrize(
    "path",
    [
        "a.pyc", "a.pyo", "b/a.so", "a.pyd", "a.dll", "a.dylib", "x.pth", "x.egg", "x.whl",
        "x.egg-link", "sitecustomize.py", "lib/usercustomize.py", "SiteCustomize.py",
        "x.dist-info/entry_points.txt", "x.egg-info/PKG-INFO", "a/__pycache__/x.txt",
    ],
)  # fmt: skip
def test_built_code_and_what_is_loaded_at_start_is_refused(path: str) -> None:
    assert is_refused(file_kinds.prebuilt_code, new(path))


@pytest.mark.parametrize(
    "path",
    ["customize.py", "site.py.txt", "so.py", "dist-info.py", "a.py", "pycache/x.py", "eggs.py"],
)
def test_what_only_looks_like_it_is_not(path: str) -> None:
    assert not is_refused(file_kinds.prebuilt_code, new(path))


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("random.py", "random"), ("lib/json.py", "json"), ("scripts/json/__init__.py", "json"),
        ("pytest.py", "pytest"), ("pluggy/__init__.py", "pluggy"), ("os.pyi", "os"),
        ("a/b/types.py", "types"),
    ],
)  # fmt: skip
def test_a_new_module_that_imports_would_find_first_is_named(path: str, name: str) -> None:
    assert whats(file_kinds.shadowed_modules, new(path)) == [name]


@pytest.mark.parametrize("path", ["randoms.py", "json.txt", "my_json.py", "json_/__init__.py"])
def test_another_name_shadows_nothing(path: str) -> None:
    assert not is_refused(file_kinds.shadowed_modules, new(path))


def test_an_existing_module_of_that_name_is_the_projects_own() -> None:
    assert not is_refused(file_kinds.shadowed_modules, Example("+ x = 1", path="random.py"))


@pytest.mark.parametrize(
    ("path", "files"),
    [
        ("app/types.py", {"app/__init__.py": ""}),
        ("app/json/__init__.py", {"app/__init__.py": ""}),
    ],
)
def test_inside_a_package_the_name_is_another(path: str, files: dict[str, str]) -> None:
    example = Example("+ x = 1", path=path, files=files, old_mode="")
    assert not is_refused(file_kinds.shadowed_modules, example)


@pytest.mark.parametrize(
    "path",
    [
        "tests/test_job.py", "conftest.py", "lib/conftest.py", "pytest.ini", "tox.ini",
        ".coveragerc", "noxfile.py", "ruff.toml", "healer.toml", "protected.toml", ".gitignore",
        ".gitattributes", ".github-readme", "tests/data.py", "job_test.py",
    ],
)  # fmt: skip
def test_tests_and_what_says_what_counts_are_not_changed(path: str) -> None:
    assert is_refused(file_kinds.own_rules, Example("+ x = 1", path=path))


@pytest.mark.parametrize("path", ["scripts/job.py", "lib/contest.py", "latest.py", "README.md"])
def test_the_programs_own_files_may_be(path: str) -> None:
    assert not is_refused(file_kinds.own_rules, Example("+ x = 1", path=path))


@pytest.mark.parametrize(
    ("path", "refused"),
    [("tests/test_new.py", False), ("tests/conftest.py", True), ("conftest.py", True)],
)
def test_a_new_test_may_come_along_and_a_new_configuration_may_not(
    path: str, refused: bool
) -> None:
    assert is_refused(file_kinds.own_rules, new(path)) == refused


@pytest.mark.parametrize(
    "path",
    [
        "pyproject.toml", "setup.py", "Makefile", "Dockerfile", "app/dockerfile.dev", ".env",
        "uv.lock", "requirements.txt", "requirements-dev.in", "constraints.txt",
        "requirements/base.txt", ".github/workflows/ci.yml", ".circleci/config.yml",
        "docker-compose.yml", "app.service", "crontab", "crontab.d", ".pre-commit-config.yaml",
        "deploy/run.sh", "CODEOWNERS", "justfile", ".gitlab-ci.yml", "mypy.ini",
    ],
)  # fmt: skip
def test_settings_build_and_deployment_go_to_a_person(path: str) -> None:
    assert is_refused(file_kinds.project_settings, Example("+ x", path=path))


@pytest.mark.parametrize(
    "path",
    ["scripts/setup_db.py", "requirements.py", "docker.py", "locks.py", "services.py", "env.py",
     "makefiles.md", "deployment.py"],
)  # fmt: skip
def test_scripts_whose_names_look_like_it_do_not(path: str) -> None:
    assert not is_refused(file_kinds.project_settings, Example("+ x", path=path))


@pytest.mark.parametrize(
    ("path", "text", "refused"),
    [
        ("data.csv", "1,2", True), ("run.sh", "#!/bin/sh", True), ("a.html", "<p>", True),
        ("LICENSE", "MIT", True), ("a.py", "x = 1", False), ("a.pyw", "x = 1", False),
        ("a.pyi", "x: int", False), ("README.md", "# A", False), ("docs/a.rst", "A", False),
        ("job", "#!/usr/bin/env python3", False), ("job", "#!/bin/sh", True),
    ],
)  # fmt: skip
def test_what_no_rule_can_read_goes_to_a_person(path: str, text: str, refused: bool) -> None:
    assert is_refused(file_kinds.not_python, Example(f"+ {text}", path=path)) == refused


def test_a_removed_file_is_told_and_a_changed_one_is_not() -> None:
    assert is_refused(file_kinds.removed_files, Example("- x = 1", new_mode=""))
    assert not is_refused(file_kinds.removed_files, "- x = 1\n+ x = 2")


def test_a_file_that_the_tree_does_not_hold_is_refused() -> None:
    assert is_refused(file_kinds.unreadable_files, Example("+ x = 1", is_lost=True))
    assert not is_refused(file_kinds.unreadable_files, Example("- x = 1", new_mode=""))
    lost_link = Example("+ x", is_lost=True, new_mode="120000")
    assert not is_refused(file_kinds.unreadable_files, lost_link)


@pytest.mark.parametrize(
    ("lines", "refused"), [(1, False), (MAX_ADDED_LINES, False), (MAX_ADDED_LINES + 1, True)]
)
def test_many_added_lines_need_a_reader(lines: int, refused: bool) -> None:
    text = "\n".join(f"+ x{n} = None" for n in range(lines))
    assert is_refused(file_kinds.too_big, text) == refused


def test_a_large_file_is_not_looked_at_and_said_to_be() -> None:
    large = Example(data=b"# " + b"x" * MAX_FILE_BYTES)
    assert whats(file_kinds.too_big, large) == ["a file over 512 KiB is not looked at"]


def test_of_many_files_the_first_that_is_not_looked_at_is_named() -> None:
    after = {f"f{n:03}.py": "x = 1\n" for n in range(MAX_FILES + 1)}
    (finding,) = [each for each in findings({}, after) if each.rule == "too-big"]
    assert finding.path == f"f{MAX_FILES:03}.py"
    assert f"{MAX_FILES + 1} files" in finding.reason
    del after["f000.py"]
    assert [each for each in findings({}, after) if each.rule == "too-big"] == []


@pytest.mark.parametrize(
    ("data", "refused"), [(b"\0", True), (b"x\0", True), (b"x = '\\0'\n", False), (b"", False)]
)
def test_a_nul_byte_makes_a_file_binary(data: bytes, refused: bool) -> None:
    assert is_refused(file_kinds.binary_files, Example(data=data)) == refused


@pytest.mark.parametrize(
    "path", ["README.md", "docs/a.rst", "scripts/job.txt", "NOTES.MD", "a.adoc", "a.markdown"]
)
def test_a_note_is_written_by_people_alone(path: str) -> None:
    assert is_refused(file_kinds.notes, Example("+ A", path=path))
    assert is_refused(file_kinds.notes, Example("+ A", path=path, old_mode=""))
    assert is_refused(file_kinds.notes, Example("- A", path=path, new_mode=""))


@pytest.mark.parametrize("path", ["a.py", "md.py", "a.csv", "LICENSE", "md/job.py"])
def test_what_is_no_note_is_left_to_other_rules(path: str) -> None:
    assert not is_refused(file_kinds.notes, Example("+ x = 1", path=path))
