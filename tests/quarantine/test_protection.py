"""protected.toml: its patterns mean what git means, and its mistakes are never guessed at."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from quarantine.errors import ProtectionError
from quarantine.project_tests import ProjectTests
from quarantine.protection import (
    Protection,
    Rule,
    list_open_to_pins,
    list_protected,
    parse,
)
from quarantine.repository import Repository
from tests.support.git import commit_files, git, make_repository, run_git, write_files


class Memory:
    """A commit's files, held in memory."""

    commit = "0" * 40

    def __init__(self, files: Mapping[str, str]) -> None:
        self.files = files

    def entry(self, path: str) -> object | None:
        return self.files.get(path)

    def read(self, path: str) -> bytes | None:
        return self.files[path].encode() if path in self.files else None


NOTHING = Protection.load(Memory({}))


@pytest.mark.parametrize("path", [
    "protected.toml", "healer.toml", ".gitignore", "sub/.gitattributes", ".gitmodules",
    ".github/workflows/ci.yml", ".gitlab-ci.yml", ".circleci/config.yml", ".ci/run", "Jenkinsfile",
    "conftest.py", "deep/er/conftest.py", "pytest.ini", "tox.ini", "setup.cfg", "pyproject.toml",
    "lib/pyproject.toml", ".coveragerc", "ruff.toml", ".ruff.toml", "sitecustomize.py", "evil.pth",
    "x.dist-info/entry_points.txt", "tests/__init__.py", "tests/helpers.py", "tests/data/a.json",
    "src/tests/fixtures/x.csv", "test/util.py", "Dockerfile", "docker-compose.prod.yml",
])  # fmt: skip
def test_settings_of_tests_and_ci_are_for_people_whether_they_exist_or_not(path: str) -> None:
    for exists in (True, False):
        rule = NOTHING.match(path, exists=exists)
        assert rule is not None
        assert rule.action == "escalate"


@pytest.mark.parametrize("path", [
    "tests/test_sync.py", "test_sync.py", "scripts/test_sync.py", "scripts/sync_test.py",
    "app/tests.py", "tests/deep/test_x.py", "tests.py",
])  # fmt: skip
def test_an_existing_test_is_protected_and_a_new_one_may_join(path: str) -> None:
    rule = NOTHING.match(path, exists=True)
    assert rule is not None
    assert rule.action == "extend"
    assert NOTHING.match(path, exists=False) is None


@pytest.mark.parametrize("path", [
    "scripts/sync.py", "scripts/latest.py", "scripts/contest.py", "scripts/testing_tools.py",
    "healer/cli.py", "sub/healer.toml.bak", "README.md", "scripts/protected.py", "attestation/x.py",
    "src/composer.py", "scripts/git.py",
])  # fmt: skip
def test_ordinary_files_are_not_protected(path: str) -> None:
    assert NOTHING.match(path, exists=True) is None


@pytest.mark.parametrize(("name", "content"), [
    ("pytest.ini", "[pytest]\npython_files = check_*.py\n"),
    ("tox.ini", "[pytest]\npython_files =\n    check_*.py\n    other.py\n"),
    ("setup.cfg", "[tool:pytest]\npython_files = 'check_*.py'\n"),
    ("pyproject.toml", '[tool.pytest.ini_options]\npython_files = ["check_*.py"]\n'),
    ("pyproject.toml", '[tool.pytest]\npython_files = "check_*.py"\n'),
])  # fmt: skip
def test_tests_under_the_projects_own_names_are_protected_too(name: str, content: str) -> None:
    protection = Protection.load(Memory({name: content}))
    rule = protection.match("qa/check_sums.py", exists=True)
    assert rule is not None
    assert rule.action == "extend"
    assert protection.match("qa/check_sums.py", exists=False) is None
    assert protection.match("scripts/sync.py", exists=True) is None


