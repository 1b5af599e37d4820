"""What `healer init` writes is a valid configuration, commented or not."""

import re
import tomllib

import pytest

from healer.config import Config, parse
from healer.config.template import PROTECTED, format_healer_toml, format_protected_toml
from healer.survey.facts import Dependencies, Guard, Job, Suite, Survey


def found(target: str, globs: tuple[str, ...] = (), command: tuple[str, ...] = ()) -> Survey:
    job = Job("jobs/a.py", ("python", "jobs/a.py", 'the "b"'), "10 2 * * *", "ops/crontab")
    return Survey(
        target=target, globs=globs, programs=(), jobs=(job,) if command else (),
        suite=Suite(command, "tox.ini", 1), dependencies=Dependencies((), "", ()),
        guards=(Guard(("a/**", 'b "c".py'), "money is looked at by people", "review"),), owners="",
    )  # fmt: skip


def test_what_was_found_is_written_so_that_it_can_be_read() -> None:
    config = parse(format_healer_toml(found("main", (), ("make", "test"))).encode(), "healer.toml")
    assert config.tests.command == ("make", "test")
    assert config.job == ()
    (entry,) = tomllib.loads(format_protected_toml(found("main")))["protect"]
    assert entry["paths"] == ["a/**", 'b "c".py']


def test_a_job_that_was_found_is_right_once_its_marks_are_taken_away() -> None:
    text = format_healer_toml(found("main", (), ("make", "test")))
    job = text[text.rindex("# [[job]]") :].replace("# ", "", 1).replace("\n# ", "\n")
    config = parse(job.encode(), "healer.toml").job[0]
    assert (config.script, config.command[-1]) == ("jobs/a.py", 'the "b"')
    assert (config.schedule, config.started_by) == ("10 2 * * *", "cron")


def test_the_template_is_a_valid_configuration_with_nothing_changed() -> None:
    config = parse(format_healer_toml(found("trunk", ("jobs/**/*.py",))).encode(), "healer.toml")
    assert config == Config(target="trunk", scripts=("jobs/**/*.py",))


def test_every_commented_line_of_the_template_is_valid_too() -> None:
    lines = format_healer_toml(found("trunk")).splitlines()
    live = "\n".join(
        line.removeprefix("# ") if "=" in line or "# [" in line else "" for line in lines
    )
    assert parse(live.encode(), "healer.toml").job[0].every == "15m"
    assert PROTECTED.startswith("#")


def test_every_key_of_the_configuration_is_in_the_template() -> None:
    text = format_healer_toml(found("main"))
    keys = set(re.findall(r"^(?:# )?\[*(\w+)\]* *(?:=|$|#)", text, re.MULTILINE))
    assert set(Config.model_fields) - keys == set()


def commented() -> Config:
    """The configuration with every # taken away."""
    lines = format_healer_toml(found("main")).splitlines()
    live = [line.removeprefix("# ") if "=" in line or "# [" in line else "" for line in lines]
    return parse("\n".join(live).encode(), "healer.toml")


TABLES = {"tests", "watch", "sandbox", "model", "mail", "maintenance", "job"}
PLAIN = sorted(set(Config.model_fields) - TABLES)


@pytest.mark.parametrize("key", PLAIN)
def test_a_commented_value_is_the_default(key: str) -> None:
    assert getattr(commented(), key) == getattr(Config(), key)


@pytest.mark.parametrize("table", ["tests", "watch"])
def test_a_commented_table_is_the_default(table: str) -> None:
    assert getattr(commented(), table) == getattr(Config(), table)


@pytest.mark.parametrize("key", ["image", "memory_mb", "cpus", "timeout_s"])
def test_the_sandboxs_limits_are_the_defaults(key: str) -> None:
    assert getattr(commented().sandbox, key) == getattr(Config().sandbox, key)


@pytest.mark.parametrize("target", ["main", "trunk", "release/1.2", "naïve"])
def test_any_branch_is_a_target(target: str) -> None:
    assert parse(format_healer_toml(found(target)).encode(), "healer.toml").target == target


def test_every_line_fits_on_a_screen() -> None:
    text = format_healer_toml(found("main", ("scripts/**/*.py",))) + PROTECTED
    assert max(map(len, text.splitlines())) <= 100


def test_what_only_people_repair_is_commented_and_valid() -> None:
    lines = [
        line.removeprefix("# ") for line in PROTECTED.splitlines() if "=" in line or "[[" in line
    ]
    (entry,) = tomllib.loads("\n".join(lines))["protect"]
    assert entry["action"] in ("escalate", "review", "extend")
    assert entry["paths"]
    assert tomllib.loads(PROTECTED) == {}
