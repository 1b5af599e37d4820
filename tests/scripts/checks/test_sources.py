"""Which files are looked at, and to which part of the tree each is counted."""

from pathlib import Path

import pytest

from scripts.checks.sources import package_of, sources


@pytest.mark.parametrize(
    ("path", "package"),
    [
        ("healer/judge/verdict.py", "healer.judge"),
        ("healer/judge/deep/down.py", "healer.judge"),
        ("healer/__main__.py", "healer"),
        ("healer/draft/from_memory.py", "healer.draft"),
        ("healer/draft/rules/names/calls.py", "healer.draft.rules"),
        ("sandbox/job.py", "sandbox"),
        ("sandbox/inside/attempts/files.py", "sandbox.inside"),
        ("quarantine/policy/flow.py", "quarantine.policy"),
        ("tests/healer/judge/test_verdict.py", "tests"),
        ("pyproject.toml", "."),
    ],
)
def test_a_file_is_counted_to_its_package(path: str, package: str) -> None:
    assert package_of(path) == package


def test_the_examples_broken_repository_is_not_ours_to_clean(tmp_path: Path) -> None:
    for name in ("examples/demo.py", "examples/shop/broken.py", "healer/a.py", "healer/b/c.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x = 1\n")
    paths = [source.path for source in sources("healer", "examples", root=tmp_path)]
    assert paths == ["healer/a.py", "healer/b/c.py", "examples/demo.py"]
