"""The kernel's count of processes that it killed for memory."""

from pathlib import Path

import pytest

from sandbox.inside.supervisor import cgroup

VERSION_2 = "low 0\nhigh 0\nmax 12\noom 3\noom_kill 2\noom_group_kill 0\n"
VERSION_1 = "oom_kill_disable 0\nunder_oom 0\noom_kill 7\n"


@pytest.mark.parametrize(
    ("texts", "kills"),
    [
        ((VERSION_2, None), 2),
        ((None, VERSION_1), 7),
        ((VERSION_2, VERSION_1), 2),
        ((None, None), 0),
        (("low 0\n", VERSION_1), 7),
        (("oom_kill many\n", VERSION_1), 7),
        (("", ""), 0),
    ],
)
def test_the_first_counter_that_is_there_is_read(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    texts: tuple[str | None, str | None],
    kills: int,
) -> None:
    paths = tuple(str(tmp_path / f"counter{number}") for number in range(2))
    for path, text in zip(paths, texts, strict=True):
        if text is not None:
            Path(path).write_text(text)
    monkeypatch.setattr(cgroup, "_COUNTERS", paths)
    assert cgroup.oom_kills() == kills
