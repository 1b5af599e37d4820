"""An image layer: links, folders, modes, order."""

import io
import tarfile
from pathlib import Path

import pytest

from sandbox.layer import Layer, relocate


def members_of(layer: Layer) -> dict[str, tarfile.TarInfo]:
    out = io.BytesIO()
    layer.write(out)
    out.seek(0)
    with tarfile.open(fileobj=out) as archive:
        return {member.name: member for member in archive}


def test_a_layer_takes_links_along_and_moves_what_a_mount_would_hide(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "file").write_text("x")
    (tmp_path / "link").symlink_to("real")
    layer = Layer()
    layer.add_path(tmp_path / "link" / "file")
    layer.add_folder("/job", world_writable=True)
    out = io.BytesIO()
    layer.write(out)
    out.seek(0)
    with tarfile.open(fileobj=out) as archive:
        members = {member.name: member for member in archive}
    inside = relocate(tmp_path).lstrip("/")
    assert inside.startswith("opt/tmp/")
    assert members[f"{inside}/link"].linkname == "real"
    assert members[f"{inside}/real/file"].size == 1
    assert members["job"].mode == 0o1777
    assert all(member.uid == 0 for member in members.values())


def test_one_layer_is_the_same_bytes_each_time(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x")
    written = []
    for _ in range(2):
        layer = Layer()
        layer.add_file(tmp_path / "a", "/x/a")
        layer.add_bytes("/etc/passwd", b"root")
        out = io.BytesIO()
        layer.write(out)
        written.append(out.getvalue())
    assert written[0] == written[1]


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("/usr/lib/a.so", "/usr/lib/a.so"),
        ("/tmp/a", "/opt/tmp/a"),
        ("/job/a", "/opt/job/a"),
        ("/dev/shm/a", "/opt/dev/shm/a"),
        ("/run/a", "/opt/run/a"),
        ("/tmpfiles/a", "/tmpfiles/a"),
        ("/usr/tmp/a", "/usr/tmp/a"),
        ("../tmp/a", "../tmp/a"),
    ],
)
def test_what_a_mount_would_hide_stands_elsewhere(path: str, place: str) -> None:
    assert relocate(path) == relocate(Path(path)) == place


def test_every_folder_on_the_way_is_there_once_and_readable(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x")
    layer = Layer()
    layer.add_file(tmp_path / "a", "/srv/deep/down/a")
    layer.add_bytes("/srv/deep/b", b"y")
    members = members_of(layer)
    folders = {name: member.mode for name, member in members.items() if member.isdir()}
    assert folders == {"srv": 0o755, "srv/deep": 0o755, "srv/deep/down": 0o755}


@pytest.mark.parametrize(("mode", "inside"), [(0o700, 0o755), (0o644, 0o644), (0o600, 0o644)])
def test_all_may_read_and_run_what_the_owner_may(tmp_path: Path, mode: int, inside: int) -> None:
    (tmp_path / "a").write_text("x")
    (tmp_path / "a").chmod(mode)
    layer = Layer()
    layer.add_file(tmp_path / "a", "/srv/a")
    assert members_of(layer)["srv/a"].mode == inside


def test_a_file_wins_over_a_link_of_its_name(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x")
    layer = Layer()
    layer.add_link("/srv/a", "/elsewhere")
    layer.add_file(tmp_path / "a", "/srv/a")
    layer.add_link("/srv/a", "/elsewhere")
    assert members_of(layer)["srv/a"].isreg()


def test_the_first_link_of_a_name_stays() -> None:
    layer = Layer()
    layer.add_link("/srv/a", "/one")
    layer.add_link("/srv/a", "/two")
    assert members_of(layer)["srv/a"].linkname == "/one"


@pytest.mark.parametrize("kind", ["missing", "folder", "link"])
def test_what_cannot_be_read_any_more_is_left_out(tmp_path: Path, kind: str) -> None:
    source = tmp_path / "a"
    if kind == "folder":
        source.mkdir()
    elif kind == "link":
        source.symlink_to("nowhere")
    layer = Layer()
    layer.add_file(source, "/srv/a")
    assert "srv/a" not in members_of(layer)


def test_links_in_a_circle_are_an_error(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(OSError, match="too many links"):
        Layer().add_path(tmp_path / "a")
