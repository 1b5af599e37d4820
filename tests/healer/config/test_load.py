"""healer.toml: defaults that work, and every mistake named with key, value and next step."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from healer.config import Config, ConfigError, load, parse
from healer.config.load import _find_model


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
        ("consolidate_at = '3am'", ("consolidate_at", "'3am'", "a time of day", '"03:30" or ""')),
        ("[[job]]\nscript = 'a'\nmax_runtime = '1'", ("a number and a unit", '"90s", "15m"')),
        ("[[job]]\nevery = '1h'", ("job[0].script is missing", '"scripts/sync.py"')),
        ("[mail]\nchannels_env = 'a b'", ("the name of a variable", '"HEALER_CHANNELS"')),
        ("[mail]\nfrm = 'x'", ("unknown key mail.frm", "did you mean mail.from?")),
        ("[mail]\nfrom = 3", ("a text in quotes", '"healer@example.com"')),
        ("[mail]\nto = ['x']", ("holds 'x'", "like oncall@example.com")),
        ("scripts = 'x'", ("must be a list", '["scripts/**/*.py"]')),
        ("watch = 3", ("watch = 3", "must be a table")),
        ("job = 3", ("job = 3", "must be a list")),
        ("[sandbox]\nmemory_mb = 1.5", ("must be a whole number", "such as 512")),
        ("[sandbox]\ncpus = 0", ("greater than 0", "such as 1.0")),
        ("push = 'maybe'", ("push = 'maybe'", 'must be true, false or "pr"')),
        ("[model]\ntiers = 'x'", ("must be a list", '["small-model", "large-model"]')),
        ("[model]\ntiers = [{name = 'a'}]", ("model.tiers[0].model is missing", '"small-model"')),
        ("[model]\nbudget_usd_per_day = inf", ("budget_usd_per_day = inf", "a finite number")),
        ("[sandbox]\ncpus = inf", ("sandbox.cpus = inf", "a finite number", "such as 1.0")),
        ("probation_h = inf", ("probation_h = inf", "a finite number")),
        ("[mail]\nquiet_h = inf", ("mail.quiet_h = inf", "a finite number")),
        ("[model]\ntiers = [{model = 'm', timeout_s = inf}]", ("timeout_s = inf", "a finite")),
        ("[capture]\nenabled = 'no'", ("capture.enabled = 'no'", "must be true or false")),
        ("[decide]\nreplies = 'yes'", ("decide.replies = 'yes'", "must be true or false")),
        ("[forge]\nissues = 1", ("forge.issues = 1", "must be true or false")),
        ("[[job]]\nscript = 'a'\nevery = '0s'", ("every = '0s' is no time at all", "15m")),
        ("[[job]]\nscript = 'a'\nmax_runtime = '0.0h'", ("max_runtime = '0.0h' is no time",)),
        (
            "[[job]]\nscript = 'a'\nafter = 2\n[[job]]\nscript = 'a'\nafter = 3",
            ("a has after in several tables [[job]]", "keep one"),
        ),
        (
            "[[job]]\nscript = 'a'\nevery = '5m'\n[[job]]\nscript = 'a'\nschedule = '1 2 * * *'",
            ("[[job]] a", "exclude each other"),
        ),
        ("x = 1", ("unknown key x", "allowed are agent, autonomy")),
        ("[job]\nscript = 'a.py'", ("must be a list of tables", "write [[job]] above each")),
        ("[[job]]\nscript = 'a'\nschedule = '0 0 2 * * 1'", ("more than five fields", "10 2 * *")),
        ("[[job]]\nscript = 'a'\n[[job.expect]]\nrows = '60..20'", ("holds nothing", "20..60")),
        ("[model]\nbase_url = 'localhost:11434/v1'", ("model.base_url", "begins with http://")),
        ("[model]\ntiers = [{model = 'm', base_url = 'x'}]", ("tiers[0].base_url", "http://")),
        ("\ufefftarget = 'x'", ("byte order mark", "UTF-8 without one")),
        ("tool = 3\nautonomi = 'off'", ("unknown key tool", "did you mean autonomy?")),
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
    "text",
    ["[tool]\nx = 1\n", "[tool.healer]\n", "x = 1\n", "tool = 3\n", "[tool]\nhealer = {}\n"],
)
def test_a_pyproject_without_settings_gives_the_defaults(text: str) -> None:
    assert load({"pyproject.toml": text.encode()}.get) == Config()


def test_a_mistake_in_pyproject_names_its_table() -> None:
    with pytest.raises(ConfigError, match=r"pyproject.toml \[tool.healer\]: unknown key targt"):
        load({"pyproject.toml": b"[tool.healer]\ntargt = 'x'\n"}.get)


def test_several_mistakes_are_said_at_once() -> None:
    with pytest.raises(ConfigError) as error:
        parse(b"targt = 'x'\nkeep_days = 0\n[watch]\nafter = 0\n", "healer.toml")
    for part in ("targt", "keep_days = 0", "watch.after = 0"):
        assert part in str(error.value)


VALUES = st.one_of(
    st.none().map(lambda _: "true"),
    st.integers(-5, 5).map(str),
    st.text(st.characters(codec="ascii", exclude_categories=["C"]), max_size=8).map(json.dumps),
    st.just("[]"),
    st.just("{}"),
)


@given(st.sampled_from(sorted(Config.model_fields)), VALUES)
def test_every_refused_value_is_named_with_its_key(key: str, value: str) -> None:
    try:
        parse(f"{key} = {value}".encode(), "healer.toml")
    except ConfigError as error:
        assert str(error).startswith(f"healer.toml: {key}")


def tables() -> list[tuple[str, type[BaseModel]]]:
    """Every table of healer.toml by its name; the top has none."""
    found: list[tuple[str, type[BaseModel]]] = [("", Config)]
    for name, field in Config.model_fields.items():
        model = _find_model(field.annotation)
        if model is not None:
            found.append((name, model))
    return found


KEYS = [
    (table, field.alias or name)
    for table, model in tables()
    for name, field in model.model_fields.items()
]


def text_of(table: str, key: str, value: str) -> str:
    if table == "maintenance":
        needs = {"schedule": "'0 22 * * 6'", "duration": "'8h'"}
        given = "".join(f"{name} = {text}\n" for name, text in needs.items() if name != key)
        return f"[[maintenance]]\n{given}{key} = {value}\n"
    if table == "job":
        script = "" if key == "script" else "script = 'a.py'\n"
        return f"[[job]]\n{script}{key} = {value}\n"
    return (f"[{table}]\n" if table else "") + f"{key} = {value}\n"


def sentence(text: str) -> str:
    with pytest.raises(ConfigError) as error:
        parse(text.encode(), "healer.toml")
    return str(error.value)


def path_of(table: str, key: str) -> str:
    paths = {"": key, "job": f"job[0].{key}", "maintenance": f"maintenance[0].{key}"}
    return paths.get(table, f"{table}.{key}")


@pytest.mark.parametrize(("table", "key"), KEYS)
def test_a_value_of_no_kind_that_any_key_takes_is_named(table: str, key: str) -> None:
    text = sentence(text_of(table, key, "1979-05-27T07:32:00Z"))
    assert text.startswith(f"healer.toml: {path_of(table, key)} = ")
    assert "must be" in text


@pytest.mark.parametrize(("table", "key"), [pair for pair in KEYS if len(pair[1]) > 4])
def test_a_letter_too_few_is_answered_with_the_right_key(table: str, key: str) -> None:
    typo = key[:2] + key[3:]
    text = sentence(text_of(table, typo, "1"))
    assert f"unknown key {path_of(table, typo)}" in text
    assert f"did you mean {path_of(table, key)}?" in text


@pytest.mark.parametrize("value", ["''", "0", "-1", "true", "[]", "{}", "'x'", "1e400", "nan"])
@pytest.mark.parametrize(("table", "key"), KEYS)
def test_whatever_a_key_is_given_it_is_taken_or_named(table: str, key: str, value: str) -> None:
    try:
        parse(text_of(table, key, value).encode(), "healer.toml")
    except ConfigError as error:
        text = str(error)
        assert text.startswith("healer.toml: ")
        assert key in text or table in text
        assert "\n" not in text