def test_a_pattern_for_every_file_makes_tests_of_the_test_folders_only() -> None:
    settings = '[tool.pytest.ini_options]\npython_files = "*.py"\ntestpaths = ["qa", "."]\n'
    protection = Protection.load(Memory({"pyproject.toml": settings}))
    assert protection.match("qa/deep/anything.py", exists=True) is not None
    assert protection.match("scripts/sync.py", exists=True) is None


@pytest.mark.parametrize(
    "content", ["[pytest", "python_files = x", "[pytest]\npython_files = 'x", "\0"]
)
def test_settings_that_pytest_could_not_read_either_protect_nothing_more(content: str) -> None:
    for name in ("pytest.ini", "pyproject.toml"):
        protection = Protection.load(Memory({name: content}))
        assert protection.match("scripts/sync.py", exists=True) is None


def test_the_strictest_of_several_rules_holds_and_all_their_people_are_told() -> None:
    text = """
        [[protect]]
        paths = ["core/**", "!core/free.py"]
        reason = "people review the core"
        action = "review"
        notify = ["core@example.com"]
        [[protect]]
        paths = ["*.sql", "core/secret.py"]
        notify = ["dba@example.com", "core@example.com"]
        [[protect]]
        paths = ["plugins/"]
        action = "extend"
    """
    protection = Protection.load(Memory({"protected.toml": text}))
    assert protection.match("core/free.py", exists=True) is None
    review = protection.match("core/x.py", exists=True)
    assert review is not None
    assert (review.action, review.reason) == ("review", "people review the core")
    strict = protection.match("core/secret.py", exists=False)
    assert strict is not None
    assert (strict.action, strict.notify) == ("escalate", ("core@example.com", "dba@example.com"))
    assert protection.match("plugins/new.py", exists=False) is None
    assert protection.match("plugins/old.py", exists=True) is not None
    assert protection.list_covered(["core/x.py", "a.py", "plugins/old.py", "tests/test_a.py"]) == (
        "core/x.py", "plugins/old.py", "tests/test_a.py",
    )  # fmt: skip


@pytest.mark.parametrize(("text", "says"), [
    ("[[protect]\n", "syntax error"),
    ("[[protekt]]\npaths=['a']", "unknown key 'protekt'; did you mean 'protect'"),
    ("protect = 3", "must be tables"),
    ("[protect]\npaths=['a']", "must be tables"),
    ("[[protect]]\npath=['a']", r"\[\[protect\]\] 1: unknown key 'path'; did you mean 'paths'"),
    ("[[protect]]\nreason='x'", "'paths' is missing or empty"),
    ("[[protect]]\npaths=[]", "'paths' is missing or empty"),
    ("[[protect]]\npaths='a'", "paths = 'a' must be a list of strings"),
    ("[[protect]]\npaths=[3]", r"paths = \[3\] must be a list"),
    ("[[protect]]\npaths=['']", "protects nothing"),
    ("[[protect]]\npaths=['# all']", "protects nothing"),
    ("[[protect]]\npaths=['scripts/**.py']", "write [*][*] between slashes"),
    ("[[protect]]\npaths=['a']\naction='revue'", "'revue' is not known; did you mean 'review'"),
    ("[[protect]]\npaths=['a']\naction=3", "action = 3 is not known"),
    ("[[protect]]\npaths=['a']\naction=['review']", "action = .* is not known"),
    ("[[protect]]\npaths=['a']\nreason=3", "reason = 3 must be a string"),
    ("[[protect]]\npaths=['a']\nnotify='me@example.com'", "notify = .* must be a list"),
    ("[[protect]]\npaths=['a']\nnotify=['me']", "notify = 'me' is no e-mail address"),
    ("[[protect]]\npaths=['a']\nnotify=['a@b\\nBcc: x@y']", "is no e-mail address|syntax error"),
    ("[[protect]]\npaths=['a']\nnotify=[\"a@b\\r\\nBcc: x@y\"]", "is no e-mail address"),
    ("a = " + "[" * 5000, "nested too deeply|syntax error"),
])  # fmt: skip
def test_a_mistake_is_an_error_that_names_key_value_and_what_is_allowed(
    text: str, says: str
) -> None:
    with pytest.raises(ProtectionError, match=says):
        parse(text.encode())


