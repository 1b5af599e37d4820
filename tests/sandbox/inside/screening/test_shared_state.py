"""What one test leaves behind for the next is noticed, or it is said that it cannot be."""

import random
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from sandbox.inside.screening.shared_state import SharedState


def share(**names: Any) -> tuple[ModuleType, SharedState]:
    module = ModuleType("job")
    module.__dict__.update(names)
    return module, SharedState([module], [])


def test_changed_data_of_a_module_is_noticed() -> None:
    module, state = share(rows=[1, 2], name="x")
    assert state.is_comparable
    assert state.is_unchanged()
    module.__dict__["rows"].append(3)
    assert not state.is_unchanged()


def test_a_new_name_of_a_module_is_noticed() -> None:
    module, state = share()
    module.__dict__["cache"] = {}
    assert not state.is_unchanged()


def test_a_changed_default_value_is_noticed() -> None:
    def collect(found: list[int] = []) -> None:  # noqa: B006 - the trap itself
        found.append(1)

    _, state = share(collect=collect)
    collect()
    assert not state.is_unchanged()


def test_what_hangs_on_a_function_is_noticed() -> None:
    def cached() -> None: ...

    _, state = share(cached=cached)
    cached.calls = 1  # type: ignore[attr-defined]  # as programs do
    assert not state.is_unchanged()


def test_a_changed_value_of_a_class_is_noticed_and_one_of_a_foreign_class_is_not() -> None:
    own_rows: list[int] = []
    foreign_rows: list[int] = []
    own = type("Own", (), {"rows": own_rows, "__module__": "job"})
    foreign = type("Foreign", (), {"rows": foreign_rows, "__module__": "other"})
    _, state = share(Own=own, Foreign=foreign)
    foreign_rows.append(1)
    assert state.is_unchanged()
    own_rows.append(1)
    assert not state.is_unchanged()


@pytest.mark.parametrize("name", ["__doc__", "helper"])
def test_what_no_test_can_see_changed_is_not_looked_at(name: str) -> None:
    module, state = share()
    module.__dict__[name] = ModuleType("helper")
    assert state.is_unchanged()


def test_the_folder_and_the_environment_count(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    _, state = share()
    monkeypatch.setenv("MODE", "test")
    assert not state.is_unchanged()
    monkeypatch.delenv("MODE")
    assert state.is_unchanged()
    monkeypatch.chdir(tmp_path)
    assert not state.is_unchanged()


@pytest.mark.parametrize("value", [(n for n in ()), lambda: None, "x" * 300_000])
def test_what_cannot_be_compared_is_said(value: object) -> None:
    assert share(handle=[value])[1].is_comparable is False


def test_parameters_are_given_as_copies() -> None:
    rows = [3, 1]
    item = SimpleNamespace(callspec=SimpleNamespace(params={"rows": rows}))
    state = SharedState([], [item, SimpleNamespace()])
    state.reset_parameters()
    item.callspec.params["rows"].sort()
    assert rows == [3, 1]
    assert state.is_unchanged()


def test_each_run_begins_with_the_same_chance() -> None:
    _, state = share()
    state.reset_parameters()
    first = random.random()
    state.reset_parameters()
    assert random.random() == first
