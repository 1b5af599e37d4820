"""Which pytest plugin an option belongs to that pytest does not know: for a sentence to people.

Belongs here: the table of options. Does not belong here: whether a run started (`outcomes`).
"""

import re

_UNKNOWN = re.compile(r"unrecognized arguments: (.+)")
_REQUIRED = re.compile(r"Missing required plugins?: (.+)")
_PLUGINS = (
    ("--asyncio-", "pytest-asyncio"),
    ("--benchmark-", "pytest-benchmark"),
    ("--black", "pytest-black"),
    ("--count", "pytest-repeat"),
    ("--create-db", "pytest-django"),
    ("--dc", "pytest-django"),
    ("--disable-socket", "pytest-socket"),
    ("--allow-hosts", "pytest-socket"),
    ("--ds", "pytest-django"),
    ("--reuse-db", "pytest-django"),
    ("--nomigrations", "pytest-django"),
    ("--no-migrations", "pytest-django"),
    ("--flake8", "pytest-flake8"),
    ("--forked", "pytest-forked"),
    ("--html", "pytest-html"),
    ("--self-contained-html", "pytest-html"),
    ("--hypothesis-", "hypothesis"),
    ("--instafail", "pytest-instafail"),
    ("--json-report", "pytest-json-report"),
    ("--mpl", "pytest-mpl"),
    ("--mypy", "pytest-mypy"),
    ("--nbval", "nbval"),
    ("--picked", "pytest-picked"),
    ("--randomly-", "pytest-randomly"),
    ("--random-order", "pytest-random-order"),
    ("--record-mode", "pytest-recording"),
    ("--reruns", "pytest-rerunfailures"),
    ("--ruff", "pytest-ruff"),
    ("--snapshot-", "syrupy"),
    ("--alluredir", "allure-pytest"),
    ("--sugar", "pytest-sugar"),
    ("--testmon", "pytest-testmon"),
    ("--timeout", "pytest-timeout"),
    ("--vcr-", "pytest-vcr"),
)
"""Beginnings of options that stand in many a project's `addopts`, with their plugin."""


def explain_missing_plugin(stderr: str) -> str:
    """What pytest lacks, as a sentence; empty where it complains of something else."""
    if plugins := _REQUIRED.search(stderr):
        return f"the image lacks {plugins[1].strip()}, which the project requires"
    unknown = _UNKNOWN.search(stderr)
    if unknown is None:
        return ""
    option = unknown[1].split()[0]
    plugin = next((name for start, name in _PLUGINS if option.startswith(start)), "")
    return f"the image lacks {plugin or 'the pytest plugin'} that has the option {option}"
