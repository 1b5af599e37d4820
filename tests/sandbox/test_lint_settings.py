"""The project's lint settings keep what they say, and select our rules where they select none."""

import tomllib

import pytest

from sandbox.lint_settings import select_rules


@pytest.mark.parametrize(
    ("settings", "selected"),
    [
        ("", ["F"]),
        ("line-length = 80\n", ["F"]),
        ('[lint]\nignore = ["F401"]\n', ["F"]),
        ('line-length = 80\n[lint]\nignore = ["F401"]\n[format]\nindent-width = 2\n', ["F"]),
        ("[lint.pycodestyle]\nmax-line-length = 80\n", ["F"]),
        ('lint.ignore = ["F401"]\n', ["F"]),
        ('[lint]\nselect = ["E"]\n', ["E"]),
        ('lint.select = ["E"]\n', ["E"]),
        ('select = ["E"]\n', None),
    ],
)
def test_our_rules_are_selected_unless_the_project_selects_its_own(
    settings: str, selected: list[str] | None
) -> None:
    table = tomllib.loads(select_rules(settings, ["F"]))
    assert table.get("lint", {}).get("select") == selected
    before = tomllib.loads(settings)
    assert {key: table[key] for key in before if key != "lint"} == {
        key: value for key, value in before.items() if key != "lint"
    }
    assert table.get("lint", {}).get("ignore") == before.get("lint", {}).get("ignore")


@pytest.mark.parametrize("settings", ["this is not toml", "a = [", "[lint\n"])
def test_settings_that_are_no_toml_are_left_for_ruff_to_complain_of(settings: str) -> None:
    assert select_rules(settings, ["F"]) == settings
