"""What a file system gives away or takes is told, and the attempt leaves nothing behind."""

from pathlib import Path

import pytest

from sandbox.inside.attempts import files
from tests.sandbox.inside.attempts.in_child import run_code

MIB = 1 << 20


def test_a_folder_without_a_limit_is_filled_and_emptied_again(tmp_path: Path) -> None:
    (tmp_path / "other").write_text("x")
    assert files._fill(str(tmp_path), 2 * MIB) == f"{2 * MIB} bytes were written to {tmp_path}"
    assert [path.name for path in tmp_path.iterdir()] == ["other"]


def test_a_folder_that_takes_no_more_holds(tmp_path: Path) -> None:
    code = "import resource\nfrom attempts import files\n"
    code += f"resource.setrlimit(resource.RLIMIT_FSIZE, ({MIB}, {MIB}))\n"
    code += f"print(files._fill({str(tmp_path)!r}, {4 * MIB}), end='')"
    assert run_code(code) == ""
    assert list(tmp_path.iterdir()) == []


def test_another_trouble_than_a_full_disk_is_told(tmp_path: Path) -> None:
    (tmp_path / "fill0").symlink_to("fill0")
    assert "symbolic links" in files._fill(str(tmp_path), MIB)


def test_all_files_below_a_folder_are_found(tmp_path: Path) -> None:
    for name in ("a", "b/c", "b/d/e"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert sorted(files._below(str(tmp_path))) == [str(tmp_path / n) for n in ("a", "b/c", "b/d/e")]
    assert files._below(str(tmp_path / "missing")) == []


def test_what_is_missing_is_on_no_device(tmp_path: Path) -> None:
    device = tmp_path.stat().st_dev
    assert files._same_device(str(tmp_path), device)
    assert not files._same_device(str(tmp_path), device + 1)
    assert not files._same_device(str(tmp_path / "missing"), device)


def test_only_a_folder_counts_as_a_mount_that_is_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert files._is_writable_folder(str(tmp_path))
    assert not files._is_writable_folder(str(tmp_path / "file"))
    assert not files._is_writable_folder(str(tmp_path / "missing"))


MOUNT = "36 25 0:32 / {place} {options} - tmpfs tmpfs rw"


@pytest.mark.parametrize(
    ("mounts", "result"),
    [
        ([], ""),
        ([("/", "ro,relatime")], ""),
        ([("/job", "rw,nosuid,nodev"), ("/dev/shm", "rw,nosuid,nodev,noexec")], ""),
        ([("{here}", "rw,relatime")], "{here} is mounted for writing"),
        ([("{here}", "ro,relatime")], ""),
        ([("{here}/absent", "rw,relatime")], ""),
        ([("/job", "rw,nodev")], "/job honours setuid or devices"),
        ([("/tmp", "rw,nosuid")], "/tmp honours setuid or devices"),
        ([("/", "ro"), ("{here}", "nosuid,rw")], "{here} is mounted for writing"),
    ],
)
def test_a_mount_that_gives_more_than_agreed_is_told(
    tmp_path: Path, mounts: list[tuple[str, str]], result: str
) -> None:
    rows = [MOUNT.format(place=place, options=options) for place, options in mounts]
    found = files.find_loose_mount([row.format(here=tmp_path) for row in rows])
    assert found == result.format(here=tmp_path)


@pytest.mark.parametrize(
    ("names", "usual", "result"),
    [
        ([], set(), ""),
        (["tree"], {"tree"}, ""),
        (["home", "probe"], {"home"}, ""),
        (["home", "key"], {"home"}, "['key']"),
        (["d", "c", "b", "a"], set(), "['a', 'b', 'c']"),
    ],
)
def test_what_another_job_left_is_told(
    tmp_path: Path, names: list[str], usual: set[str], result: str
) -> None:
    for name in names:
        (tmp_path / name).touch()
    told = files.find_unusual({str(tmp_path): usual})
    assert told == (f"{tmp_path} holds {result}" if result else "")


@pytest.mark.parametrize(
    ("mode", "is_told"), [(0o755, False), (0o4755, True), (0o2755, True), (0o4600, True)]
)
def test_a_program_that_runs_as_its_owner_is_found(
    tmp_path: Path, mode: int, is_told: bool
) -> None:
    program = tmp_path / "bin" / "raise"
    program.parent.mkdir()
    program.touch()
    program.chmod(mode)
    assert files.find_setuid(str(tmp_path)) == (str(program) if is_told else "")
