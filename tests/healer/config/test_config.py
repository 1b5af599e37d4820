"""healer.toml: defaults that work, and every mistake named with key, value and next step."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healer.config import Config, ConfigError, load, parse, seconds
from healer.config.template import PROTECTED, healer_toml, script_globs
from quarantine.project_tests import ProjectTests


def test_no_file_gives_the_defaults() -> None:
    assert load(lambda _: None) == Config()


def test_pyproject_is_read_where_there_is_no_healer_toml() -> None:
    files = {"pyproject.toml": b'[tool.healer]\ntarget = "trunk"\n'}
    assert load(files.get).target == "trunk"


def test_healer_toml_wins_over_pyproject() -> None:
    files = {
        "healer.toml": b'target = "one"\n',
        "pyproject.toml": b'[tool.healer]\ntarget = "two"\n',
    }
    assert load(files.get).target == "one"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("targt = 'main'", ("targt", "did you mean target?")),
        ("[watch]\ncooldown = 3", ("watch.cooldown", "did you mean watch.cooldown_s?")),
        ("[[job]]\nscript = 'a.py'\nevry = '1h'", ("job[0].evry", "did you mean")),
        ("autonomy = 'merg'", ("autonomy", "'merg'", "'merge', 'review', 'suggest' or 'off'")),
        ("[sandbox]\nmemory_mb = 3", ("sandbox.memory_mb", "3", "64")),
        ("[[job]]\nscript = 'a.py'\nevery = '15 min'", ("job[0].every", "15 min", '"15m"')),
        ("[tests]\ncommand = 'pytest'", ("tests.command", "pytest")),
        ("target = ", ("not valid TOML",)),
        ("[mail]\nsmtp = 'localhost'", ("mail.smtp", "localhost", "smtp://")),
    ],
)
def test_a_mistake_names_key_value_and_what_is_allowed(text: str, says: tuple[str, ...]) -> None:
    with pytest.raises(ConfigError) as error:
        parse(text.encode(), "healer.toml")
    for part in ("healer.toml", *says):
        assert part in str(error.value)


def test_bytes_that_are_not_utf8_are_named() -> None:
    with pytest.raises(ConfigError, match="not UTF-8"):
        parse(b"target = '\xff'", "healer.toml")


@given(st.binary(max_size=200))
def test_any_bytes_give_a_config_or_our_error(data: bytes) -> None:
    try:
        assert isinstance(parse(data, "healer.toml"), Config)
    except ConfigError as error:
        assert str(error).startswith("healer.toml: ")


@pytest.mark.parametrize(
    ("text", "value"), [("90s", 90), ("15m", 900), ("2h", 7200), ("1d", 86400)]
)
def test_durations_are_seconds(text: str, value: float) -> None:
    assert seconds(text) == value


def test_settings_of_a_job_stand_over_the_general_ones() -> None:
    config = parse(b"[[job]]\nscript = 'a.py'\nautonomy = 'review'\n", "healer.toml")
    assert (config.autonomy_of("a.py"), config.autonomy_of("b.py")) == ("review", "merge")


def test_the_template_is_a_valid_configuration_with_nothing_changed() -> None:
    config = parse(healer_toml("trunk", ("jobs/**/*.py",)).encode(), "healer.toml")
    assert config == Config(target="trunk", scripts=("jobs/**/*.py",))


def test_every_commented_line_of_the_template_is_valid_too() -> None:
    lines = healer_toml("trunk", ()).splitlines()
    live = "\n".join(
        line.removeprefix("# ") if "=" in line or "# [" in line else "" for line in lines
    )
    assert parse(live.encode(), "healer.toml").job[0].every == "15m"
    assert PROTECTED.startswith("#")


def test_scripts_are_found_outside_of_packages_and_tests() -> None:
    paths = ["app/__init__.py", "app/x.py", "jobs/a.py", "tests/test_a.py", "top.py", "setup.cfg"]
    assert script_globs(paths, ProjectTests()) == ("*.py", "jobs/**/*.py")
