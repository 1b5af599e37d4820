"""What a plain type would take too much of is refused, with what to write instead."""

import pytest

from healer.config import ConfigError, parse
from healer.config.kinds import YEAR_S, seconds

JOB = "[[job]]\nscript = 'a.py'\n"
TIER = "[model]\ntiers = [{model = 'm', "


@pytest.mark.parametrize(
    ("text", "says"),
    [
        *((f"target = '{name}'", "is no name of a branch; write the name alone, such as main")
          for name in ("-x", "--exec", "", "a b", "HEAD", "@", "a..b", "x.lock", "/x", "x/", "a~1",
                       "a:b", ".x", "a/.b", "a//b", "x.", "a@{1}")),
        ("target = 'refs/heads/main'", "write 'main'"),
        ("target = 'quarantine/x'", "removed when they are old"),
        ("scripts = ['../x']", "scripts[0] = '../x': patterns begin at the repository's root"),
        ("scripts = ['a/../../x.py']", "leave out ./ and ../"),
        ("scripts = ['./scripts/*.py']", "leave out ./ and ../"),
        ("scripts = ['']", "is no pattern"),
        ("scripts = ['/']", "is no pattern"),
        ("scripts = ['!']", "is no pattern"),
        ('scripts = ["a\\u0000"]', "is no pattern"),
        ("[sandbox]\ninclude = ['../secrets/*']", "leave out ./ and ../"),
        ("[[maintenance]]\nschedule = '0 1 * * *'\nduration = '8h'\nscripts = ['../x']", "root"),
        ("[[job]]\nscript = '../x.py'", "lies outside of the repository"),
        ("[[job]]\nscript = 'a/../../x.py'", "lies outside of the repository"),
        ("[[job]]\nscript = '.'", "lies outside of the repository"),
        ("[[job]]\nscript = '/srv/x.py'", "must be a path from the repository's root"),
        ("[[job]]\nscript = '-x'", "must be a path from the repository's root"),
        ("[[job]]\nscript = ''", "must be a path from the repository's root"),
        ("[[job]]\nscript = './x.py'", "write 'x.py'"),
        ("[[job]]\nscript = 'a/../x.py'", "write 'x.py'"),
        (JOB + "every = '99999999999d'", "longer than a year; write at most 366d"),
        (JOB + "every = '1h'\ngrace = '400d'", "longer than a year"),
        (JOB + "every = '1h'\ntimezone = 'Mars/Base'", "no time zone 'Mars/Base'"),
        (JOB + "command = ['']", "names no program"),
        ("[tests]\ncommand = [' ', '-q']", "names no program"),
        ('[tests]\ncommand = ["a\\u0000b"]', "names no program"),
        ("[sandbox]\nimage = ''", "leave it out"),
        ("[sandbox]\nimage = '--privileged'", "leave it out"),
        ("[sandbox]\nruntime = '-x'", 'such as "runsc"'),
        ("[watch]\nlogs = ['']", "leave it out"),
        ("state = ''", 'must be "sqlite" or a postgresql:// URL'),
        ("state = 'sqlite:///x'", 'must be "sqlite" or a postgresql:// URL'),
        ("state = 'postgresql://u@h:x/d'", "host and port cannot be read"),
        ("state = 'mysql://u:geheim@h/d'", "state = 'mysql://u:…@h/d'"),
        ("state_env = 'a b'", "the name of a variable"),
        ("[model]\napi_key_env = 'sk-live 1'", "the name of a variable"),
        (TIER + "api_key_env = '$KEY'}]", "the name of a variable"),
        (TIER + "headers = {'a b' = 'x'}}]", "must match"),
        ("[forge]\nproject = 'shop'", 'owner and name, or empty, such as "shop/jobs"'),
        ("[decide]\nauthserv = 'mx one'", "the name of a mail server"),
        ("[fleet]\ntenant = '../x'", "must match"),
        *((f"{key} = {value}", f"{key.rpartition(chr(10))[2]} = ")
          for value in ("1e300", "99999999999999999999")
          for key in ("keep_days", "probation_h", "probation_runs", "search_s", "[watch]\nafter",
                      "[watch]\ncooldown_s", "[sandbox]\nmemory_mb", "[sandbox]\ncpus",
                      "[sandbox]\npids", "[sandbox]\ntimeout_s", "[model]\ntimeout_s",
                      "[model]\nmax_attempts", "[model]\nbudget_usd_per_day",
                      "[model]\nmax_prompt_tokens", "[mail]\nrepeat_h", "[mail]\nquiet_h",
                      "[mail]\ngive_up_h", "[mail]\nunjudged_min")),
    ],
)  # fmt: skip
def test_what_means_nothing_is_refused_with_what_to_write(text: str, says: str) -> None:
    with pytest.raises(ConfigError) as error:
        parse(text.encode(), "healer.toml")
    assert says in str(error.value)


@pytest.mark.parametrize(
    "text",
    [
        *(
            f"target = '{name}'"
            for name in ("main", "release/1.2", "trunk-2", "v1", "a@b", "größe")
        ),
        *(f"scripts = ['{glob}']" for glob in ("*.py", "/jobs/**", "!jobs/old.py", "a b/*.py")),
        *(f"[[job]]\nscript = '{path}'" for path in ("a.py", "jobs/a b.py", "bin/job", ".x/a.py")),
        "[sandbox]\nimage = 'docker/Dockerfile.sandbox'",
        "[sandbox]\nruntime = 'io.containerd.runsc.v1'",
        "[watch]\nlogs = ['/var/log/shop/*.log', '../logs/*.log']",
        "[tests]\ncommand = []",
        "[tests]\ncommand = ['pytest', '-k', '']",
        "[model]\napi_key_env = ''",
        JOB + "every = '366d'",
        "keep_days = 36500",
    ],
)
def test_what_means_something_is_taken(text: str) -> None:
    parse(text.encode(), "healer.toml")


def test_a_year_is_the_longest() -> None:
    assert seconds("366d") == YEAR_S
