"""protected.toml, and what is protected whatever it says: who may repair which file.

Belongs here: reading the rules from a commit, and which rule covers a path. Does not belong here:
which files are tests (`project_tests`), what a rule's action leads to (the workflow), or what a
patch may contain (`policy`).

The rules are always those of the commit that a repair starts from: a patch, or an edit that was
never committed, cannot loosen them.
"""

import re
import tomllib
import warnings
from collections.abc import Iterable, Mapping
from typing import Any, Final, Literal, Protocol, Self

import pathspec

from quarantine.errors import ProtectionError, nearest
from quarantine.facts import Fact
from quarantine.project_tests import Kind, ProjectTests
from quarantine.requirement_pins import is_requirements_file
from quarantine.tree import Tree

FILE: Final = "protected.toml"

Action = Literal["escalate", "review", "extend", "merge"]
_ACTIONS: Final[tuple[Action, ...]] = ("escalate", "review", "extend", "merge")
"""Strictest first."""
_KEYS: Final = ("paths", "reason", "action", "notify")


class Rule(Fact):
    """Paths that are not healer's alone to change, and why."""

    paths: tuple[str, ...]
    """gitignore patterns."""
    reason: str
    action: Action = "escalate"
    """escalate: no draft at all · review: a draft may wait for a person · extend: files may be
    added, existing ones not changed · merge: as review, but a pin of a package that is proved may
    merge by itself."""
    notify: tuple[str, ...] = ()
    """E-mail addresses, besides the configured ones."""


_ALWAYS: Final = (
    Rule(
        paths=("/protected.toml", "/healer.toml", ".git*", "/CODEOWNERS", "/docs/CODEOWNERS"),
        reason="the rules of repair and git's own settings are changed by people",
    ),
    Rule(
        paths=(
            "/.ci/", "/.circleci/", "/.buildkite/", "/.woodpecker/", "/.forgejo/", "/.gitea/",
            "/.semaphore/", "/.teamcity/", "/.azure-pipelines/", ".travis.yml", ".appveyor.yml",
            "appveyor.yml", ".drone.yml", ".woodpecker.yml", ".cirrus.yml", ".cirrus.star",
            "azure-pipelines*.yml", "bitbucket-pipelines.yml", "buildspec.yml",
            "cloudbuild.yaml", "Jenkinsfile*", ".pre-commit-config.yaml", "Dockerfile*",
            "*.Dockerfile", "Containerfile*", "docker-compose*.y*ml", "compose*.y*ml",
            ".dockerignore",
        ),
        reason="CI and deployment definitions are changed by people",
    ),
    Rule(
        paths=(
            "conftest.py", "pytest.ini", ".pytest.ini", "pytest.toml", ".pytest.toml", "tox.ini",
            "tox.toml", "setup.cfg", "pyproject.toml", ".coveragerc", ".coveragerc.toml",
            "ruff.toml", ".ruff.toml", "noxfile.py", "mypy.ini", ".mypy.ini", ".flake8",
            ".pylintrc", "pylintrc", "sitecustomize.py", "usercustomize.py", "*.pth",
            "*.dist-info/", "*.egg-info/",
        ),
        reason="it decides which tests and checks run, and how",
    ),
)  # fmt: skip
_OF_TESTS: Final[Mapping[Kind, Rule]] = {
    "support": Rule(paths=(), reason="what tests are built on is changed by people"),
    "test": Rule(
        paths=(),
        reason="existing tests are the measure of a repair, not its subject",
        action="extend",
    ),
}
"""The paths of these are what `project_tests` says."""


class Files(Protocol):
    """Read-only sight of a commit's files: a `Tree`."""

    commit: str

    def entry(self, path: str) -> object | None:
        """Something where the path exists and is not a folder."""

    def read(self, path: str) -> bytes | None:
        """The file's bytes, or None where there is no regular file."""


class Protection:
    """The rules of one commit."""

    def __init__(self, rules: Iterable[Rule], tests: ProjectTests) -> None:
        """`load` is the way to the rules of a commit."""
        self._tests = tests
        self._compiled = tuple((rule, _spec(rule.paths)) for rule in (*_ALWAYS, *rules))

    @classmethod
    def load(cls, tree: Files) -> Self:
        """The rules that hold for repairs of `tree`; ProtectionError when they cannot be read."""
        tests = ProjectTests.load(tree)
        content = tree.read(FILE)
        if content is None:
            if tree.entry(FILE) is not None:
                raise ProtectionError(
                    f"{FILE} at {tree.commit[:12]} is no regular file; make it one."
                )
            return cls((), tests)
        where = f"{FILE} at commit {tree.commit[:12]}"
        return cls(parse(content, where), tests)

    def match(self, path: str, *, exists: bool) -> Rule | None:
        """The strictest rule that covers the path, with every covering rule's `notify`; or None.

        `exists`: the path is in the base commit. A new file is free under `extend`.
        """
        rules = [rule for rule, spec in self._compiled if spec.match_file(path)]
        if kind := self._tests.kind_of(path):
            rules.append(_OF_TESTS[kind])
        rules = [rule for rule in rules if exists or rule.action != "extend"]
        if not rules:
            return None
        strictest = min(rules, key=lambda rule: _ACTIONS.index(rule.action))
        notify = tuple(dict.fromkeys(address for rule in rules for address in rule.notify))
        return strictest.model_copy(update={"notify": notify})

    def list_covered(self, paths: Iterable[str]) -> tuple[str, ...]:
        """Those of the existing paths that some rule covers, sorted: no draft may change them."""
        all_paths = tuple(paths)
        matches = {path for path in all_paths if self._tests.is_test_code(path)}
        for _, spec in self._compiled:
            matches.update(spec.match_files(all_paths))
        return tuple(sorted(matches))


