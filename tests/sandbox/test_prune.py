"""What `healer sandbox prune` removes, of an engine that answers from a table."""

import os
from pathlib import Path
from typing import Any

import pytest

from sandbox.image import ORIGIN_LABEL
from sandbox.prune import (
    KEPT_IMAGES,
    KEPT_ORIGINS,
    BuiltImage,
    Images,
    choose_outdated,
    measure_images,
    prune,
)
from tests.support.docker_api import docker_api
from tests.support.forked import run_forked

NOBODY = 65534

DEAD = {"Id": "dead", "Labels": {"healer": "1", "healer.deadline": "1"}}
LIVING = {"Id": "living", "Labels": {"healer": "1", "healer.deadline": "99999999999"}}


def image(number: int) -> dict[str, Any]:
    return {"Id": f"sha256:{number}", "Created": number}


def engine(**answers: Any) -> dict[str, Any]:
    return {"GET /containers/json": [], "GET /images/json": []} | answers


@pytest.mark.parametrize("count", [0, 1, KEPT_IMAGES, KEPT_IMAGES + 1, KEPT_IMAGES + 3])
def test_the_newest_images_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    images = [image(number) for number in range(count)]
    with docker_api(tmp_path, **engine(**{"GET /images/json": images})) as api:
        monkeypatch.setenv("DOCKER_HOST", api.url)
        pruned = prune()
    old = [f"/images/sha256:{number}" for number in reversed(range(count - KEPT_IMAGES))]
    assert api.asked("DELETE") == old
    assert (pruned.images, pruned.containers) == (len(old), 0)


def test_of_each_interpreter_that_is_still_there_the_newest_image_stays() -> None:
    origins = ["", "", "/bin/sh", "/gone", "/bin/sh", "/bin/cat"]
    images = [BuiltImage(str(number), origin) for number, origin in enumerate(origins)]
    assert [each.id for each in choose_outdated(images)] == ["3", "4"]


def choose_as_a_stranger(hidden: str) -> None:
    if os.geteuid() == 0:
        os.setgid(NOBODY)
        os.setuid(NOBODY)
    images = [BuiltImage(str(number), hidden if number == 3 else "") for number in range(5)]
    assert [each.id for each in choose_outdated(images)] == ["2", "4"]


def test_the_image_of_an_interpreter_that_only_another_user_sees_stays(tmp_path: Path) -> None:
    """A daemon in a container meets the images of whoever shares its engine."""
    (tmp_path / "private").mkdir()
    (tmp_path / "private").chmod(0)
    _, code = run_forked(choose_as_a_stranger, str(tmp_path / "private" / "python"))
    assert code == 0


def test_interpreters_without_end_do_not_keep_images_without_end() -> None:
    files = sorted(path for path in Path("/usr/bin").iterdir() if path.exists())
    images = [BuiltImage(str(path), str(path)) for path in files[: KEPT_ORIGINS + 5]]
    assert len(choose_outdated(images)) == 5


def test_the_interpreter_of_an_image_is_read_from_its_label(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    labels = [{ORIGIN_LABEL: "/gone"}, {ORIGIN_LABEL: "/bin/sh"}, None, None]
    images = [{**image(number), "Labels": each} for number, each in enumerate(labels)]
    with docker_api(tmp_path, **engine(**{"GET /images/json": images})) as api:
        monkeypatch.setenv("DOCKER_HOST", api.url)
        prune()
    assert api.asked("DELETE") == ["/images/sha256:0"]


def test_an_image_in_use_stays_and_is_not_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = {"GET /images/json": [image(n) for n in range(4)], "DELETE /images/sha256:0": 409}
    with docker_api(tmp_path, **engine(**answers)) as api:
        monkeypatch.setenv("DOCKER_HOST", api.url)
        assert prune().images == 1


def test_young_images_stay_where_it_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with docker_api(
        tmp_path, **engine(**{"GET /images/json": [image(n) for n in range(5)]})
    ) as api:
        monkeypatch.setenv("DOCKER_HOST", api.url)
        assert prune(images_before=1).images == 2
    assert api.asked("DELETE") == ["/images/sha256:1", "/images/sha256:0"]


def test_a_container_past_its_deadline_goes_and_another_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with docker_api(tmp_path, **engine(**{"GET /containers/json": [DEAD, LIVING]})) as api:
        monkeypatch.setenv("DOCKER_HOST", api.url)
        assert prune().containers == 1
    assert api.asked("DELETE") == ["/containers/dead"]


def test_what_images_take_is_measured_and_nothing_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    images = [{**image(number), "Size": 100 + number} for number in range(KEPT_IMAGES + 2)]
    with docker_api(tmp_path, **engine(**{"GET /images/json": images})) as api:
        monkeypatch.setenv("DOCKER_HOST", api.url)
        facts = measure_images()
    assert facts == Images(count=4, size_bytes=406, outdated=2, outdated_bytes=201)
    assert api.asked("DELETE") == []
