"""docs/reference.md holds what the command line and the settings are."""

from healer.cli import COMMANDS
from healer.config import Config
from scripts.reference import write_reference
from tests.docs.fences import ROOT

PAGE = write_reference()


def test_the_page_is_as_the_code_is() -> None:
    on_disk = (ROOT / "docs/reference.md").read_text()
    assert on_disk == PAGE, "run: python -m scripts.reference > docs/reference.md"


def test_every_command_and_key_is_on_it() -> None:
    for name in COMMANDS:
        assert f"### healer {name}\n" in PAGE
    for name, field in Config.model_fields.items():
        key = field.alias or name
        assert any(form in PAGE for form in (f"`{key}`", f"[{key}]", f"[[{key}]]")), key


def test_what_a_key_means_and_its_default_stand_beside_it() -> None:
    assert '| `target` | `"main"` | The branch that fixes are merged into. |' in PAGE
    assert "| `memory_mb` | `512` |" in PAGE
    assert "| `--no-merge` |" in PAGE