def list_protected(tree: Tree) -> tuple[str, ...]:
    """The paths of a tree that no draft may change, sorted."""
    return Protection.load(tree).list_covered(tree.paths())


def list_open_to_pins(base: Tree) -> tuple[str, ...]:
    """The requirements files in which a pin that is proved may merge by itself: `merge` is the
    strictest that is said of them."""
    protection = Protection.load(base)
    files = (path for path in sorted(base.paths()) if is_requirements_file(path))
    matches = ((path, protection.match(path, exists=True)) for path in files)
    return tuple(path for path, rule in matches if rule and rule.action == "merge")


def match_protected(paths: Iterable[str], base: Files) -> list[tuple[str, Rule]]:
    """Those of these paths that only a person may change or add, with the rule that says so."""
    protection = Protection.load(base)
    matches = ((p, protection.match(p, exists=base.entry(p) is not None)) for p in sorted(paths))
    return [(path, rule) for path, rule in matches if rule is not None]


def parse(content: bytes, where: str = FILE) -> tuple[Rule, ...]:
    """The rules of a protected.toml; ProtectionError names key, value and what is allowed."""
    try:
        document = tomllib.loads(content.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise ProtectionError(
            f"{where} is not UTF-8 (byte {error.start}); save it as such."
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise ProtectionError(f"{where} has a syntax error: {error}.") from None
    except RecursionError:
        raise ProtectionError(f"{where} is nested too deeply; it needs one level.") from None
    for key in document:
        if key != "protect":
            raise ProtectionError(f"{where}: unknown key {key!r}; {nearest(key, ['protect'])}")
    tables = document.get("protect", [])
    if not isinstance(tables, list) or not all(isinstance(each, dict) for each in tables):
        raise ProtectionError(f"{where}: 'protect' must be tables, each headed [[protect]].")
    return tuple(_rule(table, f"{where}, [[protect]] {n}") for n, table in enumerate(tables, 1))


def _rule(table: Mapping[str, Any], where: str) -> Rule:
    for key in table:
        if key not in _KEYS:
            raise ProtectionError(f"{where}: unknown key {key!r}; {nearest(key, _KEYS)}")
    paths = _strings(table, "paths", where)
    if not paths:
        raise ProtectionError(f"{where}: 'paths' is missing or empty; give gitignore patterns.")
    for pattern in paths:
        _check_pattern(pattern, where)
    action = table.get("action", "escalate")
    if action not in _ACTIONS:
        raise ProtectionError(
            f"{where}: action = {action!r} is not known; {nearest(str(action), _ACTIONS)}"
        )
    reason = table.get("reason", "protected.toml covers it")
    if not isinstance(reason, str):
        raise ProtectionError(f"{where}: reason = {reason!r} must be a string.")
    notify = _strings(table, "notify", where)
    for address in notify:
        if not _is_address(address):
            raise ProtectionError(
                f"{where}: notify = {address!r} is no e-mail address; write it like a@example.com."
            )
    return Rule(paths=paths, reason=" ".join(reason.split()), action=action, notify=notify)


def _strings(table: Mapping[str, Any], key: str, where: str) -> tuple[str, ...]:
    value = table.get(key, [])
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise ProtectionError(f"{where}: {key} = {value!r} must be a list of strings.")
    return tuple(value)


def _check_pattern(pattern: str, where: str) -> None:
    if not pattern.strip() or pattern.startswith("#") or "\n" in pattern or "\0" in pattern:
        raise ProtectionError(f"{where}: paths = {pattern!r} protects nothing; give a pattern.")
    if any("**" in part and part != "**" for part in pattern.removeprefix("!").split("/")):
        # git means a single `*` by it, though in some places not; people mean "at any depth"
        raise ProtectionError(
            f"{where}: paths = {pattern!r} is ambiguous; write ** between slashes, as in a/**/*.py."
        )
    try:
        _spec((pattern,))
    except (ValueError, re.error) as error:
        raise ProtectionError(f"{where}: paths = {pattern!r} is no pattern: {error}.") from None


def _is_address(address: str) -> bool:
    local, at, domain = address.rpartition("@")
    plain = address.isprintable() and not any(each in address for each in ' ,;<>()"')
    return bool(local and at and domain) and plain


def _spec(patterns: Iterable[str]) -> pathspec.GitIgnoreSpec:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # re's, about odd character classes
        return pathspec.GitIgnoreSpec.from_lines(patterns)