@settings(max_examples=200)
@given(st.one_of(st.binary(), st.text().map(str.encode)))
@example(b"[[protect]]\npaths = ['[z-a]', '\\\\', 'a[']\n")
@example(b"\xff")
def test_any_bytes_are_rules_or_our_own_error(content: bytes) -> None:
    try:
        rules = parse(content)
    except ProtectionError as error:
        assert "\n" not in str(error).strip() or "syntax" in str(error)
        return
    assert all(isinstance(rule, Rule) for rule in rules)


PATTERN = st.text(st.sampled_from("ab/*?!.[]-\\ "), min_size=1, max_size=6)


@settings(
    max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(patterns=st.lists(PATTERN, min_size=1, max_size=3), data=st.data())
def test_patterns_cover_the_paths_that_git_would_ignore(
    root: Path, patterns: list[str], data: st.DataObject
) -> None:
    """`git check-ignore` is the oracle. Where the two differ, ours covers more, never less."""
    try:
        table = "".join(f"{chr(39) * 3}{each}{chr(39) * 3}, " for each in patterns)
        (rule,) = parse(f"[[protect]]\npaths = [{table}]".encode())
    except ProtectionError:
        return
    paths = data.draw(
        st.lists(st.from_regex(r"[ab.]{1,2}(/[ab.]{1,2}){0,2}", fullmatch=True), max_size=5)
    )
    paths = [p for p in paths if not {"", ".", ".."} & set(p.split("/"))]
    (root / ".gitignore").write_text("\n".join(patterns) + "\n")
    names = "\0".join(paths).encode()
    done = run_git(root, "check-ignore", "--no-index", "-z", "--stdin", stdin=names)
    theirs = set(done.stdout.decode().split("\0")) - {""}
    ours = {p for p in paths if Protection([rule], ProjectTests()).match(p, exists=True)}
    assert theirs <= ours


def test_rules_come_from_the_commit_and_not_from_the_checkout(root: Path) -> None:
    commit_files(root, {"protected.toml": "[[protect]]\npaths = ['scripts/']\n"})
    write_files(root, {"protected.toml": ""})
    protection = Protection.load(Repository.open(root).tree("HEAD"))
    assert protection.match("scripts/sync.py", exists=True) is not None


def test_a_protected_toml_that_is_a_link_stops_the_repair(root: Path) -> None:
    (root / "protected.toml").symlink_to("README.md")
    git(root, "add", "protected.toml")
    git(root, "commit", "-q", "-m", "Link")
    with pytest.raises(ProtectionError, match="no regular file"):
        Protection.load(Repository.open(root).tree("HEAD"))


def test_merge_is_said_of_pins_alone_and_is_the_weakest_word(tmp_path: Path) -> None:
    text = """
        [[protect]]
        paths = ["requirements*.txt", "pyproject.toml", "scripts/**"]
        reason = "pins that are proved"
        action = "merge"
        [[protect]]
        paths = ["requirements-dev.txt"]
        action = "review"
    """
    names = ("requirements.txt", "requirements-dev.txt", "pyproject.toml", "scripts/job.py")
    make_repository(tmp_path, {"protected.toml": text, **dict.fromkeys(names, "")})
    tree = Repository.open(tmp_path).tree("HEAD")
    protection = Protection.load(tree)
    actions = [
        (protection.match(name, exists=True) or Rule(paths=(), reason="")).action for name in names
    ]
    assert actions == ["merge", "review", "escalate", "merge"]
    assert list_open_to_pins(tree) == ("requirements.txt",)
    assert set(names) <= set(list_protected(tree))
