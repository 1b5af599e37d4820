"""How an endpoint wants to be asked is known after a restart; a spoilt file is done without."""

from pathlib import Path

import pytest

from healer.draft.llm.endpoint.dialect import Dialect
from healer.draft.llm.endpoint.dialect_memory import DialectMemory
from healer.draft.llm.endpoint.settings import Endpoint

ENDPOINT = Endpoint(
    name="m", model="m", base_url="http://a/v1/", api_key="k", timeout_s=1, tries=1,
    max_output_tokens=1,
)  # fmt: skip
OLD = Dialect("fence", stream=True, tokens_key="max_tokens")


def test_what_worked_is_known_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "state" / "endpoints.json"
    DialectMemory(path).remember(ENDPOINT, OLD)
    assert DialectMemory(path).recall(ENDPOINT) == OLD
    same = ENDPOINT.model_copy(update={"base_url": "http://a/v1"})
    assert DialectMemory(path).recall(same) == OLD
    other = ENDPOINT.model_copy(update={"model": "n"})
    assert DialectMemory(path).recall(other) == Dialect()


def test_the_file_of_an_earlier_version_is_read(tmp_path: Path) -> None:
    path = tmp_path / "endpoints.json"
    path.write_text(
        '{"http://a/v1 m": {"format": "json", "stream": false, "tokens_key": "max_tokens"}}'
    )
    assert DialectMemory(path).recall(ENDPOINT) == Dialect("json", tokens_key="max_tokens")


@pytest.mark.parametrize(
    "spoilt",
    ["", "[]", "{", '{"http://a/v1 m": 3}', '{"http://a/v1 m": {"format": "yaml"}}',
     '{"http://a/v1 m": {"tokens_key": "n"}}', '{"http://a/v1 m": {"stream": []}}'],
)  # fmt: skip
def test_a_spoilt_file_is_forgotten_and_written_anew(tmp_path: Path, spoilt: str) -> None:
    path = tmp_path / "endpoints.json"
    path.write_text(spoilt)
    memory = DialectMemory(path)
    assert memory.recall(ENDPOINT) == Dialect()
    memory.remember(ENDPOINT, OLD)
    assert DialectMemory(path).recall(ENDPOINT) == OLD


def test_a_file_that_cannot_be_written_is_done_without(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file where the folder should be")
    memory = DialectMemory(tmp_path / "state" / "endpoints.json")
    memory.remember(ENDPOINT, OLD)
    assert memory.recall(ENDPOINT) == OLD


def test_what_is_learnt_of_edits_stays_whatever_else_is_learnt(tmp_path: Path) -> None:
    path = tmp_path / "endpoints.json"
    memory = DialectMemory(path)
    patched = memory.learn_edits(ENDPOINT, lambda habit: habit.after_hit("json", "patch"))
    memory.remember(ENDPOINT, OLD)
    memory.remember(ENDPOINT, Dialect())
    assert DialectMemory(path).recall(ENDPOINT) == Dialect(edits=patched)
    assert patched.good_form == "patch"


def test_a_form_that_is_not_known_is_forgotten(tmp_path: Path) -> None:
    path = tmp_path / "endpoints.json"
    path.write_text('{"http://a/v1 m": {"edits": {"form": "yaml"}}}')
    assert DialectMemory(path).recall(ENDPOINT) == Dialect()
